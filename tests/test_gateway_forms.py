"""What transactions 3 to 6 carry: lists of recalls, registrations of certificates, and the answers to them."""

from datetime import date, timedelta

import _path  # noqa: F401 - puts host/lib on the path
import pytest
import strategies
from gateway_server import ScriptedGateway, reply, reset
from hocba_core import signing
from hocba_core.gateway import (
    CertificateAnswer,
    Endpoint,
    GatewayClient,
    GatewayError,
    Recall,
    RecallAnswer,
    Registration,
    build_recalls,
    build_registration,
    parse_recalls,
    parse_registration,
)
from hocba_core.packet import PacketError
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_helpers import AT

EXAMPLE = Recall(
    uuid="4ef748d9-2146-4a82-95a5-8534051475f0",
    pupil_name="Trương Phương Anh",
    gender="Nữ",
    birth_date=date(2017, 5, 17),
    id_number="048317002681",
    school_name="Tiểu học Điện Biên Phủ",
    school_code="48491401",
    school_year="2023-2024",
    reason="Sai điểm môn Toán & Tiếng Việt",
)


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(
            Recall,
            uuid=st.uuids(version=4).map(str),
            pupil_name=strategies.texts(60),
            gender=st.sampled_from(["Nam", "Nữ"]),
            birth_date=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
            id_number=st.none() | st.from_regex("[0-9]{12}", fullmatch=True),
            school_name=strategies.texts(60),
            school_code=st.just("48491401"),
            school_year=st.just("2025-2026"),
            reason=st.none() | strategies.texts(100),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda recall: recall.uuid,
    )
)
def test_a_list_of_recalls_comes_back(recalls):
    stripped = [Recall(**{name: _stripped(getattr(recall, name)) for name in Recall.__slots__}) for recall in recalls]
    assert parse_recalls(build_recalls(recalls)) == stripped


def _stripped(value):
    return value.strip() if isinstance(value, str) else value


def test_a_signed_list_is_verified_as_a_list_of_records_is(school):
    signed = signing.sign_list(build_recalls([EXAMPLE]), school.signers["seal"], at=AT)
    assert parse_recalls(signed) == [EXAMPLE]
    trust = {"at": AT + timedelta(minutes=1)}
    assert signing.verify_list(signed, school.trust, **trust).result == signing.TOTAL_PASSED
    changed = signed.replace("Phương Anh".encode(), "Phương Em".encode())
    assert signing.verify_list(changed, school.trust, **trust).result == signing.TOTAL_FAILED


def test_a_registration_proves_that_the_key_is_held(school):
    signer = school.signers["seal"]
    der = signing.holder_of(signer.certificate).der
    registration = Registration(
        unit_code="48491401",
        serial_number=f"{signer.certificate.serial_number:x}",
        valid_from=signer.certificate.not_valid_before_utc.date(),
        signature_kind="USB_TOKEN",
        provider="BAN_CO_YEU",
        certificate=der,
    )
    signed = signing.sign_list(build_registration(registration), signer, at=AT)
    assert parse_registration(signed) == registration
    report = signing.verify_list(signed, school.trust, at=AT + timedelta(minutes=1))
    assert report.result == signing.TOTAL_PASSED
    assert report.certificate_der == der


@pytest.mark.parametrize(
    "spoil",
    [
        lambda xml: xml.replace(b"<HO_VA_TEN>", b'<HO_VA_TEN a="1">'),
        lambda xml: xml.replace(b"17/05/2017", b"2017-05-17"),
        lambda xml: xml.replace(b"<MA_TRUONG>48491401</MA_TRUONG>", b""),
        lambda xml: xml.replace(b"</HOC_BA>", b"<KHAC>1</KHAC></HOC_BA>"),
        lambda xml: xml.replace(b'Id="dataDanhSach"', b'Id="data"'),
        lambda xml: xml.replace(b"<HOC_BA>", b" <HOC_BA>").replace(b"<HOC_BA>", b"<!-- x --><HOC_BA>"),
        lambda xml: xml.replace(b"</HOC_BA>", b"</HOC_BA>" + xml[xml.index(b"<HOC_BA>") : xml.rindex(b"</DANH")], 1),
        lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml,
    ],
)
def test_a_spoilt_list_is_refused(spoil):
    xml = build_recalls([EXAMPLE])
    spoilt = spoil(xml)
    assert spoilt != xml
    with pytest.raises(PacketError):
        parse_recalls(spoilt)


def test_what_is_missing_is_named():
    for name in ("pupil_name", "school_code"):
        with pytest.raises(PacketError) as caught:
            build_recalls([Recall(**{**{spec: getattr(EXAMPLE, spec) for spec in Recall.__slots__}, name: " "})])
        assert caught.value.field == name
    with pytest.raises(PacketError):
        build_recalls([])


def test_answers_about_recalls():
    row = {
        "ma_tra_cuu_uuid": EXAMPLE.uuid.upper(),
        "trang_thai": 3,
        "error": "00",
        "error_description": "Không đủ lý do",
    }
    answer = RecallAnswer.parse({"Error": "00", "data": [row, {**row, "trang_thai": "1"}, {**row, "trang_thai": 2}]})
    assert [item.state for item in answer.verdicts] == ["refused", "waiting", "approved"]
    assert answer.verdicts[0].uuid == EXAMPLE.uuid
    assert RecallAnswer.parse({"Error": "04"}).never_seen
    with pytest.raises(ValueError, match="trang_thai"):
        RecallAnswer.parse({"Error": "00", "data": [{**row, "trang_thai": 7}]})


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"error": "00", "serial_number": "AB", "trang_thai_phe_duyet": 1}, "approved"),
        ({"Error": "00", "serial_number": "ab", "trang_thai_phe_duyet": "0"}, "refused"),
        ({"Error": "01", "serial_number": "ab"}, "waiting"),
        ({"Error": "04"}, None),
    ],
)
def test_answers_about_certificates(answer, state):
    assert CertificateAnswer.parse(answer).state == state


def test_delivering_and_asking(school):
    gateway = ScriptedGateway()
    try:
        gateway.script = {
            "/api/hocba/token": reply(200, {"Error": "00", "token": "t"}),
            "/api/hocba/recall": reply(200, {"MessageId": "m", "Error": "00"}),
            "/api/hocba/certificate": reset,
            "/api/hocba/certificate/query": reply(200, {"Error": "00", "trang_thai_phe_duyet": 1}),
        }
        endpoint = Endpoint(gateway.url, "user", "0" * 64, "48491401")
        with GatewayClient(endpoint) as client:
            assert client.deliver("5", "m", "2025-2026", "eA==").accepted
            sent = gateway.seen[-1][1]["authenticationRequest"]
            assert (sent["type"], sent["function"], sent["nam_hoc"]) == ("5", "GUI_THU_HOI", 2025)
            with pytest.raises(GatewayError) as caught:
                client.deliver("3", "m", "2025-2026", "eA==", [("serial_number", "ab"), ("nha_phat_hanh", "VNPT")])
            assert caught.value.maybe_received
            assert gateway.seen[-1][1]["authenticationRequest"]["nha_phat_hanh"] == "VNPT"
            assert client.ask("4", "m").state == "approved"
    finally:
        gateway.close()
