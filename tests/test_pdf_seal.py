"""Signed soft copies: poppler, pyHanko and this project agree on them, whoever holds the key."""

import asyncio
import dataclasses
import re
import subprocess
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import hocba_print as printing
import pdf_helpers as helpers
import pki as test_pki
import pytest
import strategies
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hocba_core import signing
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pypdf import PdfReader
from signing_helpers import AT, PROFILE, School

NOW = AT + timedelta(days=1)


@pytest.fixture(scope="module", params=["rsa", "ec"])
def school(request, tmp_path_factory):
    return School(tmp_path_factory.mktemp(f"pki_pdf_{request.param}"), request.param)


@pytest.fixture(scope="module")
def uuid():
    return strategies.example().uuid


@pytest.fixture(scope="module")
def packet(school):
    return school.sign([PROFILE.build_data(strategies.example())])[0]


@pytest.fixture(scope="module")
def sealed(school, packet, uuid):
    return helpers.seal(school, packet, uuid)


def pyhanko_statuses(school, pdf):
    """What pyHanko's own validator says of each signature, with the roots of the test authority."""
    found = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures

    async def check():
        return [await async_validate_pdf_signature(item, school.trust.context(NOW)) for item in found]

    return asyncio.run(check())


def test_the_signature_policy_is_named_and_compared(school, packet, uuid):
    name, digest = "urn:oid:1.3.6.1.4.1.99999.1", bytes(range(32))
    policy = signing.SignaturePolicy(name, digest, "https://example.vn/policy.pdf")
    sealed = helpers.seal(school, packet, uuid, policy=policy)
    assert helpers.pdfsig(sealed) == [("CBQL", True, False), ("KY_PHAT_HANH", True, True)]
    assert all(status.bottom_line for status in pyhanko_statuses(school, sealed))
    for known, result, code in (
        ((), "TOTAL_PASSED", "policy_unknown"),
        (((name, digest),), "TOTAL_PASSED", None),
        (((name, bytes(32)),), "INDETERMINATE", "policy_differs"),
    ):
        trust = school.trust.with_policy(dataclasses.replace(school.trust.policy, signature_policies=known))
        report = signing.document_report(sealed, trust, at=NOW)
        codes = {item.code for item in report.reasons if item.code.startswith("policy_")}
        assert (report.result, codes) == (result, {code} - {None})
        assert [item.policy for item in report.signatures] == [name, name]
    other = dataclasses.replace(policy, identifier="https://example.vn/policy")
    report = signing.document_report(helpers.seal(school, packet, uuid, policy=other), school.trust, at=NOW)
    assert [item.policy for item in report.signatures] == [None, None], "CMS names object identifiers only"


def test_three_verifiers_agree_that_both_signatures_hold(school, sealed, packet, uuid):
    assert helpers.pdfsig(sealed) == [("CBQL", True, False), ("KY_PHAT_HANH", True, True)]
    for status in pyhanko_statuses(school, sealed):
        assert status.bottom_line, status.pretty_print_details()
    report = signing.document_report(sealed, school.trust, at=NOW)
    assert (report.kind, report.result) == ("pdf", "TOTAL_PASSED"), report.reasons
    assert [(item.role, item.signer_name) for item in report.signatures] == [
        ("cbql", "Nguyễn Thị Hồng Vân"),
        ("seal", "Trường Tiểu học Điện Biên Phủ"),
    ]
    assert [item.data.uuid for item in report.packets] == [uuid]


def test_each_step_only_adds_bytes(school, packet, uuid):
    printed = helpers.form(uuid)
    prepared = helpers.with_packet(packet, uuid, printed)
    by_head = helpers.sign(school, [prepared], "cbql")[0]
    sealed = helpers.sign(school, [by_head], "seal")[0]
    assert prepared.startswith(printed)
    assert by_head.startswith(prepared)
    assert sealed.startswith(by_head)
    assert helpers.pdfsig(by_head) == [("CBQL", True, True)]


def test_packet_inside_is_the_signed_packet_byte_for_byte(sealed, packet, uuid):
    assert helpers.pdfdetach(sealed) == {f"hocba-{uuid}.xml": packet}
    catalog = PdfReader(BytesIO(sealed)).trailer["/Root"]
    assert catalog["/AF"][0].get_object()["/AFRelationship"] == "/Source"


def test_changed_byte_breaks_it(school, sealed):
    """Wherever the seal covers the file, which is all but its own container; and in the value within that."""
    before, gap, after = map(int, re.findall(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", sealed)[-1])
    assert gap + after == len(sealed)
    packet = sealed.index(b"/EmbeddedFile") + 300
    first_container = sealed.index(b"/Contents <") + 600
    value = sealed[before:gap].rstrip(b"0>")
    places = [packet, first_container, before + len(value) - 20, gap + 1, len(sealed) - 4]
    places += range(5, before, before // 8)
    for place in places:
        broken = bytearray(sealed)
        broken[place] = ord("1") if broken[place] != ord("1") else ord("2")
        report = signing.document_report(bytes(broken), school.trust, at=NOW)
        assert report.result == "TOTAL_FAILED", (place, report.reasons)
        assert not all(valid for _field, valid, _whole in helpers.pdfsig(bytes(broken))[-1:]), place


def test_addition_after_signing_is_found(school, packet, uuid):
    by_head = helpers.sign(school, [helpers.with_packet(packet, uuid)], "cbql")[0]
    for signed in (by_head, helpers.sign(school, [by_head], "seal")[0]):
        writer = IncrementalPdfFileWriter(BytesIO(signed))
        drawing = StreamObject(stream_data=b"0 0 300 300 re f")
        writer.add_stream_to_page(0, writer.add_object(drawing))
        changed = BytesIO()
        writer.write(changed)
        report = signing.document_report(changed.getvalue(), school.trust, at=NOW)
        assert report.result == "TOTAL_FAILED"
        assert "pdf_changed_later" in {item.code for item in report.reasons}


def test_signature_given_later_fits_the_file_prepared_again(school, packet, uuid):
    """A remote key answers in its own time; nothing has to be kept meanwhile but the moment."""
    files = [helpers.with_packet(packet, uuid)]
    signer = school.signers["cbql"]
    options = {"at": AT, "appearance": helpers.appearances()["cbql"], "chain": signer.chain}
    asked = signing.prepare_pdfs(files, "cbql", signer.certificate, **options)
    values = signer.request(asked.digests).values
    again = signing.prepare_pdfs(files, "cbql", signer.certificate, **options)
    assert again.digests == asked.digests
    assert helpers.pdfsig(again.finish(values)[0]) == [("CBQL", True, True)]
    with pytest.raises(signing.SigningError, match="signer"):
        again.finish([bytes(len(values[0]))])
    with pytest.raises(signing.SigningError, match="signer"):
        again.finish([])


def test_order_and_holders_are_guarded(school, packet, uuid, sealed):
    prepared = helpers.with_packet(packet, uuid)
    by_head = helpers.sign(school, [prepared], "cbql")[0]
    for pdfs, role, options, code in (
        ([prepared], "seal", {}, "role_order"),
        ([prepared, by_head], "cbql", {}, "role_signed"),
        ([sealed], "seal", {}, "role_signed"),
        ([by_head], "seal", {"signer": school.signers["cbql"]}, "not_organisation"),
        ([prepared], "cbql", {"signer": school.signers["seal"]}, "not_person"),
        ([helpers.form(uuid)], "cbql", {}, "pdf_format"),
        ([b"nothing"], "cbql", {}, "pdf_format"),
    ):
        with pytest.raises(signing.SigningError) as caught:
            helpers.sign(school, pdfs, role, **options)
        assert caught.value.code == code
    assert helpers.sign(school, [], "cbql") == []


def test_time_stamp_proves_the_moment(school, packet, uuid):
    stamping = test_pki.issue_time_stamper(school.pki.intermediate)
    authority = DummyTimeStamper(
        asn1_x509.Certificate.load(stamping.certificate.public_bytes(Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(stamping.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        certs_to_embed=SimpleCertificateStore(),
    )

    class Stamper:
        def stamp(self, data):
            return asyncio.run(authority.async_timestamp(sha256(data).digest(), "sha256")).dump()

    sealed = helpers.seal(school, packet, uuid, stamper=Stamper())
    assert [valid for _field, valid, _whole in helpers.pdfsig(sealed)] == [True, True]
    report = signing.pdf_report(sealed, school.trust)
    assert report.result == "TOTAL_PASSED", report.reasons
    for signature in report.signatures:
        assert "time_not_proven" not in {item.code for item in signature.reasons}


def test_appearance_stays_inside_its_box_however_long_the_names():
    long = "Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai xã Đắk Ơ " * 2
    lines = (("Ký bởi", long), ("Chứng thư số", "5" * 60), ("Cấp bởi", long), ("Thời gian ký", "30/05/2026"))
    for draw in (printing.head_appearance, printing.seal_appearance):
        page = draw(printing.Face(long, lines))
        text = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=page, capture_output=True, check=True).stdout
        (width, height), *_ = re.findall(rb'<page width="([\d.]+)" height="([\d.]+)"', text)
        words = re.findall(rb'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">', text)
        assert len(words) > 40
        for left, top, right, bottom in (map(float, word) for word in words):
            assert left >= -0.5 and top >= -0.5 and right <= float(width) + 0.5 and bottom <= float(height) + 0.5
        fonts = subprocess.run(["pdffonts", "-"], input=page, capture_output=True, check=True).stdout.decode()
        rows = fonts.splitlines()[2:]
        assert rows
        assert all("LiberationSerif" in row and " yes yes yes " in row for row in rows)
