"""Classes as Excel workbooks: what a person may have of them, filled in with what is known."""

from odoo import models
from odoo.exceptions import AccessError

from .. import workbook
from ..workbook.text import clean_lines, fold
from .assessment import COMPETENCE_FIELDS, PERIODS, QUALITY_FIELDS
from .pupil import WORKBOOK_FIELDS

#: Fields of an assessment that a workbook carries under their own names, in both directions.
RESULT_FIELDS = (
    *QUALITY_FIELDS,
    *COMPETENCE_FIELDS,
    *("quality_comment", "general_comment", "specific_comment", "homeroom_comment", "height", "weight"),
)
OUTCOME_FIELDS = ("class_completed", "promoted", "award", "extra_award")
_READERS = {
    "pupils": ("clerk", "head", "auditor"),
    "results": ("clerk", "head", "auditor", "subject_teacher"),
    "staff": ("clerk", "head"),
    "sector_pupils": ("clerk", "head"),
    "sector_results": ("clerk", "head", "homeroom"),
}
WORKBOOK_KINDS = tuple(_READERS)
_NAMES = {
    "pupils": "hoc-sinh",
    "staff": "lop-va-phan-cong",
    "sector_pupils": "csdl-C1-HocSinh",
    "sector_results": "csdl-KetQuaHocTap",
    "mid1": "ket-qua-giua-hk1",
    "end1": "ket-qua-cuoi-hk1",
    "mid2": "ket-qua-giua-hk2",
    "year": "ket-qua-cuoi-nam",
}


class SchoolClassWorkbook(models.Model):
    _inherit = "hocba.class"

    def _workbooks(self, kind, period="year"):
        """File names and contents (.xlsx) of the classes, all of one school year.

        ``kind`` of WORKBOOK_KINDS. The sector database takes one file a class; everything else is one file. Raises
        AccessError for who may not have it.
        """
        self.check_access("read")
        user = self.env.user
        if not any(user.has_group(f"hocba_digital.group_{group}") for group in _READERS[kind]):
            raise AccessError(self.env._("You may not export this kind of workbook."))
        classes = self.sorted(lambda line: (line.grade, line.name))
        if kind.startswith("sector"):
            return [(self._workbook_name(kind, line), line._sector_workbook(kind)) for line in classes]
        if kind == "pupils":
            content = classes._pupils_workbook()
        elif kind == "staff":
            content = classes._staff_workbook()
        else:
            content = workbook.results_workbook_of([line._class_results(period) for line in classes])
        return [(self._workbook_name(period if kind == "results" else kind, classes), content)]

    def _workbook_name(self, kind, classes):
        name = classes.name if len(classes) == 1 else f"{len(classes)}-lop"
        return f"{_NAMES[kind]}-{name}-{classes.school_year_id[:1].name}.xlsx".replace("/", "-")

    def _workbook_info(self, period="year"):
        return workbook.ClassInfo(
            name=self.name,
            grade=int(self.grade),
            school_year=self.school_year_id.name,
            school_name=self.company_id.name,
            homeroom_name=self.homeroom_id.name or "",
            period=period,
        )

    def _may_enter(self):
        """None: every result of the class; otherwise the codes of the subjects that the user teaches in it."""
        self.ensure_one()
        user = self.env.user
        if user.has_group("hocba_digital.group_clerk") or self.homeroom_id == user:
            return None
        taught = self.sudo().assignment_ids.filtered(lambda line: line.teacher_id == user)
        return set(taught.subject_id.mapped("code"))

    def _subject_plans(self, period="year", *, taught=False):
        """The subjects of the grade with their tests in ``period``, as the workbooks want them.

        ``taught``: only those the class has: an optional subject that was not chosen may be read but is not offered.
        """
        plan = self.env["hocba.subject"].sudo()._plan(self.grade, self.school_year_id.name)
        mine = self.sudo()._subject_plan()
        return tuple(
            workbook.SubjectPlan(
                code=line.subject_id.code,
                name=self._printed_subject(line.subject_id),
                short_name=line.subject_id.short_name or None,
                has_test=line._tested(period),
                required=line in mine,
                other_names=(line.subject_id.name,),
            )
            for line in (mine if taught else plan)
        )

    def _current_pupils(self):
        """Enrolments of the pupils who are in the classes now, class by class, by given name."""
        return self.enrolment_ids.filtered("is_current").sorted(
            lambda line: (
                line.class_id.grade,
                line.class_id.name,
                fold((line.pupil_id.name or "").split()[-1:][0] if line.pupil_id.name else ""),
                line.pupil_id.name,
                line.pupil_id.code,
            )
        )

    def _class_results(self, period):
        """The results of one class in a period; a subject teacher gets the own subjects only."""
        mine = self._may_enter()
        readers = ("head", "auditor")
        if mine is not None and any(self.env.user.has_group(f"hocba_digital.group_{name}") for name in readers):
            mine = None
        plans = [plan for plan in self._subject_plans(period, taught=True) if mine is None or plan.code in mine]
        assessments = self._assessments_by_code(period)
        rows, identities = [], {}
        for number, enrolment in enumerate(self._current_pupils(), start=2):
            pupil = enrolment.pupil_id
            identities[pupil.code] = (pupil.name, pupil.birth_date or None)
            row = self._result_row(assessments.get(pupil.code), pupil.code)
            row.row = number
            rows.append(row)
        return workbook.ClassResults(
            info=self._workbook_info(period),
            subjects=tuple(plans),
            rows=tuple(rows),
            identities=identities,
            homeroom=mine is None,
        )

    def _assessments_by_code(self, period):
        """Pupil code -> assessment of the classes' current pupils in a period."""
        found = self.env["hocba.assessment"].search(
            [("class_id", "in", self.ids), ("period", "=", period), ("enrolment_id.is_current", "=", True)]
        )
        return {assessment.pupil_id.code: assessment for assessment in found}

    def _result_row(self, assessment, code=""):
        """What is stored of one pupil, in the terms of a workbook."""
        row = workbook.ResultRow("", 0, code)
        if not assessment:
            return row
        names = RESULT_FIELDS + (OUTCOME_FIELDS if assessment.period == "year" else ())
        row.values = {name: assessment[name] for name in names if assessment[name]}
        for name, value in row.values.items():
            if isinstance(value, float):
                row.values[name] = round(value, 1)
            elif name.endswith(("comment", "award")):
                row.values[name] = clean_lines(value)
        if assessment.has_attendance:
            row.values |= {name: assessment[name] for name in ("absences_excused", "absences_unexcused")}
        for line in assessment.result_ids:
            row.subjects[line.subject_id.code] = workbook.SubjectValues(
                level=line.level or None,
                score=int(line.score) if line.score else None,
                comment=clean_lines(line.comment or "") or None,
            )
        return row

    def _pupil_rows(self):
        rows = []
        for enrolment in self._current_pupils():
            pupil = enrolment.pupil_id
            values = {name: pupil[name] for name in WORKBOOK_FIELDS if pupil[name]}
            values |= {"date_from": enrolment.date_from, "class_name": enrolment.class_id.name}
            if pupil.ethnicity_id:
                values["ethnicity"] = pupil.ethnicity_id.name
            if pupil.nationality_id:
                values["nationality"] = pupil.nationality_id.with_context(lang="vi_VN").name
            history = [
                workbook.HistoryRow(
                    school_year=line.school_year_name,
                    class_name=line.class_name,
                    school_name=line.school_name,
                    arrived_on=line.date_from,
                )
                for line in pupil.enrolment_ids - enrolment
            ]
            rows.append(workbook.PupilRow(sheet="", row=0, code=pupil.code, values=values, history=history))
        return rows

    def _pupils_workbook(self):
        ethnicities = self.env["hocba.ethnicity"].search([("code", "!=", False)]).mapped("name")
        countries = (
            self.env["res.country"].sudo().with_context(lang="vi_VN").search([("code", "!=", False)]).mapped("name")
        )
        info = self._workbook_info() if len(self) == 1 else self._school_info()
        return workbook.pupils_workbook(
            info, self._pupil_rows(), ethnicities=ethnicities, nationalities=sorted(countries), remember=True
        )

    def _school_info(self):
        year = self.school_year_id[:1]
        return workbook.ClassInfo(name="", grade=1, school_year=year.name, school_name=self.company_id[:1].name)

    def _staff_workbook(self):
        lines = []
        for line in self:
            assigned = {entry.subject_id.code: entry.teacher_id for entry in line.assignment_ids}
            lines.append(
                workbook.StaffClass(
                    name=line.name,
                    grade=int(line.grade),
                    homeroom=_teacher(line.homeroom_id) if line.homeroom_id else None,
                    subjects=line._subject_plans(taught=True),
                    teachers={code: _teacher(user) for code, user in assigned.items()},
                )
            )
        return workbook.staff_workbook(self.school_year_id[:1].name, lines, self._teachers(self.company_id[:1]))

    def _teachers(self, company):
        """Users of the school who may teach."""
        group = self.env.ref("hocba_digital.group_subject_teacher")
        users = (
            self.env["res.users"]
            .sudo()
            .search(
                [("company_ids", "in", company.ids), ("share", "=", False), ("all_group_ids", "in", group.ids)],
                order="name, login",
            )
        )
        return [_teacher(user) for user in users]

    def _sector_workbook(self, kind):
        self.ensure_one()
        if kind == "sector_pupils":
            return workbook.sector_pupils_workbook(self._workbook_info(), self._pupil_rows())
        if self._may_enter() is not None and not self.env.user.has_group("hocba_digital.group_head"):
            raise AccessError(self.env._("Only the homeroom teacher exports the results of the whole class."))
        assessments = self._assessments_by_code("year")
        rows, identities = [], {}
        for enrolment in self._current_pupils():
            pupil = enrolment.pupil_id
            identities[pupil.code] = (pupil.name, pupil.birth_date or None)
            assessment = assessments.get(pupil.code)
            row = self._result_row(assessment, pupil.code)
            if assessment and assessment.overall:
                row.values["overall"] = assessment.overall
            rows.append(row)
        plans = self._subject_plans(taught=True)
        return workbook.sector_results_workbook(self._workbook_info(), plans, rows, identities)


def _teacher(user):
    return workbook.Teacher(user.sudo().login, user.sudo().name)


PERIOD_CODES = tuple(code for code, _label in PERIODS)
