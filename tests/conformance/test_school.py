"""The check of school software, and our own school side held to it."""

import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
import requests
from kit import keys
from kit.findings import DEMANDS
from kit.gateway import Gateway
from kit.records import School
from kit.school_check import SCENARIOS, SchoolCheck
from kit.settings import Settings

_SENDABLE = [("waiting_for", "=", "sending"), ("refusal", "=", False)]
_UNIT, _PASSWORD = "48499902", "mật khẩu"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Keys of the school that does not exist."""
    folder = tmp_path_factory.mktemp("school-keys")
    keys.make(folder, _UNIT)
    return folder


@pytest.fixture
def check(folder):
    """The gateway to point software at."""
    authorities = [folder / "root.pem", folder / "intermediates.pem"]
    check = SchoolCheck(unit=_UNIT, account=_UNIT, password=_PASSWORD, authorities=authorities, retry_after=2)
    yield check
    check.close()


@pytest.fixture
def caller(check, folder):
    """A caller that does what a test tells it to."""
    return Gateway(Settings(check.url, _UNIT, _PASSWORD, _UNIT, "2025-2026", folder, keys.PIN))


@pytest.fixture
def school(caller):
    """Its records."""
    return School(caller.settings)


def _deliver(caller, content, messageid=None):
    """(messageid, Reply), or (messageid, None) when the connection broke."""
    messageid = messageid or str(uuid.uuid4())
    try:
        return caller.deliver("1", content, messageid)
    except requests.exceptions.ConnectionError:
        return messageid, None


def _up_to(caller, school, scenario):
    """Send as many good reports as come before ``scenario``."""
    for _number in range(SCENARIOS.index(scenario)):
        _deliver(caller, school.content(school.packets(school.data())))
        caller._token = None


def test_software_that_sends_again_without_asking_is_found(check, caller, school):
    _up_to(caller, school, "answer_lost")
    content = school.content(school.packets(school.data()))
    messageid, reply = _deliver(caller, content)
    assert reply is None
    _deliver(caller, content, messageid)
    assert set(check.findings.failed) == {"asks_first"}


def test_software_that_sends_what_the_gateway_has_is_found(check, caller, school):
    _up_to(caller, school, "answer_lost")
    content = school.content(school.packets(school.data()))
    messageid, _reply = _deliver(caller, content)
    assert caller.ask("2", messageid).accepted
    _deliver(caller, content, messageid)
    assert set(check.findings.failed) == {"not_twice"}


def test_software_that_packs_anew_is_found(check, caller, school):
    _up_to(caller, school, "never_arrived")
    messageid, _reply = _deliver(caller, school.content(school.packets(school.data())))
    assert caller.ask("2", messageid).code == "04"
    _messageid, reply = _deliver(caller, school.content(school.packets(school.data())), messageid)
    assert reply.code == "25"
    assert set(check.findings.failed) == {"message", "same_bytes"}


def test_software_that_does_not_wait_is_found(check, caller, school):
    check.retry_after = 60
    _up_to(caller, school, "busy")
    content = school.content(school.packets(school.data()))
    messageid, reply = _deliver(caller, content)
    assert reply.status == 503
    _deliver(caller, content, messageid)
    assert set(check.findings.failed) == {"waits"}


def test_software_that_keeps_its_token_is_found(check, caller, school):
    _up_to(caller, school, "expired")
    content = school.content(school.packets(school.data()))
    messageid, reply = _deliver(caller, content)
    assert reply.code == "11"
    _deliver(caller, content, messageid)
    assert set(check.findings.failed) == {"account"}


def test_software_that_sends_a_refused_record_again_is_found(check, caller, school):
    _up_to(caller, school, "refused")
    packets = school.packets(school.data(), school.data())
    messageid, _reply = _deliver(caller, school.content(packets))
    states = [row["trang_thai"] for row in caller.ask("2", messageid).answer["data"]]
    assert states == [0, 1]
    _deliver(caller, school.content(packets[:1]))
    assert set(check.findings.failed) == {"refused"}


def test_bad_content_is_found(check, caller, school):
    data = school.data()
    (packet,) = school.packets(data)
    _deliver(caller, school.content([packet.replace(b"<HO_VA_TEN>Tr", b"<HO_VA_TEN>Tn", 1)]))
    assert set(check.findings.failed) == {"signatures"}
    _deliver(caller, school.content(school.packets(school.data(school_code="00000000"))))
    assert set(check.findings.failed) == {"signatures", "identity"}
    _deliver(caller, "not base64!")
    caller.deliver("3", school.content([packet]), **school.registration()[1])
    caller.ask_token(password="0" * 64)
    caller.post("report", {"authenticationRequest": caller.authentication("1", "m", nam_hoc="2025-2026")})
    assert set(check.findings.failed) == {"signatures", "identity", "encoding", "list", "account", "form"}


def test_report_says_what_was_not_seen(check):
    text = requests.get(f"{check.url}/report", timeout=10).text
    assert text.count("CHƯA THẤY") == len(DEMANDS)
    assert "NOT SEEN" in requests.get(f"{check.url}/report?lang=en", timeout=10).text
    assert json.loads(requests.get(f"{check.url}/report.json", timeout=10).content)["failed"] == 0


def test_our_own_school_holds_to_it(small_pair, folder):
    """Every scenario, with the submission engine of the add-on and the records of a real school."""
    closing = small_pair[0]
    pki = closing.site.pki
    authorities = [folder / "own-root.pem", folder / "own-intermediates.pem"]
    for path, issued in zip(authorities, (pki.root, pki.intermediate), strict=True):
        path.write_bytes(issued.pem())
    code = closing.school.school_code
    check = SchoolCheck(unit=code, account=code, password=_PASSWORD, authorities=authorities, retry_after=2)
    endpoints = closing.site.admin("hocba.endpoint", "search", [[]])
    before = closing.site.admin("hocba.endpoint", "read", [endpoints], {"fields": ["base_url"]})[0]["base_url"]
    try:
        closing.site.admin("hocba.endpoint", "write", [endpoints, {"base_url": check.url, "password": _PASSWORD}])
        for number in range(len(SCENARIOS) + 1):
            _send_one(closing, 2 if number == SCENARIOS.index("refused") else 1)
    finally:
        from closing_fixtures import ACCOUNT

        closing.site.admin("hocba.endpoint", "write", [endpoints, {"base_url": before, "password": ACCOUNT}])
        check.close()
    assert not check.findings.failed, check.findings.as_text("en")
    unseen = [name for name in DEMANDS if check.findings.state(name) == "unseen"]
    assert not unseen
    digests = [hashlib.sha256(packet).hexdigest() for packet in check._refused_packets]
    refused = closing.clerk(
        "hocba.submission.line", "search_read", [[("verdict", "=", "refused")]], {"fields": ["record_id"]}
    )
    assert len(refused) == len(digests) == 1


def _send_one(closing, records):
    """One transaction from the clerk's click to its verdict, clicked on as a patient clerk would."""
    from flow.session import PIN
    from hocba_host import psql

    ids = closing.clerk("hocba.record", "search", [_SENDABLE], {"limit": records})
    assert len(ids) == records, "the fixture's school is too small"
    wizard = closing.clerk("hocba.send.wizard", "create", [{"record_ids": [(6, 0, ids)], "pin": PIN}])
    closing.clerk("hocba.send.wizard", "action_send", [[wizard]])
    (submission,) = closing.clerk("hocba.send.wizard", "read", [[wizard]], {"fields": ["submission_ids"]})[0][
        "submission_ids"
    ]
    end = time.monotonic() + 120
    while True:
        found = closing.clerk("hocba.submission", "read", [[submission]], {"fields": ["state", "error"]})[0]
        if found["state"] in ("accepted", "partly", "refused"):
            return
        assert time.monotonic() < end, found
        # Minutes between two denials pass in the database; the pause that the gateway asked for passes for real.
        psql(
            "UPDATE hocba_submission SET never_seen_at = never_seen_at - interval '5 minutes'"
            f" WHERE id = {submission}; SELECT pg_sleep(greatest(0, extract(epoch FROM next_try_at"
            f" - now() AT TIME ZONE 'UTC'))) FROM hocba_submission WHERE id = {submission} AND state = 'queued'",
            closing.site.database,
        )
        closing.clerk(
            "hocba.submission", "action_query" if found["state"] == "received" else "action_send_now", [[submission]]
        )


def test_gateway_without_changes_of_school_is_reported_as_not_offering_them(check, folder):
    """By itself, as the README says, against a gateway that announces no extension."""
    here = Path(__file__).parent
    named = {"url": check.url, "account": _UNIT, "password": _PASSWORD, "unit": _UNIT, "keys": folder}
    options = ["-q", "-rs", "-p", "no:cacheprovider", f"--confcutdir={here}"]
    options += [f"--gateway-{name}={value}" for name, value in named.items()]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", here / "test_gateway_transfer.py", *options],
        cwd=here.parents[1],
        env={**os.environ, "PYTHONPATH": "host/lib:host:tests/conformance"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "NOT OFFERED" in run.stdout
    assert "passed" not in run.stdout
    assert "failed" not in run.stdout
