"""Pupils of a class: ordinary families, and the unusual but legal cases that every school has."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from . import names, places, results
from .model import Enrolled, PupilData, SchoolClass

LONG_NAME = "Công Tằng Tôn Nữ Nguyễn Hoàng Thiên Kim Ngọc Phương Anh Thư"


@dataclass(frozen=True, slots=True)
class Case:
    """An unusual pupil: tags and what is fixed about this one."""

    tags: tuple[str, ...]
    name: str | None = None
    gender: str | None = None
    ethnicity: str = "Kinh"
    home: tuple[str, str] | None = None


#: In this order over the classes; a small school has at least the first ones.
CASES = (
    Case(("summer",)),
    Case(("foreign",), "Kim Min Jun", "male", "Người nước ngoài"),
    Case(("no_id",)),
    Case(("mid_year",)),
    Case(("repeater",)),
    Case(("long_name",), LONG_NAME, "female"),
    Case(("one_word_name",), "Thảo", "female", "Ra-glai", ("058", "xã Bác Ái, tỉnh Khánh Hòa")),
    Case(("ethnic_minority",), "H'Hen Niê", "female", "Ê-đê", ("066", "xã Cư M'gar, tỉnh Đắk Lắk")),
    Case(("ethnic_minority",), "Y Thịt Êban", "male", "Ê-đê", ("066", "phường Buôn Ma Thuột, tỉnh Đắk Lắk")),
    Case(("ethnic_minority",), "Giàng A Páo", "male", "HMông", ("010", "xã Sa Pa, tỉnh Lào Cai")),
    Case(("exempt",)),
    Case(("twin",)),
)


class Maker:
    """Makes the pupils of one class, the same ones every time."""

    def __init__(self, seed: int, start_year: int, school_name: str, offset: int, cases: tuple[Case, ...], index: int):
        self.seed, self.start_year, self.school_name = seed, start_year, school_name
        self.offset, self.cases, self.index = offset, cases, index

    def __call__(self, school_class: SchoolClass) -> tuple[PupilData, ...]:
        random = Random(f"{self.seed}/{self.start_year}/{self.index}")
        cases: list[Case | None] = []
        for case in self.cases:
            cases += [case, case] if case.tags == ("twin",) else [case]
        cases = cases[: school_class.size]
        cases += [None] * (school_class.size - len(cases))
        made: list[PupilData] = []
        for position, case in enumerate(cases):
            twin = made[-1] if case and case.tags == ("twin",) and made and "twin" in made[-1].tags else None
            made.append(self._pupil(random, school_class, self.offset + position, case or Case(()), twin))
        return tuple(sorted(made, key=lambda pupil: (pupil.name.split()[-1], pupil.name, pupil.code)))

    def _pupil(
        self, random: Random, school_class: SchoolClass, number: int, case: Case, twin: PupilData | None
    ) -> PupilData:
        tags = frozenset(case.tags)
        gender = case.gender or random.choice(("male", "female"))
        family = twin.name.split()[0] if twin else names.surname(random)
        name = case.name or _unlike(twin, random, gender, family)
        grade_year = self.start_year - 5 - school_class.grade - ("repeater" in tags)
        born = twin.birth_date if twin else date(grade_year, 1, 1) + timedelta(days=random.randrange(365))
        code_place, home = case.home or random.choice(places.HOME_TOWNS)
        mother, father = _parents(random, family, twin)
        foreign = "foreign" in tags
        return PupilData(
            code=f"48{number + 12_000_000:08d}",
            name=name,
            gender=gender,
            birth_date=born,
            id_number=None
            if tags & {"foreign", "no_id"}
            else id_number(code_place, gender, born.year, number, self.seed),
            no_id_reason="foreign" if foreign else ("waiting" if "no_id" in tags else None),
            birth_place=twin.birth_place if twin else ("Seoul, Hàn Quốc" if foreign else _birth_place(random, home)),
            home_town=twin.home_town if twin else ("Seoul, Hàn Quốc" if foreign else f"{home[0].upper()}{home[1:]}"),
            address=twin.address if twin else places.address(random),
            ethnicity=case.ethnicity,
            nationality="Hàn Quốc" if foreign else "Việt Nam",
            father_name="Kim Dong Hyun" if foreign else father,
            mother_name="Lee Soo Jin" if foreign else mother,
            guardian_name=names.adult_name(random, "female") if father is None else None,
            register_number=f"{number % 9999 + 1:04d}/{grade_year + 6}",
            date_from=self._arrival(random) if "mid_year" in tags else date(self.start_year, 9, 5),
            history=self._history(random, school_class, tags),
            results=results.make(random, school_class.grade, gender, school_class.subjects, tags),
            tags=tags,
        )

    def _arrival(self, random: Random) -> date:
        return date(self.start_year + 1, 1, random.randint(12, 23))

    def _history(self, random: Random, school_class: SchoolClass, tags: frozenset[str]) -> tuple[Enrolled, ...]:
        """Former years; a repeater was in this grade last year already, who came in mid-year began elsewhere."""
        letter = school_class.name[1:]
        elsewhere = random.choice(places.OTHER_SCHOOLS) if "mid_year" in tags or random.random() < 0.06 else None
        grades = list(range(1, school_class.grade)) + ([school_class.grade] if "repeater" in tags else [])
        moved = len(grades) if "mid_year" in tags else random.randint(0, len(grades))
        lines = []
        for position, grade in enumerate(grades):
            year = self.start_year - len(grades) + position
            lines.append(
                _line(year, f"{grade}{letter}", elsewhere if elsewhere and position < moved else self.school_name)
            )
        if "mid_year" in tags:
            lines.append(_line(self.start_year, f"{school_class.grade}B", elsewhere))
        return tuple(lines)


def _line(year: int, class_name: str, school_name: str) -> Enrolled:
    return Enrolled(
        school_year=f"{year}-{year + 1}", class_name=class_name, school_name=school_name, arrived_on=date(year, 9, 5)
    )


def _unlike(twin: PupilData | None, random: Random, gender: str, family: str) -> str:
    name = names.pupil_name(random, gender, family)
    while twin and twin.name == name:
        name = names.pupil_name(random, gender, family)
    return name


def _parents(random: Random, family: str, twin: PupilData | None) -> tuple[str, str | None]:
    if twin:
        return twin.mother_name, twin.father_name
    mother = names.adult_name(random, "female")
    return mother, None if random.random() < 0.02 else names.adult_name(random, "male", family)


def _birth_place(random: Random, home: str) -> str:
    return (
        random.choice(places.HOSPITALS)
        if "Đà Nẵng" in home
        else f"Bệnh viện đa khoa {home.rsplit(', ', maxsplit=1)[-1]}"
    )


def id_number(place: str, gender: str, birth_year: int, number: int, seed: int) -> str:
    """A number of the right build: place, century and sex, year of birth, six digits no other pupil here has."""
    digit = 2 * ((birth_year - 1900) // 100) + (gender == "female")
    return f"{place}{digit}{birth_year % 100:02d}{(number * 7919 + seed * 104_729) % 1_000_000:06d}"
