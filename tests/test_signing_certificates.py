"""Certificates that do not carry a signature: of whom, from whom, and valid when."""

from datetime import UTC, datetime, timedelta

import pki as test_pki
import pytest
import strategies
from hocba_core import signing
from signing_helpers import AT, CBQL_ID, GVCN_ID, PROFILE, SCHOOL, School, base64_of, outcome, replaced


@pytest.fixture(scope="module")
def document(school):
    return school.sign([PROFILE.build_data(strategies.example())])[0]


def head(**options):
    return {"subject": test_pki.person_name("Nguyễn Thị Hồng Vân", CBQL_ID, "Hiệu trưởng"), **options}


def signed_by(school, signer, role="cbql", **options):
    """A packet in which one role signed with the given signer, past the checks of ``sign_packets``."""
    document = PROFILE.build_data(strategies.example())
    roles = ("gvcn", "cbql", "seal")
    return school.sign([document], roles, signers={role: signer}, **options)[0]


def test_unknown_root(school, document, tmp_path):
    other = School(tmp_path / "other")
    report = signing.verify_packet(document, other.trust, profile=PROFILE)
    assert outcome(report) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", {"no_chain"})
    assert report.data.pupil_name == "Trương Phương Anh"
    assert signing.verify_packet(document, signing.TrustStore([]), profile=PROFILE).result == "INDETERMINATE"
    missing = signing.TrustStore([school.pki.root.certificate])
    assert outcome(signing.verify_packet(document, missing, profile=PROFILE))[2] == {"no_chain"}


def test_an_authority_of_the_same_name(school):
    root = test_pki.authority(test_pki.ROOT_NAME)
    fake = test_pki.issue(test_pki.authority(test_pki.INTERMEDIATE_NAME, root), **head())
    report = school.verify(signed_by(school, signing.Pkcs12Signer(fake.key, fake.certificate)))
    assert report.result == "INDETERMINATE"
    assert report.sub_indication in {"NO_CERTIFICATE_CHAIN_FOUND", "CHAIN_CONSTRAINTS_FAILURE"}


def test_a_person_is_no_authority(school):
    teacher = school.pki.holders["gvcn"]
    fake = test_pki.issue(teacher, **head())
    signer = signing.Pkcs12Signer(fake.key, fake.certificate)
    document = signed_by(school, signer)
    trust = signing.TrustStore(
        [school.pki.root.certificate], [school.pki.intermediate.certificate, teacher.certificate]
    )
    report = signing.verify_packet(document, trust, profile=PROFILE)
    assert (report.result, report.sub_indication) == ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE")


def test_self_signed(school):
    first = school.pki.holders["cbql"]
    fake = test_pki.issue(test_pki.Issued(first.key, first.certificate), first.certificate.subject, key=first.key)
    assert fake.certificate.issuer == fake.certificate.subject
    report = school.verify(signed_by(school, signing.Pkcs12Signer(fake.key, fake.certificate)))
    assert outcome(report) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", {"no_chain"})


def forced(school, role, issued):
    """A complete packet in which one role's certificate is one that ``sign_packets`` refuses."""
    document = PROFILE.build_data(strategies.example())
    for step, name in enumerate(("gvcn", "cbql", "seal")):
        at = AT + timedelta(minutes=step)
        if name == role:
            document = school.force(document, role, issued, at=at)
        else:
            document = school.sign([document], (name,), at=at)[0]
    return document


def bad_head(school, **options):
    """A packet signed by the head with a certificate that should not have been used."""
    return forced(school, "cbql", test_pki.issue(school.pki.intermediate, head()["subject"], **options))


def test_expired_and_not_yet_valid(school):
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    report = school.verify(bad_head(school, not_before=start, not_after=end))
    assert outcome(report) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE", {"certificate_expired"})
    start, end = datetime(2026, 6, 1, tzinfo=UTC), datetime(2028, 5, 1, tzinfo=UTC)
    report = school.verify(bad_head(school, not_before=start, not_after=end))
    assert outcome(report) == ("TOTAL_FAILED", "NOT_YET_VALID", {"certificate_not_yet_valid"})


def test_time_of_proof(school):
    end = datetime(2026, 6, 30, tzinfo=UTC)
    signer = school.issue(head()["subject"], not_before=datetime(2026, 1, 1, tzinfo=UTC), not_after=end)
    document = signed_by(school, signer)
    assert school.verify(document).result == "TOTAL_PASSED"
    received = school.verify(document, at=AT + timedelta(days=1))
    assert received.result == "TOTAL_PASSED"
    assert "time_not_proven" not in {item.code for item in received.reasons}
    assert outcome(school.verify(document, at=end + timedelta(days=1)))[1] == "OUT_OF_BOUNDS_NO_POE"
    assert outcome(school.verify(document, at=AT - timedelta(hours=1)))[2] == {"signed_in_future"}


def test_authority_out_of_its_time(school):
    old = test_pki.authority("Old CA", school.pki.root, now=datetime(2010, 1, 1, tzinfo=UTC))
    issued = test_pki.issue(old, **head())
    trust = signing.TrustStore([school.pki.root.certificate], [school.pki.intermediate.certificate, old.certificate])
    document = signed_by(school, signing.Pkcs12Signer(issued.key, issued.certificate))
    report = signing.verify_packet(document, trust, profile=PROFILE)
    assert outcome(report) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE", {"ca_out_of_bounds"})


def test_certificate_not_for_signing(school):
    report = school.verify(bad_head(school, usage=("key_encipherment",)))
    assert outcome(report) == ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE", {"key_usage"})


def test_weak_key(school):
    report = school.verify(bad_head(school, key=test_pki.new_key("rsa1024")))
    assert outcome(report) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE", {"weak_key"})


def test_certificates_of_the_wrong_kind(school):
    plain = test_pki.x509.Name([test_pki.x509.NameAttribute(test_pki.NameOID.COMMON_NAME, "Nguyễn Thị Hồng Vân")])
    report = school.verify(signed_by(school, school.issue(plain)))
    assert report.result == "TOTAL_PASSED"
    assert "no_id_in_certificate" in {item.code for item in report.signature("cbql").reasons}
    for subject, code in (
        (test_pki.organisation_name(SCHOOL, "0400123456"), "not_person"),
        (test_pki.person_name("Lê Thị Mai", GVCN_ID), "certificate_id_differs"),
    ):
        wrong = test_pki.issue(school.pki.intermediate, subject)
        report = school.verify(forced(school, "cbql", wrong))
        assert outcome(report) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", {code})


def test_another_certificate_of_the_same_key(school, document):
    """SigningCertificateV2: a certificate put in the place of the one that was signed with, key and name the same."""
    key = school.pki.holders["cbql"].key
    own = signing.holder_of(school.signers["cbql"].certificate)
    other = signing.holder_of(school.issue(own.certificate.subject, key=key).certificate)
    changed = replaced(document, base64_of(own.der), base64_of(other.der))
    assert outcome(school.verify(changed)) == (
        "INDETERMINATE",
        "SIG_CONSTRAINTS_FAILURE",
        {"certificate_substituted"},
    )


def test_seal_of_a_person_and_of_another_school(school, document):
    person = test_pki.issue(school.pki.intermediate, test_pki.person_name(SCHOOL, CBQL_ID))
    assert outcome(school.verify(forced(school, "seal", person)))[2] == {"not_organisation"}

    own = {signing.holder_of(school.signers["seal"].certificate).fingerprint.hex()}
    assert school.verify(document, approved_seals=own).result == "TOTAL_PASSED"
    assert outcome(school.verify(document, approved_seals=set()))[2] == {"seal_not_approved"}
    other = school.issue(test_pki.organisation_name("Trường Tiểu học Khác", "0400999999"))
    report = school.verify(signed_by(school, other, "seal"), approved_seals=own)
    assert outcome(report)[2] == {"seal_not_approved"}
    assert "seal_name_differs" in {item.code for item in report.signature("seal").reasons}
