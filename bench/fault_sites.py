"""The two real sides of a run under faults: the school with its killable workers, the department with its registry."""

import contextlib
import json
import os
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import hocba_host
import psycopg2
from hocba_host.cluster import DB_PORT, socket_folder
from hocba_host.config import write_config
from hocba_host.database import odoo_command
from hocba_host.paths import LOG, odoo_environment

_NURSERY = Path(__file__).with_name("fault_nursery.py")
_REGISTRY = """
import base64
from odoo.addons.hocba_registry.tests.common import CODE
pems = %(pems)r
for kind in ("root", "intermediate"):
    env["hocba.trust"].create({"kind": kind, "pem": pems[kind]})
unit = env["hocba.registry.unit"].create(
    {"name": "Trường Tiểu học Điện Biên Phủ", "code": CODE, "login": CODE, "password": "account of the faults"}
)
env["hocba.registry.year"].create({"name": "2025-2026"})
certificate = env["hocba.registry.certificate"].create(
    {"unit_id": unit.id, "file": base64.b64encode(pems["seal"].encode())}
)
for user in env.user | env.ref("base.user_admin"):
    user.group_ids += env.ref("hocba_registry.group_so_officer")
certificate.action_approve()
env.cr.commit()
"""
_STORED = """
import hashlib, json
records = env["hocba.registry.record"].search([])
stored = [[record.uuid, hashlib.sha256(record._packet_bytes()).hexdigest(), record.state] for record in records]
print("STORED " + json.dumps(stored))
lines = env["hocba.registry.line"].search([])
print("VERDICTS " + json.dumps([[line.uuid, line.verdict] for line in lines]))
print("MESSAGES " + json.dumps(env["hocba.registry.transaction"].search([]).mapped("messageid")))
"""


class Connection:
    """A look into a database from outside of Odoo."""

    def __init__(self, database):
        self._connection = psycopg2.connect(
            host=str(socket_folder()), port=DB_PORT, user="postgres", dbname=database, application_name="faults"
        )
        self._connection.autocommit = True

    def rows(self, sql):
        """What a query finds."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def close(self):
        """Hang up."""
        self._connection.close()


class School:
    """The school's database and the nursery of its workers."""

    def __init__(self, database):
        self.database = database
        self._folder = tempfile.TemporaryDirectory()
        path = str(Path(self._folder.name) / "line")
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path)
            door.listen(1)
            self._process = self._start(path)
            door.settimeout(180)
            self._line, _address = door.accept()
        self._stream = self._line.makefile("rw")
        self._connection = Connection(database)

    def _start(self, path):
        LOG.mkdir(parents=True, exist_ok=True)
        command = odoo_command(
            write_config(f"nursery_{self.database}", self.database, limit_time_real=120),
            self.database,
            ("shell", "--no-http", "--log-level=warn"),
        )
        with open(LOG / f"nursery_{self.database}.log", "w") as log, open(_NURSERY) as source:
            return subprocess.Popen(
                command,
                stdin=source,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=odoo_environment() | {"HOCBA_NURSERY": path},
            )

    def order(self, **order):
        """Have it done; returns the answer."""
        self._stream.write(json.dumps(order) + "\n")
        self._stream.flush()
        answer = self._stream.readline()
        if not answer:
            raise RuntimeError(f"the nursery ended; see {LOG}/nursery_{self.database}.log")
        return json.loads(answer)

    def rows(self, sql):
        """Rows of the school's database."""
        return self._connection.rows(sql)

    def close(self):
        """End the nursery."""
        self._connection.close()
        with contextlib.suppress(OSError):
            self._stream.close()
            self._line.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class Registry:
    """The department's database and its real server."""

    def __init__(self, database, pems):
        self.database = database
        hocba_host.run_odoo(database, "shell", "--no-http", stdin=_REGISTRY % {"pems": pems})
        self._server = hocba_host.OdooServer(database, max_cron_threads=1)
        self._connection = Connection(database)
        self._officer = None

    def start(self):
        """Serve."""
        self._server.start()
        self._officer = self._server.rpc()
        return self._server.url

    def wait_until_judged(self, seconds=60):
        """Wait until nothing waits for its verdict."""
        end = time.monotonic() + seconds
        while self._count("transaction", "received"):
            if time.monotonic() > end:
                raise TimeoutError("the department does not judge what it received")
            time.sleep(0.05)

    def _count(self, table, state):
        return self._connection.rows(f"SELECT count(*) FROM hocba_registry_{table} WHERE state = '{state}'")[0][0]

    def decide_recalls(self):
        """The officer grants every second recall that waits and refuses the others."""
        if not self._count("recall", "waiting"):
            return
        ids = self._officer("hocba.registry.recall", "search", [[("state", "=", "waiting")]])
        for recall in ids:
            if recall % 2:
                self._officer("hocba.registry.recall", "action_approve", [[recall]])
            else:
                self._officer("hocba.registry.recall", "action_refuse", [[recall], "Không đủ căn cứ"])

    def close(self):
        """End the server."""
        self._connection.close()
        self._server.stop()

    def stored(self):
        """(uuid, digest of the bytes, state of every stored record; uuid, verdict of every line; all message ids)."""
        log = hocba_host.run_odoo(self.database, "shell", "--no-http", stdin=_STORED)
        names = ("STORED", "VERDICTS", "MESSAGES")
        return tuple(json.loads(re.search(rf"^(?:>>> )*{name} (.*)$", log, re.MULTILINE)[1]) for name in names)


@contextlib.contextmanager
def databases():
    """Names of a fresh school's and a fresh department's database; dropped at the end."""
    hocba_host.ensure_cluster()
    names = [f"test_{os.getpid()}_faults_school", f"test_{os.getpid()}_faults_so"]
    try:
        yield [
            hocba_host.create_database(name, [module])
            for name, module in zip(names, ("hocba_digital", "hocba_registry"), strict=True)
        ]
    finally:
        for name in names:
            hocba_host.stop_server(name)
            hocba_host.drop_database(name)
