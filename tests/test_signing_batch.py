"""Batches on a real server that is killed: nothing signed twice, nothing lost, and approvals that come later."""

import base64
import contextlib
import json
import os
import threading
import time

import csc_server
import generate
import pytest
from closing_fixtures import ACCOUNT
from flow import PIN, Closing
from hocba_core import packet, signing
from hocba_host import RpcError, psql
from ready_sites import keys_of, running_school
from signer_fixtures import SOFTHSM, TOKEN_PIN, make_token, remote_service, softhsm_folder

_PUPILS = 48


class Batch:
    """The school's server, its remote signing service and what the database says about the signatures."""

    def __init__(self, server, site, service, database):
        self.server, self.site, self.service, self.database = server, site, service, database
        self.closing = Closing(site, None)
        self.school = site.school

    def restart(self):
        """The server again, on the same database; everybody signs in anew."""
        self.server.start()
        self.site._sessions.clear()

    def job(self, session, waiting_for):
        """A new signing job over everything that waits for this role."""
        ids = session("hocba.record", "search", [[("waiting_for", "=", waiting_for)]])
        return session("hocba.record", "action_sign", [ids])["params"]["job_id"], len(ids)

    def call(self, session, job, method, *arguments):
        """A method of the job."""
        return session("hocba.signing.job", method, [[job], *arguments])

    def in_force(self, role):
        """Signatures of the role in force, and records that carry them."""
        condition = f"role = '{role}' AND voided_at IS NULL"
        return tuple(
            int(value)
            for value in psql(
                f"SELECT count(*), count(DISTINCT record_id) FROM hocba_signature WHERE {condition}", self.database
            )[0]
        )

    def check(self, role, count):
        """Every record carries the role's signature once, in the database and in its packet, and the trail is whole."""
        assert self.in_force(role) == (count, count)
        assert psql("SELECT count(*) FROM hocba_signature WHERE voided_at IS NOT NULL", self.database) == [["0"]]
        events = "SELECT count(*), count(DISTINCT record_id) FROM hocba_event WHERE kind = 'signed' AND user_id = "
        user = psql(f"SELECT user_id FROM hocba_signature WHERE role = '{role}' LIMIT 1", self.database)[0][0]
        assert psql(events + user, self.database) == [[str(count), str(count)]]
        tag = {"gvcn": b"<GVCN>", "cbql": b"<CBQL>", "seal": b"<KY_PHAT_HANH>"}[role]
        assert [packet.count(tag) for packet in self.packets()] == [1] * count

    def packets(self):
        """The stored packets of all signed records."""
        rows = self.closing.head(
            "hocba.record", "search_read", [[("packet_digest", "!=", False)]], {"fields": ["packet"]}
        )
        return [base64.b64decode(row["packet"]) for row in rows]


@pytest.fixture(scope="module")
def batch(host, tmp_path_factory):
    school = generate.school(_PUPILS)
    keys = keys_of(host, school)
    environment = softhsm_folder(tmp_path_factory.mktemp("hsm"))
    make_token(environment, "truong", {"seal": keys.holders["seal"]})
    os.environ.update(environment)
    head = {"name": school.head.name, "id": f"CCCD:{school.head.id_number}", "approval": "push"}
    with (
        running_school(host, "batch", school, hocba_pkcs11_library=SOFTHSM) as (site, server),
        remote_service(tmp_path_factory.mktemp("csc"), {"head": head}, multisign=1000, sad_seconds=60) as service,
    ):
        site.connect("http://127.0.0.1:9", ACCOUNT)
        batch = Batch(server, site, service, site.database)
        for school_class in school.classes:
            batch.closing.import_class(school_class)
        batch.closing.create_records(list(site.classes.values()))
        yield batch


def _count(batch, waiting_for):
    return batch.closing.clerk("hocba.record", "search_count", [[("waiting_for", "=", waiting_for)]])


def _until_killed(work):
    """Run in a thread until the connection breaks."""

    def run():
        with contextlib.suppress(OSError, RpcError, ValueError, json.JSONDecodeError):
            while work():
                pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _kill_during(batch, role, work, at_least):
    """SIGKILL in the middle of ``work``, after some signatures are committed."""
    thread = _until_killed(work)
    while batch.in_force(role)[0] < at_least:
        assert thread.is_alive(), "the batch ended before it was killed"
        time.sleep(0.005)
    batch.server.kill()
    thread.join(60)


def test_key_file_batch_survives_a_kill(batch):
    school_class = batch.school.classes[0]
    login = school_class.homeroom.login
    session = batch.site.session(login)
    job, count = batch.job(session, "gvcn")
    _kill_during(batch, "gvcn", lambda: batch.call(session, job, "process", PIN, 4)["waiting"], at_least=4)
    signed = batch.in_force("gvcn")[0]
    assert 0 < signed < count

    batch.restart()
    session = batch.site.session(login)
    before = batch.call(session, job, "progress")
    assert before["done"] == signed
    progress = before
    while progress["waiting"]:
        progress = batch.call(session, job, "process", PIN, 50)
    assert (progress["done"], progress["left_out"]) == (count, 0)
    batch.check("gvcn", count)
    for other in batch.school.classes[1:]:
        batch.closing.sign_as_homeroom(other)


def _connect_head(batch):
    """Register the head's key at the remote service, as the screens do."""
    admin, head = batch.site.admin, batch.closing.head
    values = {"name": "Ký số từ xa", "base_url": batch.service.base_url}
    values |= {"client_id": csc_server.CLIENT_ID, "secret": csc_server.CLIENT_SECRET}
    service = admin("hocba.signing.service", "create", [values])
    wizard = head("hocba.certificate.wizard", "create", [{"provider": "remote", "service_id": service}])
    head("hocba.certificate.wizard", "action_search", [[wizard]])
    assert head("hocba.certificate.wizard", "read", [[wizard]], {"fields": ["candidate_id"]})[0]["candidate_id"]
    return head("hocba.certificate.wizard", "action_import", [[wizard]])["res_id"]


def test_phone_approval_that_is_too_late_is_forgotten(batch):
    _connect_head(batch)
    head = batch.closing.head
    job, count = batch.job(head, "cbql")
    assert batch.call(head, job, "progress")["provider"] == "remote"
    batch.call(head, job, "prepare")
    asked = batch.call(head, job, "request")
    assert (asked["state"], asked["waiting"]) == ("approval", count)
    batch.service.decide("refuse")
    refused = batch.call(head, job, "poll")
    assert (refused["state"], refused["waiting"], bool(refused["note"])) == ("running", count, True)
    batch.call(head, job, "prepare")
    batch.call(head, job, "request")
    psql(f"UPDATE hocba_signing_job SET approve_until = now() - interval '1 day' WHERE id = {job}", batch.database)
    expired = batch.call(head, job, "poll")
    assert (expired["state"], expired["waiting"], bool(expired["note"])) == ("running", count, True)
    assert batch.in_force("cbql") == (0, 0)
    batch.service.decide("refuse")
    batch.call(head, job, "action_give_up")
    assert _count(batch, "cbql") == count


def test_phone_approval_survives_closing_the_dialog_and_a_restart(batch):
    """Asked, killed, approved while nobody is there: the schedule of the new server finishes it alone."""
    head = batch.closing.head
    job, count = batch.job(head, "cbql")
    prepared = batch.call(head, job, "prepare")
    assert prepared["waiting"] == count
    batch.call(head, job, "request")
    assert [item["count"] for item in batch.service.phone()["waiting"].values()] == [count]
    batch.server.kill()
    batch.service.decide("approve")
    batch.restart()
    schedule = psql("SELECT res_id FROM ir_model_data WHERE name = 'cron_approvals'", batch.database)[0][0]
    batch.site.admin("ir.cron", "method_direct_trigger", [[int(schedule)]])
    assert batch.in_force("cbql") == (0, 0), "this turn has fetched the signatures, the next one uses them"
    batch.server.kill()
    batch.restart()
    batch.site.admin("ir.cron", "method_direct_trigger", [[int(schedule)]])
    assert len(batch.service.phone()["signed"]) == len(set(batch.service.phone()["signed"])) == count
    progress = batch.call(batch.closing.head, job, "progress")
    assert (progress["state"], progress["done"]) == ("done", count)
    batch.check("cbql", count)


def _connect_seal(batch):
    """Register the seal in the server's token, as the screens do; a wrong PIN registers nothing."""
    clerk = batch.closing.clerk
    wizard = clerk("hocba.certificate.wizard", "create", [{"provider": "token", "kind": "organisation"}])
    clerk("hocba.certificate.wizard", "action_search", [[wizard]])
    with pytest.raises(RpcError, match="PIN"):
        clerk("hocba.certificate.wizard", "write", [[wizard], {"pin": "111111"}])
    clerk("hocba.certificate.wizard", "write", [[wizard], {"pin": TOKEN_PIN}])
    certificate = clerk("hocba.certificate.wizard", "action_import", [[wizard]])["res_id"]
    found = clerk("hocba.certificate", "read", [[certificate]], {"fields": ["provider", "approved"]})[0]
    assert (found["provider"], found["approved"]) == ("token", True)


def test_two_clerks_seal_with_the_servers_token_at_once(batch):
    """And the server is killed meanwhile: every record is sealed once."""
    _connect_seal(batch)
    batch.site.ensure_user(
        "vanthu2",
        {
            "name": "Văn thư 2",
            "lang": "vi_VN",
            "group_ids": [(6, 0, batch.site.group_ids("hocba_digital", "group_clerk"))],
        },
    )
    clerks = [batch.closing.clerk, batch.site.session("vanthu2")]
    jobs = [batch.job(clerk, "seal") for clerk in clerks]
    count = jobs[0][1]
    assert jobs[1][1] == count
    with pytest.raises(RpcError, match="PIN"):
        batch.call(clerks[0], jobs[0][0], "process", "111111", 4)
    second = _until_killed(lambda: batch.call(clerks[1], jobs[1][0], "process", TOKEN_PIN, 3)["waiting"])
    _kill_during(
        batch, "seal", lambda: batch.call(clerks[0], jobs[0][0], "process", TOKEN_PIN, 3)["waiting"], at_least=6
    )
    second.join(60)
    assert batch.in_force("seal")[0] == batch.in_force("seal")[1] < count

    batch.restart()
    done = 0
    for login, (job, _total) in zip((batch.school.clerk.login, "vanthu2"), jobs, strict=True):
        session = batch.site.session(login)
        progress = {"waiting": 1}
        while progress["waiting"]:
            progress = batch.call(session, job, "process", TOKEN_PIN, 50)
        done += progress["done"]
    left = _count(batch, "seal")
    if left:  # a record that both had in hand at one moment was left out by one of them, and is there to be sealed
        job, _left = batch.job(batch.closing.clerk, "seal")
        done += batch.call(batch.closing.clerk, job, "process", TOKEN_PIN, 50)["done"]
    assert done == count
    assert batch.in_force("seal") == (count, count)
    assert _count(batch, "sending") == count


def test_packets_verify(batch):
    trust = signing.TrustStore(
        roots=[batch.site.pki.root.certificate, batch.service.root],
        intermediates=[batch.site.pki.intermediate.certificate],
    )
    profile = packet.get_profile("cv2088-1.0")
    packets = batch.packets()
    assert len(packets) == _count(batch, "sending")
    for content in packets:
        report = signing.verify_packet(content, trust, profile=profile)
        assert [line.result for line in report.signatures] == [signing.TOTAL_PASSED] * 3, report.reasons
