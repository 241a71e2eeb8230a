"""Set-up schools and departments: made once a run, and every file works on copies of their databases.

Setting up takes longer than what most files do with it: passwords are hashed slowly, keys made, certificates checked,
scripts and styles built.
"""

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor

import requests
from flow import Department, SchoolSite
from flow.school import make_keys
from pki import make_pki

ACCOUNT = "gateway-account-2026"
_ASSET = re.compile(rb'(?:src|href)="(/web/assets/[^"]+)"')


def warm_up(server):
    """Have the server build its scripts and styles, so that the first person does not wait for them."""
    rpc = server.rpc()
    login = requests.get(f"{server.url}/web/login", timeout=120).content
    for path in dict.fromkeys(_ASSET.findall(login + rpc.get("/odoo"))):
        rpc.get(path.decode())


def _kind(school):
    """What the set-up takes from a school. How many pupils there are is no part of it."""
    classes = ((line.name, line.grade, line.homeroom, tuple(line.assignments.items())) for line in school.classes)
    return school.name, school.school_code, school.school_year, tuple(school.people), tuple(classes)


def keys_of(host, school):
    """The keys of a school, made once a run."""
    return host.once(("keys", _kind(school)), lambda: make_keys(host.folder("keys"), school, make_pki))


def _name(host, of):
    return f"ready_{of}_{host.number()}"


def _school(host, school):
    """The site that copies are made of; no server runs on it."""

    def make():
        keys, database = keys_of(host, school), host.database(_name(host, "school"), ("hocba_digital",))
        with host.server(database, host="localhost", max_cron_threads=0) as server:
            site = SchoolSite(server.url, database, school, keys)
            site.set_up_school()
            warm_up(server)
        return site

    return host.once(("school", _kind(school)), make)


def _department(host, school):
    """The same for the department of a school."""

    def make():
        keys, database = keys_of(host, school), host.database(_name(host, "so"), ("hocba_registry",))
        with host.server(database, max_cron_threads=0) as server:
            site = Department(server.url, database)
            site.set_up(school, keys, ACCOUNT)
            warm_up(server)
        return site

    return host.once(("so", _kind(school)), make)


@contextlib.contextmanager
def _started(*servers):
    """The servers, started side by side."""
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.callback(server.stop)
        with ThreadPoolExecutor(len(servers)) as pool:
            list(pool.map(lambda server: server.start(), servers))
        yield servers


@contextlib.contextmanager
def running_school(host, name, school, **options):
    """(Site, server) of a set-up school without a gateway."""
    ready = _school(host, school)
    database = host.copy(ready.database, name)
    with host.server(database, host="localhost", max_cron_threads=0, **options) as server:
        yield ready.moved(server.url, database, school), server


@contextlib.contextmanager
def running_department(host, name, school):
    """(Site, server) of the department of a school."""
    ready = _department(host, school)
    database = host.copy(ready.database, name)
    with host.server(database, max_cron_threads=2) as server:
        yield ready.moved(server.url, database), server


@contextlib.contextmanager
def running_both(host, name, school, **options):
    """(Site, server) of a set-up school, and (site, server) of its department; the school reports there."""
    keys_of(host, school)
    with ThreadPoolExecutor(2) as pool:
        site, so = pool.map(lambda ready: ready(host, school), (_school, _department))
    school_db, so_db = host.copy(site.database, f"{name}_school"), host.copy(so.database, f"{name}_so")
    servers = (
        host.server(school_db, host="localhost", max_cron_threads=0, **options),
        host.server(so_db, max_cron_threads=2),
    )
    with _started(*servers) as (server, so_server):
        site, so = site.moved(server.url, school_db, school), so.moved(so_server.url, so_db)
        site.connect(so_server.url, ACCOUNT)
        yield (site, server), (so, so_server)
