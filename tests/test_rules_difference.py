"""Two versions of a record, entry by entry."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import _path  # noqa: F401 - puts host/lib on the path
import pytest
import strategies
from hocba_core import packet
from hocba_core.rules import difference, draft_of
from hypothesis import given, settings

PROFILE = packet.get_profile("cv2088-1.0")


def strict(data):
    return PROFILE.prepare(data, strict=True)


def entries(found):
    return {line.field: (line.before, line.after) for line in found}


@settings(max_examples=30)
@given(strategies.records())
def test_a_packet_says_what_was_put_in(record):
    again = PROFILE.parse(PROFILE.build_data(record)).data
    assert difference.differences(record, again) == []
    assert difference.from_source(again, draft_of(record)) == []


def test_every_entry_is_named():
    before = strategies.example()
    first = before.subjects[0]
    changed = replace(first, level="H", comment="khác")
    after = replace(
        before,
        mother="Trần Thị Khác",
        height=Decimal("140.5"),
        subjects=(changed, *before.subjects[1:]),
        qualities=(("patriotism", "C"), *before.qualities[1:]),
    )
    found = entries(difference.differences(before, after))
    assert set(found) == {
        "mother",
        "height",
        f"subjects.{first.code}.level",
        f"subjects.{first.code}.comment",
        "qualities.patriotism",
    }
    assert found["mother"] == (before.mother, "Trần Thị Khác")


def test_a_subject_that_came_or_went_differs_in_its_level():
    before = strategies.example()
    gone = before.subjects[-1]
    after = replace(before, subjects=before.subjects[:-1])
    assert entries(difference.differences(before, after)) == {f"subjects.{gone.code}.level": (gone.level, None)}
    assert entries(difference.differences(after, before)) == {f"subjects.{gone.code}.level": (None, gone.level)}


def test_a_subject_with_a_new_code_is_the_same_by_name():
    before = strategies.example()
    renamed = replace(before.subjects[0], code="MOI")
    assert difference.differences(before, replace(before, subjects=(renamed, *before.subjects[1:]))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"address": "nơi khác"},
        {"guardian": "người khác"},
        {"school_name": "Trường Tên Mới"},
        {"province": "Tỉnh khác"},
        {"head_name": "Hiệu trưởng mới"},
        {"homeroom_name": "Cô giáo mới"},
        {"issued_on": date(2030, 1, 1)},
    ],
)
def test_what_was_true_on_the_day_does_not_differ_from_the_source(change):
    signed = strategies.example()
    assert difference.from_source(signed, draft_of(replace(signed, **change))) == []


@pytest.mark.parametrize("name", ["pupil_name", "mother", "home_town", "register_number", "homeroom_comment", "award"])
def test_what_lasts_differs_from_the_source(name):
    signed = strategies.example()
    assert entries(difference.from_source(signed, draft_of(replace(signed, **{name: "khác"})))) == {
        name: (getattr(signed, name), "khác")
    }


def test_a_strict_packet_carries_the_remarks_elsewhere():
    record = strategies.example()
    signed = PROFILE.parse(PROFILE.build_data(record, strict=True)).data
    assert difference.from_source(signed, draft_of(record), strict) == []


def test_own_school_keeps_its_former_name_in_the_history():
    signed = strategies.example()
    live = replace(
        signed,
        school_name="Trường Tên Mới",
        history=tuple(replace(line, school_name="Trường Tên Mới") for line in signed.history),
    )
    assert difference.from_source(signed, draft_of(live)) == []
    moved = replace(live, history=tuple(replace(line, class_name="9Z") for line in live.history))
    assert set(entries(difference.from_source(signed, draft_of(moved)))) == {"history"}
