"""Recalls (annex 1 §II.2.6, §II.2.7, III.3). The department's people decide, so a request waits here."""

import uuid

import pytest
from kit.gateway import ROW

_WAITING, _REFUSED = "1", "3"


@pytest.fixture
def accepted(gateway, school):
    """Data of a record that the gateway has accepted."""
    data = school.data()
    reply = gateway.report(school.content(school.packets(data)))
    assert str(reply.rows[data.uuid]["trang_thai"]) == "1", reply
    return data


def test_recall_waits_for_a_decision(gateway, school, accepted):
    messageid, reply = gateway.deliver("5", school.recall(accepted))
    assert reply.accepted, reply
    row = gateway.await_verdict("6", messageid).rows[accepted.uuid]
    assert set(ROW) <= set(row)
    assert str(row["trang_thai"]) == _WAITING


def test_recall_is_idempotent(gateway, school, accepted):
    content = school.recall(accepted)
    messageid, first = gateway.deliver("5", content)
    _messageid, second = gateway.deliver("5", content, messageid)
    assert first.answer == second.answer
    _messageid, other = gateway.deliver("5", school.recall(accepted, reason="Lý do khác"), messageid)
    gateway.refused(other, "25")
    assert len(gateway.await_verdict("6", messageid).answer["data"]) == 1


def test_recall_of_a_record_that_is_not_there_is_refused(gateway, school):
    data = school.data(uuid=str(uuid.uuid4()))
    messageid, _reply = gateway.deliver("5", school.recall(data))
    row = gateway.await_verdict("6", messageid).rows[data.uuid]
    assert str(row["trang_thai"]) == _REFUSED
    assert row["error_description"]


def test_recalls_are_judged_one_by_one(gateway, school, accepted):
    unknown = school.data()
    messageid, _reply = gateway.deliver("5", school.recall(accepted, unknown))
    rows = gateway.await_verdict("6", messageid).rows
    assert str(rows[accepted.uuid]["trang_thai"]) == _WAITING
    assert str(rows[unknown.uuid]["trang_thai"]) == _REFUSED


def test_report_is_no_recall(gateway, school):
    messageid, reply = gateway.deliver("5", school.content(school.packets(school.data())))
    gateway.refused(gateway.await_verdict("6", messageid) if reply.accepted else reply, "23")
