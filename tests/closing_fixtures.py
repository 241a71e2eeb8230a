"""A set-up school and department on two real servers, for the system tests."""

import base64
import contextlib
import hashlib

import generate
from flow import Closing, Department, SchoolSite
from flow.school import make_keys
from flow.session import PIN
from hocba_core.gateway import Endpoint
from hocba_core.signing import Pkcs12Signer
from pki import make_pki

ACCOUNT = "gateway-account-2026"


@contextlib.contextmanager
def running_pair(host, folder, name, pupils, **options):
    """(Closing, school's server, department's server), set up, with nothing imported yet."""
    school = generate.school(pupils)
    keys = make_keys(folder, school, make_pki)
    school_db = host.database(f"{name}_school", ("hocba_digital",))
    so_db = host.database(f"{name}_so", ("hocba_registry",))
    with (
        host.server(school_db, host="localhost", max_cron_threads=0, **options) as school_server,
        host.server(so_db, max_cron_threads=2) as so_server,
    ):
        department = Department(so_server.url, so_db)
        department.set_up(school, keys, ACCOUNT)
        site = SchoolSite(school_server.url, school_db, school, keys)
        site.set_up(so_server.url, ACCOUNT)
        yield Closing(site, department), school_server, so_server


def seal_all(closing):
    """Import, create and sign everything that is not blocked."""
    for school_class in closing.school.classes:
        closing.import_class(school_class)
    closing.create_records(list(closing.site.classes.values()))
    for school_class in closing.school.classes:
        closing.sign_as_homeroom(school_class)
    closing.sign_as_head()
    closing.seal()


def sealed_packets(closing):
    """Packets of everything that is sealed and not sent, in the order of their database ids."""
    ids = closing.head("hocba.record", "search", [[("state", "=", "signed")]], {"order": "id"})
    rows = closing.head("hocba.record", "read", [ids], {"fields": ["packet"]})
    return [base64.b64decode(row["packet"]) for row in rows]


def school_seal(closing):
    """The signer with the school's seal."""
    return Pkcs12Signer.load(closing.site.pki.files["seal"].read_bytes(), PIN)


def school_account(closing, url, **changes):
    """How the school reaches the gateway at ``url``."""
    values = {
        "base_url": url,
        "user_name": closing.school.school_code,
        "password_sha256": hashlib.sha256(ACCOUNT.encode()).hexdigest(),
        "unit_code": closing.school.school_code,
    }
    return Endpoint(**{**values, **changes})
