"""Year-end results that agree with themselves: levels, scores, conduct, remarks, overall result (TT 27 Art. 9.2a)."""

from random import Random

from . import remarks
from .model import Results, Subject, SubjectResult

QUALITIES = ("patriotism", "compassion", "diligence", "honesty", "responsibility")
GENERAL = ("autonomy", "communication", "problem_solving")
SPECIFIC = ("language", "computation", "science", "technology", "informatics", "aesthetics", "physical")
_EXTRA = (
    *("Giải Nhì Hội thi Vẽ tranh thiếu nhi cấp phường", "Giải Ba Giao lưu Tiếng Anh cấp trường"),
    *("Huy chương Đồng môn Cờ vua Hội khỏe Phù Đổng cấp trường", "Giải Nhất Hội thi Kể chuyện theo sách"),
)
EXCELLENT_AWARD = "Đạt danh hiệu Học sinh Xuất sắc"
GOOD_AWARD = "Đạt danh hiệu Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện"


def competences(grade: int) -> tuple[str, ...]:
    """Competences assessed in a grade."""
    return GENERAL + tuple(code for code in SPECIFIC if grade >= 3 or code not in ("technology", "informatics"))


def make(random: Random, grade: int, gender: str, subjects: tuple[Subject, ...], tags: frozenset[str]) -> Results:
    """Results of one pupil; a pupil tagged ``summer`` has not completed and waits for the next assessment."""
    overall = (
        "not_completed" if "summer" in tags else random.choices(("excellent", "good", "completed"), (30, 32, 38))[0]
    )
    lines = _subjects(random, overall, subjects, tags)
    qualities, skills = _conduct(random, overall, lines, grade)
    passed = None if overall == "not_completed" else "yes"
    return Results(
        subjects=lines,
        qualities=qualities,
        competences=skills,
        quality_comment=remarks.conduct(random, "quality", list(qualities.values())),
        general_comment=remarks.conduct(random, "general", [skills[code] for code in GENERAL]),
        specific_comment=remarks.conduct(random, "specific", [skills[code] for code in skills if code in SPECIFIC]),
        homeroom_comment=remarks.homeroom(random, overall),
        absences_excused=random.choices((0, 1, 2, 3, 5, 8), (40, 22, 16, 12, 7, 3))[0],
        absences_unexcused=random.choices((0, 1, 2), (92, 6, 2))[0],
        height=round(random.gauss(115 + 5.6 * grade + (0.8 if gender == "male" else 0), 4.2), 1),
        weight=round(max(15.0, random.gauss(18.5 + 3.1 * grade, 3.0)), 1),
        overall=overall,
        class_completed=passed,
        promoted=passed,
        award=_award(random, overall),
        extra_award=random.choice(_EXTRA) if overall != "not_completed" and random.random() < 0.05 else None,
    )


def _subjects(
    random: Random, overall: str, subjects: tuple[Subject, ...], tags: frozenset[str]
) -> dict[str, SubjectResult]:
    codes = [subject.code for subject in subjects]
    weaker: set[str] = set()
    if overall == "completed":
        weaker = set(random.sample(codes, random.randint(1, max(1, len(codes) // 2))))
    elif overall == "not_completed":
        weaker = {"TV", *random.sample(codes, 3)}
    tested = [subject.code for subject in subjects if subject.has_test]
    below_nine = random.choice(tested)
    lines = {}
    for subject in subjects:
        level = "H" if subject.code in weaker else "T"
        if overall == "not_completed" and subject.code == "TOAN":
            level = "C"
        if "exempt" in tags and subject.code == "GDTC":
            level = "M"
        score = _score(random, overall, level, subject.code == below_nine) if subject.has_test else None
        lines[subject.code] = SubjectResult(
            level=level, score=score, comment=remarks.subject(random, subject.code, level)
        )
    return lines


def _score(random: Random, overall: str, level: str, below_nine: bool) -> int:
    if level == "C":
        return random.choice((2, 3, 4))
    if level == "H":
        return random.choice((5, 6, 6, 7))
    if overall == "excellent":
        return random.choice((9, 9, 10, 10))
    if overall == "good":
        return random.choice((7, 8)) if below_nine else random.choice((7, 8, 8, 9, 9, 10))
    return random.choice((7, 8, 8, 9))


def _conduct(random: Random, overall: str, lines, grade: int) -> tuple[dict[str, str], dict[str, str]]:
    reached = 0.0 if overall in ("excellent", "good") else 0.3
    qualities = {code: "D" if random.random() < reached else "T" for code in QUALITIES}
    skills = {code: "D" if random.random() < reached else "T" for code in competences(grade)}
    if overall == "not_completed":
        skills |= {"computation": "C", "autonomy": "D"}
    elif overall == "completed" and all(line.level in ("T", "M") for line in lines.values()):
        qualities["diligence"] = "D"  # an exemption may have taken the only H
    return qualities, skills


def _award(random: Random, overall: str) -> str | None:
    if overall == "excellent":
        return EXCELLENT_AWARD
    return GOOD_AWARD if overall == "good" and random.random() < 0.6 else None
