"""Three verifiers that share no code, on a few hundred packets: where they agree, and why ours refuses more."""

import re

import pytest
import strategies
import verifiers
from hocba_core import signing
from signing_helpers import PROFILE, School, base64_of, replaced

DOCUMENTS = 8
TAG = b"CBQL"


@pytest.fixture(scope="module", params=["rsa", "ec"])
def school(request, tmp_path_factory):
    return School(tmp_path_factory.mktemp(f"pki_{request.param}"), request.param)


@pytest.fixture(scope="module")
def documents(school):
    names = [f"Nguyễn Văn {chr(ord('A') + number)} & Co <{number}>" for number in range(DOCUMENTS)]
    return school.sign([PROFILE.build_data(strategies.example(pupil_name=name)) for name in names])


def head_part(document):
    return re.search(b"<CBQL>.*</CBQL>", document, re.DOTALL)[0]


def in_head(document, old, new):
    """The document with a change in the head's signature only."""
    part = head_part(document)
    return document.replace(part, replaced(part, old, new))


def flipped(document, tag):
    """The first character of a Base64 value of the head's signature, changed."""
    value = re.search(b"<" + tag + b">([^<]+)", head_part(document))[1]
    return in_head(document, value, (b"B" if value[:1] == b"A" else b"A") + value[1:])


def other_certificate(school, document):
    """Another certificate of the very same key and name: only SigningCertificateV2 tells them apart."""
    own = signing.holder_of(school.signers["cbql"].certificate)
    again = school.issue(own.certificate.subject, key=school.pki.holders["cbql"].key)
    return in_head(document, base64_of(own.der), base64_of(signing.holder_of(again.certificate).der))


# Name -> (change, what all three say). They look at the head's signature and its own references.
AGREED = {
    "untouched": (lambda _school, text: text, True),
    "name of the pupil": (lambda _school, text: replaced(text, "Nguyễn Văn", "Nguyễn Vân"), False),
    "a level": (lambda _school, text: replaced(text, "<MUC_DAT_DUOC>T<", "<MUC_DAT_DUOC>H<"), False),
    "a tag's content moved": (lambda _school, text: replaced(text, "<CAN_NANG>", "<CAN_NANG>1"), False),
    "signature value": (lambda _school, text: flipped(text, b"SignatureValue"), False),
    "digest of the data": (lambda _school, text: flipped(text, b"DigestValue"), False),
    "signing time of the property": (
        lambda _school, text: in_head(text, b'#signatureProperties">2026', b'#signatureProperties">2025'),
        False,
    ),
    "signing time of XAdES": (
        lambda _school, text: in_head(
            text, b"<SignedSignatureProperties><SigningTime>2026", b"<SignedSignatureProperties><SigningTime>2025"
        ),
        False,
    ),
    "reference to nothing": (lambda _school, text: in_head(text, b'URI="#data"', b'URI="#date"'), False),
    "reference to another signature": (
        lambda _school, text: in_head(text, b'URI="#sig-cbql-prop"', b'URI="#sig-gvcn-prop"'),
        False,
    ),
    "canonicalisation": (lambda _school, text: in_head(text, b"xml-exc-c14n#", b"xml-exc-c14n#WithComments"), False),
}
STRICTER = {
    "white space between tags": (
        lambda _school, text: replaced(text, "</DU_LIEU_HOC_BA>", "</DU_LIEU_HOC_BA>\n"),
        "the packet is not the one canonical text; no verifier of signatures looks outside what is signed",
    ),
    "comment in the data": (
        lambda _school, text: replaced(text, "<THONG_TIN_CHUNG>", "<THONG_TIN_CHUNG><!-- x -->"),
        "canonicalisation drops comments, readers of the data may not",
    ),
    "time beside the signature": (
        lambda _school, text: in_head(text, b"<NGAY_KY>2026", b"<NGAY_KY>2025"),
        "NGAY_KY is not signed; it must repeat the signed time",
    ),
    "number beside the signature": (
        lambda _school, text: in_head(text, b"48175001234</SO_CCCD><Sig", b"48175001235</SO_CCCD><Sig"),
        "SO_CCCD is not signed; it must be the one in the data and in the certificate",
    ),
    "name in KeyInfo": (
        lambda _school, text: in_head(text, "CN=Nguyễn Thị Hồng Vân", "CN=Nguyễn Thị Hồng Vần"),
        "KeyInfo is not signed; the name must be the certificate's",
    ),
    "another certificate": (other_certificate, "neither of the others reads SigningCertificateV2"),
    "two elements with one Id elsewhere": (
        lambda _school, text: in_head(text, b"<SignatureValue>", b'<SignatureValue Id="sig-gvcn">'),
        "which element an Id means must not depend on the reader",
    ),
}


def accepts(school, document):
    """(ours, xmlsec1, signxml) on the head's signature; ours with all that it asks of a packet."""
    report = school.verify(document)
    files = {"root_pem": school.root_pem, "intermediates_pem": school.intermediates_pem}
    own = report.signature("cbql")
    return (
        own is not None and own.result == signing.TOTAL_PASSED,
        verifiers.xmlsec_accepts_role(document, "cbql", **files),
        verifiers.signxml_accepts_role(document, "cbql", school.pki.holders["cbql"].pem().decode()),
    )


@pytest.mark.parametrize("name", AGREED)
def test_all_three_agree(school, documents, name):
    change, good = AGREED[name]
    for document in documents:
        assert accepts(school, change(school, document)) == (good, good, good)


@pytest.mark.parametrize("name", STRICTER)
def test_where_ours_refuses_more(school, documents, name):
    change, why = STRICTER[name]
    for document in documents:
        changed = change(school, document)
        assert changed != document
        assert accepts(school, changed)[0] is False, why
    # At least one of the others accepts: else the case belongs into the table above.
    assert any(accepts(school, change(school, documents[0]))[1:]), name
