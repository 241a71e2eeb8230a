"""The department's gateway on the wire: what it must refuse, and what must not change for being asked twice."""

import base64
import hashlib
import json
import struct
import uuid
from datetime import datetime

import pytest
import requests
from closing_fixtures import school_account
from flow.session import PIN
from hocba_core.gateway import GatewayClient, GatewayError, wire
from hocba_core.packet import VIETNAM_TIME, get_profile
from hocba_core.signing import Pkcs12Signer, sign_list
from hocba_host import RpcError, psql
from pki import issue, organisation_name

PROFILE = get_profile("cv2088-1.0")


@pytest.fixture
def client(pair):
    closing, _school, so = pair
    with GatewayClient(school_account(closing, so.url)) as client:
        yield client


def _content(packets, signer):
    return wire.encode_content(
        sign_list(PROFILE.build_list(packets), signer, at=datetime.now(VIETNAM_TIME).replace(microsecond=0))
    )


def _report(pair, client, content, year="2025-2026", messageid=None):
    """Send and wait; (messageid, answer to the query)."""
    messageid = messageid or str(uuid.uuid4())
    client.report(messageid, year, content)
    pair[0].department.wait_until_judged()
    return messageid, client.query_report(messageid)


def test_good_record_and_its_digest(pair, client, packets, seal):
    messageid, answer = _report(pair, client, _content(packets[:1], seal))
    (verdict,) = answer.verdicts
    assert verdict.accepted
    assert verdict.digest == hashlib.sha256(packets[0]).hexdigest()
    assert verdict.effective_on is None
    assert client.report(messageid, "2025-2026", _content_of(pair, messageid)).accepted
    assert _transactions(pair, messageid) == 1


def _content_of(pair, messageid):
    rows = pair[0].department.officer(
        "hocba.registry.transaction", "search_read", [[("messageid", "=", messageid)]], {"fields": ["content"]}
    )
    return base64.b64decode(rows[0]["content"]).decode()


def _transactions(pair, messageid):
    return pair[0].department.officer("hocba.registry.transaction", "search_count", [[("messageid", "=", messageid)]])


def test_same_message_with_other_bytes_is_refused(pair, client, packets, seal):
    messageid, _answer = _report(pair, client, _content(packets[1:2], seal))
    assert client.report(messageid, "2025-2026", _content(packets[2:3], seal)).code == "25"


def test_same_record_again_is_accepted_and_not_doubled(pair, client, packets, seal):
    for _again in range(2):
        _messageid, answer = _report(pair, client, _content(packets[3:4], seal))
        assert answer.verdicts[0].accepted
    digest = hashlib.sha256(packets[3]).hexdigest()
    officer = pair[0].department.officer
    assert officer("hocba.registry.record", "search_count", [[("digest", "=", digest)]]) == 1


def test_one_bad_record_does_not_block_the_others(pair, client, packets, seal):
    name = PROFILE.parse(packets[5]).data.pupil_name.encode()
    forged = packets[5].replace(name, name[:-1] + b"z", 1)
    _messageid, answer = _report(pair, client, _content([packets[4], forged, packets[6]], seal))
    assert [verdict.accepted for verdict in answer.verdicts] == [True, False, True]
    assert answer.verdicts[1].error == "31"
    assert "thay đổi sau khi ký" in answer.verdicts[1].error_description


def test_swapped_signatures_are_refused(pair, client, packets, seal):
    marker = b"<DANH_SACH_THONG_TIN_KY>"
    one, two = (packet.split(marker) for packet in packets[7:9])
    swapped = [one[0] + marker + two[1], two[0] + marker + one[1]]
    _messageid, answer = _report(pair, client, _content(swapped, seal))
    assert [verdict.error for verdict in answer.verdicts] == ["31", "31"]


def test_transaction_signed_by_somebody_else_is_refused(pair, client, packets):
    authority = pair[0].site.pki.intermediate
    issued = issue(authority, organisation_name("Trường Tiểu học Khác", "0409999999"))
    stranger = Pkcs12Signer.load(issued.pkcs12(PIN), PIN)
    _messageid, answer = _report(pair, client, _content(packets[9:10], stranger))
    assert answer.code == "24"


def test_changed_list_is_refused(pair, client, packets, seal):
    xml = wire.decode_content(_content(packets[9:11], seal))
    shorter = xml.replace(packets[9], b"", 1)
    _messageid, answer = _report(pair, client, wire.encode_content(shorter))
    assert answer.code == "24"


def test_other_school_year_is_refused(pair, client, packets, seal):
    _messageid, answer = _report(pair, client, _content(packets[9:10], seal), year="2031-2032")
    assert answer.code == "26"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("not base64!", "22"),
        (base64.b64encode(b"abcd").decode(), "22"),
        (base64.b64encode(struct.pack("<I", 10) + b"no gzip at all").decode(), "22"),
        (base64.b64encode(struct.pack("<I", 2**31) + b"x" * 100).decode(), "21"),
        (wire.encode_content(b"<DANH_SACH_HOC_BA/>"), "23"),
        (
            wire.encode_content(
                b'<!DOCTYPE x [<!ENTITY a "b">]><DANH_SACH_HOC_BA Id="dataDanhSach">&a;</DANH_SACH_HOC_BA>'
            ),
            "23",
        ),
    ],
)
def test_hostile_content_is_refused(pair, client, content, code):
    _messageid, answer = _report(pair, client, content)
    assert answer.code == code


def test_bomb_is_not_unpacked(pair, client):
    bomb = wire.encode_content(b"<a>" + b"0" * 30_000_000 + b"</a>")
    lying = base64.b64decode(bomb)
    content = base64.b64encode(struct.pack("<I", 1000) + lying[4:]).decode()
    _messageid, answer = _report(pair, client, content)
    assert answer.code == "22"


def test_too_large_is_refused_before_it_is_read(pair):
    answer = requests.post(f"{pair[2].url}/api/hocba/report", data=b"x" * 11_000_000, timeout=60)
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"authenticationRequest": []}', b"\xff\xfe", b"[" * 100_000])
def test_nonsense_gets_an_answer(pair, body):
    answer = requests.post(f"{pair[2].url}/api/hocba/report", data=body, timeout=60)
    assert answer.status_code == 200
    assert json.loads(answer.content)["Error"] in ("20", "11")


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"password_sha256": "0" * 64}, "10"), ({"user_name": "nobody"}, "10"), ({"unit_code": "99999999"}, "12")],
)
def test_wrong_account_gets_no_token(pair, changes, code):
    with (
        GatewayClient(school_account(pair[0], pair[2].url, **changes)) as client,
        pytest.raises(GatewayError) as caught,
    ):
        client.get_token()
    assert (caught.value.kind, caught.value.code) == ("authorisation", code)


def test_unknown_message_was_never_seen(client):
    assert client.query_report(str(uuid.uuid4())).never_seen


def test_officer_cannot_change_what_was_received(pair):
    officer = pair[0].department.officer
    record = officer("hocba.registry.record", "search", [[]], {"limit": 1})
    for values in ({"state": "locked"}, {"pupil_name": "x"}, {"digest": "x"}):
        with pytest.raises(RpcError):
            officer("hocba.registry.record", "write", [record, values])
    with pytest.raises(RpcError):
        officer("hocba.registry.record", "unlink", [record])
    with pytest.raises(RpcError):
        officer("hocba.registry.transaction", "create", [{"messageid": "x"}])


def test_closing_locks_for_good(pair, client, packets, seal):
    """Last in this file: afterwards the year takes nothing more."""
    department = pair[0].department
    with pytest.raises(RpcError, match="2025-2026"):
        wizard = department.officer("hocba.registry.closing.wizard", "create", [{"year_id": 1, "confirmation": "yes"}])
        department.officer("hocba.registry.closing.wizard", "action_close", [[wizard]])
    department.close_year("2025-2026")
    states = department.officer("hocba.registry.record", "search_read", [[]], {"fields": ["state", "effective_on"]})
    assert {row["state"] for row in states} == {"locked"}
    assert all(row["effective_on"] for row in states)
    for statement in (
        "UPDATE hocba_registry_record SET pupil_name = 'x'",
        "DELETE FROM hocba_registry_record",
        "TRUNCATE hocba_registry_record CASCADE",
        "UPDATE hocba_registry_transaction SET digest = 'x' WHERE state != 'received'",
        "DELETE FROM hocba_registry_closing",
        "DELETE FROM ir_attachment WHERE res_model = 'hocba.registry.transaction' AND res_field = 'content'",
    ):
        with pytest.raises(Exception, match="hocba:"):
            psql(statement, department.database)
    _messageid, answer = _report(pair, client, _content(packets[11:12], seal))
    assert answer.verdicts[0].error == "37"
    _messageid, answer = _report(pair, client, _content(packets[:1], seal))
    assert answer.verdicts[0].accepted
    assert answer.verdicts[0].effective_on is not None
