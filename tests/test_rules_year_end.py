"""What follows the year's results: completion, moving up, summer, awards, disabilities (TT 27/2020 Art. 8, 11, 13)."""

from itertools import product

import _path  # noqa: F401 - puts host/lib on the path
import pytest
from hocba_core.packet import QUALITIES
from hocba_core.rules import assessment, awards, disability, progression, subjects
from hypothesis import given
from hypothesis import strategies as st

CODES = sorted(subjects.required_subjects(4))
TESTED = subjects.year_end_tests(4)

levels = st.fixed_dictionaries({code: st.sampled_from("CHTM") for code in CODES})
scores = st.fixed_dictionaries({code: st.integers(0, 10) for code in TESTED})
conduct = st.fixed_dictionaries({code: st.sampled_from("CDT") for code in QUALITIES})
decisions = st.sampled_from([None, True, False])


def overall(given_levels, given_scores, given_conduct):
    return assessment.overall_result(given_levels, given_scores, given_conduct, {}, tested=TESTED, required=CODES)


@pytest.mark.parametrize(
    ("case", "completed", "decision", "options", "state"),
    [
        ("hoàn thành", True, None, {}, "completed"),
        ("hoàn thành, quyết định cũ không còn tác dụng", True, False, {}, "completed"),
        ("chưa đủ kết quả", None, None, {}, None),
        ("chưa hoàn thành, chưa lập kế hoạch", False, None, {}, "to_plan"),
        ("đang đánh giá bổ sung", False, None, {"open_items": 2}, "summer"),
        ("đang đánh giá bổ sung lần hai", False, None, {"open_items": 1, "done_items": 3}, "summer"),
        ("đánh giá bổ sung xong vẫn chưa hoàn thành", False, None, {"done_items": 1}, "to_decide"),
        ("hiệu trưởng cho lên lớp", False, True, {"done_items": 1}, "decided"),
        ("hiệu trưởng không cho lên lớp", False, False, {}, "decided"),
        ("khuyết tật không đánh giá", None, None, {"not_assessed": True}, "to_decide"),
        ("khuyết tật không đánh giá, đã quyết định", None, True, {"not_assessed": True}, "decided"),
    ],
)
def test_where_the_decision_stands(case, completed, decision, options, state):
    assert assessment.promotion_state(completed, decision, **options) == state, case


@pytest.mark.parametrize(
    ("case", "arguments", "options", "problem"),
    [
        ("đã hoàn thành thì không cần quyết định", (2, True, False), {}, "completed"),
        ("còn nội dung đánh giá bổ sung", (2, False, True), {"open_items": 1}, "open"),
        ("lớp 2 chưa hoàn thành vẫn được lên lớp", (2, False, True), {}, None),
        ("lớp 2 không được lên lớp", (2, False, False), {}, None),
        ("lớp 5 chưa hoàn thành không thể ra trường", (5, False, True), {}, "grade_5"),
        ("lớp 5 học lại", (5, False, False), {}, None),
        ("không đánh giá", (3, None, True), {}, None),
    ],
)
def test_what_the_head_can_decide(case, arguments, options, problem):
    assert assessment.decision_problem(*arguments, **options) == problem, case


@pytest.mark.parametrize(
    ("case", "given_levels", "given_scores", "given_conduct", "expected"),
    [
        ("đạt cả", {"TV": "H", "AN": "T"}, {"TV": 5}, {"honesty": "D"}, ((), ())),
        ("mức C", {"TV": "C", "AN": "T"}, {"TV": 7}, {}, (("TV",), ())),
        ("điểm dưới 5", {"TV": "H"}, {"TV": 4}, {}, (("TV",), ())),
        ("chưa có điểm", {"TV": "H"}, {"TV": None}, {}, (("TV",), ())),
        ("môn không kiểm tra", {"AN": "H"}, {"AN": 1}, {}, ((), ())),
        ("được miễn", {"TV": "M"}, {"TV": 2}, {}, ((), ())),
        ("phẩm chất cần cố gắng", {"TV": "T"}, {"TV": 9}, {"honesty": "C", "diligence": "D"}, ((), ("honesty",))),
    ],
)
def test_what_is_assessed_again(case, given_levels, given_scores, given_conduct, expected):
    found = assessment.shortcomings(given_levels, given_scores, given_conduct, tested=("TV",))
    assert found == expected, case


@given(levels, scores, conduct)
def test_who_completed_lacks_nothing_and_the_other_way_round(given_levels, given_scores, given_conduct):
    result = overall(given_levels, given_scores, given_conduct)
    weak, traits = assessment.shortcomings(given_levels, given_scores, given_conduct, tested=TESTED)
    if result is not None:
        assert bool(weak or traits) == (result == "not_completed")


@given(levels, scores, conduct)
def test_making_up_for_every_shortcoming_completes_the_grade(given_levels, given_scores, given_conduct):
    weak, traits = assessment.shortcomings(given_levels, given_scores, given_conduct, tested=TESTED)
    raised = given_levels | dict.fromkeys(weak, "H")
    better = given_scores | {code: 5 for code in weak if code in TESTED}
    result = overall(raised, better, given_conduct | dict.fromkeys(traits, "D"))
    assert result is None or assessment.class_completion(result)


@given(levels, scores, conduct, st.sampled_from(CODES))
def test_an_exempt_subject_changes_nothing_for_the_others(given_levels, given_scores, given_conduct, code):
    exempt = given_levels | {code: "M"}
    without = {key: level for key, level in given_levels.items() if key != code}
    rest = [key for key in CODES if key != code]
    apart = assessment.overall_result(without, given_scores, given_conduct, {}, tested=TESTED, required=rest)
    assert overall(exempt, given_scores, given_conduct) == apart
    for score in (0, 10):
        assert overall(exempt, given_scores | {code: score}, given_conduct) == apart


@given(st.sampled_from([*assessment.RESULTS, None]), decisions, st.integers(1, 5), st.integers(0, 2), st.integers(0, 2))
def test_completion_promotion_and_next_step_agree(result, decision, grade, open_items, done_items):
    completed = assessment.class_completion(result)
    promoted = assessment.promotion(result, decision)
    state = assessment.promotion_state(completed, decision, open_items=open_items, done_items=done_items)
    if completed:
        assert promoted is True
        assert state == "completed"
        assert progression.next_step(grade, completed, promoted) in ("promoted", "finishes")
    if promoted is False:
        assert completed is False
        assert progression.next_step(grade, completed, promoted) == "repeats"
    if state == "decided":
        assert promoted is decision
    if assessment.decision_problem(grade, completed, bool(decision), open_items=open_items) is None:
        assert not completed
        assert not (grade == 5 and decision)
    assert (state is None) == (result is None)


@given(levels, scores, conduct, st.data())
def test_a_better_result_never_takes_moving_up_away(given_levels, given_scores, given_conduct, data):
    code = data.draw(st.sampled_from(sorted(given_scores)))
    better = given_scores | {code: data.draw(st.integers(given_scores[code], 10))}
    decision = data.draw(decisions)
    before = assessment.promotion(overall(given_levels, given_scores, given_conduct), decision)
    after = assessment.promotion(overall(given_levels, better, given_conduct), decision)
    assert after is before or after is True


@pytest.mark.parametrize(
    ("case", "kind", "result", "grounds", "problem"),
    [
        ("xuất sắc", "excellent", "excellent", {}, None),
        ("xuất sắc nhưng chỉ hoàn thành tốt", "excellent", "good", {}, "result"),
        ("tiêu biểu không nêu căn cứ", "exemplary", "good", {}, "ground"),
        ("tiêu biểu, lớp chưa công nhận", "exemplary", "good", {"outstanding_subject": True}, "class"),
        (
            "tiêu biểu nhờ môn học",
            "exemplary",
            "good",
            {"outstanding_subject": True, "accepted_by_class": True},
            None,
        ),
        ("tiêu biểu nhờ tiến bộ", "exemplary", "good", {"marked_progress": True, "accepted_by_class": True}, None),
        ("tiêu biểu khi hoàn thành", "exemplary", "completed", {"marked_progress": True}, "result"),
        ("tiêu biểu khi xuất sắc", "exemplary", "excellent", {"marked_progress": True}, "result"),
        ("đột xuất không nêu thành tích", "sudden", "not_completed", {"achievement": " "}, "achievement"),
        ("đột xuất", "sudden", "not_completed", {"achievement": "Cứu bạn"}, None),
        ("đề nghị cấp trên", "recommend", None, {"achievement": "Cứu bạn"}, None),
        ("thư khen", "letter", "completed", {"achievement": "Nhặt được của rơi"}, None),
    ],
)
def test_awards(case, kind, result, grounds, problem):
    assert awards.problem(kind, result, **grounds) == problem, case


def test_no_other_kind_of_praise():
    with pytest.raises(ValueError, match="praise"):
        awards.problem("gold", "excellent")


prizes = st.lists(st.sampled_from(["Đạt giải Nhì", "Đạt giải Ba", "Huy chương Đồng"]), unique=True).map("; ".join)


@given(prizes, st.sampled_from(["excellent", "exemplary"]))
def test_a_title_is_written_once_and_leaves_no_trace(text, kind):
    phrase = awards.award_phrase(awards.title_of(kind))
    once = awards.joined(text, phrase)
    assert awards.joined(once, phrase) == once
    assert awards.titles_in(once) == {kind}
    assert (awards.without(once, phrase) or "") == text
    assert not awards.titles_in(text)


@pytest.mark.parametrize(
    ("case", "kind", "not_assessed", "wanted"),
    [
        ("không khuyết tật", None, False, CODES),
        ("hòa nhập", "inclusive", False, CODES),
        ("kế hoạch giáo dục cá nhân", "individual", False, CODES),
        ("chuyên biệt", "special", False, CODES),
        ("lớp dành cho người khuyết tật", "class", False, ["TOAN", "TV"]),
        ("không đánh giá", "inclusive", True, []),
    ],
)
def test_demands_on_pupils_with_disabilities(case, kind, not_assessed, wanted):
    demands = disability.demands(kind, not_assessed=not_assessed)
    assert sorted(demands.of(CODES)) == sorted(wanted), case
    assert demands.assessed is not not_assessed


def test_demands_follow_from_a_decision_only():
    for kind, not_assessed in (("mild", False), (None, True)):
        with pytest.raises(ValueError, match="disab"):
            disability.demands(kind, not_assessed=not_assessed)


@pytest.mark.parametrize(
    ("code", "name", "language", "printed"),
    [
        ("NN1", "Ngoại ngữ 1 (Tiếng Anh)", "fr", "Ngoại ngữ 1 (Tiếng Pháp)"),
        ("NN1", "Ngoại ngữ 1", "en", "Ngoại ngữ 1 (Tiếng Anh)"),
        ("NN1", "Ngoại ngữ 1", None, "Ngoại ngữ 1"),
        ("AN", "Nghệ thuật (Âm nhạc)", "fr", "Nghệ thuật (Âm nhạc)"),
    ],
)
def test_the_foreign_language_has_a_name(code, name, language, printed):
    assert subjects.printed_name(code, name, language) == printed


def test_optional_subjects_have_no_test():
    for grade, period in product((1, 2), ("end1", "year")):
        assert not subjects.optional_subjects(grade) & subjects.tests(grade, period)
