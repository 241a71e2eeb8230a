"""The results of a year under way in a hand-over: complete, signed by the head, proof against a stranger's tricks."""

import io
import re
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
import strategies
from hocba_core import packet, signing, transfer
from hocba_core.transfer import (
    DisabilityDecision,
    ExemptionDecision,
    HandedPupil,
    HandedRecord,
    HandedResults,
    PeriodResults,
    School,
    SubjectResult,
    TransferError,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_helpers import AT, CBQL_ID, GVCN_ID, PROFILE
from signing_helpers import School as SigningSchool

UUID = "11111111-2146-4a82-95a5-8534051475f0"
SOURCE, TARGET = School("48491401", "Trường Tiểu học Điện Biên Phủ"), School("79760301", "Trường Tiểu học Núi Thành")
MOMENT = datetime(2027, 1, 15, 9, 0, tzinfo=packet.VIETNAM_TIME)
_CLEAN = strategies.texts(60).map(packet.clean_text).filter(bool)
_REMARK = st.none() | strategies.texts(300).map(packet.clean_text).filter(bool)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    return SigningSchool(tmp_path_factory.mktemp("pki"))


def results(**changes):
    newest = strategies.example()
    of_pupil = ("pupil_code", "pupil_name", "gender", "birth_date", "id_number", "birth_place", "home_town", "mother")
    values = {
        "made_at": MOMENT,
        "school": SOURCE,
        "school_year": "2026-2027",
        "grade": 5,
        "class_name": "5A",
        "homeroom_name": "Lê Thị Mai",
        "head_name": "Nguyễn Thị Hồng Vân",
        "head_title": "Hiệu trưởng",
        "head_id_number": CBQL_ID,
        **{name: getattr(newest, name) for name in of_pupil},
        "history": (
            packet.HistoryLine(
                school_year="2026-2027", class_name="5A", school_name=SOURCE.name, arrived_on=date(2026, 9, 5)
            ),
        ),
        "periods": (
            PeriodResults(
                period="mid1",
                assessed_at="Trường Tiểu học Kim Đồng",
                subjects=(SubjectResult(code="TV", name="Tiếng Việt", level="T", score=9, comment="Đọc tốt <&>"),),
                qualities=(("patriotism", "T"), ("honesty", "D")),
                competences=(("autonomy", "C"), ("technology", "T")),
                homeroom_comment="Em chăm ngoan.",
                absences_excused=2,
                absences_unexcused=0,
                height=Decimal("125.5"),
                weight=Decimal("24.0"),
            ),
            PeriodResults(period="end1", subjects=(SubjectResult(code="TOAN", name="Toán", score=0),)),
        ),
    }
    return transfer.Results(**(values | changes))


def decided(**changes):
    """Results with decisions, too."""
    exempt = ExemptionDecision(
        code="GDTC",
        name="Giáo dục thể chất",
        decided_by="Nguyễn Thị Hồng Vân",
        decided_on=date(2026, 9, 12),
        decision="15/QĐ-THĐBP",
        decided_at="Trường Tiểu học Kim Đồng",
    )
    decisions = {
        "disability": DisabilityDecision(kind="inclusive", decision="08/KH-THĐBP"),
        "exemptions": (
            exempt,
            ExemptionDecision(code="AN", name="Âm nhạc", decided_by="X", decided_on=date(2026, 9, 1)),
        ),
    }
    return results(**{**decisions, **changes})


def signed(school, told=None, role="cbql"):
    plain = transfer.build_results(told or results())
    return signing.sign_list(plain, school.signers[role], at=AT, id_number={"cbql": CBQL_ID, "gvcn": GVCN_ID}[role])


def handover(sheet, packets=(), **changes):
    newest = strategies.example()
    values = {
        "number": "0b7a1c55-9df2-4a49-8f5c-3b1f6f0f7a10",
        "made_at": MOMENT,
        "left_on": date(2027, 1, 18),
        "source": SOURCE,
        "target": TARGET,
        "pupil": HandedPupil(newest.pupil_code, newest.pupil_name, newest.birth_date, newest.id_number),
        "records": tuple(
            HandedRecord(uuid, PROFILE.parse(content).data.school_year, sha256(content).hexdigest())
            for uuid, content in dict(packets).items()
        ),
        "results": HandedResults("2026-2027", sha256(sheet).hexdigest()),
    }
    return transfer.Handover(**(values | changes))


def packed(sheet, packets=(), **changes):
    manifest = transfer.build_handover(handover(sheet, packets, **changes))
    return transfer.pack(manifest, dict(packets), {}, ("2026-2027", sheet))


def refused(content):
    with pytest.raises(TransferError) as found:
        transfer.parse_results(content) if not content.startswith(b"PK") else transfer.unpack(content)
    return found.value.code


def code_of(*arguments, **changes):
    with pytest.raises(TransferError) as found:
        packed(*arguments, **changes)
    return found.value.code


def test_what_was_signed_comes_out_byte_for_byte(school):
    sheet = signed(school)
    (year,) = school.sign([PROFILE.build_data(strategies.example(uuid=UUID, school_year="2025-2026"))])
    content = packed(sheet, {UUID: year})
    found = transfer.unpack(content)
    assert (found.results, found.sheet, found.packets) == (results(), sheet, {UUID: year})
    assert found.newest == results()
    assert found.handover.results.digest == sha256(sheet).hexdigest()
    assert packed(sheet, {UUID: year}) == content, "the same bytes each time"


def test_results_alone_are_a_hand_over(school):
    found = transfer.unpack(packed(signed(school)))
    assert (found.packets, found.newest.pupil_name) == ({}, strategies.example().pupil_name)
    with pytest.raises(TransferError) as error:
        transfer.pack(transfer.build_handover(handover(b"", results=None)), {}, {})
    assert error.value.code == "manifest"


def test_the_head_signs_and_nobody_else(school):
    def report(content, number=CBQL_ID, trust=school.trust):
        return signing.verify_list(content, trust, id_number=number)

    sheet = signed(school)
    assert report(sheet).result == signing.TOTAL_PASSED
    assert (report(sheet).signer_name, report(sheet).signer_id) == ("Nguyễn Thị Hồng Vân", CBQL_ID)
    assert transfer.believed(report(sheet))
    plain = transfer.build_results(results())
    sealed = signing.sign_list(plain, school.signers["seal"], at=AT)
    for content in (plain, sealed, signed(school, role="gvcn"), sheet.replace(b">9<", b">8<")):
        assert not transfer.believed(report(content))
    assert not transfer.believed(report(sheet, number=GVCN_ID))
    assert "not_organisation" in [item.code for item in signing.verify_list(sheet, school.trust).reasons]
    assert not transfer.believed(report(sheet, trust=signing.TrustStore((), ())))
    with pytest.raises(signing.SigningError):
        signing.sign_list(plain, school.signers["seal"], at=AT, id_number=CBQL_ID)
    with pytest.raises(signing.SigningError):
        signing.sign_list(plain, school.signers["gvcn"], at=AT, id_number=CBQL_ID)


def test_every_byte_of_the_results_is_signed(school):
    sheet = signed(school)
    for old, new in (
        (b"2027-01-15", b"2027-01-16"),
        (b"<DIEM>9<", b"<DIEM>8<"),
        (b"Kim ", b"Kin "),
        (b"TOAN", b"TIN_"),
    ):
        assert sheet.count(old) == 1
        assert signing.verify_list(sheet.replace(old, new), school.trust, id_number=CBQL_ID).result == (
            signing.TOTAL_FAILED
        )


_BODY = transfer.build_results(results())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<KHOI>5<", "<KHOI>6<"),
        ("<KHOI>5<", "<KHOI>05<"),
        ("<NAM_HOC>2026-2027</NAM_HOC><KHOI>", "<NAM_HOC>2026-2028</NAM_HOC><KHOI>"),
        ("GIUA_KY_1", "CUOI_NAM"),
        ("GIUA_KY_1", "CUOI_KY_1"),
        ("<MUC>T<", "<MUC>X<"),
        ("<MUC>T<", "<MUC><"),
        ("<DIEM>9<", "<DIEM>11<"),
        ("<DIEM>9<", "<DIEM>+9<"),
        ("<DIEM>9<", "<DIEM>9.5<"),
        ("<MA_MON_HOC>TV<", "<MA_MON_HOC>../TV<"),
        ("<MA_MON_HOC>TV<", "<MA_MON_HOC><"),
        ("<NANG_LUC_TU_CHU_TU_HOC>C<", "<NANG_LUC_TU_CHU_TU_HOC>H<"),
        ("<SO_BUOI_NGHI_KHONG_PHEP>0</SO_BUOI_NGHI_KHONG_PHEP>", ""),
        ("<CHIEU_CAO>125.5<", "<CHIEU_CAO>NaN<"),
        ("<CHIEU_CAO>125.5<", "<CHIEU_CAO>1.255E2<"),
        ("<CHIEU_CAO>125.5<", "<CHIEU_CAO>12555<"),
        (CBQL_ID, CBQL_ID[:-1]),
        ("Em chăm ngoan.", "Em chăm\u202engoan."),
        ("Em chăm ngoan.", " Em chăm ngoan."),
        ("Em chăm ngoan.", "E" * 5_000),
        ("+07:00", ""),
        ("<GIOI_TINH>", "<GIOI>"),
        ("</KET_QUA_DANG_HOC>", "<THEM>x</THEM></KET_QUA_DANG_HOC>"),
        ("<LAP_LUC>", "<LAP_LUC>2027-01-15T09:00:00+07:00</LAP_LUC><LAP_LUC>"),
        ("<DANH_GIA>", "<DANH_GIA> "),
        ("<MUC>T<", "<MUC>T</MUC><MUC>T<"),
        ("<QUA_TRINH>", "<QUA_TRINH><NAM_HOC>2026-2027</NAM_HOC>"),
        ("<KY>CUOI_KY_1</KY>", "<KY>CUOI_KY_1</KY><SO_CCCD>1</SO_CCCD>"),
    ],
)
def test_what_results_cannot_say(old, new):
    assert old in _BODY.decode()
    # The closing tag follows the opening one where a case changes the name of an element.
    assert refused(_BODY.decode().replace(old, new, 1).encode()) == "results"


def test_a_subject_without_an_entry_and_a_time_without_results():
    for period in (
        PeriodResults(period="mid1", subjects=(SubjectResult(code="TV", name="Tiếng Việt"),)),
        PeriodResults(period="mid1"),
        PeriodResults(period="mid1", subjects=(SubjectResult(code="TV", name="Tiếng Việt", level="T"),) * 2),
    ):
        assert refused(transfer.build_results(results(periods=(period,)))) == "results"
    assert refused(transfer.build_results(results(periods=()))) == "results"
    late = PeriodResults(period="mid1", competences=(("technology", "T"),))
    assert refused(transfer.build_results(results(periods=(late,), grade=2))) == "results"


def test_nothing_hides_behind_the_signature(school):
    sheet = signed(school)
    end = b"</KET_QUA_DANG_HOC>"
    signature = sheet[sheet.index(b"<Signature ") : -len(end)]
    for forged in (
        sheet.replace(end, b"<THEM></THEM>" + end),
        sheet.replace(end, signature.replace(b'Id="', b'Id="x') + end),
        sheet.replace(signature, signature + b"x"),
        sheet + b" ",
        sheet.replace(b"<LAP_LUC>", b"<!--x--><LAP_LUC>"),
        b"<?xml version='1.0'?>" + sheet,
        b"<a/>",
        b"",
    ):
        assert refused(forged or b"x") == "results"


def test_results_fit_the_manifest(school):
    sheet = signed(school)
    (same,) = school.sign([PROFILE.build_data(strategies.example(uuid=UUID, school_year="2026-2027"))])
    assert code_of(sheet, {UUID: same}) == "results"
    assert code_of(sheet, source=School("48491499", SOURCE.name)) == "results"
    assert code_of(sheet, results=HandedResults("2026-2027", "0" * 64)) == "digest"
    assert code_of(sheet, results=HandedResults("2025-2026", sha256(sheet).hexdigest())) == "entry"
    assert code_of(sheet, results=HandedResults("../../x", sha256(sheet).hexdigest())) == "manifest"
    assert code_of(sheet, results=None) == "manifest"
    with zipfile.ZipFile(io.BytesIO(packed(sheet))) as archive:
        assert archive.namelist() == ["chuyen-giao.xml", "dang-hoc/2026-2027.xml"]


def test_results_are_of_the_same_pupil(school):
    newest = strategies.example()
    for changes in (
        {"id_number": "048316009999"},
        {"pupil_code": "4899999999"},
        {"pupil_name": "Trương Phương Ánh"},
        {"birth_date": newest.birth_date + timedelta(1)},
        {"id_number": None},
    ):
        assert code_of(signed(school, results(**changes))) == "pupil"
    twin = strategies.example(uuid=UUID, school_year="2025-2026", id_number=None, pupil_code="4899999999")
    (year,) = school.sign([PROFILE.build_data(twin)])
    assert code_of(signed(school), {UUID: year}) == "pupil"
    plain = signed(school, results(id_number=None))
    without = HandedPupil(newest.pupil_code, newest.pupil_name, newest.birth_date)
    assert transfer.unpack(packed(plain, pupil=without)).newest.id_number is None


def test_decisions_go_along_byte_for_byte(school):
    sheet = signed(school, decided())
    assert transfer.unpack(packed(sheet)).results == decided()
    for old, new in ((b"15/Q", b"16/Q"), (b"HOA_NHAP", b"CHUYEN_B"), (b"2026-09-12", b"2026-09-13")):
        assert sheet.count(old) == 1
        assert not transfer.believed(signing.verify_list(sheet.replace(old, new), school.trust, id_number=CBQL_ID))


def test_who_is_not_assessed_takes_the_decision_along_without_results(school):
    alone = DisabilityDecision(kind="class", decision="08/KH", not_assessed=True, decided_at="Trường Tiểu học Kim Đồng")
    told = results(disability=alone, periods=())
    assert transfer.unpack(packed(signed(school, told))).results == told
    assert refused(
        transfer.build_results(results(disability=DisabilityDecision(kind="class", decision="1"), periods=()))
    )


def test_documents_without_decisions_are_the_same_as_before_there_were_any():
    for tag in (b"KHUYET_TAT", b"MIEN_HOC"):
        assert tag not in _BODY
    # SHA-256 of what the version before built of these very results.
    assert sha256(_BODY).hexdigest() == "b23c69355efced161237aa1142e4643ac3562dfbd3403ad44991aeb399b16ccf"


_DECIDED = transfer.build_results(decided())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HOA_NHAP", "KHAC"),
        ("<HINH_THUC>HOA_NHAP</HINH_THUC>", "<HINH_THUC>HOA_NHAP</HINH_THUC><KHONG_DANH_GIA>0</KHONG_DANH_GIA>"),
        ("<HINH_THUC>HOA_NHAP</HINH_THUC>", "<KHONG_DANH_GIA>1</KHONG_DANH_GIA><HINH_THUC>HOA_NHAP</HINH_THUC>"),
        ("<QUYET_DINH>08/KH-THĐBP</QUYET_DINH>", ""),
        ("<KHUYET_TAT>", "<KHUYET_TAT><BENH>tim</BENH>"),
        ("<MIEN_HOC>", "<MIEN_HOC><LY_DO>tim</LY_DO>"),
        ("<MA_MON_HOC>AN<", "<MA_MON_HOC>GDTC<"),
        ("<MA_MON_HOC>AN<", "<MA_MON_HOC>../AN<"),
        ("<NGAY_QUYET_DINH>2026-09-12<", "<NGAY_QUYET_DINH>20260912<"),
        ("<NGAY_QUYET_DINH>2026-09-12<", "<NGAY_QUYET_DINH>12/9/2026<"),
        ("<NGUOI_QUYET_DINH>X<", "<NGUOI_QUYET_DINH><"),
        ("<QUYET_DINH>15/QĐ-THĐBP<", "<QUYET_DINH>15\u202e<"),
        ("<QUYET_DINH>15/QĐ-THĐBP</QUYET_DINH>", "<QUYET_DINH></QUYET_DINH>"),
        (
            "</KHUYET_TAT>",
            "</KHUYET_TAT><KHUYET_TAT><HINH_THUC>CHUYEN_BIET</HINH_THUC><QUYET_DINH>1</QUYET_DINH></KHUYET_TAT>",
        ),
    ],
)
def test_what_decisions_cannot_say(old, new):
    assert old in _DECIDED.decode()
    assert refused(_DECIDED.decode().replace(old, new, 1).encode()) == "results"


@settings(max_examples=60, deadline=None)
@given(
    st.none()
    | st.builds(
        DisabilityDecision,
        kind=st.sampled_from(["inclusive", "individual", "special", "class"]),
        decision=_CLEAN,
        not_assessed=st.booleans(),
        decided_at=st.just("") | _CLEAN,
    ),
    st.lists(
        st.builds(
            ExemptionDecision,
            code=st.sampled_from([code for code, _name in strategies.SUBJECTS]),
            name=_CLEAN,
            decided_by=_CLEAN,
            decided_on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
            decision=st.none() | _CLEAN,
            decided_at=st.just("") | _CLEAN,
        ),
        max_size=4,
        unique_by=lambda decision: decision.code,
    ).map(tuple),
)
def test_whatever_was_decided_comes_back(disability, exemptions):
    told = results(disability=disability, exemptions=exemptions)
    assert transfer.parse_results(transfer.build_results(told)) == told


def _periods():
    subject = st.builds(
        SubjectResult,
        code=st.sampled_from([code for code, _name in strategies.SUBJECTS]),
        name=_CLEAN,
        level=st.sampled_from("THCM"),
        score=st.none() | st.integers(0, 10),
        comment=_REMARK,
    )
    traits = {code: st.sampled_from("TDC") for code in (*packet.QUALITIES, *packet.COMPETENCES)}

    def period(name):
        return st.builds(
            PeriodResults,
            period=st.just(name),
            assessed_at=st.just("") | _CLEAN,
            subjects=st.lists(subject, min_size=1, max_size=4, unique_by=lambda line: line.code).map(tuple),
            qualities=_pairs(traits, packet.QUALITIES),
            competences=_pairs(traits, packet.COMPETENCES),
            quality_comment=_REMARK,
            general_competence_comment=_REMARK,
            specific_competence_comment=_REMARK,
            homeroom_comment=_REMARK,
            height=st.none() | st.decimals(50, 220, places=1),
            weight=st.none() | st.decimals(8, 150, places=1),
        )

    return st.lists(st.sampled_from(["mid1", "end1", "mid2"]), min_size=1, max_size=3, unique=True).flatmap(
        lambda names: st.tuples(*map(period, names))
    )


def _pairs(traits, codes):
    every = st.fixed_dictionaries({}, optional={code: traits[code] for code in codes})
    return every.map(lambda found: tuple((code, found[code]) for code in codes if code in found))


@settings(max_examples=80, deadline=None)
@given(_periods(), _CLEAN)
def test_whatever_can_be_said_comes_back(periods, name):
    told = results(periods=periods, class_name=name)
    assert transfer.parse_results(transfer.build_results(told)) == told


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_document_is_refused_or_no_longer_signed(school, data):
    sheet = signed(school)
    place = data.draw(st.integers(0, len(sheet) - 1))
    damaged = bytearray(sheet)
    damaged[place] ^= data.draw(st.integers(1, 255))
    try:
        told = transfer.parse_results(bytes(damaged))
    except TransferError:
        return
    report = signing.verify_list(bytes(damaged), school.trust, id_number=told.head_id_number)
    assert not transfer.believed(report) or re.sub(rb"\s", b"", bytes(damaged)) == re.sub(rb"\s", b"", sheet)
