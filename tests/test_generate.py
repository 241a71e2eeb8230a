"""The made-up school: the same every time, right in itself, with every unusual case."""

import hashlib
import subprocess
import sys
from itertools import islice

import generate
import hocba_workbook as workbook
import pytest
from conftest import REPO
from hocba_core import rules

TAGS = (
    *("summer", "foreign", "no_id", "mid_year", "repeater", "long_name", "one_word_name"),
    *("ethnic_minority", "exempt", "twin"),
)


def test_same_seed_same_bytes():
    digests = []
    for _run in range(2):
        school = generate.school(40)
        files = [generate.write_class(school, school_class) for school_class in school.classes]
        digests.append([hashlib.sha256(content).hexdigest() for group in files for content in group.values()])
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == len(digests[0]) == 8
    other = generate.school(40, seed=7)
    assert other.classes[0].pupils != generate.school(40).classes[0].pupils


def test_program_writes_the_workbooks(tmp_path):
    command = [sys.executable, REPO / "host" / "generate", tmp_path, "--pupils", "13", "--sector"]
    subprocess.run(command, check=True, capture_output=True)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["csdl-C1-HocSinh-2A1.xlsx", "csdl-KetQua-2A1.xlsx", "hoc-sinh-2A1.xlsx", "ket-qua-2A1.xlsx"]


def test_demo_school_has_three_classes():
    school = generate.school()
    assert [(line.name, line.grade, len(line.pupils)) for line in school.classes] == [
        ("2A1", 2, 35),
        ("4A1", 4, 35),
        ("5A1", 5, 35),
    ]
    assert len({person.login for person in school.people}) == len(school.people)
    assert len({person.id_number for person in school.people}) == len(school.people)
    for line in school.classes:
        assert set(line.assignments) == {subject.code for subject in line.subjects}


@pytest.mark.parametrize("size", [13, 36, 105, 500])
def test_every_unusual_case_is_there(size):
    school = generate.school(size)
    assert school.pupil_count == size == sum(1 for _pupil in school.pupils())
    found = {tag: school.find(tag) for tag in TAGS}
    assert all(found.values()), {tag for tag in TAGS if not found[tag]}
    assert len(found["summer"]) == 1 and found["summer"][0].results.promoted is None
    assert 55 <= len(found["long_name"][0].name) <= 60
    assert " " not in found["one_word_name"][0].name
    assert {"H'Hen Niê", "Y Thịt Êban", "Giàng A Páo"} == {pupil.name for pupil in found["ethnic_minority"]}
    assert found["foreign"][0].no_id_reason == "foreign" and found["foreign"][0].nationality != "Việt Nam"
    assert found["no_id"][0].id_number is None and found["no_id"][0].no_id_reason == "waiting"
    assert found["mid_year"][0].history[-1].school_year == school.school_year
    first, second = found["twin"]
    assert (first.birth_date, first.mother_name) == (
        second.birth_date,
        second.mother_name,
    ) and first.code != second.code
    assert first.name != second.name and first.id_number != second.id_number
    repeater = found["repeater"][0]
    last = next(line for line in school.classes if repeater in line.pupils)
    assert repeater.history[-1].class_name[0] == str(last.grade)


def test_numbers_are_unique_and_of_the_right_build():
    school = generate.school(1000)
    pupils = [pupil for _class, pupil in school.pupils()]
    assert len({pupil.code for pupil in pupils}) == 1000
    numbers = [pupil.id_number for pupil in pupils if pupil.id_number]
    assert len(set(numbers)) == len(numbers) == 998
    for pupil in pupils:
        if pupil.id_number:
            assert not rules.id_number.warnings(pupil.id_number, birth_date=pupil.birth_date, gender=pupil.gender)


def test_results_agree_with_the_rules():
    seen = set()
    for line, pupil in generate.school(700).pupils():
        results = pupil.results
        computed = rules.assessment.overall_result(
            {code: item.level for code, item in results.subjects.items()},
            {code: item.score for code, item in results.subjects.items()},
            results.qualities,
            results.competences,
            tested=rules.subjects.year_end_tests(line.grade),
            required=rules.subjects.required_subjects(line.grade),
        )
        assert computed == results.overall, pupil
        assert tuple(results.competences) == rules.subjects.competences(line.grade)
        assert not rules.awards.contradicts(results.award, results.overall)
        seen.add(computed)
    assert seen == set(rules.assessment.RESULTS)


def test_large_school_costs_no_memory():
    school = generate.school(150_000)
    assert school.pupil_count == 150_000 and len(school.classes) == 4286
    assert len({line.name for line in school.classes}) == 4286
    assert len({pupil.id_number for _class, pupil in islice(school.pupils(), 5000) if pupil.id_number}) > 4990
    assert not any("pupils" in vars(line) for line in school.classes)


@pytest.mark.parametrize("arguments", [{"pupils": 0}, {"pupils": 150_001}, {"school_year": "2025-2027"}])
def test_impossible_schools_are_refused(arguments):
    with pytest.raises(ValueError, match=r"pupils|school year"):
        generate.school(**arguments)


def test_every_workbook_comes_back_without_findings():
    school = generate.school(105)
    for line in school.classes:
        files, known = generate.write_class(school, line), generate.known_of(school, line)
        pupils = workbook.read_pupils(files[f"hoc-sinh-{line.name}.xlsx"], known)
        assert (pupils.problems, pupils.layout, len(pupils.rows)) == ([], "own", 35)
        results = workbook.read_results(files[f"ket-qua-{line.name}.xlsx"], line.grade, generate.plans_of(line), known)
        assert (results.problems, results.layout, len(results.rows)) == ([], "own", 35)
        for row, pupil in zip(results.rows, line.pupils, strict=True):
            assert row.subjects == {
                code: workbook.SubjectValues(level=item.level, score=item.score, comment=item.comment)
                for code, item in pupil.results.subjects.items()
            }
