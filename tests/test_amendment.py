"""After the closing, over two real servers: asked, approved, superseded; the locked record stays, byte for byte."""

import pytest
import requests
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
    code = _issued_copy(closing, record_id)
    request = ask(closing, record_id)
    closing.department.officer("hocba.registry.recall", "action_approve", [waiting(closing.department)])
    advance(closing, request)
    found = standing(closing, request)
    assert found["state"] == "granted"
    assert "and it is current" in _checked(closing, code), "until the new record is accepted"
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
    page = _checked(closing, code)
    assert "but it is no longer current" in page
    assert "Replaced by an amended record" in page
    scanned = _checked(closing, code, f"tra-cuu/{before['uuid']}?ban={code}")
    assert "but it is no longer current" in scanned
    assert "and it is current" in _checked(closing, _issued_copy(closing, new))
    with pytest.raises(RpcError):
        closing.clerk("hocba.amendment", "create", [{"record_id": record_id, "reason": "x", "changes": "x"}])


def _issued_copy(closing, record_id):
    """Check code of a copy that the clerk issues."""
    wizard = closing.clerk("hocba.record", "action_issue_copy", [[record_id]])["res_id"]
    closing.clerk("hocba.issue.wizard", "write", [[wizard], {"recipient": "Nguyễn Văn Cha"}])
    closing.clerk("hocba.issue.wizard", "action_issue", [[wizard]])
    domain, options = [[("line_ids.record_id", "=", record_id)]], {"fields": ["code"], "limit": 1}
    return closing.clerk("hocba.issuance", "search_read", domain, options)[0]["code"]


def _checked(closing, code, path=None):
    """The public page that says what holds of a copy."""
    answer = requests.get(f"{closing.site.url}/hocba/{path or f'ban-sao?ma={code}'}&lang=en", timeout=60)
    assert answer.status_code == 200
    return answer.text


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
