"""Reading the pupils of a class or of a school: our template, or the pupil list of the sector database."""

from datetime import UTC, date, datetime

from . import cells
from .errors import Problem, WorkbookError
from .headings import HISTORY, PUPIL
from .limits import DEFAULT_LIMITS, Limits
from .model import HistoryRow, Known, KnownPupil, PupilRow, ReadResult
from .read_common import (
    RowReader,
    check_code,
    check_notes,
    check_row,
    finish,
    mark_duplicates,
    note_columns,
    open_tables,
    pupil_rows,
)
from .read_results import looks_like_results
from .remembered import Remembered
from .table import Table
from .text import fold

GENDERS = {
    **dict.fromkeys(("nam", "male", "m", "trai", "0"), "male"),
    **dict.fromkeys(("nu", "female", "f", "gai", "1"), "female"),
}
REASONS = {
    **dict.fromkeys(("nguoinuocngoai", "hocsinhnuocngoai", "nuocngoai", "foreign"), "foreign"),
    **dict.fromkeys(("chuaduoccap", "dangchocap", "dangcho", "chocap", "waiting"), "waiting"),
    **dict.fromkeys(("lydokhac", "lidokhac", "khac", "other"), "other"),
}
REASON_LABELS = {"foreign": "Người nước ngoài", "waiting": "Đang chờ cấp", "other": "Lý do khác"}
STATUSES = {
    **dict.fromkeys(("danghoc", "nghihocxinhoclai", "hoclai", "trolaihoc", "moituyen", "luuban", "1"), "present"),
    **dict.fromkeys(("chuyenden", "chuyendentuttruongkhac", "chuyendenky1", "chuyendenky2", "chuyendenhk1"), "arrived"),
    **dict.fromkeys(("chuyendenhk2", "chuyendentronghe"), "arrived"),
    **dict.fromkeys(("chuyendi", "dachuyentruong", "chuyentruong", "chuyendihk1", "chuyendihk2"), "left"),
    **dict.fromkeys(("chuyendiky1", "chuyendiky2", "chuyenditronghe", "datotnghiep"), "left"),
    **dict.fromkeys(("thoihoc", "bohoc", "nghihoc", "thoihochk1", "thoihochk2", "thoihocky1", "thoihocky2"), "dropped"),
}
_TEXTS = {
    "birth_place": 250,
    "home_town": 250,
    "address": 250,
    "register_number": 50,
    "father_name": 150,
    "mother_name": 150,
    "guardian_name": 150,
}
_MARKS = ("gender", "ethnicity", "status", "address", "mother_name", "birth_place", "register_number")


def read_pupils(data: bytes, known: Known | None = None, limits: Limits = DEFAULT_LIMITS) -> ReadResult:
    """Read pupils from a workbook: rows of PupilRow without errors, and every finding.

    Accepts our template (with a second sheet of former school years) and the sector database's list (``C1-HocSinh``);
    columns are found by heading in any order. Never raises for a bad file: the finding is fatal.
    """
    known = known or Known()
    result = ReadResult(kind="pupils")
    try:
        _read(data, known, limits, result)
    except WorkbookError as error:
        result.problems.append(error.problem)
        result.rows.clear()
    return finish(result)


def _read(data: bytes, known: Known, limits: Limits, result: ReadResult) -> None:
    tables, book = open_tables(data, limits, PUPIL | HISTORY, resolve_pupil)
    check_notes(book.notes, "pupils", known, result)
    histories = [table for table in tables if _is_history(table)]
    tables = [table for table in tables if not _is_history(table)]
    if not tables:
        raise WorkbookError("no_table")
    if not any(any(key in table.columns for key in _MARKS) for table in tables) and looks_like_results(data, limits):
        raise WorkbookError("wrong_kind_results")
    result.layout = "own" if book.notes else ("sector" if "status" in tables[0].columns else "other")
    _read_rows(tables, histories, known, result, Remembered(book.remembered))


def read_pupil_tables(tables: list[Table], known: Known) -> ReadResult:
    """Read tables whose columns somebody has already assigned to the keys of pupils."""
    result = ReadResult(kind="pupils", layout="other")
    try:
        _read_rows(tables, [], known, result, Remembered(None))
    except WorkbookError as error:
        result.problems.append(error.problem)
        result.rows.clear()
    return finish(result)


def _read_rows(
    tables: list[Table], histories: list[Table], known: Known, result: ReadResult, remembered: Remembered
) -> None:
    note_columns(result, tables)
    readers: list[tuple[RowReader, PupilRow]] = []
    for table in tables:
        readers += _read_table(table, known, result.problems, remembered)
    if any(problem.severity == "fatal" for problem in result.problems):
        return
    if not readers:
        raise WorkbookError("no_rows")
    _check_together(readers, known)
    result.rows = [row for reader, row in readers if not reader.failed]
    result.bad_rows = sum(reader.failed for reader, _row in readers)
    _read_histories(histories, {row.code: row for _reader, row in readers}, result.problems)


def resolve_pupil(path: list[str]) -> str | None:
    """Key of the column below these texts, None when it means nothing in a list of pupils."""
    tokens = [fold(text) for text in path]
    for token in (*reversed(tokens), "".join(tokens)):
        if token in PUPIL:
            return PUPIL[token]
        if HISTORY.get(token) in ("school_year", "school_name"):
            return HISTORY[token]
    return None


def _is_history(table: Table) -> bool:
    return "school_year" in table.columns and "school_name" in table.columns


def _read_table(
    table: Table, known: Known, problems: list[Problem], remembered: Remembered
) -> list[tuple[RowReader, PupilRow]]:
    problems += table.problems
    for key, header in (("code", "Mã học sinh"), ("name", "Họ và tên")):
        if key not in table.columns:
            problems.append(Problem("missing_column", "fatal", table.sheet.title, table.top, params={"header": header}))
    if any(problem.severity == "fatal" for problem in problems):
        return []
    by_code = {pupil.code: pupil for pupil in known.pupils}
    by_id = {pupil.id_number: pupil for pupil in known.pupils if pupil.id_number}
    keys = [key for key in table.columns if key in ("birth_date", "gender", "id_number")]
    found = []
    for number in pupil_rows(table, keys):
        reader = RowReader(table, number, problems)
        code = table.cell(number, "code")
        reader.remember(remembered, code if isinstance(code, str) else None)
        found.append((reader, _read_row(reader, known, by_code, by_id)))
    return found


def _read_row(reader: RowReader, known: Known, by_code, by_id) -> PupilRow:
    check_row(reader)
    values = _values(reader, known)
    row = PupilRow(
        sheet=reader.table.sheet.title,
        row=reader.row,
        code=values.get("code", ""),
        values=values,
        before=_values(reader.before, known) if reader.before else None,
    )
    _check_identity(reader, row, by_code, by_id)
    _check_class(reader, row, known)
    _check_dates(reader, row, known)
    _check_id(reader, row, by_code)
    return row


def _values(reader: RowReader, known: Known) -> dict:
    values = {
        "code": reader.value("code", cells.pupil_code),
        "name": reader.value("name", cells.text, 150),
        "birth_date": reader.value("birth_date", cells.day),
        "gender": reader.value("gender", cells.choice, GENDERS, "Nam, Nữ"),
        "id_number": reader.value("id_number", cells.id_number),
        "no_id_reason": reader.value("no_id_reason", cells.choice, REASONS, ", ".join(REASON_LABELS.values())),
        "ethnicity": _listed(reader, "ethnicity", known.ethnicities, 50),
        "nationality": _listed(reader, "nationality", known.countries, 100),
        "class_name": reader.value("class_name", cells.text, 100),
        "status": reader.value("status", cells.choice, STATUSES, "Đang học, Chuyển đến, Chuyển đi, Thôi học"),
        "status_date": reader.value("status_date", cells.day),
        "date_from": reader.value("date_from", cells.day),
        **{key: reader.value(key, cells.text, limit) for key, limit in _TEXTS.items()},
    }
    return {key: value for key, value in values.items() if value is not None}


def _listed(reader: RowReader, key: str, spellings, limit: int):
    if not spellings:
        return reader.value(key, cells.text, limit)
    names = sorted(set(spellings.values()))
    choices = ", ".join(names[:6]) + ", …"
    return reader.value(key, cells.choice, spellings, choices)


def _check_identity(reader: RowReader, row: PupilRow, by_code: dict[str, KnownPupil], by_id) -> None:
    values = row.values
    if not values.get("name") and not reader.failed:
        reader.error("missing_name" if row.code else "row_without_pupil", "name")
    if not row.code:
        same = by_id.get(values.get("id_number"))
        if same:
            row.code = values["code"] = same.code
        elif not reader.failed:
            reader.error("missing_code", "code")
        return
    check_code(reader, row.code, by_code)
    pupil = by_code.get(row.code)
    if not pupil or not values.get("name") or fold(pupil.name) == fold(values["name"]):
        return
    birth_date = values.get("birth_date")
    same_id = pupil.id_number and pupil.id_number == values.get("id_number")
    if pupil.birth_date and birth_date and birth_date != pupil.birth_date and not same_id:
        known_birth = pupil.birth_date.strftime("%d/%m/%Y")
        reader.error("identity_conflict", "code", code=row.code, known=pupil.name, known_birth=known_birth)


def _check_class(reader: RowReader, row: PupilRow, known: Known) -> None:
    """Bring the class of the row to the spelling of the database, or to the class that was chosen."""
    stated = row.values.get("class_name")
    names = {fold(name): name for name in known.classes}
    if stated and names and fold(stated) in names:
        row.values["class_name"] = names[fold(stated)]
        if known.class_name and fold(stated) != fold(known.class_name):
            reader.error("other_class", "class_name", found=names[fold(stated)], wanted=known.class_name)
    elif known.class_name:
        # The sector database writes a code of its own for the class; the person has said which class it is.
        row.values["class_name"] = known.class_name
    elif stated and names:
        reader.error("unknown_class", "class_name", value=cells.shown(stated), year=known.school_year or "")
    elif not stated and not reader.failed:
        reader.error("class_missing", "class_name")


def _check_dates(reader: RowReader, row: PupilRow, known: Known) -> None:
    start = int(known.school_year[:4]) if known.school_year else datetime.now(UTC).year
    born = row.values.get("birth_date")
    if born and not start - 20 <= born.year <= start - 5:
        reader.error("birth_date_range", "birth_date", value=cells.shown(born))
    for key in ("date_from", "status_date"):
        value = row.values.get(key)
        if value and not (born or date(1990, 1, 1)) < value <= date(start + 1, 12, 31):
            reader.error("date_range", key, value=cells.shown(value))


def _check_id(reader: RowReader, row: PupilRow, by_code: dict[str, KnownPupil]) -> None:
    number, born, gender = (row.values.get(key) for key in ("id_number", "birth_date", "gender"))
    if number:
        digit = int(number[3])
        wrong_sex = gender and digit % 2 != (gender == "female")
        wrong_year = born and (digit // 2 != (born.year - 1900) // 100 or int(number[4:6]) != born.year % 100)
        if wrong_sex or wrong_year:
            reader.warn("id_disagrees", "id_number", value=number)
    elif "id_number" in reader.table.columns and not reader.failed and "no_id_reason" not in row.values:
        pupil = by_code.get(row.code)
        if not (pupil and (pupil.id_number or pupil.no_id_reason)):
            reader.warn("no_id_reason_missing", "id_number")


def _check_together(readers: list[tuple[RowReader, PupilRow]], known: Known) -> None:
    mark_duplicates([(reader, row.code) for reader, row in readers if row.code], "duplicate_row", "code")
    numbered = [(reader, row) for reader, row in readers if row.values.get("id_number")]
    mark_duplicates([(reader, row.values["id_number"]) for reader, row in numbered], "duplicate_id", "id_number")
    by_id = {pupil.id_number: pupil for pupil in known.pupils if pupil.id_number}
    for reader, row in numbered:
        owner = by_id.get(row.values["id_number"])
        if owner and row.code and owner.code != row.code:
            reader.error("id_taken", "id_number", value=row.values["id_number"], code=owner.code)
    by_code = {pupil.code: pupil for pupil in known.pupils}
    for reader, row in readers:
        pupil = by_code.get(row.code)
        wanted = row.values.get("class_name")
        leaving = row.values.get("status") in ("left", "dropped")
        if pupil and pupil.class_name and wanted and fold(pupil.class_name) != fold(wanted) and not leaving:
            reader.error("already_in_class", "class_name", found=pupil.class_name)


def _read_histories(tables: list[Table], pupils: dict[str, PupilRow], problems: list[Problem]) -> None:
    for table in tables:
        problems += table.problems
        for number in table.data_rows():
            reader = RowReader(table, number, problems)
            _read_history(reader, pupils)


def _read_history(reader: RowReader, pupils: dict[str, PupilRow]) -> None:
    check_row(reader)
    code = reader.value("code", cells.pupil_code)
    year = reader.value("school_year", cells.text, 20)
    class_name = reader.value("class_name", cells.text, 100)
    school_name = reader.value("school_name", cells.text, 250)
    arrived_on = reader.value("date_from", cells.day)
    if not any((code, year, class_name, school_name, arrived_on)) and not reader.failed:
        return
    if year:
        years = year.replace(" ", "").replace("–", "-")
        if not (
            len(years) == 9
            and years[4] == "-"
            and years.replace("-", "").isdigit()
            and int(years[5:]) == int(years[:4]) + 1
        ):
            reader.error("history_year", "school_year", value=cells.shown(year))
        year = years
    if not reader.failed and not all((code, year, class_name, school_name, arrived_on)):
        reader.error("history_missing", None)
    if not reader.failed and code not in pupils:
        reader.error("history_unknown_pupil", "code", value=code)
    if not reader.failed:
        pupils[code].history.append(
            HistoryRow(
                school_year=year, class_name=class_name, school_name=school_name, arrived_on=arrived_on, row=reader.row
            )
        )
