"""Reading year-end results of a class: our template, or the sector database's table with three heading rows."""

from collections.abc import Iterable

from . import cells, headings
from .errors import Problem, WorkbookError
from .limits import DEFAULT_LIMITS, Limits
from .model import Known, KnownPupil, ReadResult, ResultRow, SubjectPlan, SubjectValues
from .read_common import (
    RowReader,
    check_code,
    check_notes,
    check_row,
    column_places,
    finish,
    mark_duplicates,
    open_tables,
    pupil_rows,
)
from .table import Table
from .text import fold

COMMENT_LIMIT = 1000
_COMMENTS = ("quality_comment", "general_comment", "specific_comment")
_PARTS = ("level", "score", "comment")


def read_results(
    data: bytes,
    grade: int,
    subjects: Iterable[SubjectPlan],
    known: Known | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ReadResult:
    """Read year-end results from a workbook: rows of ResultRow without errors, and every finding.

    ``grade`` 1..5 and its ``subjects`` decide which columns may hold something. Columns are found by heading in any
    order, in one to four heading rows. Never raises for a bad file: the finding is fatal.
    """
    known = known or Known()
    result = ReadResult(kind="results")
    try:
        _read(data, grade, tuple(subjects), known, limits, result)
    except WorkbookError as error:
        result.problems.append(error.problem)
        result.rows.clear()
    return finish(result)


def looks_like_results(data: bytes, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether a workbook holds results of pupils: a heading with at least three subjects or traits."""
    tables, _notes, _sheets = open_tables(data, limits, headings.RESULT_FIELDS, Headings(4, ()).resolve)
    return any(
        sum("." in key or key.startswith(("quality_", "competence_")) for key in table.columns) > 2 for table in tables
    )


class Headings:
    """Meaning of the texts above a column, for one grade and its subjects."""

    def __init__(self, grade: int, subjects: tuple[SubjectPlan, ...]) -> None:
        self.grade = grade
        self.subjects = dict(headings.KNOWN_SUBJECTS)
        for plan in subjects:
            for name in (plan.name, plan.short_name, *plan.other_names, *headings.SUBJECT_NAMES.get(plan.code, ())):
                if name:
                    self.subjects[fold(name)] = plan.code
        self.taught = {plan.code for plan in subjects} or set(headings.SUBJECT_NAMES)
        # The longest first: "Tin học và Công nghệ (Tin học)" begins like others.
        self.names = sorted(self.subjects, key=len, reverse=True)

    def resolve(self, path: list[str]) -> str | None:
        """Key of a column: a field, ``<subject>.<part>``, ``quality_<code>``, ``competence_<code>``, ``+<part>``."""
        tokens = [fold(text) for text in path]
        tokens = [token for token in tokens if token]
        if not tokens:
            return None
        for token in (tokens[-1], "".join(tokens[-2:]), "".join(tokens)):
            if token in headings.RESULT_FIELDS:
                return headings.RESULT_FIELDS[token]
        group = next((headings.GROUPS[token] for token in reversed(tokens) if token in headings.GROUPS), None)
        return self._comment(group, tokens) or self._trait(group, tokens) or self._subject(tokens)

    def _comment(self, group: str | None, tokens: list[str]) -> str | None:
        if headings.PARTS.get(tokens[-1]) == "comment" and group in ("quality", "general", "specific"):
            return f"{group}_comment"
        return None

    def _trait(self, group: str | None, tokens: list[str]) -> str | None:
        names = [token for token in tokens if token not in headings.PARTS and token not in headings.GROUPS]
        last = names[-1] if names else ""
        for prefix, meant in (
            ("nangluc", "competence"),
            ("nl", "competence"),
            ("phamchat", "quality"),
            ("pc", "quality"),
        ):
            if (
                last.startswith(prefix)
                and last[len(prefix) :].removeprefix("dacthu").removeprefix("chung") in headings.TRAITS
            ):
                last, group = last[len(prefix) :].removeprefix("dacthu").removeprefix("chung"), group or meant
        code = headings.TRAITS.get(last)
        if code is None:
            return None
        is_quality = code in headings.QUALITIES
        if group in (None, "subjects") and self.subjects.get(last) in self.taught:
            return None
        if group is None or (group == "quality") == is_quality or group == "subjects":
            return f"quality_{code}" if is_quality else f"competence_{code}"
        return None

    def _subject(self, tokens: list[str]) -> str | None:
        part = headings.PARTS.get(tokens[-1])
        for token in reversed(tokens):
            if token in self.subjects:
                return f"{self.subjects[token]}.{part or 'level'}"
        if part:
            return f"+{part}" if len(tokens) == 1 else None
        for token in reversed(tokens):
            for name in self.names:
                rest = token[len(name) :]
                if token.startswith(name) and rest in headings.PARTS:
                    return f"{self.subjects[name]}.{headings.PARTS[rest]}"
        return None


def _read(data: bytes, grade: int, subjects, known: Known, limits: Limits, result: ReadResult) -> None:
    keys = headings.RESULT_FIELDS
    tables, notes, _sheets = open_tables(data, limits, keys, Headings(grade, subjects).resolve)
    check_notes(notes, "results", known, result)
    if not tables:
        raise WorkbookError("no_table")
    with_results = [table for table in tables if _result_keys(table)]
    if not with_results:
        raise WorkbookError("wrong_kind_pupils")
    tables = with_results
    result.layout = "own" if notes else ("sector" if tables[0].bottom > tables[0].top else "other")
    result.columns = column_places(tables[0])
    readers: list[tuple[RowReader, ResultRow]] = []
    plans = {plan.code: plan for plan in subjects}
    for table in tables:
        readers += _read_table(table, grade, plans, known, result.problems)
    if any(problem.severity == "fatal" for problem in result.problems):
        return
    if not readers:
        raise WorkbookError("no_rows")
    mark_duplicates([(reader, row.code) for reader, row in readers if row.code], "duplicate_row", "code")
    result.rows = [row for reader, row in readers if not reader.failed]
    result.bad_rows = sum(reader.failed for reader, _row in readers)


def _result_keys(table: Table) -> list[str]:
    return [key for key in table.columns if "." in key or key not in headings.COMMON.values()]


def _read_table(
    table: Table, grade: int, plans, known: Known, problems: list[Problem]
) -> list[tuple[RowReader, ResultRow]]:
    problems += table.problems
    if "code" not in table.columns:
        params = {"header": "Mã học sinh"}
        problems.append(Problem("missing_column", "fatal", table.sheet.title, table.top, params=params))
    if any(problem.severity == "fatal" for problem in problems):
        return []
    by_code = {pupil.code: pupil for pupil in known.pupils}
    values = [key for key in _result_keys(table) if not key.endswith("comment")]
    traits = headings.competences(grade)
    found = []
    for number in pupil_rows(table, values):
        reader = RowReader(table, number, problems)
        found.append((reader, _read_row(reader, grade, plans, traits, known, by_code)))
    return found


def _read_row(reader: RowReader, grade: int, plans, traits, known: Known, by_code: dict[str, KnownPupil]) -> ResultRow:
    check_row(reader)
    code = reader.value("code", cells.pupil_code)
    row = ResultRow(
        sheet=reader.table.sheet.title,
        row=reader.row,
        code=code or "",
        values=_values(reader, grade, traits),
        subjects=_subjects(reader, grade, plans),
        class_name=reader.value("class_name", cells.text, 100),
    )
    _check_pupil(reader, row, known, by_code)
    return row


def _check_pupil(reader: RowReader, row: ResultRow, known: Known, by_code: dict[str, KnownPupil]) -> None:
    name = reader.value("name", cells.text, 150)
    if not row.code:
        if not reader.failed:
            reader.error("missing_code" if name else "row_without_pupil", "code")
        return
    check_code(reader, row.code, by_code)
    pupil = by_code.get(row.code)
    if pupil is None:
        if known.pupils and not reader.failed:
            _unknown(reader, row.code, name, known)
        return
    if name and fold(name) != fold(pupil.name):
        reader.error("name_mismatch", "name", code=row.code, known=pupil.name, value=cells.shown(name))
    born = reader.value("birth_date", cells.day)
    if born and pupil.birth_date and born != pupil.birth_date:
        reader.warn("birth_date_mismatch", "birth_date", known=pupil.birth_date.strftime("%d/%m/%Y"))
    if known.class_name and fold(pupil.class_name or "") != fold(known.class_name):
        found = pupil.class_name or "–"
        reader.error("not_in_class", "code", name=pupil.name, wanted=known.class_name, found=found)
    elif pupil.closed:
        reader.error("record_closed", "code", name=pupil.name)


def _unknown(reader: RowReader, code: str, name: str | None, known: Known) -> None:
    same_name = [pupil.code for pupil in known.pupils if name and fold(pupil.name) == fold(name)]
    if len(same_name) == 1:
        reader.error("unknown_code_suggest", "code", value=code, suggestion=same_name[0])
    else:
        reader.error("unknown_code", "code", value=code)


def _values(reader: RowReader, grade: int, traits: dict[str, str]) -> dict:
    values = {
        f"quality_{code}": reader.value(f"quality_{code}", cells.level, trait=True) for code in headings.QUALITIES
    }
    for code in headings.COMPETENCES:
        key = f"competence_{code}"
        if code in traits:
            values[key] = reader.value(key, cells.level, trait=True)
        elif reader.table.cell(reader.row, key) is not None:
            reader.warn("trait_not_in_grade", key, grade=grade)
    values |= {key: reader.value(key, cells.text, COMMENT_LIMIT) for key in (*_COMMENTS, "homeroom_comment")}
    values |= {key: reader.value(key, cells.whole) for key in ("absences_excused", "absences_unexcused")}
    values["height"] = reader.value("height", cells.measure, 50, 220)
    values["weight"] = reader.value("weight", cells.measure, 8, 150)
    values["class_completed"] = reader.value("class_completed", cells.mark)
    values["promoted"] = reader.value("promoted", cells.mark, summer=True)
    values["overall"] = reader.value("overall", cells.overall)
    values |= {key: reader.value(key, cells.text, COMMENT_LIMIT) for key in ("award", "extra_award")}
    return {key: value for key, value in values.items() if value is not None}


def _subjects(reader: RowReader, grade: int, plans: dict[str, SubjectPlan]) -> dict[str, SubjectValues]:
    found = {}
    codes = dict.fromkeys(key.split(".")[0] for key in reader.table.columns if "." in key)
    for code in codes:
        plan = plans.get(code)
        if plan is None:
            _check_empty(reader, code, grade)
            continue
        values = SubjectValues(
            level=reader.value(f"{code}.level", cells.level),
            score=reader.value(f"{code}.score", cells.score),
            comment=reader.value(f"{code}.comment", cells.text, COMMENT_LIMIT),
        )
        if values.score is not None and not plan.has_test:
            reader.error("score_without_test", f"{code}.score", subject=plan.name, grade=grade)
        elif values.score is not None and values.level == "M":
            reader.error("score_exempt", f"{code}.score", subject=plan.name)
        if values != SubjectValues():
            found[code] = values
    return found


def _check_empty(reader: RowReader, code: str, grade: int) -> None:
    """The sector database's tables have columns for subjects that the grade does not have."""
    for part in _PARTS:
        if reader.table.cell(reader.row, f"{code}.{part}") is not None:
            subject = headings.SUBJECT_LABELS.get(code, code)
            reader.warn("subject_not_in_grade", f"{code}.{part}", subject=subject, grade=grade)
