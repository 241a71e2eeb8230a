"""What verifying a file says when it is not the soft copy it seems to be, or not a record at all."""

import zlib

import pdf_helpers as helpers
import pki as test_pki
import pytest
import strategies
from hocba_core import signing
from signing_helpers import AT, PROFILE, School

OTHER = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module")
def packet(school):
    return school.sign([PROFILE.build_data(strategies.example())])[0]


@pytest.fixture(scope="module")
def uuid():
    return strategies.example().uuid


def found(report) -> set[str]:
    """Codes of what is wrong."""
    return {item.code for item in report.reasons if not item.is_note}


def check(school, content, **options):
    return signing.document_report(content, school.trust, **options)


def test_packet_of_another_record_inside(school, packet):
    sealed = helpers.seal(school, packet, OTHER)
    report = check(school, sealed)
    assert (report.result, found(report)) == ("TOTAL_FAILED", {"packet_not_shown"})


def test_packet_of_another_school_inside(school, packet, uuid):
    """Anybody with a trusted certificate could put a real packet into a form of his own."""
    stranger = school.issue(test_pki.organisation_name("Trường Tiểu học Khác", "0400999999"))
    by_head = helpers.sign(school, [helpers.with_packet(packet, uuid)], "cbql")[0]
    sealed = helpers.sign(school, [by_head], "seal", minutes=11, signer=stranger)[0]
    assert all(valid for _field, valid, _whole in helpers.pdfsig(sealed))
    report = check(school, sealed)
    assert (report.result, found(report)) == ("INDETERMINATE", {"pdf_seal_differs"})


def test_tampered_packet_inside(school, packet, uuid):
    changed = packet.replace("Hoàn thành".encode(), "Hoàn thanh".encode(), 1)
    assert changed != packet
    report = check(school, helpers.seal(school, changed, uuid))
    assert report.result == "TOTAL_FAILED"
    assert report.packets[0].result == "TOTAL_FAILED"


def test_no_packet_inside_and_no_signature(school, uuid):
    report = check(school, helpers.form(uuid))
    assert (report.result, found(report)) == ("INDETERMINATE", {"signature_missing", "packet_missing"})


def test_only_the_head_has_signed(school, packet, uuid):
    by_head = helpers.sign(school, [helpers.with_packet(packet, uuid)], "cbql")[0]
    report = check(school, by_head)
    assert (report.result, found(report)) == ("INDETERMINATE", {"signature_missing"})
    assert report.packets[0].result == "TOTAL_PASSED"


def test_unknown_authority_and_seal_without_approval(school, packet, uuid, tmp_path):
    sealed = helpers.seal(school, packet, uuid)
    stranger = School(tmp_path)
    report = signing.document_report(sealed, stranger.trust)
    assert (report.result, report.sub_indication) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")
    assert "seal_not_approved" in found(check(school, sealed, approved_seals=()))


def test_file_from_the_future_and_expired_certificate(school, packet, uuid):
    sealed = helpers.seal(school, packet, uuid)
    assert "signed_in_future" in found(check(school, sealed, at=AT.replace(year=2025)))
    assert "certificate_expired" in found(check(school, sealed, at=AT.replace(year=2039)))


def test_packets_and_lists_go_the_same_way(school, packet):
    report = check(school, packet)
    assert (report.kind, report.result, len(report.packets)) == ("packet", "TOTAL_PASSED", 1)
    listed = signing.sign_list(PROFILE.build_list([packet]), school.signers["seal"], at=AT.replace(hour=12))
    report = check(school, listed)
    assert (report.kind, report.result, len(report.packets)) == ("list", "TOTAL_PASSED", 1)
    assert [item.role for item in report.signatures] == ["transaction"]
    assert check(school, listed.replace(b"<HOC_BA>", b"<HOC_BO>")).result == "TOTAL_FAILED"


def _bomb() -> bytes:
    """A small file whose table of objects would fill the memory."""
    stream = zlib.compress(bytes(60_000_000), 9)
    table = f"/Type /XRef /Size 9 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length {len(stream)}"
    head = f"%PDF-1.7\n1 0 obj\n<< {table} >>\nstream\n".encode()
    return head + stream + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"


HOSTILE = {
    "empty": b"",
    "text": "Không phải học bạ".encode(),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "html": b"<html><body>x</body></html>",
    "entities": b'<!DOCTYPE HOC_BA [<!ENTITY a "aaaaaaaaaa">]><HOC_BA>&a;</HOC_BA>',
    "only a header": b"%PDF-1.7\n",
    "no table": b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n999999\n%%EOF",
    "loop": b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer << /Size 1 /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF",
    "deep": b"%PDF-1.7\nxref\n0 0\ntrailer " + b"<< /A " * 100_000 + b"\nstartxref\n9\n%%EOF",
    "bomb": _bomb(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_without_an_error(school, name):
    report = check(school, HOSTILE[name])
    assert report.result == "TOTAL_FAILED"
    assert report.reasons[0].text_vi


def test_cut_and_padded_copies_are_refused(school, packet, uuid):
    sealed = helpers.seal(school, packet, uuid)
    for length in range(0, len(sealed) - 1, len(sealed) // 15):
        assert check(school, sealed[:length]).result != "TOTAL_PASSED"
    assert check(school, sealed + b"\n<script>alert(1)</script>").result != "TOTAL_PASSED"
    assert check(school, b"<script>" + sealed).result != "TOTAL_PASSED"
    assert check(school, sealed + bytes(21_000_000)).reasons[0].code == "file_too_large"
