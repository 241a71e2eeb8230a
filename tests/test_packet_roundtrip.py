"""What is written is what is read, for every record there can be."""

import unicodedata
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import _path  # noqa: F401 - puts host/lib on the path
import pytest
import strategies
from hocba_core import packet
from hypothesis import given, settings
from hypothesis import strategies as st

PROFILE = packet.get_profile("cv2088-1.0")
TEXT_FIELDS = {
    spec.name: 150
    for spec in fields(packet.RecordData)
    if spec.name in ("pupil_name", "mother", "father", "guardian", "head_name", "commune", "issue_place")
} | {"address": 250, "register_number": 50, "quality_comment": 2000, "award": 2000, "homeroom_comment": 20000}


def failure(**changes) -> packet.PacketError:
    with pytest.raises(packet.PacketError) as caught:
        PROFILE.build_data(strategies.example(**changes))
    return caught.value


@settings(max_examples=200)
@given(strategies.records())
def test_parse_gives_back_what_was_built(data):
    built = PROFILE.build_data(data)
    read = PROFILE.parse(built)
    assert read.data == packet.normalise(data)
    assert read.signers == ()
    assert PROFILE.build_data(read.data) == built
    assert packet.canonical(read.root) == built


@settings(max_examples=60)
@given(strategies.records())
def test_strict_packets_have_no_subject_remark_and_lose_none(data):
    read = PROFILE.parse(PROFILE.build_data(data, strict=True)).data
    assert all(line.comment is None for line in read.subjects)
    for line in packet.normalise(data).subjects:
        assert not line.comment or f"{line.name}: {line.comment}" in read.homeroom_comment
    assert not data.digitised or packet.DIGITISED_NOTE in read.homeroom_comment


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_cleaned_text_is_always_accepted(text):
    cleaned = packet.clean_text(text)
    if cleaned is not None:
        data = strategies.example(homeroom_comment=cleaned)
        assert PROFILE.parse(PROFILE.build_data(data)).data == data


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_both_forms_of_vietnamese_give_the_same_bytes(form):
    data = strategies.example()
    other = replace(data, pupil_name=unicodedata.normalize(form, data.pupil_name))
    assert PROFILE.build_data(other) == PROFILE.build_data(data)


def test_decomposed_text_in_a_packet_is_refused():
    built = PROFILE.build_data(strategies.example())
    name = strategies.example().pupil_name
    bad = built.replace(name.encode(), unicodedata.normalize("NFD", name).encode())
    assert bad != built
    with pytest.raises(packet.PacketError) as caught:
        PROFILE.parse(bad)
    assert caught.value.code == "not_canonical"


@pytest.mark.parametrize(
    "bad",
    [
        "\x00",
        "\x07",
        "\t",
        "\n",
        "\r",
        "\x1f",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u200b",
        "\ufffe",
    ],
)
@pytest.mark.parametrize("where", ["Anh{}Thư", "{}Anh Thư", "Anh Thư{}"])
def test_control_characters_are_refused_with_the_field(bad, where):
    error = failure(mother=where.format(bad))
    assert (error.code, error.field) == ("character", "mother")


def test_lone_surrogates_are_refused():
    assert failure(mother="\ud800").code == "character"


def test_a_bad_line_names_its_place():
    lines = strategies.example().subjects
    bad = (*lines[:2], replace(lines[2], comment="a\x02"), *lines[3:])
    error = failure(subjects=bad)
    assert (error.code, error.field) == ("character", "subjects[2].comment")


@pytest.mark.parametrize(("name", "length"), TEXT_FIELDS.items())
def test_longest_text_fits_and_one_more_does_not(name, length):
    longest = "ễ" * length
    data = strategies.example(**{name: longest})
    assert getattr(PROFILE.parse(PROFILE.build_data(data)).data, name) == longest
    error = failure(**{name: longest + "ễ"})
    assert (error.code, error.field) == ("too_long", name)
    assert PROFILE.build_data(strategies.example(**{name: unicodedata.normalize("NFD", longest)}))


REQUIRED = [
    spec.name
    for spec in fields(packet.RecordData)
    if spec.name
    not in (
        *("district", "id_number", "father", "guardian", "homeroom_name", "homeroom_id_number"),
        *("primary_completed", "completion_text", "award", "extra_award", "digitised"),
    )
]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_value_is_named(name):
    empty = () if name in ("history", "subjects", "competences", "qualities") else None
    error = failure(**{name: empty})
    assert error.code == "required"
    assert error.field.split(".")[0] == name


@pytest.mark.parametrize("name", ["pupil_name", "homeroom_comment", "address"])
@pytest.mark.parametrize("value", ["", "   ", "\u00a0"])
def test_empty_required_text_is_missing(name, value):
    assert (failure(**{name: value}).code) == "required"


@pytest.mark.parametrize("name", ["district", "id_number", "father", "award", "homeroom_id_number"])
def test_empty_optional_text_has_no_tag(name):
    data = strategies.example(**{name: ""})
    assert getattr(PROFILE.parse(PROFILE.build_data(data)).data, name) is None


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"uuid": "4EF748D9-2146-4A82-95A5-8534051475F0"}, "format", "uuid"),
        ({"uuid": "4ef748d9-2146-1a82-95a5-8534051475f0"}, "format", "uuid"),
        ({"school_year": "2025-2027"}, "format", "school_year"),
        ({"school_year": "2025"}, "format", "school_year"),
        ({"id_number": "12345678901"}, "format", "id_number"),
        ({"id_number": "٠٤٨٣١٦٠٠٢٦٨١"}, "format", "id_number"),
        ({"gender": "other"}, "choice", "gender"),
        ({"grade": 6}, "choice", "grade"),
        ({"grade": True}, "choice", "grade"),
        ({"promoted": 1}, "choice", "promoted"),
        ({"overall": "Hoàn thành"}, "choice", "overall"),
        ({"weight": Decimal("0")}, "range", "weight"),
        ({"weight": Decimal("31.50001")}, "range", "weight"),
        ({"weight": Decimal("NaN")}, "range", "weight"),
        ({"weight": 31.5}, "type", "weight"),
        ({"height": Decimal("1000")}, "range", "height"),
        ({"absences_excused": -1}, "range", "absences_excused"),
        ({"absences_excused": 1.5}, "type", "absences_excused"),
        ({"birth_date": datetime(2016, 5, 17)}, "type", "birth_date"),
        ({"birth_date": date(1, 1, 1)}, "range", "birth_date"),
        ({"created_at": datetime(2026, 5, 28)}, "type", "created_at"),
        ({"pupil_name": 5}, "type", "pupil_name"),
        ({"competences": (("flying", "T"), *strategies.example().competences)}, "unknown_code", "competences"),
        ({"qualities": (("honesty", "T"), *strategies.example().qualities)}, "duplicate", "qualities"),
        ({"subjects": strategies.example().subjects[:1] * 2}, "duplicate", "subjects[1].code"),
        ({"history": strategies.example().history[:1] * 31}, "too_long", "history"),
    ],
)
def test_values_out_of_their_format_are_named(changes, code, field):
    error = failure(**changes)
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize("score", [-1, 11, 7.5, "7", True])
def test_scores_are_whole_numbers_to_ten(score):
    line = replace(strategies.example().subjects[0], score=score)
    error = failure(subjects=(line,))
    assert error.code in ("range", "type")
    assert error.field == "subjects[0].score"


def test_order_of_levels_does_not_matter_and_order_of_subjects_stays():
    data = strategies.example()
    mixed = replace(data, competences=tuple(reversed(data.competences)), subjects=tuple(reversed(data.subjects)))
    read = PROFILE.parse(PROFILE.build_data(mixed)).data
    assert read.competences == data.competences
    assert read.subjects == mixed.subjects


@pytest.mark.parametrize(
    ("value", "text"), [("31.50", "31.5"), ("31.000", "31"), ("100", "100"), ("0.0001", "0.0001"), ("1E+2", "100")]
)
def test_decimals_have_one_form(value, text):
    built = PROFILE.build_data(strategies.example(weight=Decimal(value)))
    assert f"<CAN_NANG>{text}</CAN_NANG>".encode() in built
    assert PROFILE.parse(built).data.weight == Decimal(value)


def test_formats_of_the_official_sample():
    built = PROFILE.build_data(
        strategies.example(created_at=datetime(2026, 5, 28, 1, 30, 0, 5, tzinfo=UTC), primary_completed=False)
    ).decode()
    for text in (
        "<PHIEN_BAN>1.0</PHIEN_BAN>",
        "<THONG_TU>27/2020/TT-BGDĐT</THONG_TU>",
        "<NGAY_SINH>17/05/2016</NGAY_SINH>",
        "<NGAY_TAO_HOC_BA>2026-05-28T08:30:00+07:00</NGAY_TAO_HOC_BA>",
        "<NGAY_KY_PHAT_HANH_HOC_BA>2026-05-30T00:00:00+07:00</NGAY_KY_PHAT_HANH_HOC_BA>",
        "<MA_CAP_HOC>02</MA_CAP_HOC>",
        "<MA_KHOI>04</MA_KHOI>",
        "<NAM_HOC>2025</NAM_HOC></THONG_TIN_CHUNG>",
        "<GIOI_TINH>Nữ</GIOI_TINH>",
        "<KET_QUA_XEP_LOAI>Hoàn thành tốt</KET_QUA_XEP_LOAI><DUOC_LEN_LOP>1</DUOC_LEN_LOP>",
        "<DA_HOAN_THANH_CHUONG_TRINH_TIEU_HOC>0</DA_HOAN_THANH_CHUONG_TRINH_TIEU_HOC>",
    ):
        assert text in built


def test_markup_in_text_is_data():
    data = strategies.example(mother='<b a="1">&amp;</b> ]]> & < > "')
    assert PROFILE.parse(PROFILE.build_data(data)).data == data


def test_the_largest_record_keeps_the_limits():
    lines = tuple(
        packet.SubjectLine(code=f"C{index}", name="ễ" * 150, level="T", score=10, comment="ễ" * 1000)
        for index in range(40)
    )
    data = strategies.example(subjects=lines, homeroom_comment="ễ" * 20000, quality_comment="&" * 2000)
    built = PROFILE.build_data(data)
    assert len(built) < PROFILE.limits.packet_bytes
    assert PROFILE.parse(built).data == data


def test_problems_lists_everything_at_once():
    data = strategies.example(mother=None, pupil_name="\x01", history=())
    assert {(item.code, item.field) for item in PROFILE.problems(data)} == {
        ("required", "mother"),
        ("character", "pupil_name"),
        ("required", "history"),
    }
