"""Hypothesis strategies and one typical example of the neutral record data."""

import unicodedata
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import _path  # noqa: F401 - puts host/lib on the path
from hocba_core import packet
from hocba_core.packet.data import find_forbidden
from hypothesis import strategies as st

VIETNAMESE = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyàằầèềìòồờùừỳáắấéếíóốớúứýảẳẩẻểỉỏổởủửỷãẵẫẽễĩõỗỡũữỹạặậẹệịọộợụựỵ"
    "ABCDĐEGHIKLMNOPQRSTUVXYẮẦỆỘỮƠƯ 0123456789.,;:'\"()-/&<>"
)
SUBJECTS = (
    ("TV", "Tiếng Việt"),
    ("TOAN", "Toán"),
    ("NN1", "Ngoại ngữ 1 (Tiếng Anh)"),
    ("LSDL", "Lịch sử và Địa lí"),
    ("KH", "Khoa học"),
    ("TH", "Tin học và Công nghệ (Tin học)"),
    ("CN", "Tin học và Công nghệ (Công nghệ)"),
    ("DD", "Đạo đức"),
    ("TNXH", "Tự nhiên và Xã hội"),
    ("GDTC", "Giáo dục thể chất"),
    ("AN", "Nghệ thuật (Âm nhạc)"),
    ("MT", "Nghệ thuật (Mĩ thuật)"),
    ("HDTN", "Hoạt động trải nghiệm"),
    ("TDT", "Tiếng dân tộc"),
)
REMARK = (
    "Đọc lưu loát, rõ ràng, viết chữ đẹp; tính toán nhanh và biết vận dụng thực hành tính toán vào một số vấn đề "
    "trong cuộc sống; cần tiếp tục rèn luyện kĩ năng trình bày bài viết và mạnh dạn hơn khi phát biểu ý kiến."
)


def _outer_blanks_off(text: str) -> str:
    return text.strip()


def _fits(text: str, max_length: int) -> bool:
    return 0 < len(text.strip()) <= max_length and find_forbidden(text) is None


def texts(max_length: int = 60):
    """Text that a field may hold, non-empty after stripping, in NFC or NFD, whose NFC form fits ``max_length``."""
    base = st.one_of(
        st.text(alphabet=VIETNAMESE, min_size=1, max_size=max_length),
        st.text(
            alphabet=st.characters(
                blacklist_categories=("Cc", "Cs", "Cf", "Cn", "Zl", "Zp"), blacklist_characters="\ufeff"
            ),
            min_size=1,
            max_size=max_length,
        ),
    )
    fitting = base.map(_outer_blanks_off).filter(lambda text: _fits(unicodedata.normalize("NFC", text), max_length))
    form = st.sampled_from(("NFC", "NFD"))
    return st.builds(unicodedata.normalize, form, fitting)


def optional(strategy):
    """None or a value."""
    return st.one_of(st.none(), strategy)


def id_numbers():
    """Personal numbers by form only: 12 digits."""
    return st.text(alphabet="0123456789", min_size=12, max_size=12)


def uuids():
    """Canonical lower-case UUID v4 as text."""
    return st.uuids(version=4).map(str)


def school_years():
    """School years such as 2025-2026."""
    return st.integers(2000, 2098).map(lambda year: f"{year}-{year + 1}")


def dates():
    """Dates of this and the last century."""
    return st.dates(date(1950, 1, 1), date(2098, 12, 31))


def moments():
    """Aware moments in several zones, with microseconds."""
    zones = st.sampled_from([timezone(timedelta(hours=hours)) for hours in (-5, 0, 7, 9)])
    return st.datetimes(datetime(1990, 1, 2), datetime(2098, 12, 30), timezones=zones)


def measures():
    """Positive decimals with at most 4 places."""
    return st.decimals(Decimal("0.1"), Decimal("999.9"), allow_nan=False, allow_infinity=False, places=None).map(
        lambda number: round(number, 4)
    )


def conduct(codes, optional_codes=()):
    """Pairs (code, T|D|C) for all codes, those of ``optional_codes`` now and then left out."""
    level = st.sampled_from(("T", "D", "C"))
    parts = [st.tuples(st.just(code), level) for code in codes]
    chosen = [optional(part) if code in optional_codes else part for code, part in zip(codes, parts, strict=True)]
    return st.tuples(*chosen).map(lambda pairs: tuple(pair for pair in pairs if pair is not None))


def history_lines():
    """Lines of the history of schools."""
    return st.builds(
        packet.HistoryLine,
        class_name=texts(30),
        school_name=texts(60),
        arrived_on=dates(),
        school_year=optional(school_years()),
    )


def subject_lines(code: str, name: str):
    """One line of a subject."""
    return st.builds(
        packet.SubjectLine,
        code=st.just(code),
        name=st.just(name),
        level=st.sampled_from(("T", "H", "C", "M")),
        score=optional(st.integers(0, 10)),
        comment=optional(texts(200)),
    )


@st.composite
def subject_tables(draw):
    """Some of the subjects, each at most once, in any order."""
    chosen = draw(st.lists(st.sampled_from(SUBJECTS), unique=True, min_size=1, max_size=len(SUBJECTS)))
    return tuple(draw(subject_lines(code, name)) for code, name in chosen)


def records():
    """Any RecordData that every profile must be able to carry."""
    return st.builds(
        packet.RecordData,
        uuid=uuids(),
        school_year=school_years(),
        authority_code=st.text(alphabet="0123456789", min_size=1, max_size=20),
        authority_name=texts(),
        school_code=st.text(alphabet="0123456789", min_size=1, max_size=20),
        school_name=texts(),
        commune=texts(),
        district=optional(texts()),
        province=texts(),
        register_number=texts(20),
        pupil_name=texts(150),
        pupil_code=texts(20),
        gender=st.sampled_from(("male", "female")),
        birth_date=dates(),
        id_number=optional(id_numbers()),
        weight=measures(),
        height=measures(),
        absences_excused=st.integers(0, 999),
        absences_unexcused=st.integers(0, 999),
        birth_place=texts(250),
        home_town=texts(),
        address=texts(),
        ethnicity=texts(50),
        nationality=texts(50),
        father=optional(texts()),
        mother=texts(),
        guardian=optional(texts()),
        head_name=texts(),
        head_id_number=id_numbers(),
        head_title=texts(),
        issue_place=texts(),
        created_at=moments(),
        issued_on=dates(),
        homeroom_name=optional(texts()),
        homeroom_id_number=optional(id_numbers()),
        grade=st.integers(1, 5),
        class_name=texts(30),
        history=st.lists(history_lines(), min_size=1, max_size=6).map(tuple),
        overall=st.sampled_from(tuple(packet.OVERALL_RESULTS)),
        promoted=st.booleans(),
        class_completed=st.booleans(),
        primary_completed=optional(st.booleans()),
        completion_text=optional(texts()),
        award=optional(texts()),
        extra_award=optional(texts()),
        homeroom_comment=texts(300),
        subjects=subject_tables(),
        competences=conduct(packet.COMPETENCES, packet.UPPER_GRADE_COMPETENCES),
        qualities=conduct(packet.QUALITIES),
        quality_comment=texts(200),
        general_competence_comment=texts(200),
        specific_competence_comment=texts(200),
        digitised=st.sampled_from([None, True]),
    )


def example(**changes) -> packet.RecordData:
    """A typical record of grade 4: about 12 KB as a packet without signatures."""
    values = {
        "uuid": "4ef748d9-2146-4a82-95a5-8534051475f0",
        "school_year": "2025-2026",
        "authority_code": "48",
        "authority_name": "Sở Giáo dục và Đào tạo thành phố Đà Nẵng",
        "school_code": "48491401",
        "school_name": "Trường Tiểu học Điện Biên Phủ",
        "commune": "Phường Thanh Khê",
        "province": "Thành phố Đà Nẵng",
        "register_number": "2022/0147",
        "pupil_name": "Trương Phương Anh",
        "pupil_code": "4812345678",
        "gender": "female",
        "birth_date": date(2016, 5, 17),
        "id_number": "048316002681",
        "weight": Decimal("31.5"),
        "height": Decimal("136"),
        "absences_excused": 3,
        "absences_unexcused": 0,
        "birth_place": "Bệnh viện Phụ sản - Nhi Đà Nẵng",
        "home_town": "Phường Thanh Khê, thành phố Đà Nẵng",
        "address": "K123/45 đường Điện Biên Phủ, phường Thanh Khê, thành phố Đà Nẵng",
        "ethnicity": "Kinh",
        "nationality": "Việt Nam",
        "father": "Trương Văn Bình",
        "mother": "Hoàng Thị Cúc",
        "head_name": "Nguyễn Thị Hồng Vân",
        "head_id_number": "048175001234",
        "head_title": "Hiệu trưởng",
        "issue_place": "Đà Nẵng",
        "created_at": datetime(2026, 5, 28, 8, 30, tzinfo=packet.VIETNAM_TIME),
        "issued_on": date(2026, 5, 30),
        "homeroom_name": "Lê Thị Mai",
        "homeroom_id_number": "048185004321",
        "grade": 4,
        "class_name": "4A1",
        "history": tuple(
            packet.HistoryLine(
                class_name=f"{grade}A1",
                school_name="Trường Tiểu học Điện Biên Phủ",
                arrived_on=date(2021 + grade, 9, 5),
                school_year=f"{2021 + grade}-{2022 + grade}",
            )
            for grade in range(1, 5)
        ),
        "overall": "good",
        "promoted": True,
        "class_completed": True,
        "completion_text": "Hoàn thành chương trình lớp 4; Được lên lớp 5.",
        "award": "Đạt giải Nhì hội giao lưu An toàn giao thông cấp phường",
        "homeroom_comment": REMARK,
        "subjects": tuple(
            packet.SubjectLine(
                code=code, name=name, level="T", score=8 if code in TESTED else None, comment=f"{name}: {REMARK}"
            )
            for code, name in SUBJECTS
            if code not in ("TNXH", "TDT")
        ),
        "competences": tuple((code, "T") for code in packet.COMPETENCES),
        "qualities": tuple((code, "T") for code in packet.QUALITIES),
        "quality_comment": REMARK,
        "general_competence_comment": REMARK,
        "specific_competence_comment": REMARK,
    }
    return packet.RecordData(**{**values, **changes})


TESTED = frozenset({"TV", "TOAN", "NN1", "LSDL", "KH", "TH", "CN"})
