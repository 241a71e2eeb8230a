"""Profile cv2088-1.0: CV 2088/BGDĐT-GDTH of 08/05/2024, annex 1 and its annex 1.1, tag for tag.

This table is the only place where the profile's tags, list names, lengths and required marks stand. Spellings
such as THONG_SO_BUOI_NGHI_KHONG_PHEP and NANG_LUC_GIAO_TIEP_HOC_TAC are the official ones.
Where the text is silent (the example file is lost): the list names QUA_TRINH_HOC_TAP/NAM_HOC_LOP and
BANG_DIEM/DIEM_TONG_KET, the nesting of grades and of DANH_GIA_NANG_LUC_PHAM_CHAT in TONG_KET, and the optional tags
NAM_HOC in a line of the history, NHAN_XET in a subject line and TRICH_LUC (1: made from a paper record, as the national
schema calls it) are this profile's choice. SO_CCCD (pupils without a
number) and TEN_QUAN_HUYEN (no districts since 01/07/2025) may be absent: a null has no tag (part II §1.3).
Lengths follow the national schema of 2026 where it has them, or more where a school may need more.
"""

from dataclasses import replace

from .data import DIGITISED_NOTE, GENDERS, OVERALL_RESULTS, HistoryLine, SubjectLine
from .layout import Field, Level, Lines, Section
from .profile import Profile, SignerTag
from .values import (
    Choice,
    Day,
    DayAsMoment,
    Measure,
    Moment,
    Pattern,
    SchoolYear,
    SchoolYearStart,
    Text,
    Whole,
    boolean,
    choice_of,
    constant,
)

_NAME = Text(150)
_CODE = Text(20)
_ADDRESS = Text(250)
_REMARK = Text(1000)
_PHRASE = Text(2000)
# In strict packets this field also carries the remarks of all subjects.
_LONG_REMARK = Text(20000)
_ID_NUMBER = Pattern("[0-9]{12}", "a personal ID number of 12 digits")
_UUID = Pattern("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", "a lower-case UUID v4")
_SUBJECT_LEVEL = Choice((("T", "T"), ("H", "H"), ("C", "C"), ("M", "M")))
_CONDUCT_LEVEL = Choice((("T", "T"), ("D", "Đ"), ("C", "C")))
_GRADE = Choice(tuple((grade, f"{grade:02d}") for grade in range(1, 6)))

GENERAL = Section(
    "THONG_TIN_CHUNG",
    (
        Field("PHIEN_BAN", None, constant("1.0")),
        Field("THONG_TU", None, constant("27/2020/TT-BGDĐT")),
        Field("MA_TRA_CUU_UUID", "uuid", _UUID),
        Field("TEN_NAM_HOC", "school_year", SchoolYear()),
        Field("MA_SO_GIAO_DUC", "authority_code", _CODE),
        Field("TEN_SO_GD", "authority_name", _NAME),
        Field("MA_TRUONG", "school_code", _CODE),
        Field("TEN_TRUONG", "school_name", _ADDRESS),
        Field("TEN_QUAN_HUYEN", "district", _ADDRESS, required=False),
        Field("TEN_XA_PHUONG", "commune", _NAME),
        Field("TEN_TINH_THANH_PHO", "province", _NAME),
        Field("MA_CAP_HOC", None, constant("02")),
        Field("SO_SO_DANG_BO", "register_number", Text(50)),
        Field("HO_VA_TEN", "pupil_name", _NAME),
        Field("SO_CCCD", "id_number", _ID_NUMBER, required=False),
        Field("MA_HOC_SINH", "pupil_code", _CODE),
        Field("GIOI_TINH", "gender", choice_of(GENDERS)),
        Field("NGAY_SINH", "birth_date", Day()),
        Field("CAN_NANG", "weight", Measure()),
        Field("CHIEU_CAO", "height", Measure()),
        Field("TONG_SO_BUOI_NGHI_CO_PHEP", "absences_excused", Whole(0, 999)),
        Field("THONG_SO_BUOI_NGHI_KHONG_PHEP", "absences_unexcused", Whole(0, 999)),
        Field("NOI_SINH", "birth_place", _ADDRESS),
        Field("QUE_QUAN", "home_town", _ADDRESS),
        Field("CHO_O_HIEN_NAY", "address", _ADDRESS),
        Field("DAN_TOC", "ethnicity", Text(50)),
        Field("QUOC_TICH", "nationality", Text(100)),
        Field("HO_VA_TEN_CHA", "father", _NAME, required=False),
        Field("HO_VA_TEN_ME", "mother", _NAME),
        Field("HO_VA_TEN_NGUOI_GIAM_HO", "guardian", _NAME, required=False),
        Field("TEN_GIAM_HIEU_KY_HOC_BA", "head_name", _NAME),
        Field("SO_CCCD_GIAM_HIEU_KY_HOC_BA", "head_id_number", _ID_NUMBER),
        Field("DIA_DANH_PHAT_HANH_HOC_BA", "issue_place", _NAME),
        Field("NGAY_TAO_HOC_BA", "created_at", Moment()),
        Field("NGAY_KY_PHAT_HANH_HOC_BA", "issued_on", DayAsMoment()),
        Field("CHUC_VU_GIAM_HIEU_KY_HOC_BA", "head_title", _NAME),
        Field("TEN_GIAO_VIEN_CHU_NHIEM", "homeroom_name", _NAME, required=False),
        Field("SO_CCCD_GIAO_VIEN_CHU_NHIEM", "homeroom_id_number", _ID_NUMBER, required=False),
        Field("MA_KHOI", "grade", _GRADE),
        Field("TEN_LOP", "class_name", Text(100)),
        Field("NAM_HOC", "school_year", SchoolYearStart(), derived=True),
        Field("TRICH_LUC", "digitised", Choice(((True, "1"),)), required=False),
    ),
)

HISTORY = Lines(
    "QUA_TRINH_HOC_TAP",
    "NAM_HOC_LOP",
    "history",
    HistoryLine,
    (
        Field("NAM_HOC", "school_year", SchoolYearStart(), required=False),
        Field("TEN_LOP", "class_name", Text(100)),
        Field("TEN_TRUONG", "school_name", _ADDRESS),
        Field("NGAY_TRANG_THAI_CHUYEN_DEN", "arrived_on", Day()),
    ),
    maximum=30,
)

SUBJECTS = Lines(
    "BANG_DIEM",
    "DIEM_TONG_KET",
    "subjects",
    SubjectLine,
    (
        Field("MA_MON_HOC", "code", _CODE),
        Field("TEN_MON_HOC", "name", _NAME),
        Field("MUC_DAT_DUOC", "level", _SUBJECT_LEVEL),
        Field("DIEM_KIEM_TRA_DINH_KY", "score", Whole(0, 10), required=False),
        Field("NHAN_XET", "comment", _REMARK, required=False),
    ),
    maximum=40,
    key="code",
)

CONDUCT = Section(
    "DANH_GIA_NANG_LUC_PHAM_CHAT",
    (
        Level("NANG_LUC_TU_CHU_TU_HOC", "competences", "autonomy", _CONDUCT_LEVEL),
        Level("NANG_LUC_GIAO_TIEP_HOC_TAC", "competences", "communication", _CONDUCT_LEVEL),
        Level("NANG_LUC_GIAI_QUYET_VAN_DE_SANG_TAO", "competences", "problem_solving", _CONDUCT_LEVEL),
        Level("NANG_LUC_NGON_NGU", "competences", "language", _CONDUCT_LEVEL),
        Level("NANG_LUC_TINH_TOAN", "competences", "computation", _CONDUCT_LEVEL),
        Level("NANG_LUC_KHOA_HOC", "competences", "science", _CONDUCT_LEVEL),
        Level("NANG_LUC_CONG_NGHE", "competences", "technology", _CONDUCT_LEVEL, required=False),
        Level("NANG_LUC_TIN_HOC", "competences", "informatics", _CONDUCT_LEVEL, required=False),
        Level("NANG_LUC_THAM_MI", "competences", "aesthetics", _CONDUCT_LEVEL),
        Level("NANG_LUC_THE_CHAT", "competences", "physical", _CONDUCT_LEVEL),
        Level("PHAM_CHAT_YEU_NUOC", "qualities", "patriotism", _CONDUCT_LEVEL),
        Level("PHAM_CHAT_NHAN_AI", "qualities", "compassion", _CONDUCT_LEVEL),
        Level("PHAM_CHAT_CHAM_CHI", "qualities", "diligence", _CONDUCT_LEVEL),
        Level("PHAM_CHAT_TRUNG_THUC", "qualities", "honesty", _CONDUCT_LEVEL),
        Level("PHAM_CHAT_TRACH_NHIEM", "qualities", "responsibility", _CONDUCT_LEVEL),
        Field("NHAN_XET_PHAM_CHAT", "quality_comment", _PHRASE),
        Field("NHAN_XET_NANG_LUC_CHUNG", "general_competence_comment", _PHRASE),
        Field("NHAN_XET_NANG_LUC_DAC_THU", "specific_competence_comment", _PHRASE),
    ),
)

SUMMARY = Section(
    "TONG_KET",
    (
        Field("KET_QUA_XEP_LOAI", "overall", choice_of(OVERALL_RESULTS)),
        Field("DUOC_LEN_LOP", "promoted", boolean()),
        Field("NOI_DUNG_HOAN_THANH_CHUONG_TRINH", "completion_text", _PHRASE, required=False),
        Field("DA_HOAN_THANH_CHUONG_TRINH_LOP_HOC", "class_completed", boolean()),
        Field("DA_HOAN_THANH_CHUONG_TRINH_TIEU_HOC", "primary_completed", boolean(), required=False),
        Field("NOI_DUNG_KHEN_THUONG", "award", _PHRASE, required=False),
        Field("NOI_DUNG_KHEN_THUONG_DOT_XUAT", "extra_award", _PHRASE, required=False),
        Field("NHAN_XET_GVCN", "homeroom_comment", _LONG_REMARK),
        SUBJECTS,
        CONDUCT,
    ),
)


class Cv2088(Profile):
    """The ministry's pilot format of 05/2024."""

    def prepare(self, data, *, strict):
        """Strict: what the text has no tag for goes into NHAN_XET_GVCN, one after the other: that the record was made
        from paper, and the remarks of subjects.
        """
        if not strict:
            return data
        remarks = [f"{line.name}: {line.comment.strip()}" for line in data.subjects if (line.comment or "").strip()]
        own = [data.homeroom_comment] if data.homeroom_comment else []
        if data.digitised and DIGITISED_NOTE not in (data.homeroom_comment or ""):
            own.insert(0, DIGITISED_NOTE)
        return replace(
            data,
            digitised=None,
            homeroom_comment=" | ".join(own + remarks) or data.homeroom_comment,
            subjects=tuple(replace(line, comment=None) for line in data.subjects),
        )


PROFILE = Cv2088(
    name="cv2088-1.0",
    layout=Section("DU_LIEU_HOC_BA", (GENERAL, HISTORY, SUMMARY)),
    signers=(
        SignerTag("gvcn", "GVCN", has_id_number=True, required=False),
        SignerTag("cbql", "CBQL", has_id_number=True, required=True),
        SignerTag("seal", "KY_PHAT_HANH", has_id_number=False, required=True),
    ),
    root_tag="HOC_BA",
    signatures_tag="DANH_SACH_THONG_TIN_KY",
    list_tag="DANH_SACH_HOC_BA",
)
