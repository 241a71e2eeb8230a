"""What verification must not accept, and what it calls it."""

import re
from datetime import timedelta

import pytest
import strategies
from hocba_core import signing
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_helpers import AT, CBQL_ID, PROFILE, base64_of, outcome, replaced

DS = "http://www.w3.org/2000/09/xmldsig#"


@pytest.fixture(scope="module")
def document(school):
    return school.sign([PROFILE.build_data(strategies.example())])[0]


def role_part(document: bytes, tag: str) -> bytes:
    return re.search(f"<{tag}>.*</{tag}>".encode(), document, re.DOTALL)[0]


def signature_part(document: bytes, tag: str) -> bytes:
    return re.search(b"<Signature .*</Signature>", role_part(document, tag), re.DOTALL)[0]


def resign(document: bytes, tag: str, signer, change) -> bytes:
    """Let the attacker change what stands in SignedInfo and sign it again with a certificate of their own."""
    part = signature_part(document, tag)
    info = change(re.search(b"<SignedInfo>.*</SignedInfo>", part, re.DOTALL)[0])
    payload = info.replace(b"<SignedInfo>", f'<SignedInfo xmlns="{DS}">'.encode(), 1)
    value = base64_of(signer.sign([payload])[0])
    new = re.sub(b"<SignedInfo>.*</SignedInfo>", lambda _found: info, part, flags=re.DOTALL)
    new = re.sub(b"<SignatureValue>.*</SignatureValue>", b"<SignatureValue>" + value + b"</SignatureValue>", new)
    return document.replace(part, new)


def test_one_character_of_the_data(school, document):
    result = outcome(school.verify(replaced(document, "Trương Phương Anh", "Trương Phương Ánh")))
    assert result == ("TOTAL_FAILED", "HASH_FAILURE", {"data_changed"})
    report = school.verify(replaced(document, "Trương Phương Anh", "Trương Phương Ánh"))
    assert report.data is None
    assert [item.sub_indication for item in report.signatures] == ["HASH_FAILURE"] * 3


def test_signatures_of_two_records_swapped(school, document):
    other = school.sign([PROFILE.build_data(strategies.example(pupil_name="Hoàng Văn Dũng"))])[0]
    for tag in ("GVCN", "CBQL", "KY_PHAT_HANH"):
        mixed = document.replace(role_part(document, tag), role_part(other, tag))
        assert outcome(school.verify(mixed)) == ("TOTAL_FAILED", "HASH_FAILURE", {"data_changed"})


def test_signatures_of_two_roles_swapped(school, document):
    gvcn, cbql = signature_part(document, "GVCN"), signature_part(document, "CBQL")
    mixed = document.replace(gvcn, b"@").replace(cbql, gvcn).replace(b"@", cbql)
    result, sub_indication, codes = outcome(school.verify(mixed))
    assert (result, sub_indication) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")
    assert {"certificate_id_differs", "signing_time_differs", "order"} <= codes


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b'<!DOCTYPE HOC_BA [<!ENTITY x "y">]>' + text,
        lambda text: replaced(text, "<HOC_BA>", "<HOC_BA><!-- x -->"),
        lambda text: replaced(text, "<HOC_BA>", "<?x y?><HOC_BA>"),
        lambda text: replaced(text, 'Id="sig-cbql"', 'Id="data"'),
        lambda text: replaced(text, 'Id="sig-cbql"', 'Id="sig-gvcn"'),
        lambda text: replaced(text, "<THONG_TIN_CHUNG>", '<THONG_TIN_CHUNG Id="data">'),
        lambda text: replaced(text, "<THONG_TIN_CHUNG>", '<THONG_TIN_CHUNG xml:id="data">'),
        lambda text: replaced(text, "<THONG_TIN_CHUNG>", '<THONG_TIN_CHUNG ID="data">'),
        lambda text: replaced(text, 'Id="data"', 'Id="dat"'),
        lambda text: replaced(text, "<HOC_BA>", "<HOC_BA>\n"),
        lambda text: text + b"\n",
        lambda text: text.decode().encode("utf-16"),
        lambda text: text[:-1],
        lambda _text: b"",
    ],
)
def test_not_a_packet(school, document, change):
    report = school.verify(change(document))
    assert (report.result, report.sub_indication) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert report.data is None


def test_an_id_in_a_different_case_is_no_second_element(school, document):
    """Inside a signature, where the schema allows an Id."""
    changed = replaced(document, "<SignatureValue>", '<SignatureValue Id="data">')
    assert outcome(school.verify(changed))[:2] == ("TOTAL_FAILED", "FORMAT_FAILURE")
    changed = replaced(document, "<SignatureValue>", '<SignatureValue Id="other">')
    assert outcome(school.verify(changed)) == ("TOTAL_FAILED", "FORMAT_FAILURE", {"signature_format"})


def test_signature_removed(school, document):
    for tag in ("CBQL", "KY_PHAT_HANH"):
        report = school.verify(document.replace(role_part(document, tag), b""))
        assert outcome(report) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", {"signature_missing"})
    unsigned = PROFILE.build_data(strategies.example())
    report = school.verify(unsigned)
    assert (report.result, report.data) == ("INDETERMINATE", None)
    assert school.verify(unsigned, required_roles=()).result == "INDETERMINATE"


def test_signature_moved(school, document):
    gvcn = role_part(document, "GVCN")
    moved = document.replace(gvcn, b"").replace(b"</DANH_SACH_THONG_TIN_KY>", gvcn + b"</DANH_SACH_THONG_TIN_KY>")
    assert outcome(school.verify(moved))[:2] == ("TOTAL_FAILED", "FORMAT_FAILURE")
    moved = document.replace(gvcn, b"").replace(b"</DU_LIEU_HOC_BA>", gvcn + b"</DU_LIEU_HOC_BA>")
    assert outcome(school.verify(moved))[:2] == ("TOTAL_FAILED", "FORMAT_FAILURE")
    doubled = document.replace(gvcn, gvcn + gvcn)
    assert outcome(school.verify(doubled))[:2] == ("TOTAL_FAILED", "FORMAT_FAILURE")


def wrappings(document: bytes):
    """The signed data kept somewhere, and other data where readers look (the XSW family)."""
    data = re.search(b"<DU_LIEU_HOC_BA .*</DU_LIEU_HOC_BA>", document, re.DOTALL)[0]
    evil = replaced(data, "Trương Phương Anh", "Kẻ Giả Mạo")
    renamed = replaced(evil, 'Id="data"', 'Id="evil"')
    bare = replaced(evil, ' Id="data"', "")
    for fake in (evil, renamed, bare):
        yield document.replace(data, fake + data)
        yield document.replace(data, data + fake)
        yield document.replace(data, fake).replace(b"</HOC_BA>", data + b"</HOC_BA>")
        yield document.replace(data, fake.replace(b"</DU_LIEU_HOC_BA>", data + b"</DU_LIEU_HOC_BA>"))
        wrapped = b"<Object>" + data + b"</Object></Signature>"
        yield replaced(document.replace(data, fake), "</Signature>", wrapped)
        inside = b"<SignatureProperties>" + data
        yield replaced(document.replace(data, fake), "<SignatureProperties>", inside)
        yield document.replace(data, fake).replace(b"<HOC_BA>", b"<HOC_BA><HOC_BA>" + data + b"</HOC_BA>", 1)
        xades = b'<Object><x:Q xmlns:x="http://uri.etsi.org/01903/v1.3.2#">' + data + b"</x:Q></Object></Signature>"
        yield replaced(document.replace(data, fake), "</Signature>", xades)


def test_wrapping(school, document):
    seen = 0
    for wrapped in wrappings(document):
        report = school.verify(wrapped)
        assert (report.result, report.sub_indication, report.data) == ("TOTAL_FAILED", "FORMAT_FAILURE", None)
        seen += 1
    assert seen == 24


def test_a_signature_over_something_else(school, document):
    """The right person signs, but the reference leads elsewhere."""
    for target in ("sig-gvcn-prop", "sig-cbql", "sig-cbql-prop", "nothing"):
        changed = resign(
            document,
            "CBQL",
            school.signers["cbql"],
            lambda info, target=target: info.replace(b'URI="#data"', f'URI="#{target}"'.encode()),
        )
        result, sub_indication, codes = outcome(school.verify(changed))
        assert (result, sub_indication) == ("TOTAL_FAILED", "FORMAT_FAILURE")
        assert "reference" in codes
        assert "signature_value" not in codes


def test_more_references_than_expected(school, document):
    def double(info):
        reference = re.search(b"<Reference .*?</Reference>", info, re.DOTALL)[0]
        return info.replace(reference, reference + reference)

    changed = resign(document, "CBQL", school.signers["cbql"], double)
    assert outcome(school.verify(changed))[:2] == ("TOTAL_FAILED", "FORMAT_FAILURE")


def test_properties_taken_away(school, document):
    """The XAdES properties are signed: neither they nor their reference can be left out."""
    part = signature_part(document, "CBQL")
    properties = re.search(b"<Object><QualifyingProperties .*?</Object>", part)[0]
    reference = re.search(b"<Reference Type=.*?</Reference>", part)[0]
    without = document.replace(part, part.replace(properties, b""))
    assert outcome(school.verify(without))[:2] == ("TOTAL_FAILED", "FORMAT_FAILURE")
    without = document.replace(part, part.replace(properties, b"").replace(reference, b""))
    assert outcome(school.verify(without)) == ("TOTAL_FAILED", "SIG_CRYPTO_FAILURE", {"signature_value"})


def test_properties_of_another_signature(school, document):
    """SignedProperties of the homeroom teacher under the head's signature."""
    changed = resign(
        document, "CBQL", school.signers["cbql"], lambda info: replaced(info, "#sig-cbql-signed", "#sig-gvcn-signed")
    )
    assert outcome(school.verify(changed))[:2] == ("TOTAL_FAILED", "FORMAT_FAILURE")
    changed = replaced(
        document, '#signatureProperties">2026-05-30T10:01:00', '#signatureProperties">2026-05-30T10:01:01'
    )
    assert outcome(school.verify(changed))[2] == {"property_changed", "signing_time_differs"}


def test_plain_xml_signatures_of_other_systems(school):
    """CV 2088 asks for XML Signature only: what lacks XAdES is accepted, and the report says so."""
    document = PROFILE.build_data(strategies.example())
    for step, role in enumerate(("cbql", "seal")):
        document = school.sign([document], (role,), at=AT + timedelta(minutes=step))[0]
        tag = {"cbql": "CBQL", "seal": "KY_PHAT_HANH"}[role]
        part = signature_part(document, tag)
        plain = re.sub(b"<Object><QualifyingProperties .*?</Object>", b"", part)
        document = document.replace(part, plain)
        document = resign(
            document, tag, school.signers[role], lambda info: re.sub(b"<Reference Type=.*?</Reference>", b"", info)
        )
    report = school.verify(document)
    assert outcome(report) == ("TOTAL_PASSED", None, set())
    assert "no_xades" in {item.code for item in report.reasons}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{DS}rsa-sha1"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{DS}hmac-sha1"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
        ("http://www.w3.org/2001/04/xmlenc#sha256", f"{DS}sha1"),
        ("http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        ("http://www.w3.org/2001/10/xml-exc-c14n#", f"{DS}enveloped-signature"),
    ],
)
def test_algorithms_outside_the_list(school, document, old, new):
    def change(info):
        start, end = info.split(b"<SignatureMethod", 1)
        if new.endswith("enveloped-signature"):
            return start + b"<SignatureMethod" + end.replace(old.encode(), new.encode(), 1)
        return info.replace(old.encode(), new.encode(), 1)

    report = school.verify(resign(document, "CBQL", school.signers["cbql"], change))
    assert (report.result, report.sub_indication) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE")
    assert "algorithm" in {item.code for item in report.reasons}


def test_transform_more_or_less(school, document):
    transform = b'<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform>'
    changed = resign(document, "CBQL", school.signers["cbql"], lambda info: info.replace(transform, transform * 2, 1))
    assert outcome(school.verify(changed)) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE", {"algorithm"})


def test_changed_signature_value_and_time(school, document):
    value = re.search(b"<SignatureValue>(.*?)</SignatureValue>", document)[1]
    other = (b"B" if value[:1] == b"A" else b"A") + value[1:]
    assert outcome(school.verify(document.replace(value, other))) == (
        "TOTAL_FAILED",
        "SIG_CRYPTO_FAILURE",
        {"signature_value"},
    )
    moved = re.sub(rb"2026-05-30T10:01:00", b"2026-05-30T10:01:01", document)
    assert outcome(school.verify(moved)) == ("TOTAL_FAILED", "HASH_FAILURE", {"property_changed"})
    beside = replaced(document, "<NGAY_KY>2026-05-30T10:01:00", "<NGAY_KY>2026-05-30T10:01:01")
    assert outcome(school.verify(beside)) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", {"signing_time_differs"})


def test_changed_name_and_number_beside_the_signature(school, document):
    changed = replaced(document, f"<SO_CCCD>{CBQL_ID}</SO_CCCD><Signature", "<SO_CCCD>048175001235</SO_CCCD><Signature")
    assert outcome(school.verify(changed))[2] == {"signer_id_differs"}
    changed = replaced(document, f"<SO_CCCD>{CBQL_ID}</SO_CCCD><Signature", "<Signature")
    assert outcome(school.verify(changed))[2] == {"signer_id_differs"}
    changed = replaced(document, "CN=Nguyễn Thị Hồng Vân", "CN=Nguyễn Thị Hồng Vần")
    assert outcome(school.verify(changed)) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", {"subject_name"})


def test_another_certificate_for_the_same_signature(school, document):
    own = signing.holder_of(school.signers["cbql"].certificate)
    other = signing.holder_of(school.issue(own.certificate.subject).certificate)
    changed = replaced(document, base64_of(own.der), base64_of(other.der))
    assert outcome(school.verify(changed)) == (
        "TOTAL_FAILED",
        "SIG_CRYPTO_FAILURE",
        {"signature_value", "certificate_substituted"},
    )
    changed = replaced(document, base64_of(own.der), base64_of(own.der + b"x"))
    assert outcome(school.verify(changed))[1:] == ("NO_SIGNING_CERTIFICATE_FOUND", {"certificate_unreadable"})
    changed = replaced(document, base64_of(own.der), base64_of(b"0" + own.der[1:-9]))
    assert outcome(school.verify(changed))[1:] == ("NO_SIGNING_CERTIFICATE_FOUND", {"certificate_unreadable"})


def test_transaction_signature_attacks(school, document):
    other = school.sign([PROFILE.build_data(strategies.example(pupil_name="Hoàng Văn Dũng"))])[0]
    plain = PROFILE.build_list([document, other])
    signed = signing.sign_list(plain, school.signers["seal"], at=AT)
    signature = re.search(b'<Signature [^>]*Id="sig-list".*?</Signature>', signed, re.DOTALL)[0]
    end = b"</DANH_SACH_HOC_BA>"

    def check(changed):
        report = signing.verify_list(changed, school.trust)
        return report.result, report.sub_indication

    assert check(signed) == ("TOTAL_PASSED", None)
    assert check(plain) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")
    assert check(signed.replace(document, b"", 1)) == ("TOTAL_FAILED", "HASH_FAILURE")
    assert check(signed.replace(document + other, other + document)) == ("TOTAL_FAILED", "HASH_FAILURE")
    assert check(replaced(signed, "Hoàng Văn Dũng", "Hoàng Văn Dùng")) == ("TOTAL_FAILED", "HASH_FAILURE")
    assert check(signed.replace(end, signature + end)) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert check(plain.replace(document, signature + document, 1)) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert check(plain.replace(end, b"<X>" + signature + b"</X>" + end))[0] == "INDETERMINATE"
    inner = b'<X Id="dataDanhSach"></X>'
    assert check(replaced(signed, "</DANH_SACH_HOC_BA>", inner + end)) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert check(replaced(signed, 'Id="sig-gvcn"', 'Id="sig-list"')) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert check(b"<!DOCTYPE x>" + signed) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    with pytest.raises(signing.SigningError):
        signing.sign_list(signed, school.signers["seal"], at=AT)
    with pytest.raises(signing.SigningError):
        signing.sign_list(plain, school.signers["cbql"], at=AT)


@settings(max_examples=300)
@given(at=st.integers(0, 10**6), new=st.binary(max_size=3), length=st.integers(0, 3))
def test_any_change_of_bytes_is_seen(school, document, at, new, length):
    """No change passes, and none makes the verifier raise."""
    place = at % len(document)
    changed = document[:place] + new + document[place + length :]
    report = school.verify(changed)
    assert (report.result == "TOTAL_PASSED") == (changed == document)


@settings(max_examples=100)
@given(junk=st.binary(max_size=200))
def test_junk(school, junk):
    assert school.verify(junk).result == "TOTAL_FAILED"
    assert signing.verify_list(junk, school.trust).result == "TOTAL_FAILED"
