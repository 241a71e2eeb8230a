"""Sending survives what a network and a machine do: nothing lost, nothing doubled. Real servers, one faulty proxy."""

import contextlib
import threading
import time

import pytest
from closing_fixtures import ACCOUNT, running_pair, seal_all
from faulty_gateway import FaultyGateway, with_another_digest
from flow.session import PIN
from hocba_core.signing import Pkcs12Signer
from hocba_host import RpcError, psql

_PUPILS = 40


@pytest.fixture(scope="module")
def pair(host):
    with running_pair(host, "exchange", _PUPILS, workers=2) as (closing, school, so):
        seal_all(closing)
        yield closing, school, so


@pytest.fixture
def gateway(pair):
    """A proxy that the school believes to be the department's gateway."""
    closing, _school, so = pair
    proxy = FaultyGateway(so.url)
    _set_endpoint(closing, base_url=proxy.url)
    yield proxy
    _set_endpoint(closing, base_url=so.url)
    proxy.close()


def _set_endpoint(closing, **values):
    ids = closing.site.admin("hocba.endpoint", "search", [[]])
    closing.site.admin("hocba.endpoint", "write", [ids, values])


def _queue_two(closing):
    """A transaction of the next two sealed records."""
    ids = closing.clerk("hocba.record", "search", [[("waiting_for", "=", "sending")]], {"limit": 2})
    assert len(ids) == 2, "the fixture's school is too small for the tests of this file"
    wizard = closing.clerk("hocba.send.wizard", "create", [{"record_ids": [(6, 0, ids)], "pin": PIN}])
    closing.clerk("hocba.send.wizard", "action_send", [[wizard]])
    return closing.clerk("hocba.send.wizard", "read", [[wizard]], {"fields": ["submission_ids"]})[0]["submission_ids"][
        0
    ]


def _read(closing, submission):
    fields = ["state", "messageid", "error", "advice", "accepted_count", "tries", "next_try_at", "payload_digest"]
    return closing.clerk("hocba.submission", "read", [[submission]], {"fields": fields})[0]


def _send(closing, submission):
    closing.clerk("hocba.submission", "action_send_now", [[submission]])
    return _read(closing, submission)


def _pass_time(closing, minutes):
    """Let so much time pass for everything that the engine waits for."""
    interval = f"interval '{minutes} minutes'"
    for table, columns in (
        ("hocba_submission", ("next_try_at", "lease_until", "never_seen_at", "conflict_at")),
        ("hocba_endpoint", ("breaker_until", "quiet_until")),
    ):
        shifts = ", ".join(f"{column} = {column} - {interval}" for column in columns)
        psql(f"UPDATE {table} SET {shifts}", closing.site.database)


def _endpoint(closing, *fields):
    return closing.site.admin("hocba.endpoint", "search_read", [[]], {"fields": list(fields)})[0]


def _attempts(closing, submission):
    return closing.clerk(
        "hocba.submission.attempt",
        "search_read",
        [[("submission_id", "=", submission)]],
        {"fields": ["action", "outcome"], "order": "id"},
    )


def _received(closing, messageid):
    """How often the department has this message; its digest is compared too."""
    rows = closing.department.officer(
        "hocba.registry.transaction", "search_read", [[("messageid", "=", messageid)]], {"fields": ["digest"]}
    )
    return [row["digest"] for row in rows]


def _settle(closing, submission):
    """Ask until the verdicts are there."""
    closing.await_verdicts([submission])
    found = _read(closing, submission)
    assert found["state"] == "accepted", found
    assert found["accepted_count"] == 2
    assert _received(closing, found["messageid"]) == [found["payload_digest"]]
    states = closing.clerk(
        "hocba.submission.line", "search_read", [[("submission_id", "=", submission)]], {"fields": ["record_id"]}
    )
    records = closing.clerk("hocba.record", "read", [[row["record_id"][0] for row in states]], {"fields": ["state"]})
    assert {row["state"] for row in records} == {"submitted"}


def test_answer_lost_is_asked_for_and_not_sent_again(pair, gateway):
    closing = pair[0]
    submission = _queue_two(closing)
    gateway.fault = "drop_after"
    assert _send(closing, submission)["state"] == "unknown"
    gateway.fault = None
    _settle(closing, submission)
    assert [attempt["action"] for attempt in _attempts(closing, submission)].count("send") == 1


def test_unreadable_answer_is_unknown(pair, gateway):
    closing = pair[0]
    submission = _queue_two(closing)
    gateway.fault = "garbage"
    assert _send(closing, submission)["state"] == "unknown"
    gateway.fault = None
    _settle(closing, submission)


def test_never_arrived_goes_again_only_after_two_denials(pair, gateway):
    closing = pair[0]
    submission = _queue_two(closing)
    gateway.fault = "drop_before"
    assert _send(closing, submission)["state"] == "unknown"
    gateway.fault = None
    assert _send(closing, submission)["state"] == "unknown"
    assert _send(closing, submission)["state"] == "unknown", "two denials in a row are one denial"
    _pass_time(closing, 5)
    assert _send(closing, submission)["state"] == "queued"
    assert _received(closing, _read(closing, submission)["messageid"]) == []
    assert _send(closing, submission)["state"] == "received"
    _settle(closing, submission)


def test_busy_gateway_names_its_pause(pair, gateway):
    closing = pair[0]
    submission = _queue_two(closing)
    gateway.fault = "busy"
    found = _send(closing, submission)
    assert found["state"] == "queued"
    (seconds,) = psql(
        "SELECT extract(epoch FROM next_try_at - now() AT TIME ZONE 'UTC')"
        f" FROM hocba_submission WHERE id = {submission}",
        closing.site.database,
    )[0]
    assert 60 < float(seconds) <= 120
    gateway.fault = None
    gateway.posts.clear()
    assert _send(closing, submission)["state"] == "queued", "the gateway's wish holds for people too"
    assert gateway.posts == []
    _pass_time(closing, 3)
    _send(closing, submission)
    _settle(closing, submission)


def test_nothing_listens(pair):
    closing, _school, so = pair
    submission = _queue_two(closing)
    _set_endpoint(closing, base_url="http://127.0.0.1:9")
    found = _send(closing, submission)
    assert found["state"] == "queued"
    assert found["error"]
    assert _attempts(closing, submission)[0]["outcome"] == "transport"
    _set_endpoint(closing, base_url=so.url)
    _send(closing, submission)
    _settle(closing, submission)


def test_wrong_password_stops_the_gateway_and_is_mended(pair):
    closing = pair[0]
    submission = _queue_two(closing)
    _set_endpoint(closing, password="wrong")
    found = _send(closing, submission)
    assert (found["state"], bool(found["advice"])) == ("queued", True)
    stopped = _endpoint(closing, "breaker_state", "breaker_refused")
    assert (stopped["breaker_state"], stopped["breaker_refused"]) == ("open", True)
    _set_endpoint(closing, password=ACCOUNT)
    assert _endpoint(closing, "breaker_state")["breaker_state"] == "closed"
    assert _send(closing, submission)["state"] == "received"
    _settle(closing, submission)


def test_killed_in_the_call(pair, gateway):
    closing, school, _so = pair
    submission = _queue_two(closing)
    gateway.fault = "hold"
    gateway.held.clear()
    gateway.release.clear()
    caller = threading.Thread(target=_send_and_die, args=(closing, submission), daemon=True)
    caller.start()
    assert gateway.held.wait(60), "the call never reached the gateway"
    school.kill()
    gateway.fault = None
    gateway.release.set()
    caller.join(60)
    school.start()
    assert _read(closing, submission)["state"] == "sending"
    assert _send(closing, submission)["state"] == "sending", "a lease that runs is respected"
    _pass_time(closing, 60)
    _send(closing, submission)
    _settle(closing, submission)
    assert [(row["action"], row["outcome"]) for row in _attempts(closing, submission)][:2] == [
        ("send", "lost"),
        ("query", "ok"),
    ]


def _send_and_die(closing, submission):
    try:
        _send(closing, submission)
    except (OSError, RpcError, ValueError):
        return


def _run_schedule(closing):
    """The schedule of another worker, at the same time."""
    reference = [("module", "=", "hocba_digital"), ("name", "=", "cron_send")]
    row = closing.site.admin("ir.model.data", "search_read", [reference], {"fields": ["res_id"]})[0]
    with contextlib.suppress(RpcError):  # one of two that run the same job at once is turned away
        closing.site.admin("ir.cron", "method_direct_trigger", [[row["res_id"]]])


def test_two_workers_and_people_at_once_are_one_call(pair, gateway):
    closing = pair[0]
    submission = _queue_two(closing)
    gateway.posts.clear()
    clicks = [threading.Thread(target=_send_and_die, args=(closing, submission)) for _ in range(3)]
    clicks += [threading.Thread(target=_run_schedule, args=(closing,)) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    _settle(closing, submission)
    assert [row["action"] for row in _attempts(closing, submission)].count("send") == 1
    assert gateway.posts.count("/api/hocba/report") == 1


def test_copied_database_sends_nothing(pair, gateway):
    closing = pair[0]
    submission = _queue_two(closing)
    identity = closing.site.admin("ir.config_parameter", "get_param", ["database.uuid"])
    closing.site.admin("ir.config_parameter", "set_param", ["database.uuid", "a copy"])
    gateway.posts.clear()
    found = _send(closing, submission)
    assert (found["state"], gateway.posts) == ("queued", [])
    assert found["error"]
    closing.site.admin("ir.config_parameter", "set_param", ["database.uuid", identity])
    _send(closing, submission)
    _settle(closing, submission)


def test_connection_test_says_what_is_wrong(pair):
    closing, _school, so = pair
    endpoint = closing.site.admin("hocba.endpoint", "search", [[]])

    def result():
        closing.site.admin("hocba.endpoint", "action_test", [endpoint])
        return closing.site.admin("hocba.endpoint", "read", [endpoint], {"fields": ["test_ok", "test_message"]})[0]

    assert result()["test_ok"]
    _set_endpoint(closing, base_url="http://127.0.0.1:9")
    assert "không nhận kết nối" in result()["test_message"]
    _set_endpoint(closing, base_url="http://no-such-host.invalid")
    assert "Không tìm thấy máy chủ" in result()["test_message"]
    _set_endpoint(closing, base_url=so.url, path_token="/api/hocba/nowhere")
    assert "đường dẫn" in result()["test_message"]
    _set_endpoint(closing, path_token="/api/hocba/token", user_name="nobody")
    assert "tài khoản" in result()["test_message"]
    _set_endpoint(closing, user_name=closing.school.school_code)
    assert result()["test_ok"]


def _one_accepted(closing):
    """A record in force at the department."""
    found = closing.clerk("hocba.record", "search", [[("state", "=", "submitted")]], {"limit": 1})
    assert found, "the tests before this one left an accepted record"
    return found[0]


def _ask_recall(closing, record, reason):
    """Head asks, clerk sends; returns the transaction."""
    closing.head("hocba.record", "action_ask_recall", [[record], reason])
    wizard = closing.clerk("hocba.recall.wizard", "create", [{"record_ids": [(6, 0, [record])], "pin": PIN}])
    closing.clerk("hocba.recall.wizard", "action_send", [[wizard]])
    found = closing.clerk("hocba.recall.wizard", "read", [[wizard]], {"fields": ["submission_ids"]})
    return found[0]["submission_ids"][0]


def _await(closing, submission, state):
    """Ask the department again and again, as the schedule does."""
    end = time.monotonic() + 60
    while _read(closing, submission)["state"] != state:
        assert time.monotonic() < end, _read(closing, submission)
        closing.clerk("hocba.submission", "action_query", [[submission]])
        time.sleep(0.2)


def _decide(closing, method, *arguments):
    officer = closing.department.officer
    closing.department.wait_until_judged()
    waiting = officer("hocba.registry.recall", "search", [[("state", "=", "waiting")]])
    assert len(waiting) == 1
    officer("hocba.registry.recall", method, [waiting, *arguments])


def test_a_recall_that_is_refused_leaves_the_record_in_force(pair):
    closing = pair[0]
    record = _one_accepted(closing)
    submission = _ask_recall(closing, record, "Nghi sai điểm môn Toán")
    _await(closing, submission, "received")
    _decide(closing, "action_refuse", "Không đủ căn cứ")
    _await(closing, submission, "refused")
    found = closing.clerk("hocba.record", "read", [[record]], {"fields": ["state", "recall_state", "recall_refusal"]})
    assert (found[0]["state"], found[0]["recall_state"]) == ("submitted", "refused")
    assert found[0]["recall_refusal"] == "Không đủ căn cứ"


def test_a_recall_whose_answer_is_lost_is_sent_once_and_replaced(pair, gateway):
    closing = pair[0]
    record = _one_accepted(closing)
    gateway.path, gateway.fault = "/recall", "drop_after"
    submission = _ask_recall(closing, record, "Sai họ tên mẹ")
    assert _send(closing, submission)["state"] == "unknown"
    gateway.fault = None
    _await(closing, submission, "received")
    _decide(closing, "action_approve")
    _await(closing, submission, "accepted")
    messageid = _read(closing, submission)["messageid"]
    assert len(_received(closing, messageid)) == 1
    fields = ["state", "uuid", "replaced_by_id", "recall_state"]
    old = closing.clerk("hocba.record", "read", [[record]], {"fields": fields})[0]
    assert (old["state"], old["recall_state"]) == ("recalled", "approved")
    new = closing.clerk("hocba.record", "read", [[old["replaced_by_id"][0]]], {"fields": fields})[0]
    assert new["state"] == "draft"
    assert new["uuid"] != old["uuid"]
    stored = closing.department.officer("hocba.registry.record", "search_read", [[("uuid", "=", old["uuid"])]])
    assert [row["state"] for row in stored] == ["recalled"]


def test_a_seal_is_registered_and_approved_over_the_wire(pair):
    closing = pair[0]
    clerk = closing.clerk
    (certificate,) = clerk("hocba.certificate", "search", [[("kind", "=", "organisation")]])
    with pytest.raises(RpcError):
        clerk("hocba.certificate", "write", [[certificate], {"approved": False}])
    closing.head("hocba.certificate", "action_withdraw_approval", [[certificate], "Sở thu hồi phê duyệt"])
    with pytest.raises(RpcError, match="Sở"):
        closing.head("hocba.certificate", "action_approve_on_paper", [[certificate], "giấy", "eA=="])
    wizard = clerk("hocba.registration.wizard", "create", [{"certificate_id": certificate, "pin": PIN}])
    clerk("hocba.registration.wizard", "action_register", [[wizard]])
    submission = clerk("hocba.registration.wizard", "read", [[wizard]], {"fields": ["submission_id"]})[0]
    submission = submission["submission_id"][0]
    assert _send(closing, submission)["state"] == "received"
    closing.department.wait_until_judged()
    _await(closing, submission, "accepted")
    assert clerk("hocba.certificate", "read", [[certificate]], {"fields": ["approved"]})[0]["approved"]


def test_what_the_gateway_signs_is_kept_and_compared(pair, gateway):
    closing = pair[0]

    def acknowledged(submission):
        fields = ["acknowledgement_finding", "acknowledgement_detail", "acknowledgement_ids", "activity_ids"]
        return closing.clerk("hocba.submission", "read", [[submission], fields])[0]

    honest = _queue_two(closing)
    _send(closing, honest)
    assert acknowledged(honest)["acknowledgement_finding"] == "agrees"
    _settle(closing, honest)
    found = acknowledged(honest)
    assert (found["acknowledgement_finding"], len(found["acknowledgement_ids"])) == ("agrees", 2), found

    changed = _queue_two(closing)
    gateway.fault, gateway.rewrite = "rewrite", with_another_digest
    _send(closing, changed)
    gateway.fault = None
    _settle(closing, changed)
    found = acknowledged(changed)
    assert found["acknowledgement_finding"] == "forged", found
    assert found["activity_ids"] and "thay đổi" in found["acknowledgement_detail"]

    key = Pkcs12Signer.load(closing.site.pki.files["so"].read_bytes(), PIN)
    differing = _queue_two(closing)
    gateway.fault = "rewrite"
    gateway.rewrite = lambda answer: with_another_digest(answer, key)
    _send(closing, differing)
    gateway.fault = None
    _settle(closing, differing)
    found = acknowledged(differing)
    assert found["acknowledgement_finding"] == "differs" and found["activity_ids"], found
