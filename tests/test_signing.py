"""Signatures as made: accepted by independent verifiers, and nothing else in the document touched."""

import dataclasses
import subprocess
from datetime import datetime, timedelta

import pki as test_pki
import pytest
import strategies
import verifiers
from hocba_core import packet, signing
from hocba_core.signing import quick
from hocba_core.signing.xmldsig import read_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate
from signing_helpers import AT, CBQL_ID, GVCN_ID, PASSWORD, PROFILE, School

ROLES = ("gvcn", "cbql", "seal")
FEW = settings(max_examples=20)


@pytest.fixture(scope="module", params=["rsa", "ec"])
def school(request, tmp_path_factory):
    return School(tmp_path_factory.mktemp(f"pki_{request.param}"), request.param)


def with_signers(data):
    """The data with the people of the test authority as its signers."""
    return dataclasses.replace(data, head_id_number=CBQL_ID, homeroom_id_number=GVCN_ID)


def assert_accepted_by_all(school, document):
    report = school.verify(document)
    assert (report.result, report.sub_indication) == ("TOTAL_PASSED", None), report.reasons
    for role in ROLES:
        pem = school.pki.holders[role].pem().decode()
        assert verifiers.signxml_accepts_role(document, role, pem), role
        files = {"root_pem": school.root_pem, "intermediates_pem": school.intermediates_pem}
        assert verifiers.xmlsec_accepts_role(document, role, **files), role
    return report


def test_typical_packet(school):
    data = strategies.example()
    document = school.sign([PROFILE.build_data(data)])[0]
    report = assert_accepted_by_all(school, document)
    PROFILE.validate(document, signed=True)
    assert report.data == packet.normalise(data)
    assert [item.role for item in report.signatures] == list(ROLES)
    assert [item.signer_id for item in report.signatures] == [GVCN_ID, CBQL_ID, "0400123456"]
    head = report.signature("cbql")
    assert head.signer_name == "Nguyễn Thị Hồng Vân"
    assert head.signed_at == AT + timedelta(minutes=1)
    assert head.certificate_der == school.pki.holders["cbql"].certificate.public_bytes(
        test_pki.serialization.Encoding.DER
    )
    assert len(head.path) == 3
    assert head.revocation == "unknown"
    assert "revocation_unknown" in [item.code for item in head.reasons]


@FEW
@given(data=strategies.records())
def test_any_packet(school, data):
    assert_accepted_by_all(school, school.sign([PROFILE.build_data(with_signers(data))])[0])


def test_quick_and_thorough_reading_agree(school):
    document = school.sign([PROFILE.build_data(strategies.example())])[0]
    parsed = PROFILE.parse(document)
    found = quick.quick_packet(document, PROFILE)
    holders = PROFILE.signature_holders(parsed.root)
    assert [item[:2] for item in found.signatures] == [
        (tag, stated) for (tag, _holder), stated in zip(holders, parsed.signers, strict=True)
    ]
    assert [item[2] for item in found.signatures] == [read_signature(holder[-1]) for _tag, holder in holders]
    assert PROFILE.parse(found.skeleton).data == parsed.data


def test_signature_policy(school):
    policy = signing.SignaturePolicy("urn:oid:1.2.3.4?a=1&b=<2>", bytes(range(32)), "https://example.vn/p?a=1&b")
    plain = PROFILE.build_data(strategies.example())
    options = {"id_number": CBQL_ID, "at": AT, "profile": PROFILE, "policy": policy}
    document = signing.sign_packets([plain], "cbql", school.signers["cbql"], **options)[0]
    PROFILE.validate(document)
    (holder,) = PROFILE.signature_holders(PROFILE.parse(document).root)
    assert read_signature(holder[1][-1]).qualifying.policy == policy
    assert school.verify(document, required_roles=("cbql",)).result == "TOTAL_PASSED"
    other = document.replace(b"urn:oid:1.2.3.4", b"urn:oid:1.2.3.5")
    assert school.verify(other, required_roles=("cbql",)).sub_indication == "HASH_FAILURE"
    files = {"root_pem": school.root_pem, "intermediates_pem": school.intermediates_pem}
    assert verifiers.xmlsec_accepts_role(document, "cbql", **files)


def test_signature_policy_against_the_one_at_hand(school):
    name, digest = "urn:oid:1.3.6.1.4.1.99999.1", bytes(range(32))
    policy = signing.SignaturePolicy(name, digest, "https://example.vn/policy.pdf")
    plain = PROFILE.build_data(strategies.example())
    options = {"id_number": CBQL_ID, "at": AT, "profile": PROFILE, "policy": policy}
    document = signing.sign_packets([plain], "cbql", school.signers["cbql"], **options)[0]
    found = quick.quick_packet(document, PROFILE).signatures[0][2]
    (holder,) = PROFILE.signature_holders(PROFILE.parse(document).root)
    assert found == read_signature(holder[1][-1])
    assert found.qualifying.policy == policy
    for known, outcome, code in (
        ((), "TOTAL_PASSED", "policy_unknown"),
        (((name, digest),), "TOTAL_PASSED", None),
        (((name, bytes(32)), (name, digest)), "TOTAL_PASSED", None),
        (((name, bytes(32)),), "INDETERMINATE", "policy_differs"),
    ):
        trust = school.trust.with_policy(dataclasses.replace(school.trust.policy, signature_policies=known))
        report = signing.verify_packet(document, trust, profile=PROFILE, required_roles=("cbql",))
        codes = {item.code for item in report.reasons if item.code.startswith("policy_")}
        assert (report.result, codes) == (outcome, {code} if code else set())
        assert report.signatures[0].policy == name


@settings(max_examples=200)
@given(at=st.integers(24, 10**6), new=st.binary(max_size=2), length=st.integers(0, 2))
def test_quick_reading_accepts_nothing_more(school, at, new, length):
    """Whatever is done to the bytes of the signatures: where the quick reader answers, the thorough one agrees."""
    document = changed_document(school, at, new, length)
    found = quick.quick_packet(document, PROFILE)
    try:
        PROFILE.parse(found.skeleton if found else b"")
    except packet.PacketError:
        pass
    else:
        holders = PROFILE.signature_holders(PROFILE.parse(document).root)
        assert [item[2] for item in found.signatures] == [read_signature(holder[-1]) for _tag, holder in holders]


def changed_document(school, at, new, length):
    if school.key_kind not in CHANGED:
        CHANGED[school.key_kind] = school.sign([PROFILE.build_data(strategies.example())])[0]
    document = CHANGED[school.key_kind]
    start = document.index(b"<DANH_SACH_THONG_TIN_KY>")
    place = start + at % (len(document) - start)
    return document[:place] + new + document[place + length :]


CHANGED = {}


def test_many_at_once_use_one_call_and_keep_their_order(school):
    class Counting:
        certificate = school.signers["cbql"].certificate
        chain = ()
        calls = 0

        def sign(self, payloads):
            self.calls += 1
            return school.signers["cbql"].sign(payloads)

    signer = Counting()
    packets = [PROFILE.build_data(strategies.example(pupil_name=f"Học sinh {number}")) for number in range(30)]
    signed = school.sign(packets, signers={"cbql": signer})
    assert signer.calls == 1
    names = [school.verify(document).data.pupil_name for document in signed]
    assert names == [f"Học sinh {number}" for number in range(30)]


def test_later_signatures_leave_every_earlier_byte(school):
    before = PROFILE.build_data(strategies.example())
    end = b"</DANH_SACH_THONG_TIN_KY></HOC_BA>"
    for step, role in enumerate(ROLES):
        after = school.sign([before], (role,), at=AT + timedelta(minutes=step))[0]
        assert before.endswith(end)
        assert after.startswith(before[: -len(end)])
        before = after
    root = packet.safe_parse(before, max_bytes=10**6, max_depth=30, max_elements=5000)
    assert packet.canonical(root) == before


def test_homeroom_signature_may_be_missing(school):
    report = school.verify(school.sign([PROFILE.build_data(strategies.example())], ("cbql", "seal"))[0])
    assert report.result == "TOTAL_PASSED"


def test_transaction_signature(school):
    signed = school.sign([PROFILE.build_data(strategies.example(pupil_name=name)) for name in ("An", "Bình")])
    plain = PROFILE.build_list(signed)
    document = signing.sign_list(plain, school.signers["seal"], at=AT)
    report = signing.verify_list(document, school.trust)
    assert (report.role, report.result) == ("transaction", "TOTAL_PASSED"), report.reasons
    content = PROFILE.split_list(document)
    assert content.packets == signed
    assert content.signature is not None
    pem = school.pki.holders["seal"].pem().decode()
    assert plain in verifiers.signxml_signed(document, location="./", certificate_pem=pem)


def test_transaction_signature_of_one_record_for_xmlsec(school):
    # xmlsec1 registers Ids for the whole document, so it can only read a list in which no two packets share them.
    plain = PROFILE.build_list(school.sign([PROFILE.build_data(strategies.example())]))
    document = signing.sign_list(plain, school.signers["seal"], at=AT)
    assert verifiers.xmlsec_accepts(
        document,
        xpath="/DANH_SACH_HOC_BA/*[local-name()='Signature']",
        signed_tag="DANH_SACH_HOC_BA",
        root_pem=school.root_pem,
        intermediates_pem=school.intermediates_pem,
    )


def test_xmlsec_refuses_a_change_too(school):
    """The helpers above must be able to say no."""
    document = school.sign([PROFILE.build_data(strategies.example())])[0]
    changed = document.replace("Trương Phương Anh".encode(), "Trương Phương Ánh".encode())
    assert changed != document
    files = {"root_pem": school.root_pem, "intermediates_pem": school.intermediates_pem}
    for role in ROLES:
        assert not verifiers.xmlsec_accepts_role(changed, role, **files)
        assert not verifiers.signxml_accepts_role(changed, role, school.pki.holders[role].pem().decode())


def test_pkcs12_files(school, tmp_path):
    path = school.pki.files["gvcn"]
    with pytest.raises(signing.SigningError) as caught:
        signing.Pkcs12Signer.load(path.read_bytes(), "khác")
    assert caught.value.code == "wrong_password"
    with pytest.raises(signing.SigningError) as caught:
        signing.Pkcs12Signer.load(b"-----BEGIN", PASSWORD)
    assert caught.value.code == "bad_key_file"
    command = ["openssl", "pkcs12", "-in", str(path), "-passin", f"pass:{PASSWORD}", "-nokeys", "-clcerts"]
    shown = subprocess.run(command, capture_output=True, check=True).stdout
    assert b"BEGIN CERTIFICATE" in shown
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("unknown_role", {"role": "gvbm"}),
        ("role_order", {"role": "seal", "signer": "seal"}),
        ("id_mismatch", {"id_number": "048185004322"}),
        ("id_mismatch", {"id_number": None}),
        ("id_number", {"id_number": "48185004321"}),
        ("not_person", {"signer": "seal"}),
        ("not_organisation", {"role": "seal", "signer": "cbql"}),
        ("id_mismatch", {"signer": "gvcn"}),
        ("time", {"at": datetime(2026, 5, 30)}),
        ("certificate_expired", {"at": AT + timedelta(days=4000)}),
        ("certificate_not_yet_valid", {"at": AT - timedelta(days=4000)}),
        ("not_canonical", {"packet": lambda text: text.replace(b"<HOC_BA>", b"<HOC_BA>\n")}),
        ("not_canonical", {"packet": lambda text: text.replace(b"</HOC_BA>", b"\n</HOC_BA>")}),
        ("not_canonical", {"packet": lambda text: text.replace(b"</DU_LIEU_HOC_BA>", b"</DU_LIEU_HOC_BA> ")}),
        ("not_canonical", {"packet": lambda text: text.replace(b'Id="data">', b"Id='data'>")}),
        ("not_canonical", {"packet": lambda text: b"<?xml version='1.0'?>" + text}),
    ],
)
def test_signing_refuses(school, code, change):
    document = PROFILE.build_data(strategies.example())
    document = change.get("packet", lambda text: text)(document)
    options = {"id_number": change.get("id_number", CBQL_ID), "at": change.get("at", AT), "profile": PROFILE}
    with pytest.raises(signing.SigningError) as caught:
        signing.sign_packets(
            [document], change.get("role", "cbql"), school.signers[change.get("signer", "cbql")], **options
        )
    assert caught.value.code == code


def test_signing_refuses_a_second_time_and_an_earlier_moment(school):
    document = school.sign([PROFILE.build_data(strategies.example())], ("cbql",))[0]
    for role, at, code in (
        ("cbql", AT, "role_signed"),
        ("gvcn", AT, "role_order"),
        ("seal", AT - timedelta(minutes=1), "time"),
    ):
        with pytest.raises(signing.SigningError) as caught:
            school.sign([document], (role,), at=at)
        assert caught.value.code == code
        assert caught.value.index == 0


def test_a_faulty_signer_never_reaches_a_record(school):
    class Faulty:
        certificate = school.signers["cbql"].certificate
        chain = ()

        def sign(self, payloads):
            return [school.signers["gvcn"].sign([payload])[0] for payload in payloads]

    with pytest.raises(signing.SigningError) as caught:
        school.sign([PROFILE.build_data(strategies.example())], ("cbql",), signers={"cbql": Faulty()})
    assert caught.value.code == "signer"


def test_weak_keys_do_not_sign(school):
    issued = test_pki.issue(
        school.pki.intermediate, test_pki.person_name("A", CBQL_ID), key=test_pki.new_key("rsa1024")
    )
    with pytest.raises(signing.SigningError) as caught:
        signing.Pkcs12Signer(issued.key, issued.certificate)
    assert caught.value.code == "weak_key"


def test_names_are_those_of_the_standard():
    known = {item.name for item in AdESFailure} | {item.name for item in AdESIndeterminate}
    assert {name for name, _text in signing.REASONS.values() if name} <= known
