"""Circular 27/2020/TT-BGDĐT and the calendar, as tables of cases and as properties."""

from datetime import UTC, date, datetime

import _path  # noqa: F401 - puts host/lib on the path
import pytest
from hocba_core.packet import COMPETENCES, QUALITIES, VIETNAM_TIME
from hocba_core.rules import assessment, awards, deadlines, id_number, subjects
from hypothesis import given
from hypothesis import strategies as st

CODES = sorted(subjects.required_subjects(4))
TESTED = subjects.year_end_tests(4)


def overall(levels=None, scores=None, qualities=None, competences=None, **options):
    return assessment.overall_result(
        {**dict.fromkeys(CODES, "T"), **(levels or {})},
        {**dict.fromkeys(TESTED, 9), **(scores or {})},
        {**dict.fromkeys(QUALITIES, "T"), **(qualities or {})},
        {**dict.fromkeys(COMPETENCES, "T"), **(competences or {})},
        **{"tested": TESTED, "required": CODES, **options},
    )


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "excellent"),
        ({"scores": {"TOAN": 10}}, "excellent"),
        ({"scores": {"TOAN": 8}}, "good"),
        ({"scores": {"TOAN": 7}}, "good"),
        ({"scores": {"TOAN": 6}}, "completed"),
        ({"scores": {"TOAN": 5}}, "completed"),
        ({"scores": {"TOAN": 4}}, "not_completed"),
        ({"levels": {"AN": "H"}}, "completed"),
        ({"levels": {"AN": "C"}}, "not_completed"),
        ({"qualities": {"honesty": "D"}}, "completed"),
        ({"qualities": {"honesty": "C"}}, "not_completed"),
        ({"competences": {"language": "D"}}, "completed"),
        ({"competences": {"language": "C"}}, "not_completed"),
        ({"levels": {"GDTC": "M"}}, "excellent"),
        ({"levels": {"NN1": "M"}, "scores": {"NN1": None}}, "excellent"),
        ({"levels": {"NN1": "M"}, "scores": {"NN1": 2}}, "excellent"),
        ({"levels": {"TDT": None}}, "excellent"),
        ({"levels": {"TDT": "H"}}, "completed"),
        ({"scores": {"DD": 1}}, "excellent"),
        ({"levels": {"TOAN": None}}, None),
        ({"scores": {"TOAN": None}}, None),
        ({"qualities": {"honesty": None}}, None),
        ({"competences": {"language": None}}, None),
    ],
)
def test_overall_result(changes, result):
    assert overall(**changes) == result


@pytest.mark.parametrize(
    "changes",
    [{"levels": {"AN": "D"}}, {"scores": {"TV": 11}}, {"scores": {"TV": 7.5}}, {"qualities": {"honesty": "H"}}],
)
def test_values_outside_their_scale_are_an_error(changes):
    with pytest.raises(ValueError, match="is not"):
        overall(**changes)


def test_nothing_assessed_has_no_result():
    assert assessment.overall_result({}, {}, {}, {}, tested=()) is None
    assert assessment.overall_result({"TV": "T"}, {"TV": 9}, {}, {}, tested=("TV",)) is None


subject_level = st.sampled_from("CHT")
conduct_level = st.sampled_from("CDT")


@given(
    st.fixed_dictionaries(dict.fromkeys(CODES, subject_level)),
    st.fixed_dictionaries({code: st.integers(0, 10) for code in TESTED}),
    st.fixed_dictionaries(dict.fromkeys(QUALITIES, conduct_level)),
    st.fixed_dictionaries(dict.fromkeys(COMPETENCES, conduct_level)),
    st.data(),
)
def test_doing_better_never_lowers_the_result(levels, scores, qualities, competences, data):
    before = overall(levels, scores, qualities, competences)
    table, scale = data.draw(
        st.sampled_from(((levels, "CHT"), (scores, range(11)), (qualities, "CDT"), (competences, "CDT")))
    )
    code = data.draw(st.sampled_from(sorted(table)))
    table[code] = data.draw(st.sampled_from([item for item in scale if scale.index(item) >= scale.index(table[code])]))
    after = overall(levels, scores, qualities, competences)
    assert assessment.RESULTS.index(after) >= assessment.RESULTS.index(before)


@given(st.permutations(CODES))
def test_order_does_not_matter(codes):
    levels = {code: "H" if code == "AN" else "T" for code in codes}
    assert overall(levels) == "completed"


def test_completion_and_promotion_are_two_facts():
    for result in ("excellent", "good", "completed"):
        assert assessment.class_completion(result) is True
        assert assessment.promotion(result) is True
        assert assessment.promotion(result, head_decision=False) is True
    assert assessment.class_completion("not_completed") is False
    assert assessment.promotion("not_completed") is None
    assert assessment.promotion("not_completed", head_decision=True) is True
    assert assessment.promotion("not_completed", head_decision=False) is False
    assert assessment.class_completion(None) is None
    assert assessment.promotion(None, head_decision=True) is None
    assert assessment.primary_completion(5, True) is True
    assert assessment.primary_completion(4, True) is None


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ((2, True, True), "Hoàn thành chương trình lớp 2; Được lên lớp 3."),
        ((4, True, True), "Hoàn thành chương trình lớp 4; Được lên lớp 5."),
        ((2, False, False), "Chưa hoàn thành chương trình lớp 2; Chưa được lên lớp 3."),
        ((2, False, True), "Chưa hoàn thành chương trình lớp 2; Được lên lớp 3."),
        ((5, True, True), "Hoàn thành chương trình tiểu học."),
        ((5, False, False), "Chưa hoàn thành chương trình tiểu học."),
    ],
)
def test_completion_text(case, text):
    assert assessment.completion_text(*case) == text


def test_titles():
    assert awards.award_title("excellent") == "Học sinh Xuất sắc"
    assert awards.award_title("good") is None
    assert awards.award_title("good", outstanding_subject=True) is None
    assert awards.award_title("good", marked_progress=True, accepted_by_class=True) == awards.EXEMPLARY_TITLE
    assert awards.award_title("completed", outstanding_subject=True, accepted_by_class=True) is None
    assert awards.possible_title("good") == awards.EXEMPLARY_TITLE
    assert awards.award_phrase(awards.EXCELLENT_TITLE) == "Đạt danh hiệu Học sinh Xuất sắc"
    assert awards.award_phrase(None) is None
    assert awards.contradicts("Đạt danh hiệu Học sinh xuất sắc; giải Nhì", "good")
    assert awards.contradicts("Đạt danh hiệu " + awards.EXEMPLARY_TITLE, "completed")
    assert not awards.contradicts("Đạt giải Nhì", "completed")
    assert not awards.contradicts(None, None)


def test_subjects_and_tests_by_grade():
    assert subjects.year_end_tests(1) == subjects.year_end_tests(2) == {"TV", "TOAN"}
    assert subjects.year_end_tests(3) == {"TV", "TOAN", "NN1", "TH", "CN"}
    assert subjects.year_end_tests(5) == {"TV", "TOAN", "NN1", "LSDL", "KH", "TH", "CN"}
    assert subjects.mid_term_tests(3) == frozenset()
    assert subjects.tests(4, "mid2") == {"TV", "TOAN"}
    assert subjects.tests(4, "end1") == subjects.year_end_tests(4)
    assert "TNXH" in subjects.required_subjects(3)
    assert "TNXH" not in subjects.required_subjects(4)
    for grade in subjects.GRADES:
        together = subjects.required_subjects(grade) | subjects.optional_subjects(grade)
        assert together <= set(subjects.ALL)
        assert not subjects.required_subjects(grade) & subjects.optional_subjects(grade)
    assert len(subjects.competences(2)) == 8
    assert subjects.competences(3) == COMPETENCES
    for wrong in (0, 6, None):
        with pytest.raises(ValueError, match="grade"):
            subjects.required_subjects(wrong)
    with pytest.raises(ValueError, match="mid1"):
        subjects.tests(4, "summer")


@pytest.mark.parametrize(
    ("number", "birth", "gender", "codes"),
    [
        ("048317002681", date(2017, 5, 17), "female", ()),
        ("048317002681", date(2017, 5, 17), "male", ("id_gender",)),
        ("048317002681", date(2016, 5, 17), "female", ("id_birth_year",)),
        ("048117002681", date(2017, 5, 17), "female", ("id_century",)),
        ("003317002681", date(2017, 5, 17), "female", ("id_province",)),
        ("097317002681", None, None, ("id_province",)),
        ("999017002681", date(2018, 1, 1), "female", ("id_province", "id_gender", "id_century", "id_birth_year")),
        ("048075001234", date(1975, 1, 1), "male", ()),
        ("04831700268", date(2017, 5, 17), "female", ("id_format",)),
        ("04831700268A", None, None, ("id_format",)),
        ("04831700268١", None, None, ("id_format",)),
        ("", None, None, ("id_format",)),
    ],
)
def test_structure_of_id_numbers(number, birth, gender, codes):
    assert id_number.warnings(number, birth_date=birth, gender=gender) == codes


def test_there_were_63_provinces():
    assert len(id_number.PROVINCE_CODES) == 63


def test_before_a_day_means_the_day_before():
    day = date(2026, 6, 30)
    assert deadlines.last_moment(day).isoformat() == "2026-06-29T23:59:59+07:00"
    assert deadlines.last_moment(day, inclusive=True).isoformat() == "2026-06-30T23:59:59+07:00"
    last = datetime(2026, 6, 29, 16, 59, 59, 999999, tzinfo=UTC)
    assert not deadlines.is_past(day, last)
    assert deadlines.is_past(day, datetime(2026, 6, 29, 17, tzinfo=UTC))
    assert deadlines.is_past(day, datetime(2026, 6, 29, 17))
    assert not deadlines.is_past(day, datetime(2026, 6, 29, 17, tzinfo=UTC), inclusive=True)
    assert deadlines.days_left(day, last) == 0
    assert deadlines.days_left(day, datetime(2026, 6, 15, 17, tzinfo=UTC)) == 13
    assert deadlines.days_left(day, datetime(2026, 6, 30, 17, tzinfo=UTC)) == -2


def test_default_deadlines():
    assert deadlines.default_deadlines("2025-2026") == {
        "deadline_school": date(2026, 6, 30),
        "deadline_authority": date(2026, 7, 10),
        "deadline_school_summer": date(2026, 8, 15),
        "deadline_authority_summer": date(2026, 8, 25),
    }
    for wrong in ("2025", "2025-2027", "", None, "2025-2026 "):
        with pytest.raises(ValueError, match="school year"):
            deadlines.default_deadlines(wrong)


def test_moments_are_told_in_vietnam():
    assert deadlines.iso(datetime(2026, 5, 28, 18, 30)) == "2026-05-29T01:30:00+07:00"
    assert deadlines.local_date(datetime(2026, 5, 28, 18, 30, tzinfo=UTC)) == date(2026, 5, 29)
    assert deadlines.now().tzinfo is VIETNAM_TIME
