"""After the closing, over two real servers: asked, approved, superseded; the locked record stays, byte for byte."""

import pytest
from amending import advance, allow, ask, send_corrected, standing, waiting
from hocba_host import RpcError, psql


@pytest.fixture(scope="module")
def locked(small_pair):
    """(Closing, id of a record that the department has closed)."""
    closing = small_pair[0]
    domain = [("waiting_for", "=", "sending"), ("refusal", "=", False)]
    ids = closing.clerk("hocba.record", "search", [domain], {"limit": 1})
    closing.await_verdicts(closing.send([("id", "in", ids)]))
    closing.lock()
    assert _record(closing, ids[0], "state")["state"] == "locked"
    return closing, ids[0]


def _record(closing, record_id, *names):
    return closing.clerk("hocba.record", "read", [[record_id]], {"fields": list(names)})[0]


def test_gateway_that_does_not_allow_it_refuses(locked):
    closing, record_id = locked
    allow(closing.department, False)
    found = standing(closing, ask(closing, record_id))
    assert found["state"] == "refused"
    assert "không cho chỉnh lý" in found["refusal"]
    assert _record(closing, record_id, "superseded_by_id")["superseded_by_id"] is False


def test_officer_refuses(locked):
    closing, record_id = locked
    allow(closing.department, True)
    request = ask(closing, record_id)
    assert standing(closing, request)["state"] == "sent"
    closing.department.officer(
        "hocba.registry.recall", "action_refuse", [waiting(closing.department), "Chưa đủ căn cứ"]
    )
    advance(closing, request)
    assert standing(closing, request) | {"id": 0} == {
        "id": 0,
        "state": "refused",
        "refusal": "Chưa đủ căn cứ",
        "successor_id": False,
    }


def test_new_record_supersedes_the_locked_one(locked):
    closing, record_id = locked
    allow(closing.department, True)
    before = _record(closing, record_id, "packet", "packet_digest", "uuid", "assessment_id", "class_id")
    request = ask(closing, record_id)
    closing.department.officer("hocba.registry.recall", "action_approve", [waiting(closing.department)])
    advance(closing, request)
    found = standing(closing, request)
    assert found["state"] == "granted"
    new = found["successor_id"][0]

    send_corrected(closing, before, new)

    old = _record(closing, record_id, "packet", "packet_digest", "state", "superseded_by_id", "correction_text")
    successor = _record(closing, new, "state", "uuid", "effective_on", "supersedes_id")
    assert (old["state"], old["superseded_by_id"][0]) == ("locked", new)
    assert (old["packet"], old["packet_digest"]) == (before["packet"], before["packet_digest"])
    assert successor["uuid"] in old["correction_text"]
    assert successor["state"] == "locked"
    assert successor["effective_on"]
    assert standing(closing, request)["state"] == "done"
    _look_at_the_department(closing, before["uuid"], successor["uuid"])
    with pytest.raises(RpcError):
        closing.clerk("hocba.amendment", "create", [{"record_id": record_id, "reason": "x", "changes": "x"}])


def _look_at_the_department(closing, old_uuid, new_uuid):
    officer = closing.department.officer
    fields = ["uuid", "state", "superseded_by_id", "supersedes_id", "superseded_text"]
    rows = officer("hocba.registry.record", "search_read", [[("uuid", "in", [old_uuid, new_uuid])]], {"fields": fields})
    chain = {row["uuid"]: row for row in rows}
    assert chain[old_uuid]["superseded_by_id"][0] == chain[new_uuid]["id"]
    assert chain[new_uuid]["supersedes_id"][0] == chain[old_uuid]["id"]
    assert {row["state"] for row in rows} == {"locked"}
    assert new_uuid in chain[old_uuid]["superseded_text"]
    for database, table in (
        (closing.department.database, "hocba_registry_record"),
        (closing.site.database, "hocba_record"),
    ):
        with pytest.raises(Exception, match="hocba:"):
            psql(f"UPDATE {table} SET superseded_by_id = NULL WHERE superseded_by_id IS NOT NULL", database)
