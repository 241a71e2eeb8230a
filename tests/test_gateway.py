"""The wire itself: what goes into ``content`` comes out again, and nothing else does."""

import base64
import gzip
import json
import re
import struct
from datetime import datetime, timedelta
from pathlib import Path

import _path  # noqa: F401 - puts host/lib on the path
import pytest
from hocba_core.gateway import ADVICE, CALL_CODES, ERRORS, GatewayError, advice_for, wire
from hypothesis import given
from hypothesis import strategies as st

REPO = Path(__file__).resolve().parents[1]
LIST = '<DANH_SACH_HOC_BA Id="dataDanhSach"><HOC_BA>Trương "Phương" Anh \\" \\\\"</HOC_BA></DANH_SACH_HOC_BA>'.encode()


@pytest.mark.parametrize("escape_quote", ["none", "backslash"])
def test_content_comes_back(escape_quote):
    text = wire.encode_content(LIST, escape_quote=escape_quote)
    assert wire.decode_content(text) == LIST
    assert wire.encode_content(LIST, escape_quote=escape_quote) == text, "the same XML gives the same text"


@given(st.binary(max_size=2000), st.sampled_from(["none", "backslash"]))
def test_any_bytes_in_a_list_come_back(inner, escape_quote):
    xml = b'<DANH_SACH_HOC_BA Id="dataDanhSach">' + inner + b"</DANH_SACH_HOC_BA>"
    assert wire.decode_content(wire.encode_content(xml, escape_quote=escape_quote)) == xml


def test_layout_is_the_official_one():
    packed = base64.b64decode(wire.encode_content(LIST))
    assert struct.unpack("<I", packed[:4]) == (len(LIST),)
    assert gzip.decompress(packed[4:]) == LIST


def test_unknown_escape_is_refused():
    with pytest.raises(ValueError, match="escape"):
        wire.encode_content(LIST, escape_quote="entity")


def _packed(length, content):
    return base64.b64encode(struct.pack("<I", length) + content).decode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "22"),
        ("không phải Base64", "22"),
        (None, "22"),
        (base64.b64encode(b"abcd").decode(), "22"),
        (_packed(10, b"no gzip at all"), "22"),
        (_packed(len(LIST) - 1, gzip.compress(LIST)), "22"),
        (_packed(len(LIST) + 1, gzip.compress(LIST)), "22"),
        (_packed(len(LIST), gzip.compress(LIST)[:-3]), "22"),
        (_packed(len(LIST), gzip.compress(LIST)[:-8] + b"\0" * 8), "22"),
        (_packed(len(LIST), gzip.compress(LIST) + b"more"), "22"),
        (_packed(2 * len(LIST), gzip.compress(LIST) * 2), "22"),
        (_packed(2**32 - 1, gzip.compress(LIST)), "21"),
    ],
)
def test_what_is_no_content_is_refused(text, code):
    with pytest.raises(GatewayError) as caught:
        wire.decode_content(text)
    assert (caught.value.kind, caught.value.code) == ("data", code)


def test_a_bomb_is_never_unpacked():
    bomb = gzip.compress(b"0" * 60_000_000)
    for declared, limit in ((1000, wire.MAX_CONTENT_BYTES), (60_000_000, 1_000_000)):
        with pytest.raises(GatewayError):
            wire.decode_content(_packed(declared, bomb), max_bytes=limit)


def test_request_is_the_official_object():
    request = wire.Request("1", "m-1", "48491401", "2025-2026", "xyz")
    body = json.loads(request.body(token="t", user_name="u", password_sha256="p"))
    assert body == {
        "authenticationRequest": {
            "token": "t",
            "user_name": "u",
            "password": "p",
            "ma_don_vi": "48491401",
            "nam_hoc": 2025,
            "messageid": "m-1",
            "type": "1",
            "function": "GUI_BAO_CAO",
        },
        "content": "xyz",
    }


def test_answer_is_read_liberally():
    answer = wire.Answer.parse({"MessageId": "m", "Error": 0, "ErrorDescription": None})
    assert (answer.code, answer.accepted, answer.description) == ("00", True, "")
    for broken in ({}, {"MessageId": "m"}, {"MessageId": "", "Error": "00"}, {"MessageId": "m", "Error": True}):
        with pytest.raises(ValueError, match="missing"):
            wire.Answer.parse(broken)


def _row(**changes):
    return {"ma_tra_cuu_uuid": "4EF748D9-2146-4A82-95A5-8534051475F0", "trang_thai": 1, "error": "00", **changes}


def test_verdict_with_closing():
    verdict = wire.Verdict.parse(_row(trang_thai_chot=1, ngay_hieu_luc="2026-07-01T08:00:00", digest="AB"))
    assert verdict.uuid == "4ef748d9-2146-4a82-95a5-8534051475f0"
    assert verdict.digest == "ab"
    assert verdict.effective_on == datetime.fromisoformat("2026-07-01T08:00:00+07:00")
    assert verdict.effective_on.utcoffset() == timedelta(hours=7)
    assert wire.Verdict.parse(_row(trang_thai_chot=0, ngay_hieu_luc="2026-07-01T08:00:00")).effective_on is None
    assert not wire.Verdict.parse(_row(trang_thai="0")).accepted


@pytest.mark.parametrize("row", [_row(trang_thai=2), _row(trang_thai=None), {"trang_thai": 1}])
def test_verdict_that_is_none(row):
    with pytest.raises(ValueError, match=r"trang_thai|missing"):
        wire.Verdict.parse(row)


def test_states_of_a_query():
    states = {
        code: wire.QueryAnswer.parse({"Error": code, "data": []}) for code in ("00", "01", "04", "13", "24", "99")
    }
    assert states["01"].processing and not states["01"].refused
    assert states["04"].never_seen and not states["04"].refused
    assert all(states[code].refused for code in ("13", "24", "99"))
    assert not states["00"].refused


def test_every_code_has_a_kind_a_text_and_an_advice():
    for code, (kind, text) in ERRORS.items():
        assert re.fullmatch(r"\d\d", code) and text
        assert kind == "none" or (kind in ADVICE and advice_for(code))
    assert set(ERRORS) > CALL_CODES
    assert advice_for("13") != advice_for("10")
    assert advice_for("TLS", "transport") and advice_for("never heard of")


def test_the_manual_names_every_code():
    manual = (REPO / "docs" / "wire.md").read_text(encoding="utf-8")
    for code, (kind, text) in ERRORS.items():
        assert f"| {code} | {kind} | {text} | {advice_for(code)} |" in manual, code
    table = re.findall(r"^\| (\d\d) \|", manual, re.MULTILINE)
    assert table == list(ERRORS), "the manual names a code that does not exist"
    for path in wire.default_paths().values():
        assert f"`{path}`" in manual
    for kind, advice in ADVICE.items():
        assert f"| {kind} | {advice} |" in manual
