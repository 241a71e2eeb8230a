"""The reference agent on the user's computer: signs for the school's pages after consent, and for nobody else."""

import base64
import json
from hashlib import sha256

import pki
import pytest
import requests
from hocba_core.signing.certificates import holder_of
from hocba_core.signing.values import check_digest
from signer_fixtures import AgentDesk, make_token, softhsm_folder

ORIGIN = "https://truong.test"
ELSEWHERE = "https://elsewhere.test"
DIGESTS = [sha256(b"%d" % number).digest() for number in range(3)]
TEXTS = [base64.b64encode(digest).decode() for digest in DIGESTS]


@pytest.fixture(scope="module")
def people():
    authority = pki.authority("Agent Test CA")
    return {
        "rsa": pki.issue(authority, pki.person_name("Lê Thị Mai", "048185004321")),
        "ec": pki.issue(authority, pki.person_name("Lê Thị Mai", "048185004321"), key=pki.new_key("ec")),
    }


@pytest.fixture
def desk(people, tmp_path):
    environment = softhsm_folder(tmp_path)
    make_token(environment, "usb", people)
    desk = AgentDesk(tmp_path, ORIGIN, environment)
    yield desk
    desk.stop()


@pytest.fixture
def token(desk):
    assert desk.call("pair").json() == {"code": "shown"}
    return desk.call("pair", {"code": desk.code()}).json()["token"]


def _request(desk, token, name="rsa", **changes):
    found = {item["label"]: item for item in desk.call("certificates", token=token).json()["certificates"]}
    nonce = desk.call("nonce", token=token).json()["nonce"]
    body = {"nonce": nonce, "fingerprint": found[name]["fingerprint"], "digests": TEXTS, "label": "Lớp 2A1"}
    return body | changes


def _error(response):
    return response.status_code, response.json()["error"]


@pytest.mark.parametrize("name", ["rsa", "ec"])
def test_signs_after_consent(desk, token, people, name):
    answer = desk.call("sign", _request(desk, token, name), token=token)
    values = [base64.b64decode(value) for value in answer.json()["values"]]
    holder = holder_of(people[name].certificate)
    assert [check_digest(holder, value, digest) for value, digest in zip(values, DIGESTS, strict=True)] == [True] * 3
    (question,) = desk.asked
    assert ORIGIN in question and "3 signatures" in question and "Lớp 2A1" in question
    assert "PRIVATE" not in answer.text


def test_no_consent_no_signature(desk, token):
    desk.pin = ""
    assert _error(desk.call("sign", _request(desk, token), token=token)) == (403, "refused")
    desk.pin = "111111"
    assert _error(desk.call("sign", _request(desk, token), token=token)) == (403, "wrong_pin")


def test_other_sites_are_refused(desk, token):
    for origin in (ELSEWHERE, "null", "", ORIGIN + ".evil.test", ORIGIN.replace("https", "http")):
        for path in ("pair", "certificates", "nonce", "sign"):
            response = desk.call(path, origin=origin, token=token)
            assert _error(response) == (403, "bad_origin")
            assert "Access-Control-Allow-Origin" not in response.headers
        assert desk.call("sign", method="OPTIONS", origin=origin).status_code == 403
    assert _error(desk.call("status", method="GET", headers={"Host": "truong.test"})) == (403, "bad_host")
    assert not desk.asked


def test_preflight_allows_the_private_network(desk):
    asked = {"Access-Control-Request-Private-Network": "true", "Access-Control-Request-Method": "POST"}
    answer = desk.call("sign", method="OPTIONS", headers=asked)
    assert answer.ok
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"]


def test_only_a_paired_page_is_served(desk, token):
    assert desk.call("status", method="GET").json()["paired"] is False
    assert desk.call("status", method="GET", token=token).json()["paired"] is True
    for path in ("certificates", "nonce", "sign"):
        assert _error(desk.call(path, token="x" * 43)) == (401, "not_paired")
    stored = (desk.folder / "state" / "tokens.json").read_text()
    assert token not in stored and json.loads(stored) == {sha256(token.encode()).hexdigest(): ORIGIN}


def test_a_code_is_not_to_be_guessed(desk):
    desk.call("pair")
    code = desk.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _try in range(5):
        assert _error(desk.call("pair", {"code": wrong})) == (403, "wrong_code")
    assert _error(desk.call("pair", {"code": code})) == (403, "code_expired")
    desk.call("pair")
    assert "token" in desk.call("pair", {"code": desk.code(2)}).json()
    assert _error(desk.call("pair", {"code": desk.code(2)})) == (403, "code_expired")


def test_a_nonce_works_once(desk, token):
    body = _request(desk, token)
    assert desk.call("sign", body, token=token).status_code == 200
    assert _error(desk.call("sign", body, token=token)) == (403, "bad_nonce")
    assert _error(desk.call("sign", body | {"nonce": ["x"]}, token=token)) == (403, "bad_nonce")
    assert len(desk.asked) == 1


def test_limits_and_forms_of_requests(desk, token):
    for digests in ([], TEXTS * 700, ["!"], [base64.b64encode(b"short").decode()], "x", [1]):
        assert _error(desk.call("sign", _request(desk, token, digests=digests), token=token)) == (400, "bad_digests")
    plain = desk.call("nonce", token=token, data="{}", headers={"Content-Type": "text/plain"})
    assert _error(plain) == (415, "not_json")
    assert _error(desk.call("nonce", [], token=token)) == (400, "not_json")
    assert _error(desk.call("nonce", token=token, data=b"x" * 300_000)) == (413, "too_large")
    assert _error(desk.call("sign", _request(desk, token, fingerprint="00"), token=token)) == (404, "no_certificate")
    assert _error(desk.call("elsewhere", token=token)) == (404, "not_found")
    answers = {desk.call("nonce", token=token).status_code for _turn in range(60)}
    assert answers == {200, 429}
    assert not desk.asked


def test_is_not_reachable_from_the_network(desk):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.2:{desk.port}/v1/status", timeout=5, proxies={"http": "", "https": ""})
