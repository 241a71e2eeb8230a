"""The receiving school's server is killed in the middle of a take-over or a receipt: custody passes once all the same.

Where it is killed does not hang on time: the test holds a lock on a table, and waits until the server waits for it.
"""

import contextlib
import subprocess
import threading
import time

import pytest
from flow.session import PIN
from handing_over import SECOND_CODE, SECOND_NAME, second_school
from hocba_host import RpcError, psql
from hocba_host.cluster import DB_PORT, program, socket_folder

_TOOK = {"reason": "Đã gọi trường cũ xác nhận"}


class Receiver:
    """The school that pupils come to, and its server."""

    def __init__(self, server, site, old):
        self.server, self.site, self.old = server, site, old

    def wizard(self, login, **values):
        """A dialog of ``login``; its id."""
        return self.site.session(login)("hocba.transfer.wizard", "create", [values])

    def enter(self, file):
        wizard = self.wizard("vanthu", file=file)
        return self.site.session("vanthu")("hocba.transfer.wizard", "action_enter_file", [[wizard]])["res_id"]

    def take_over(self, arriving):
        head = self.site.school.head.login
        wizard = self.wizard(head, transfer_ids=[(6, 0, [arriving])], **_TOOK)
        self.site.session(head)("hocba.transfer.wizard", "action_take_over", [[wizard]])

    def seal(self, arriving):
        self.wizard("vanthu", transfer_ids=[(6, 0, [arriving])], pin=PIN)

    def row(self, arriving, *fields):
        return self.site.session("vanthu")("hocba.transfer", "read", [[arriving]], {"fields": list(fields)})[0]

    def kill_while(self, step, arriving, table):
        """Kill the server while ``step`` waits to write into ``table``, and start it anew."""
        with held(table, self.site.database) as waiting:
            call = threading.Thread(target=_call_and_die, args=(step, arriving), daemon=True)
            call.start()
            wait_until(lambda: waiting() or not call.is_alive())
            assert call.is_alive(), f"nothing was written into {table}"
            self.server.kill()
            call.join(60)
        # What the dead server had asked for is done or undone by PostgreSQL before anybody looks.
        connected = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self.site.database}'"
        wait_until(lambda: not psql(connected))
        self.server.start()


@contextlib.contextmanager
def held(table, database):
    """Nobody writes into ``table`` meanwhile; gives a function that tells whether somebody waits to."""
    command = [
        program("psql"),
        "-XqAt",
        "-h",
        str(socket_folder()),
        "-p",
        str(DB_PORT),
        "-U",
        "postgres",
        "-d",
        database,
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        holder.stdin.write(f"BEGIN; LOCK TABLE {table} IN SHARE MODE; SELECT 'held';\n")
        holder.stdin.flush()
        assert holder.stdout.readline().strip() == "held"
        waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'RowExclusiveLock'"
        waits += f" AND relation = '{table}'::regclass"
        try:
            yield lambda: bool(psql(waits, database))
        finally:
            holder.stdin.close()


def wait_until(true, seconds=120):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def _call_and_die(step, arriving):
    with contextlib.suppress(OSError, RpcError, ValueError):
        step(arriving)


@pytest.fixture(scope="module")
def receiver(host, sites):
    old = sites["closing"].site
    with second_school(host, "transfer_killed", old) as (site, server):
        yield Receiver(server, site, old)


def _handed_over(old):
    """(id of the hand-over at the old school, the record, the sealed file in Base64)."""
    clerk, fields = old.session("vanthu"), {"fields": ["uuid", "pupil_id", "packet_digest"]}
    record = clerk("hocba.record", "search_read", [[("state", "=", "locked")]], fields)[-1]
    values = {"pupil_id": record["pupil_id"][0], "other_code": SECOND_CODE, "other_name": SECOND_NAME}
    leaving = clerk("hocba.transfer", "create", [values])
    old.session(old.school.head.login)("hocba.transfer", "action_agree", [[leaving]])
    clerk("hocba.transfer.wizard", "create", [{"transfer_ids": [(6, 0, [leaving])], "pin": PIN}])
    return leaving, record, clerk("hocba.transfer", "read", [[leaving]], {"fields": ["file"]})[0]["file"]


def test_killed_in_the_take_over_and_in_the_receipt(receiver):
    old, site = receiver.old, receiver.site
    clerk, new = old.session("vanthu"), site.session("vanthu")
    leaving, record, file = _handed_over(old)
    code = clerk("hocba.pupil", "read", [record["pupil_id"][:1]], {"fields": ["code"]})[0]["code"]
    arriving = receiver.enter(file)

    def pupils():
        return new("hocba.pupil", "search", [[("code", "=", code)]], {"context": {"active_test": False}})

    # In the middle: the pupil is written already. And at the end: everything is written but the decision.
    for table in ("hocba_enrolment", "hocba_transfer"):
        receiver.kill_while(receiver.take_over, arriving, table)
        assert receiver.row(arriving, "state", "pupil_id") == {"id": arriving, "state": "received", "pupil_id": False}
        assert pupils() == []
    receiver.take_over(arriving)
    assert len(pupils()) == 1
    assert receiver.row(arriving, "state")["state"] == "agreed"
    with pytest.raises(RpcError):
        receiver.take_over(arriving)
    with pytest.raises(RpcError):
        receiver.enter(file)
    assert len(pupils()) == 1

    receiver.kill_while(receiver.seal, arriving, "hocba_transfer")
    kept = receiver.row(arriving, "state", "receipt", "receipt_digest")
    assert kept == {"id": arriving, "state": "agreed", "receipt": False, "receipt_digest": False}
    receiver.seal(arriving)
    receipt = receiver.row(arriving, "state", "receipt")
    assert receipt["state"] == "completed"
    with pytest.raises(RpcError):
        receiver.seal(arriving)
    assert receiver.row(arriving, "receipt")["receipt"] == receipt["receipt"]

    wizard = clerk("hocba.transfer.wizard", "create", [{"file": receipt["receipt"]}])
    clerk("hocba.transfer.wizard", "action_enter_receipt", [[wizard]])
    assert clerk("hocba.transfer", "read", [[leaving]], {"fields": ["state"]})[0]["state"] == "completed"
    assert clerk("hocba.record", "read", [[record["id"]]], {"fields": ["state"]})[0]["state"] == "transferred"
    moves = [("record_id", "=", record["id"]), ("kind", "=", "transferred")]
    assert clerk("hocba.event", "search_count", [moves]) == 1
    with pytest.raises(RpcError):
        clerk("hocba.transfer.wizard", "action_enter_receipt", [[wizard]])
    lines = new("hocba.transfer.line", "search_read", [[("uuid", "=", record["uuid"])]], {"fields": ["packet_digest"]})
    assert [line["packet_digest"] for line in lines] == [record["packet_digest"]]
    assert len(pupils()) == 1
