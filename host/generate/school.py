"""The school: its people, its classes, who teaches what."""

from random import Random

from . import names
from .model import Person, School, SchoolClass
from .plan import SPECIALISTS, subjects_of
from .pupils import CASES, Case, Maker, id_number

SCHOOL_NAME = "Trường Tiểu học Hoa Phượng"
_CLASS_SIZE = 35
_GRADES = (2, 4, 5, 1, 3)
_CLASSES_A_SPECIALIST = 10


def school(pupils: int = 105, seed: int = 2026, school_year: str = "2025-2026") -> School:
    """A school of ``pupils`` pupils (1 to 150,000) in classes of at most 35: grades 2, 4, 5, then 1, 3, and again.

    From 13 pupils on every unusual case is there (see School.find). Raises ValueError for another size or year.
    """
    if not 1 <= pupils <= 150_000:
        raise ValueError(f"pupils must be 1 to 150000, not {pupils}")
    start = int(school_year[:4])
    if school_year != f"{start}-{start + 1}":
        raise ValueError(f"no school year: {school_year!r}")
    random = Random(f"{seed}/people")
    count = -(-pupils // _CLASS_SIZE)
    sizes = [pupils // count + (index < pupils % count) for index in range(count)]
    head = _person(random, 0, "hieutruong", "female", 1974, "Hiệu trưởng", "head", seed)
    clerk = _person(random, 1, "vanthu", "female", 1990, "Nhân viên văn thư", "clerk", seed)
    specialists = _specialists(random, count, seed)
    cases = _share_out(sizes)
    classes, offset = [], 0
    for index, size in enumerate(sizes):
        grade = _GRADES[index % len(_GRADES)]
        name = f"{grade}A{index // len(_GRADES) + 1}"
        maker = Maker(seed, start, SCHOOL_NAME, offset, cases[index], index)
        classes.append(_class(random, name, grade, size, index, specialists, maker, seed))
        offset += size
    people = {person.login: person for group in specialists.values() for person in group}
    return School(
        name=SCHOOL_NAME,
        school_code="48491401",
        authority_code="48",
        authority_name="Sở Giáo dục và Đào tạo thành phố Đà Nẵng",
        commune="Phường Hải Châu",
        province="Thành phố Đà Nẵng",
        issue_place="Đà Nẵng",
        street="92 đường Lê Duẩn",
        phone="0236 3822 001",
        school_year=school_year,
        head=head,
        clerk=clerk,
        teachers=(*(school_class.homeroom for school_class in classes), *people.values()),
        classes=tuple(classes),
        seed=seed,
    )


def _person(
    random: Random, number: int, login: str, gender: str, year: int, title: str, role: str, seed: int
) -> Person:
    return Person(
        login=login,
        name=names.adult_name(random, gender),
        id_number=id_number("048", gender, year, number, seed + 1),
        gender=gender,
        birth_year=year,
        title=title,
        role=role,
    )


def _specialists(random: Random, classes: int, seed: int) -> dict[str, list[Person]]:
    """Login stem -> teachers of the subject, one for every ten classes."""
    found: dict[str, list[Person]] = {}
    number = 10
    for stem in dict.fromkeys(SPECIALISTS.values()):
        for index in range(-(-classes // _CLASSES_A_SPECIALIST)):
            number += 1
            login = f"gv.{stem}" if not index else f"gv.{stem}{index + 1}"
            gender = "male" if stem in ("theduc", "tinhoc") else "female"
            person = _person(random, number, login, gender, random.randint(1975, 1999), "Giáo viên", "subject", seed)
            found.setdefault(stem, []).append(person)
    return found


def _class(random: Random, name, grade, size, index, specialists, maker, seed) -> SchoolClass:
    subjects = subjects_of(grade)
    gender = random.choices(("female", "male"), (85, 15))[0]
    year = random.randint(1972, 1998)
    homeroom = _person(
        random, 10_000 + index, f"gvcn.{name.lower()}", gender, year, "Giáo viên chủ nhiệm", "homeroom", seed
    )
    assignments = {
        subject.code: specialists[SPECIALISTS[subject.code]][index // _CLASSES_A_SPECIALIST]
        if subject.code in SPECIALISTS
        else homeroom
        for subject in subjects
    }
    return SchoolClass(
        name=name,
        grade=grade,
        homeroom=homeroom,
        assignments=assignments,
        subjects=subjects,
        size=size,
        make_pupils=maker,
    )


def _share_out(sizes: list[int]) -> list[tuple[Case, ...]]:
    """Which unusual pupils each class has: one after the other over the classes with room."""
    room = list(sizes)
    shares: list[list[Case]] = [[] for _size in sizes]
    index = 0
    for case in CASES:
        needed = 2 if case.tags == ("twin",) else 1
        for _attempt in sizes:
            place = index % len(sizes)
            index += 1
            if room[place] >= needed:
                room[place] -= needed
                shares[place].append(case)
                break
    return [tuple(share) for share in shares]
