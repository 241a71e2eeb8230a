"""What is not a report at all, or too much of one (annex 1 §II.2.2, §II.2.8, annex 2)."""

import base64
import gzip
import struct

import pytest


def _packed(length, content):
    return base64.b64encode(struct.pack("<I", length) + content).decode()


_XML = b'<DANH_SACH_HOC_BA Id="dataDanhSach"></DANH_SACH_HOC_BA>'
_DTD = b'<!DOCTYPE x [<!ENTITY a "b">]><DANH_SACH_HOC_BA Id="dataDanhSach">&a;</DANH_SACH_HOC_BA>'


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("not base64!", ("22",)),
        ("Học bạ", ("22", "20")),
        ("", ("20",)),
        (None, ("20",)),
        (["AAAA"], ("20",)),
        (_packed(10, b""), ("22",)),
        (_packed(10, b"no gzip at all"), ("22",)),
        (_packed(len(_XML) - 1, gzip.compress(_XML)), ("22",)),
        (_packed(len(_XML) + 1, gzip.compress(_XML)), ("22",)),
        (struct.pack(">I", len(_XML)).hex(), ("22", "21")),
        (_packed(int.from_bytes(struct.pack(">I", len(_XML)), "little"), gzip.compress(_XML)), ("21", "22")),
        (_packed(len(_XML), gzip.compress(_XML)[:-4]), ("22",)),
        (_packed(len(_XML), gzip.compress(_XML) + b"more"), ("22",)),
        (_packed(2**31, gzip.compress(_XML)), ("21",)),
        (_packed(len(_XML), gzip.compress(_XML)), ("23", "24")),
        (_packed(len(_DTD), gzip.compress(_DTD)), ("23",)),
        (_packed(4, gzip.compress(b"<a/>")), ("23",)),
    ],
    ids=[
        "no-base64",
        "no-ascii",
        "empty",
        "null",
        "list",
        "too-short",
        "no-gzip",
        "prefix-too-small",
        "prefix-too-large",
        "hexadecimal",
        "prefix-big-endian",
        "gzip-cut-off",
        "bytes-behind",
        "prefix-absurd",
        "nothing-in-it",
        "document-type",
        "other-root",
    ],
)
def test_content_that_cannot_be_read_is_refused(gateway, content, codes):
    gateway.refused(gateway.report(content), *codes)


def test_bomb_is_not_unpacked(gateway):
    bomb = gzip.compress(b"<a>" + b"0" * 30_000_000 + b"</a>")
    gateway.refused(gateway.report(_packed(1000, bomb)), "22")


def test_more_than_ten_megabytes_is_refused(gateway):
    _messageid, reply = gateway.deliver("1", "A" * 10_000_004)
    gateway.refused(reply, "21", "413")


def test_far_more_is_refused_before_it_is_read(gateway):
    reply = gateway.post("report", b"x" * 11_000_000)
    gateway.refused(reply, "413")


def test_gateway_works_after_all_that(gateway, school):
    data = school.data()
    reply = gateway.report(school.content(school.packets(data)))
    assert str(reply.rows[data.uuid]["trang_thai"]) == "1"
