"""Blockers: what keeps a record from being signed, and what only asks for a look."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import _path  # noqa: F401 - puts host/lib on the path
import pytest
import strategies
from hocba_core import packet
from hocba_core.rules import RecordDraft, SubjectDraft, blockers, draft_of
from hypothesis import given, settings

PROFILE = packet.get_profile("cv2088-1.0")


def draft(**changes) -> RecordDraft:
    return draft_of(strategies.example(), **{"overall_computed": "good", **changes})


def found(**changes) -> set[tuple[str, str, str]]:
    return {(issue.severity, issue.code, issue.field) for issue in blockers.find(draft(**changes))}


def line(code: str, **changes):
    return tuple(
        SubjectDraft(**{"code": item.code, "name": item.name, "level": item.level, "score": item.score, **changes})
        if item.code == code
        else item
        for item in draft().subjects
    )


def commented(lines):
    return tuple(replace(item, comment=item.comment or "Tốt") for item in lines)


def test_a_complete_record_has_no_issue():
    assert found() == set()


OPTIONAL = {
    *("district", "id_number", "father", "guardian", "homeroom_name", "homeroom_id_number", "primary_completed"),
    *("completion_text", "award", "extra_award", "digitised"),
}


@pytest.mark.parametrize("name", [spec.name for spec in fields(packet.RecordData) if spec.name not in OPTIONAL])
def test_every_required_field_blocks(name):
    empty = () if name in ("history", "subjects", "competences", "qualities") else None
    issues = blockers.blocking(blockers.find(draft(**{name: empty})))
    assert any(issue.code == "required" and issue.field.split(".")[0] == name for issue in issues)


def test_an_empty_draft_names_everything_and_does_not_fail():
    issues = blockers.find(RecordDraft())
    names = {issue.field.split(".")[0] for issue in blockers.blocking(issues)}
    assert names >= {spec.name for spec in fields(packet.RecordData)} - OPTIONAL
    assert "id_number" in names


@pytest.mark.parametrize(
    ("changes", "issue"),
    [
        ({"id_number": None}, ("block", "id_missing", "id_number")),
        ({"id_number": "12345"}, ("block", "format", "id_number")),
        ({"id_number": "048216002681"}, ("warn", "id_gender", "id_number")),
        ({"id_number": "048116002681"}, ("warn", "id_century", "id_number")),
        ({"id_number": "048317002681"}, ("warn", "id_birth_year", "id_number")),
        ({"id_number": "999316002681"}, ("warn", "id_province", "id_number")),
        ({"head_id_number": "999175001234"}, ("warn", "id_province", "head_id_number")),
        ({"head_id_number": "1"}, ("block", "format", "head_id_number")),
        ({"birth_date": date(2018, 1, 1), "id_number": "048318002681"}, ("warn", "age", "birth_date")),
        ({"birth_date": date(2010, 1, 1), "id_number": "048310002681"}, ("warn", "age", "birth_date")),
        ({"mother": "A\tB"}, ("block", "character", "mother")),
        ({"mother": "A" * 151}, ("block", "too_long", "mother")),
        ({"weight": Decimal("-1")}, ("block", "range", "weight")),
        ({"weight": Decimal("315")}, ("warn", "weight_implausible", "weight")),
        ({"height": Decimal("1.36")}, ("warn", "height_implausible", "height")),
        ({"promoted": None}, ("block", "required", "promoted")),
        ({"promoted": False}, ("block", "promotion_contradiction", "promoted")),
        ({"class_completed": False}, ("block", "completion_contradiction", "class_completed")),
        ({"overall": "not_completed"}, ("block", "completion_contradiction", "class_completed")),
        ({"overall_computed": "completed"}, ("block", "overall_reason", "overall")),
        ({"overall_computed": "completed", "overall_manual_reason": " "}, ("block", "overall_reason", "overall")),
        ({"primary_completed": True}, ("block", "primary_grade", "primary_completed")),
        ({"grade": 5}, ("block", "primary_missing", "primary_completed")),
        ({"grade": 5, "primary_completed": False}, ("block", "primary_contradiction", "primary_completed")),
        ({"completion_text": " "}, ("warn", "completion_text_missing", "completion_text")),
        ({"award": "Đạt danh hiệu Học sinh Xuất sắc"}, ("warn", "award_contradiction", "award")),
        ({"competences": strategies.example().competences[:6]}, ("block", "required", "competences.technology")),
        ({"competences": strategies.example().competences[1:]}, ("block", "required", "competences.autonomy")),
        ({"grade": 2}, ("warn", "competence_grade", "competences.informatics")),
        ({"subjects": strategies.example().subjects[1:]}, ("block", "subject_missing", "subjects.TV")),
        ({"subjects": line("TOAN", level=None)}, ("block", "level_missing", "subjects.TOAN.level")),
        ({"subjects": line("TOAN", level="X")}, ("block", "choice", "subjects.TOAN.level")),
        ({"subjects": line("TOAN", score=None)}, ("block", "score_missing", "subjects.TOAN.score")),
        ({"subjects": line("TOAN", score=11)}, ("block", "range", "subjects.TOAN.score")),
        ({"subjects": line("TOAN", score=-1)}, ("block", "range", "subjects.TOAN.score")),
        ({"subjects": line("TOAN", score=7.5)}, ("block", "type", "subjects.TOAN.score")),
        ({"subjects": line("DD", score=9)}, ("warn", "score_unexpected", "subjects.DD.score")),
        ({"subjects": line("TOAN", level="M", score=9)}, ("warn", "score_unexpected", "subjects.TOAN.score")),
        ({"subjects": line("TOAN", level="T", score=4)}, ("warn", "score_below_level", "subjects.TOAN.score")),
        ({"subjects": line("TOAN", level="H", score=4)}, ("warn", "score_below_level", "subjects.TOAN.score")),
        ({"subjects": line("TOAN", level="C", score=5)}, ("warn", "score_above_level", "subjects.TOAN.score")),
        ({"subjects": line("TOAN", comment="x" * 1001)}, ("block", "too_long", "subjects.TOAN.comment")),
        ({"subjects": line("DD", comment=None)}, ("warn", "subject_comment_missing", "subjects")),
        ({"tested_subjects": {"DD"}}, ("block", "score_missing", "subjects.DD.score")),
        ({"required_subjects": {"TDT"}}, ("block", "subject_missing", "subjects.TDT")),
        ({"homeroom_comment": " "}, ("block", "required", "homeroom_comment")),
        ({"quality_comment": None}, ("block", "required", "quality_comment")),
    ],
)
def test_each_contradiction_is_found(changes, issue):
    assert issue in found(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"id_number": None, "no_id_reason": "foreign"},
        {"overall_computed": "completed", "overall_manual_reason": "Kết quả đánh giá bổ sung"},
        {"overall_computed": None},
        {"overall": "not_completed", "overall_computed": "not_completed", "class_completed": False, "promoted": False},
        {"overall": "not_completed", "overall_computed": "not_completed", "class_completed": False, "promoted": True},
        {"subjects": commented(line("TOAN", level="M", score=None))},
        {"subjects": commented(line("TOAN", level="C", score=4))},
        {"subjects": (*strategies.example().subjects, SubjectDraft(code="TDT", name="Tiếng dân tộc"))},
        {"district": None, "father": None, "guardian": "Ông Nội", "homeroom_name": None},
        {"head_id_number": "048075001234"},
        {"grade": 5, "birth_date": date(2015, 5, 17), "id_number": "048315002681", "primary_completed": True},
    ],
)
def test_legal_cases_have_no_issue(changes):
    assert found(**changes) == set()


def test_blocking_issues_come_first_and_once():
    issues = blockers.find(draft(competences=(), id_number="999316002681", mother=None))
    severities = [issue.severity for issue in issues]
    assert severities == sorted(severities, key=["block", "warn"].index)
    keys = [(issue.code, issue.field) for issue in issues]
    assert len(keys) == len(set(keys))


def test_every_code_is_declared():
    issues = blockers.find(RecordDraft()) + blockers.find(draft(id_number="999016002681", grade=2, award="x" * 3000))
    for issue in issues:
        assert issue.code in (blockers.BLOCKING if issue.severity == "block" else blockers.WARNING)


@settings(max_examples=80)
@given(strategies.records())
def test_a_record_that_can_be_built_has_no_issue_of_format(data):
    codes = {"character", "too_long", "format", "choice", "range", "type", "duplicate", "unknown_code"}
    issues = blockers.blocking(blockers.find(draft_of(data)))
    assert not [issue for issue in issues if issue.code in codes]


@settings(max_examples=40)
@given(strategies.records())
def test_a_draft_becomes_its_data(data):
    assert draft_of(data).to_data() == data


def test_a_draft_without_blockers_can_be_built():
    complete = draft(subjects=(*strategies.example().subjects, SubjectDraft(code="TDT", name="Tiếng dân tộc")))
    assert not blockers.blocking(blockers.find(complete))
    assert PROFILE.parse(PROFILE.build_data(complete.to_data())).data == strategies.example()


def test_an_exemption_needs_a_decision():
    exempt = line("GDTC", level="M", score=None)
    assert ("block", "exempt_undecided", "subjects.GDTC.level") in found(subjects=exempt, exempt_subjects=())
    for known in (None, {"GDTC"}):
        assert not {code for _severity, code, _field in found(subjects=exempt, exempt_subjects=known)} - {
            "subject_comment_missing"
        }


def test_who_is_not_assessed_owes_no_level_and_cannot_be_written():
    values = {"not_assessed": True, "overall": None, "overall_computed": None, "subjects": (), "required_subjects": ()}
    values |= {"competences": (), "qualities": (), "tested_subjects": ()}
    blocking = {issue for issue in found(grade=2, **values) if issue[0] == "block"}
    assert blocking == {("block", "not_assessed", "not_assessed")}
    able = replace(PROFILE, carries_not_assessed=True)
    assert not blockers.blocking(blockers.find(draft(grade=2, **values), able))


def test_another_completion_than_the_rules_needs_a_reason():
    wrong = {"overall": "not_completed", "overall_computed": "not_completed", "award": None}
    assert ("block", "completion_contradiction", "class_completed") in found(**wrong)
    assert ("warn", "completion_contradiction", "class_completed") in found(**wrong, completion_reason="KH cá nhân")


def test_a_written_title_wants_the_heads_decision():
    title = {"overall": "excellent", "overall_computed": "excellent", "award": "Đạt danh hiệu Học sinh Xuất sắc"}
    assert ("warn", "award_undecided", "award") in found(**title, decided_titles=())
    assert not found(**title, decided_titles={"excellent"})
    assert not found(**title)
