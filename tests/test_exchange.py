"""Sending survives what a network and a machine do: nothing lost, nothing doubled. Real servers, one faulty proxy."""

import threading

import pytest
from closing_fixtures import ACCOUNT, running_pair, seal_all
from faulty_gateway import FaultyGateway
from flow.session import PIN
from hocba_host import RpcError, psql

_PUPILS = 40


@pytest.fixture(scope="module")
def pair(host, tmp_path_factory):
    with running_pair(host, tmp_path_factory.mktemp("keys"), "exchange", _PUPILS) as (closing, school, so):
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
    psql(
        f"UPDATE hocba_submission SET never_seen_at = never_seen_at - interval '5 minutes' WHERE id = {submission}",
        closing.site.database,
    )
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


def test_wrong_password_stops_and_is_mended(pair):
    closing = pair[0]
    submission = _queue_two(closing)
    _set_endpoint(closing, password="wrong")
    found = _send(closing, submission)
    assert found["state"] == "failed"
    assert found["advice"]
    _set_endpoint(closing, password=ACCOUNT)
    closing.clerk("hocba.submission", "action_retry", [[submission]])
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
    psql(
        f"UPDATE hocba_submission SET lease_until = lease_until - interval '1 hour' WHERE id = {submission}",
        closing.site.database,
    )
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


def test_two_clicks_at_once_are_one_call(pair, gateway):
    closing = pair[0]
    submission = _queue_two(closing)
    gateway.posts.clear()
    clicks = [threading.Thread(target=_send_and_die, args=(closing, submission)) for _ in range(4)]
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
