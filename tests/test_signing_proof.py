"""Proof of time and of certificates' status: time stamps, CRLs, OCSP, evidence beside the packet."""

import base64
import re
import subprocess
from datetime import UTC, datetime, timedelta

import authority
import pytest
import strategies
from hocba_core import packet, signing
from hocba_core.signing import evidence as archive
from hocba_core.signing import fetch
from hocba_core.signing import policy as policies
from lxml import etree
from signing_helpers import AT, IDS, PROFILE, outcome, replaced

ROLES = ("gvcn", "cbql", "seal")
LOCAL = fetch.FetchLimits(seconds=3, private=True)
STRICT = signing.default_policy(strict=True)
DAY = timedelta(days=1)
REVOKED_AT = AT + 30 * DAY


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    """An authority that answers over HTTP; the head's certificate of ``late`` is revoked a month after signing."""
    late = {"late": authority.PEOPLE["cbql"]}
    revoked = {"late": REVOKED_AT.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")}
    made = authority.Authority(tmp_path_factory.mktemp("ca"), authority.PEOPLE | late, revoked=revoked)
    made.start()
    yield made
    made.stop()


def signed(ca, *, at=AT, stamper=None, head="cbql"):
    """A complete packet, one minute between the signatures; each stamped when there is a stamper."""
    document = PROFILE.build_data(strategies.example())
    for step, role in enumerate(ROLES):
        signer = ca.signer(head if role == "cbql" else role)
        options = {"id_number": IDS[role], "at": at + timedelta(minutes=step), "profile": PROFILE}
        document = signing.sign_packets([document], role, signer, **options)[0]
        if stamper:
            document = signing.stamp_packets([document], role, stamper, profile=PROFILE)[0]
    return document


def verify(document, trust, **options):
    return signing.verify_packet(document, trust, profile=PROFILE, **options)


def test_time_stamps_of_subject_teachers(ca):
    """Each part that a subject teacher signed has a stamp of its own, before there is a packet."""
    profile = packet.get_profile("2025")
    data = strategies.example()
    parts = profile.parts(data)[:2]
    signer = ca.signer("gvcn")
    options = {"id_number": IDS["gvcn"], "at": AT, "profile": profile}
    prepared = signing.prepare_parts(parts, signer.certificate, **options)
    elements = prepared.finish(signer.sign(prepared.payloads))
    stamper = signing.HttpTimeStamper(ca.tsa_url())
    targets = [part.target for part in parts]
    stamped = signing.stamp_packets(elements, "gvbm", stamper, profile=profile, targets=targets)
    document = profile.with_parts(profile.build_data(data), stamped)
    report = signing.verify_packet(document, ca.trust(policy=STRICT), profile=profile, required_roles=())
    assert [(found.target, found.proof) for found in report.signatures] == [(name, "time_stamp") for name in targets]
    assert "stamp_broken" not in {item.code for item in report.reasons}
    swapped = signing.verify_packet(
        document.replace(*(re.search(rb"<EncapsulatedTimeStamp>[^<]+", item)[0] for item in stamped)),
        ca.trust(policy=STRICT),
        profile=profile,
        required_roles=(),
    )
    assert "stamp_broken" in {item.code for item in swapped.reasons}


def test_time_stamp_over_http(ca):
    before = datetime.now(UTC) - timedelta(seconds=2)
    document = signed(ca, stamper=signing.HttpTimeStamper(ca.tsa_url()))
    PROFILE.validate(document, signed=True)
    report = verify(document, ca.trust(policy=STRICT, crls=ca.crls(datetime.now(UTC))))
    assert outcome(report) == ("TOTAL_PASSED", None, set())
    for found in report.signatures:
        assert (found.proof, found.authority, found.revocation) == ("time_stamp", "TSA", "good")
        assert before <= found.proven_at <= datetime.now(UTC) + timedelta(seconds=2)
    assert "time_not_proven" not in {item.code for item in report.reasons}


def test_a_stamp_changes_no_signed_byte(ca):
    plain = PROFILE.build_data(strategies.example())
    options = {"id_number": IDS["cbql"], "at": AT, "profile": PROFILE}
    before = signing.sign_packets([plain], "cbql", ca.signer("cbql"), **options)[0]
    after = signing.stamp_packets([before], "cbql", ca.stamper(AT), profile=PROFILE)[0]
    assert re.sub(b"<UnsignedProperties>.*</UnsignedProperties>", b"", after) == before
    with pytest.raises(signing.SigningError) as caught:
        signing.stamp_packets([after], "cbql", ca.stamper(AT), profile=PROFILE)
    assert caught.value.code == "not_canonical"


@pytest.mark.parametrize(("path", "code"), [("/nowhere", "tsa_refused"), (None, "tsa_unreachable")])
def test_authority_that_does_not_answer(ca, path, code):
    url = f"{ca.url}{path}" if path else "http://127.0.0.1:1/"
    with pytest.raises(signing.SigningError) as caught:
        signed(ca, stamper=signing.HttpTimeStamper(url, timeout=3))
    assert caught.value.code == code


def test_strict_and_lenient_without_revocation_data(ca):
    document = signed(ca)
    assert outcome(verify(document, ca.trust(policy=STRICT))) == (
        "INDETERMINATE",
        "TRY_LATER",
        {"revocation_missing"},
    )
    lenient = verify(document, ca.trust())
    assert lenient.result == "TOTAL_PASSED"
    assert {"revocation_unknown", "time_not_proven"} <= {item.code for item in lenient.reasons}


def test_old_crls_say_nothing_about_later(ca):
    trust = ca.trust(policy=STRICT, crls=ca.crls(AT - 90 * DAY))
    assert outcome(verify(signed(ca), trust, at=AT + DAY))[2] == {"revocation_missing"}
    assert verify(signed(ca), ca.trust(policy=STRICT, crls=ca.crls(AT + DAY)), at=AT + DAY).result == "TOTAL_PASSED"


def test_crls_of_a_stranger_are_no_data(ca, tmp_path):
    other = authority.Authority(tmp_path, authority.PEOPLE)
    trust = ca.trust(policy=STRICT, crls=[*other.crls(datetime.now(UTC)), b"\x30\x00", b"junk"])
    assert outcome(verify(signed(ca), trust))[2] == {"revocation_missing"}


def test_revoked_before_signing(ca):
    document = signed(ca, at=REVOKED_AT + DAY, head="late")
    report = verify(document, ca.trust(crls=ca.crls(REVOKED_AT + 40 * DAY)))
    assert outcome(report) == ("TOTAL_FAILED", "REVOKED", {"revoked"})
    head = report.signature("cbql")
    assert (head.revocation, head.revoked_at, head.result) == ("revoked", REVOKED_AT, "TOTAL_FAILED")
    assert [report.signature(role).result for role in ("gvcn", "seal")] == ["TOTAL_PASSED"] * 2


def test_revoked_after_signing(ca):
    crls = ca.crls(REVOKED_AT + 40 * DAY)
    claimed = verify(signed(ca, head="late"), ca.trust(crls=crls))
    assert outcome(claimed) == ("INDETERMINATE", "REVOKED_NO_POE", {"revoked_no_poe"})
    for proof in ({"at": AT + DAY}, {"stamper": ca.stamper(AT + DAY)}):
        document = signed(ca, head="late", stamper=proof.get("stamper"))
        report = verify(document, ca.trust(policy=STRICT, crls=crls), at=proof.get("at"))
        assert outcome(report) == ("TOTAL_PASSED", None, set())
        assert (report.signature("cbql").revocation, report.signature("cbql").revoked_at) == (
            "revoked_later",
            REVOKED_AT,
        )
    received_late = verify(signed(ca, head="late"), ca.trust(crls=crls), at=REVOKED_AT + DAY)
    assert outcome(received_late)[1:] == ("REVOKED_NO_POE", {"revoked_no_poe"})
    stamped_late = signed(ca, head="late", stamper=ca.stamper(REVOKED_AT + DAY))
    assert outcome(verify(stamped_late, ca.trust(crls=crls)))[1] == "REVOKED_NO_POE"


def test_a_revocation_counts_whatever_is_not_known_of_the_authorities_above(ca):
    root_list, issuers_list = ca.crls(datetime.now(UTC))
    late, good = (signing.holder_of(ca.certificate(name)) for name in ("late", "cbql"))
    trust = ca.trust(crls=[issuers_list])
    now = datetime.now(UTC)
    assert signing.revocation_of(late, trust, now).state == "revoked"
    assert signing.revocation_of(good, trust, now).state == "unknown"
    assert signing.revocation_of(late, ca.trust(crls=[root_list]), now).state == "unknown"
    before = signing.revocation_of(late, trust, REVOKED_AT - DAY)
    assert (before.state, before.revoked_at) == ("unknown", REVOKED_AT)
    document = signed(ca, head="late")
    assert outcome(verify(document, trust)) == ("INDETERMINATE", "REVOKED_NO_POE", {"revoked_no_poe"})
    assert outcome(verify(document, trust, at=REVOKED_AT + DAY))[2] == {"revoked_no_poe"}
    assert outcome(verify(document, trust, at=REVOKED_AT - DAY))[0] == "TOTAL_PASSED"
    assert outcome(verify(signed(ca, at=REVOKED_AT + DAY, head="late"), trust))[2] == {"revoked"}


def test_answers_are_remembered_and_do_not_depend_on_their_order(ca):
    trust = ca.trust(crls=ca.crls(REVOKED_AT + 40 * DAY))
    document = signed(ca, head="late")
    moments = [AT + DAY, REVOKED_AT + DAY, AT + 2 * DAY, REVOKED_AT - DAY, REVOKED_AT + 2 * DAY, AT + DAY]
    results = [verify(document, trust, at=at).result for at in moments]
    assert results == ["TOTAL_PASSED" if at < REVOKED_AT else "INDETERMINATE" for at in moments]


def test_ocsp_and_crls_fetched_over_http(ca):
    holders = [signing.holder_of(ca.certificate(role)) for role in (*ROLES, "late")]
    assert signing.collect(holders, ca.trust()).missing, "networks that are not public are called where it is allowed"
    collected = signing.collect(holders, ca.trust(), limits=LOCAL)
    assert not collected.missing
    assert collected.evidence.ocsps
    assert collected.evidence.crls
    report = verify(signed(ca), ca.trust(policy=STRICT), evidence=collected.evidence)
    assert outcome(report) == ("TOTAL_PASSED", None, set())
    revoked = verify(signed(ca, head="late"), ca.trust(), evidence=collected.evidence)
    assert outcome(revoked)[1] == "REVOKED_NO_POE"
    assert signing.Evidence.from_pem(collected.evidence.to_pem()) == collected.evidence


def test_collecting_when_nobody_answers(tmp_path):
    silent = authority.Authority(tmp_path, authority.PEOPLE)
    holder = signing.holder_of(silent.certificate("cbql"))
    collected = signing.collect([holder], silent.trust(), limits=LOCAL)
    assert list(collected.missing) == ["Nguyễn Thị Hồng Vân"]
    assert "unreachable" in collected.missing["Nguyễn Thị Hồng Vân"]
    assert collected.evidence.certificates and not collected.evidence.crls
    kept = signing.collect([holder], silent.trust(crls=silent.crls(datetime.now(UTC))), limits=LOCAL)
    assert (kept.missing, len(kept.evidence.crls)) == ({}, 2), "lists that are there and valid serve too"
    old = signing.collect([holder], silent.trust(crls=silent.crls(AT - 90 * DAY)), limits=LOCAL)
    assert old.missing and not old.evidence.crls
    stranger = signing.collect([signing.holder_of(silent.certificate("cbql"))], signing.TrustStore([]))
    assert (list(stranger.missing), stranger.evidence.certificates) == (["Nguyễn Thị Hồng Vân"], ())


def test_broken_stamps(ca):
    document = signed(ca, stamper=ca.stamper(AT + DAY))
    first, second, _third = re.findall(rb"<EncapsulatedTimeStamp>(.*?)</EncapsulatedTimeStamp>", document)
    moved = replaced(document, second, first)
    assert outcome(verify(moved, ca.trust())) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", {"stamp_broken"})
    tampered = replaced(document, second, second[:-40] + (b"A" * 4) + second[-36:])
    assert outcome(verify(tampered, ca.trust()))[2] == {"stamp_broken"}
    junk = replaced(document, second, b"MAAA")
    assert outcome(verify(junk, ca.trust()))[2] == {"stamp_broken"}


def test_stamps_of_an_authority_that_is_not_trusted(ca, tmp_path):
    other = authority.Authority(tmp_path, authority.PEOPLE)
    document = signed(ca, stamper=other.stamper(AT + DAY))
    report = verify(document, ca.trust())
    codes = {item.code for item in report.reasons}
    assert {"stamp_untrusted", "time_not_proven"} <= codes
    assert report.result == "TOTAL_PASSED"
    both = signing.TrustStore(
        [ca.certificate("root")], [ca.certificate("interm")], tsa_roots=[other.certificate("root")]
    )
    assert verify(document, both).signature("cbql").proof == "time_stamp"
    no_signer = signing.TrustStore([other.certificate("root")], tsa_roots=[other.certificate("root")])
    assert outcome(verify(document, no_signer))[2] == {"no_chain"}


def test_time_stamp_before_the_claimed_time(ca):
    document = signed(ca, stamper=ca.stamper(AT - DAY))
    assert outcome(verify(document, ca.trust()))[2] == {"signed_in_future"}


def test_keys_that_are_no_longer_good(ca):
    rule = policies.KeyRule("rsa", 2048, AT + 10 * DAY)
    policy = policies.VerificationPolicy(keys=(rule,))
    assert verify(signed(ca), ca.trust(policy=policy), at=AT + DAY).result == "TOTAL_PASSED"
    late = verify(signed(ca), ca.trust(policy=policy), at=AT + 20 * DAY)
    assert outcome(late) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", {"algorithm_expired"})
    with pytest.raises(ValueError, match="revocation"):
        policies.VerificationPolicy.from_data({"revocation": "never", "claimed_time": True, "keys": []})
    with pytest.raises(ValueError, match="policy"):
        policies.VerificationPolicy.from_data({"revocation": "noted"})


def archived(documents, stamper, material=()):
    """One evidence record a document, of one tree."""
    groups = [[archive.sha256(document).digest(), *material] for document in documents]
    root, ways = archive.hash_tree(groups)
    token = stamper.stamp_digest(root)
    return [archive.evidence_record([archive.archive_time_stamp(way, token)]) for way in ways], token


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 33])
@pytest.mark.parametrize("with_material", [False, True])
def test_one_stamp_for_many_packets(ca, count, with_material):
    documents = [b"packet %d" % number for number in range(count)]
    material = [archive.sha256(b"crl").digest()] if with_material else []
    records, _token = archived(documents, ca.stamper(AT), material)
    for document, record in zip(documents, records, strict=True):
        status = archive.check_record(record, archive.sha256(document).digest(), ca.trust(), AT + DAY)
        assert (status.failure, status.time) == (None, AT), status
        other = archive.check_record(record, archive.sha256(b"another").digest(), ca.trust(), AT + DAY)
        assert other.failure == "evidence_broken"


def test_evidence_proves_the_time_of_every_signature(ca):
    document = signed(ca, head="late")
    records, _token = archived([document, b"another"], ca.stamper(AT + DAY))
    evidence = signing.Evidence(records=(records[0],), crls=tuple(ca.crls(REVOKED_AT + 40 * DAY)))
    report = verify(document, ca.trust(policy=STRICT), evidence=evidence)
    assert outcome(report) == ("TOTAL_PASSED", None, set())
    assert {found.proof for found in report.signatures} == {"evidence"}
    assert {found.proven_at for found in report.signatures} == {AT + DAY}
    others, _token = archived([b"another", b"a third"], ca.stamper(AT + DAY))
    wrong = verify(document, ca.trust(), evidence=signing.Evidence(records=(others[0],), crls=evidence.crls))
    assert "evidence_broken" in {item.code for item in wrong.reasons}
    assert outcome(wrong)[1] == "REVOKED_NO_POE"


def test_stamping_the_stamp_again(ca, tmp_path):
    """The first authority's certificate runs out; what it stamped was stamped again before that."""
    short = authority.Authority(tmp_path, authority.PEOPLE, tsa_until="2026-08-01T00:00:00+0000")
    document = signed(short)
    root, ways = archive.hash_tree([[archive.sha256(document).digest()], [archive.sha256(b"other").digest()]])
    first = short.stamper(AT + DAY).stamp_digest(root)
    again, more = archive.hash_tree([[archive.sha256(first).digest()], [archive.sha256(b"stamp").digest()]])
    second = short.stamper(AT + 50 * DAY, "tsa2").stamp_digest(again)
    chain = [archive.archive_time_stamp(ways[0], first), archive.archive_time_stamp(more[0], second)]
    now = datetime.now(UTC)
    digest = archive.sha256(document).digest()
    alone = archive.check_record(archive.evidence_record(chain[:1]), digest, short.trust(), now)
    assert alone.failure == "evidence_untrusted"
    renewed = archive.check_record(archive.evidence_record(chain), digest, short.trust(), now)
    assert (renewed.failure, renewed.time) == (None, AT + DAY)
    too_late = short.stamper(AT + 100 * DAY, "tsa2").stamp_digest(again)
    chain[1] = archive.archive_time_stamp(more[0], too_late)
    late = archive.check_record(archive.evidence_record(chain), digest, short.trust(), now)
    assert late.failure == "evidence_untrusted"


def test_openssl_reads_the_stamp(ca, tmp_path):
    """The token is over the canonical SignatureValue, as any verifier of XAdES computes it."""
    document = signed(ca, stamper=ca.stamper(AT + DAY))
    value = etree.fromstring(document).find(".//CBQL//{*}SignatureValue")
    token = etree.fromstring(document).findtext(".//CBQL//{*}EncapsulatedTimeStamp")
    (tmp_path / "value").write_bytes(etree.tostring(value, method="c14n", exclusive=True, with_tail=False))
    (tmp_path / "token").write_bytes(base64.b64decode(token))
    (tmp_path / "root").write_bytes(ca.certificate("root").public_bytes(authority.pki.serialization.Encoding.PEM))
    command = ["openssl", "ts", "-verify", "-data", "value", "-in", "token", "-token_in", "-CAfile", "root"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout, done.stderr
