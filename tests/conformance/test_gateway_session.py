"""Accounts, tokens and catalogues (annex 1 §II.2.2, annex 3 §3.1 to §3.3)."""

import uuid

import pytest
from kit.gateway import ANSWER


def test_token_for_the_account(connection):
    reply = connection.ask_token()
    assert reply.accepted, reply
    assert isinstance(reply.answer["token"], str)
    assert reply.answer["token"]


@pytest.mark.parametrize(
    "changes",
    [{"password": "0" * 64}, {"user_name": "nobody-of-this-name"}, {"ma_don_vi": "00000000"}, {"password": ""}],
    ids=["password", "account", "unit", "empty"],
)
def test_wrong_account_gets_no_token(connection, changes):
    reply = connection.ask_token(**changes)
    connection.refused(reply, "10", "12", "20")
    assert not reply.answer.get("token")


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "not-a-token"},
        {"password": "0" * 64},
        {"user_name": "nobody-of-this-name"},
        {"ma_don_vi": "00000000"},
        {"token": None},
        {"token": "\ud83d"},
    ],
    ids=["token", "password", "account", "unit", "no-token", "half-a-character"],
)
@pytest.mark.parametrize("kind", ["1", "2", "3", "4", "5", "6"])
def test_every_transaction_checks_token_account_and_unit(connection, kind, changes):
    messageid = str(uuid.uuid4())
    if kind in "135":
        _messageid, reply = connection.deliver(kind, "AAAA", messageid, **changes)
    else:
        reply = connection.ask(kind, messageid, **changes)
    connection.refused(reply, "11", "12")


def test_password_is_checked_by_its_digest_and_not_in_clear(connection):
    connection.refused(connection.ask_token(password=connection.settings.password), "10")


@pytest.mark.parametrize(("service", "code"), [("signature_types", "USB_TOKEN"), ("providers", "VNPT")])
def test_catalogues(connection, service, code):
    reply = connection.post(service, {"authenticationRequest": {"token": connection.token, **connection.account()}})
    assert reply.accepted, reply
    assert code in {row["ma"] for row in reply.answer["data"]}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"authenticationRequest": []}', b"\xff\xfe", b"[" * 100_000, b"1"]
)
@pytest.mark.parametrize("service", ["token", "report", "recall_query"])
def test_nonsense_is_refused_and_breaks_nothing(connection, service, body):
    connection.refused(connection.post(service, body), "20")


@pytest.mark.parametrize("kind", ["2", "4", "6"])
def test_message_that_was_never_sent_is_unknown(connection, kind):
    messageid = str(uuid.uuid4())
    reply = connection.ask(kind, messageid)
    connection.refused(reply, "04")
    assert not reply.rows
    if reply.status == 200:
        assert set(ANSWER) <= set(reply.answer)
        assert reply.answer["MessageId"] == messageid
