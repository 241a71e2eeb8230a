"""Every kind of key behind the one port: signs what verifies, says what went wrong, and waits where it has to."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from hashlib import sha256

import csc_server
import pki
import pytest
import strategies
from hocba_core import signing
from hocba_core.signing import SigningError
from hocba_core.signing.certificates import holder_of
from hocba_core.signing.signers import csc
from hocba_core.signing.signers.agent import AgentSigner
from hocba_core.signing.values import check_value
from signer_fixtures import SOFTHSM, TOKEN_PIN, make_token, remote_service, softhsm_folder
from signing_helpers import AT, CBQL_ID, GVCN_ID, IDS, PROFILE

PEOPLE = {
    "gvcn": {"name": "Lê Thị Mai", "id": f"CCCD:{GVCN_ID}", "approval": "pin"},
    "cbql": {"name": "Nguyễn Thị Hồng Vân", "id": f"CCCD:{CBQL_ID}", "approval": "otp"},
    "push": {"name": "Nguyễn Thị Hồng Vân", "id": f"CCCD:{CBQL_ID}", "approval": "push"},
}
PAYLOADS = [b"<SignedInfo>%d</SignedInfo>" % number for number in range(5)]
DIGESTS = [sha256(payload).digest() for payload in PAYLOADS]


def _packets(count=3):
    return [PROFILE.build_data(strategies.example(pupil_name=f"Học sinh {number}")) for number in range(count)]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with remote_service(tmp_path_factory.mktemp("csc"), PEOPLE, multisign=4, sad_seconds=2) as service:
        yield service


@pytest.fixture
def client(service):
    with csc.CscClient(_config(service)) as client:
        yield client


def _config(service, **changes):
    values = {"auth": "client", "client_id": csc_server.CLIENT_ID, "secret": csc_server.CLIENT_SECRET, **changes}
    return csc.CscConfig(base_url=service.base_url, **values)


def _refused(code, call, *arguments, **options):
    with pytest.raises(SigningError) as caught:
        call(*arguments, **options)
    assert caught.value.code == code, caught.value


def test_the_same_input_prepares_the_same_digests(school):
    packets = _packets()
    options = {"id_number": IDS["gvcn"], "at": AT, "profile": PROFILE}
    certificate = school.signers["gvcn"].certificate
    first, again = (signing.prepare_packets(packets, "gvcn", certificate, **options) for _turn in range(2))
    assert first.digests == again.digests
    values = school.signers["gvcn"].request(first.digests).values
    signed = signing.sign_packets(packets, "gvcn", school.signers["gvcn"], **options)
    assert again.finish(values) == signed
    assert again.only([2, 0]).finish([values[2], values[0]]) == [signed[2], signed[0]]
    _refused("signer", again.finish, values[::-1])
    _refused("signer", again.finish, values[:-1])


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_key_file_signs_digests(school, kind):
    issued = pki.issue(school.pki.intermediate, pki.person_name("A", GVCN_ID), key=pki.new_key(kind))
    signer = signing.Pkcs12Signer.load(issued.pkcs12("x"), "x")
    answer = signer.request(DIGESTS)
    assert not answer.waits
    holder = holder_of(issued.certificate)
    assert all(check_value(holder, value, payload) for value, payload in zip(answer.values, PAYLOADS, strict=True))


_TOKEN_PROGRAM = """
import sys
from datetime import datetime
sys.path[:0] = {paths!r}
import strategies
from hocba_core import signing
from hocba_core.signing.signers import pkcs11
from signing_helpers import AT, IDS, PROFILE
library, pin = {library!r}, {pin!r}
found = {{item.label: item for item in pkcs11.token_certificates(library)}}
assert sorted(found) == ["cbql", "gvcn"], found
def code_of(where, pin):
    try:
        signer = pkcs11.Pkcs11Signer(library, where, found["cbql"].certificate, pin)
        signer.request([b"0" * 32])
    except signing.SigningError as error:
        return error.code
here = found["cbql"].where
assert code_of(here, "000000") == "wrong_pin"
assert code_of(pkcs11.TokenKey("nowhere", here.key_id), pin) == "token_missing"
assert code_of(pkcs11.TokenKey(here.token, b"none"), pin) == "key_missing"
documents = [PROFILE.build_data(strategies.example())]
for role in ("gvcn", "cbql"):
    item = found[role]
    signer = pkcs11.Pkcs11Signer(library, item.where, item.certificate, pin)
    documents = signing.sign_packets(documents, role, signer, id_number=IDS[role], at=AT, profile=PROFILE)
sys.stdout.buffer.write(documents[0])
"""


def test_a_token_signs_and_says_what_is_wrong(school, tmp_path):
    """In a process of its own, with an RSA and an elliptic key: a PKCS#11 library loads once a process."""
    environment = softhsm_folder(tmp_path)
    elliptic = pki.issue(school.pki.intermediate, pki.person_name("B", CBQL_ID), key=pki.new_key("ec"))
    make_token(environment, "truong", {"gvcn": school.pki.holders["gvcn"], "cbql": elliptic})
    program = _TOKEN_PROGRAM.format(paths=sys.path[:4], library=SOFTHSM, pin=TOKEN_PIN)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    report = school.verify(done.stdout)
    assert [line.result for line in report.signatures] == [signing.TOTAL_PASSED] * 2, report


def test_service_tells_keys_and_how_they_are_unlocked(client):
    assert client.info()["specs"].startswith("1.0.4")
    ids = client.credential_ids()
    assert ids == ["remote/cbql", "remote/gvcn", "remote/push"]
    found = {name.split("/")[1]: client.credential(name) for name in ids}
    assert {name: (item.needs_pin, item.otp, item.implicit) for name, item in found.items()} == {
        "gvcn": (True, "none", False),
        "cbql": (True, "online", False),
        "push": (False, "none", True),
    }
    assert all(item.enabled and item.limit == 4 for item in found.values())
    assert holder_of(found["gvcn"].certificate).person_id == GVCN_ID


def test_service_signs_with_a_pin(service, client):
    credential = client.credential("remote/gvcn")
    signer = csc.CscSigner(client, credential, pin=csc_server.PIN)
    options = {"id_number": GVCN_ID, "at": AT, "profile": PROFILE}
    (document,) = signing.sign_packets(_packets(1), "gvcn", signer, **options)
    trust = signing.TrustStore(roots=[service.root], intermediates=[])
    report = signing.verify_packet(document, trust, profile=PROFILE)
    assert [line.result for line in report.signatures] == [signing.TOTAL_PASSED]
    _refused("too_many", signer.request, DIGESTS)
    _refused("wrong_pin", csc.CscSigner(client, credential, pin="1").request, DIGESTS[:1])


def test_service_signs_with_a_one_time_password_once(service, client):
    credential = client.credential("remote/cbql")
    client.send_otp(credential.credential_id)
    otp = service.phone()["otps"]["cbql"]
    signer = csc.CscSigner(client, credential, pin=csc_server.PIN, otp=otp)
    values = signer.request(DIGESTS[:4]).values
    holder = holder_of(credential.certificate)
    assert all(check_value(holder, value, payload) for value, payload in zip(values, PAYLOADS[:4], strict=True))
    _refused("wrong_otp", signer.request, DIGESTS[:1])


def test_service_waits_for_the_phone(service, client):
    signer = csc.CscSigner(client, client.credential("remote/push"))
    asked = signer.request(DIGESTS[:2], label="Lớp 2A1: 2 học bạ")
    assert asked.waits and asked.expires_at > datetime.now(UTC)
    assert [item["description"] for item in service.phone()["waiting"].values()] == ["Lớp 2A1: 2 học bạ"]
    assert signer.collect(asked.ticket, DIGESTS[:2]).waits
    service.decide("approve")
    with csc.CscClient(_config(service)) as other:  # a server that was started anew knows the ticket only
        answer = csc.CscSigner(other, other.credential("remote/push")).collect(asked.ticket, DIGESTS[:2])
    assert not answer.waits and len(answer.values) == 2
    with pytest.raises(SigningError, match="approval_needed"):
        signer.sign(PAYLOADS[:1])


def test_phone_refuses_or_is_too_late(service, client):
    signer = csc.CscSigner(client, client.credential("remote/push"))
    asked = signer.request(DIGESTS[:1])
    service.decide("refuse")
    _refused("approval_refused", signer.collect, asked.ticket, DIGESTS[:1])
    asked = signer.request(DIGESTS[:1])
    time.sleep(2.1)
    _refused("approval_expired", signer.collect, asked.ticket, DIGESTS[:1])


def test_service_checks_the_account(service):
    for auth in ("client", "basic"):
        with csc.CscClient(_config(service, auth=auth)) as client:
            assert len(client.credential_ids()) == 3
        with csc.CscClient(_config(service, auth=auth, secret="x")) as client:
            _refused("service_refused", client.credential_ids)
    _refused("service_unreachable", csc.CscClient, csc.CscConfig(base_url="http://example.org/csc/v1"))
    with csc.CscClient(csc.CscConfig(base_url="http://127.0.0.1:9", auth="none", timeout=2)) as client:
        _refused("service_unreachable", client.info)


def test_an_agents_answer_is_read_with_suspicion(school):
    signer = AgentSigner(school.signers["gvcn"].certificate, nonce="n1", delivered=["QUJD"])
    assert signer.request(DIGESTS).ticket == "n1"
    assert signer.collect("n1", DIGESTS[:1]).values == (b"ABC",)
    _refused("signer", signer.collect, "other", DIGESTS[:1])
    _refused("signer", signer.collect, "n1", DIGESTS[:2])
    for wrong in ("!", "A" * 2000, None):
        bad = AgentSigner(signer.certificate, nonce="n1", delivered=[wrong])
        _refused("signer", bad.collect, "n1", DIGESTS[:1])
