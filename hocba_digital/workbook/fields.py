"""What a column of a file of other software can be read as, and which values the closed ones have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import cells, headings
from .model import ClassPlan
from .read_pupils import GENDERS, REASON_LABELS, REASONS, STATUSES, resolve_pupil
from .result_headings import Headings
from .staff import STAFF
from .text import fold
from .write_pupils import COLUMNS
from .write_results import result_columns


@dataclass(frozen=True, slots=True)
class Field:
    """``key`` as the readers use it, ``label`` for people, ``scope``: name of the closed set, "date", or None."""

    key: str
    label: str
    scope: str | None = None


_FAMILY = Field("name.family", "Họ và tên đệm (ghép với Tên)")
_GIVEN = Field("name.given", "Tên (ghép với Họ và tên đệm)")
_SCOPES = {
    **dict.fromkeys(("birth_date", "date_from", "status_date"), "date"),
    "class_completed": "mark",
    "class_name": "class",
    "homeroom": "teacher",
    **{name: name for name in ("gender", "status", "no_id_reason", "ethnicity", "nationality")},
    **{name: name for name in ("promoted", "overall", "teacher", "subject", "grade")},
}
#: Closed sets that do not depend on the school: code (a text the readers understand) -> label.
CHOICES: dict[str, dict[str, str]] = {
    "gender": {"male": "Nam", "female": "Nữ"},
    "level": {letter: f"{letter} – {word}" for letter, word in cells.SUBJECT_LEVELS.items()},
    "trait": {letter: f"{'Đ' if letter == 'D' else letter} – {word}" for letter, word in cells.TRAIT_LEVELS.items()},
    "mark": {"x": "Hoàn thành", "không": "Chưa hoàn thành"},
    "promoted": {"x": "Được lên lớp", "không": "Chưa được lên lớp", "hè": "Chờ đánh giá bổ sung"},
    "overall": {word: word for word in headings.OVERALL_WORDS.values()},
    "status": {word: word for word in ("Đang học", "Chuyển đến", "Chuyển đi", "Thôi học")},
    "no_id_reason": {word: word for word in REASON_LABELS.values()},
    "grade": {str(grade): f"Khối {grade}" for grade in range(1, 6)},
}


def _scope(key: str) -> str | None:
    if key.endswith(".level"):
        return "level"
    if key.startswith(("quality_", "competence_")) and key != "quality_comment":
        return "trait"
    return _SCOPES.get(key)


def _field(key: str, label: str) -> Field:
    return Field(key, " – ".join(label.split("\n")), _scope(key))


def pupil_fields() -> list[Field]:
    """Fields of a list of pupils."""
    found = [_field(key, title) for key, title, *_rest in COLUMNS]
    return [
        *found[:2],
        _FAMILY,
        _GIVEN,
        *found[2:],
        _field("status", "Trạng thái"),
        _field("status_date", "Ngày trạng thái"),
    ]


def result_fields(classes: Iterable[ClassPlan], period: str) -> list[Field]:
    """Fields of the results of these classes in a period."""
    classes = list(classes)
    subjects = {plan.code: plan for line in classes for plan in line.subjects}
    tested = {plan.code for line in classes for plan in line.subjects if plan.has_test}
    grade = max((line.grade for line in classes), default=5)
    found = {}
    for key, title, *_rest in result_columns(grade, subjects.values(), period):
        found[key] = _field(key, title)
        code = key.split(".")[0]
        if key.endswith(".level") and code in tested:
            found[f"{code}.score"] = _field(f"{code}.score", f"{subjects[code].name}\nĐiểm KTĐK")
    if period == "year":
        found["overall"] = _field("overall", "Xếp loại (đánh giá kết quả giáo dục)")
    columns = list(found.values())
    person = [_field("id_number", "Số định danh cá nhân"), _field("class_name", "Lớp")]
    return [*columns[:2], _FAMILY, _GIVEN, columns[2], *person, *columns[3:]]


def staff_fields() -> list[Field]:
    """Fields of classes and teaching assignments."""
    labels = (("name", "Lớp"), ("grade", "Khối"), ("homeroom", "Giáo viên chủ nhiệm"))
    labels += (("subject", "Môn học"), ("teacher", "Giáo viên giảng dạy"))
    return [_field(key, label) for key, label in labels]


_SPLIT_NAMES = headings.table(
    **{
        "name.family": "Họ và tên đệm|Họ đệm|Họ và đệm|Họ lót|Họ và chữ đệm",
        "name.given": "Tên|Tên riêng",
    }
)


def guesser(kind: str, classes: Iterable[ClassPlan] = ()):
    """Function from the texts above a column to the key it probably means, or None."""
    classes = list(classes)
    subjects = {plan.code: plan for line in classes for plan in line.subjects}
    table = Headings(max((line.grade for line in classes), default=5), tuple(subjects.values()))

    def guess(path: list[str]) -> str | None:
        last = fold(path[-1]) if path else ""
        if kind == "staff":
            return next((STAFF[fold(text)] for text in reversed(path) if fold(text) in STAFF), None)
        if last in _SPLIT_NAMES:
            return _SPLIT_NAMES[last]
        return resolve_pupil(path) if kind == "pupils" else table.resolve(path)

    return guess


def understood(scope: str, value, catalogue: Mapping[str, str]) -> str | None:
    """Code of the closed set that the readers take a value for, None when they would refuse it.

    ``catalogue``: folded spelling -> code, for the sets that depend on the school.
    """
    try:
        if scope == "level":
            return cells.level(value)
        if scope == "trait":
            return cells.level(value, trait=True)
        if scope in ("mark", "promoted"):
            found = cells.mark(value, summer=scope == "promoted")
            return {"yes": "x", "no": "không", "summer": "hè"}.get(found)
        if scope == "overall":
            return headings.OVERALL_WORDS.get(cells.overall(value))
        if scope == "grade":
            return str(cells.grade(value))
    except cells.CellValueError:
        return None
    key = fold(cells.shown(value))
    if scope == "gender":
        return GENDERS.get(key)
    if scope == "no_id_reason":
        return REASON_LABELS.get(REASONS.get(key))
    if scope == "status":
        return {"present": "Đang học", "arrived": "Chuyển đến", "left": "Chuyển đi", "dropped": "Thôi học"}.get(
            STATUSES.get(key)
        )
    return catalogue.get(key)
