from odoo import models
from odoo.exceptions import AccessError, UserError

from .. import workbook
from ..core import rules
from ..models.assessment import COMPETENCE_FIELDS, QUALITY_FIELDS
from ..workbook.text import fold
from .import_wizard import Plan

_TEXTS = ("quality_comment", "general_comment", "specific_comment", "homeroom_comment", "award", "extra_award")
_NUMBERS = ("absences_excused", "absences_unexcused", "height", "weight")
_FIELDS = (*QUALITY_FIELDS, *COMPETENCE_FIELDS, *_TEXTS, *_NUMBERS)
_PARTS = ("level", "score", "comment")


class ImportResults(models.TransientModel):
    _inherit = "hocba.import.wizard"

    def _plan_results(self):
        """Compare the year-end results of the workbook with those of the class."""
        content = self._content()
        school_class = self._results_class(content)
        mine = self._may_enter(school_class)
        plans = self._subject_plans(school_class)
        read = workbook.read_results(content, int(school_class.grade), plans, self._known(school_class))
        plan = Plan(problems=list(read.problems), layout=read.layout, left_out=read.bad_rows)
        if read.fatal:
            return plan
        assessments = self._assessments(school_class)
        foreign = {}
        for row in read.rows:
            work = self._compare(row, assessments.get(row.code), mine, foreign)
            self._check_outcome(plan, read, row, work, plans)
            if not work["changed"]:
                plan.unchanged.append((row, work))
            elif work["was_empty"]:
                plan.new.append((row, work))
            else:
                plan.changed.append((row, work))
        for key, row in foreign.items():
            letter, header = read.columns.get(key, (None, None))
            plan.problems.append(workbook.Problem("column_not_yours", "warn", row.sheet, None, letter, header))
        return plan

    def _results_class(self, content):
        """The class that was chosen, or the one a template of ours names."""
        if self.class_id:
            return self.class_id
        read = workbook.read_results(content, 1, ())
        found = self._classes().filtered(lambda line: fold(line.name) == fold(read.class_name or ""))
        if len(found) != 1:
            fatal = next((problem for problem in read.problems if problem.code.startswith("wrong_kind")), None)
            raise UserError(
                self._reason(fatal)
                if fatal
                else self.env._("The workbook does not say which class it is for. Choose it.")
            )
        self.class_id = found
        return found

    def _may_enter(self, school_class):
        """None: everything; otherwise the codes of the subjects that the user teaches in the class."""
        user = self.env.user
        if user.has_group("hocba_digital.group_clerk") or school_class.homeroom_id == user:
            return None
        taught = school_class.sudo().assignment_ids.filtered(lambda line: line.teacher_id == user)
        if not taught:
            raise AccessError(self._reason(workbook.Problem("no_permission", params={"class_name": school_class.name})))
        return set(taught.subject_id.mapped("code"))

    def _subject_plans(self, school_class):
        return tuple(
            workbook.SubjectPlan(
                code=line.subject_id.code,
                name=line.subject_id.name,
                short_name=line.subject_id.short_name or None,
                has_test=line.has_test,
                required=line.required,
            )
            for line in self.env["hocba.subject"].sudo()._plan(school_class.grade)
        )

    def _assessments(self, school_class):
        """Pupil code -> year-end assessment of the class's current pupils."""
        found = self.env["hocba.assessment"].search(
            [("class_id", "=", school_class.id), ("period", "=", "year"), ("enrolment_id.is_current", "=", True)]
        )
        return {assessment.pupil_id.code: assessment for assessment in found}

    def _compare(self, row, assessment, mine, foreign):
        """What the row changes. What is not the user's to enter goes to ``foreign``: key -> first row."""
        lines = {line.subject_id.code: line for line in assessment.result_ids} if assessment else {}
        subjects = {}
        for code, values in row.subjects.items():
            changed = self._changed_parts(values, lines.get(code))
            if mine is not None and code not in mine:
                foreign.update({f"{code}.{part}": row for part in changed if f"{code}.{part}" not in foreign})
            elif changed:
                subjects[code] = changed
        values = {
            name: row.values[name]
            for name in _FIELDS
            if name in row.values and not _same(assessment and assessment[name], row.values[name])
        }
        counted = {"absences_excused", "absences_unexcused"} & set(row.values)
        if counted and not (assessment and assessment.has_attendance):
            values |= {name: row.values[name] for name in counted} | {"has_attendance": True}
        if mine is not None:
            foreign.update({name: row for name in values if name not in foreign and name != "has_attendance"})
            values = {}
        return {
            "assessment": assessment,
            "subjects": subjects,
            "values": values,
            "promoted": None,
            "changed": bool(subjects or values),
            "was_empty": not assessment or not any(line.level for line in lines.values()),
            "mine": mine,
        }

    def _changed_parts(self, values, line):
        changed = {}
        for part in _PARTS:
            value = getattr(values, part)
            value = str(value) if part == "score" and value is not None else value
            if value is not None and value != ((line and line[part]) or None):
                changed[part] = value
        return changed

    def _check_outcome(self, plan, read, row, work, subject_plans):
        """Completion follows from the results; only the promotion of who has not completed is a decision."""
        if work["mine"] is not None:
            return
        expected = self._expected_overall(row, work["assessment"], subject_plans)
        words = {"excellent": "Hoàn thành xuất sắc", "good": "Hoàn thành tốt", "completed": "Hoàn thành"}
        computed = words.get(expected, "Chưa hoàn thành")
        stated, completed, promoted = (row.values.get(key) for key in ("overall", "class_completed", "promoted"))
        if expected is None:
            return
        if stated and stated != expected:
            params = {"value": words.get(stated, "Chưa hoàn thành"), "computed": computed}
            plan.problems.append(_at(read, row, "overall", "overall_differs", params))
        passed = expected != "not_completed"
        if completed and (completed == "yes") != passed:
            plan.problems.append(_at(read, row, "class_completed", "mark_contradicts", {"computed": computed}))
        if promoted and passed and promoted != "yes":
            plan.problems.append(_at(read, row, "promoted", "mark_contradicts", {"computed": computed}))
        elif promoted and not passed and not (work["assessment"] and work["assessment"].promoted == promoted):
            work["promoted"] = promoted
            work["changed"] = True

    def _expected_overall(self, row, assessment, subject_plans):
        """Overall result of Art. 9.2a once the row is in, None while something is missing."""
        lines = {line.subject_id.code: line for line in assessment.result_ids} if assessment else {}
        levels, scores = {}, {}
        for plan in subject_plans:
            values, line = row.subjects.get(plan.code), lines.get(plan.code)
            levels[plan.code] = (values and values.level) or (line and line.level) or None
            score = values.score if values and values.score is not None else (line and line.score) or None
            scores[plan.code] = int(score) if score is not None else None
        grade = int((assessment.class_id if assessment else self.class_id).grade)
        traits = {f"competence_{code}": code for code in rules.subjects.competences(grade)}
        held = {
            name: row.values.get(name) or (assessment and assessment[name]) or None
            for name in (*QUALITY_FIELDS, *traits)
        }
        return rules.assessment.overall_result(
            levels,
            scores,
            {name: held[name] for name in QUALITY_FIELDS},
            {name: held[name] for name in traits},
            tested=[plan.code for plan in subject_plans if plan.has_test],
            required=[plan.code for plan in subject_plans if plan.required],
        )

    def _apply_results(self, plan):
        work = [(row, item) for row, item in (*plan.new, *plan.changed)]
        if not work:
            return
        school_class = self.class_id
        # A teacher may enter results but not start assessments: the class's own list is made for everybody.
        assessments = school_class.sudo()._ensure_assessments().with_env(self.env)
        assessments.sudo()._ensure_results()
        by_code = {assessment.pupil_id.code: assessment for assessment in assessments}
        for row, item in work:
            assessment = by_code[row.code]
            lines = {line.subject_id.code: line for line in assessment.result_ids}
            for code, values in item["subjects"].items():
                lines[code].write(values)
            if item["values"]:
                assessment.write(item["values"])
        for row, item in work:
            if item["promoted"] and by_code[row.code].promoted != item["promoted"]:
                by_code[row.code].promoted = item["promoted"]


def _same(stored, value):
    if isinstance(value, float):
        return round(stored or 0.0, 1) == value
    if isinstance(value, int):
        return (stored or 0) == value
    return (stored or None) == value


def _at(read, row, key, code, params):
    letter, header = read.columns.get(key, (None, None))
    return workbook.Problem(code, "warn", row.sheet, row.row, letter, header, params)
