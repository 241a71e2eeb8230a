import dataclasses

from odoo import models
from odoo.exceptions import AccessError

from .. import workbook
from ..core import rules
from ..models.assessment import COMPETENCE_FIELDS, QUALITY_FIELDS
from ..models.school_class_workbook import PERIOD_CODES
from ..workbook.text import fold
from .import_wizard import Plan

_TEXTS = ("quality_comment", "general_comment", "specific_comment", "homeroom_comment", "award", "extra_award")
_NUMBERS = ("absences_excused", "absences_unexcused", "height", "weight")
_FIELDS = (*QUALITY_FIELDS, *COMPETENCE_FIELDS, *_TEXTS, *_NUMBERS)
_PARTS = ("level", "score", "comment")
_COUNTED = {"absences_excused", "absences_unexcused"}


class ImportResults(models.TransientModel):
    _inherit = "hocba.import.wizard"

    def _plan_results(self):
        """Compare the results of the file with those of the classes that the user may enter."""
        self._follow_template()
        classes = self._enterable_classes()
        plans = {line.name: line._subject_plans(self.period) for line in classes}
        read = self._read_results(
            [workbook.ClassPlan(name=line.name, grade=int(line.grade), subjects=plans[line.name]) for line in classes]
        )
        plan = Plan(problems=list(read.problems), layout=read.layout, left_out=read.bad_rows)
        if read.fatal:
            return plan
        by_code = {pupil.code: pupil.class_name for pupil in self._known(self.class_id).pupils}
        by_name = {line.name: line for line in classes}
        assessments = self.env["hocba.class"].union(*classes)._assessments_by_code(self.period)
        foreign = {}
        for row in read.rows:
            school_class = by_name[by_code[row.code]]
            work = self._compare(plan, read, row, assessments.get(row.code), classes[school_class], foreign)
            work["class"] = school_class
            if self.period == "year":
                self._check_outcome(plan, read, row, work, plans[school_class.name])
            if not work["changed"]:
                plan.unchanged.append((row, work))
            elif work["was_empty"]:
                plan.new.append((row, work))
            else:
                plan.changed.append((row, work))
        for key, row in foreign.items():
            problem = read.problem("column_not_yours", row, key)
            plan.problems.append(dataclasses.replace(problem, row=None))
        return plan

    def _read_results(self, class_plans):
        return workbook.read_results_of(self._content(), class_plans, self._known(self.class_id), period=self.period)

    def _follow_template(self):
        """A template of ours says which results of which class it holds; the screen follows."""
        notes = workbook.notes_of(self._content())
        if notes.get("kind") != "results":
            return
        if notes.get("period") in PERIOD_CODES:
            self.period = notes["period"]
        if not self.class_id and notes.get("class"):
            self.class_id = self._classes().filtered(lambda line: fold(line.name) == fold(notes["class"]))[:1]

    def _enterable_classes(self):
        """Class -> None (all results) or the codes of the subjects that the user enters there."""
        classes = self.class_id or self._classes()
        found = {line: line._may_enter() for line in classes}
        found = {line: mine for line, mine in found.items() if mine is None or mine}
        if not found:
            name = self.class_id.name or self.school_year_id.name
            raise AccessError(self._reason(workbook.Problem("no_permission", params={"class_name": name})))
        return found

    def _subject_plans(self, school_class):
        return school_class._subject_plans(self.period or "year")

    def _compare(self, plan, read, row, assessment, mine, foreign):
        """What the row changes. What is not the user's to enter goes to ``foreign``: key -> first row."""
        stored = self.env["hocba.class"]._result_row(assessment)
        old = row.before or workbook.ResultRow("", 0, "")
        remembered = row.before is not None
        subjects = {}
        for code in dict.fromkeys((*row.subjects, *old.subjects)):
            changed = {}
            lines = [side.subjects.get(code, workbook.SubjectValues()) for side in (row, stored, old)]
            for part in _PARTS:
                new, now, then = (getattr(line, part) for line in lines)
                key = f"{code}.{part}"
                if mine is not None and code not in mine:
                    if new is not None and new not in (now, then if remembered else now):
                        foreign.setdefault(key, row)
                    continue
                writes, value = plan.merge(self, read, row, key, new, now, then, remembered)
                if writes:
                    changed[part] = False if value is None else str(value) if part == "score" else value
            if changed:
                subjects[code] = changed
        values = {}
        for name in _FIELDS:
            new, now, then = (side.values.get(name) for side in (row, stored, old))
            if mine is not None:
                if new is not None and new not in (now, then if remembered else now):
                    foreign.setdefault(name, row)
                continue
            writes, value = plan.merge(self, read, row, name, new, now, then, remembered)
            if writes:
                values[name] = False if value is None else value
        if _COUNTED & values.keys():
            kept = {name: values.get(name, stored.values.get(name, False)) for name in _COUNTED}
            values["has_attendance"] = any(value is not False for value in kept.values())
            values |= {name: values[name] or 0 for name in _COUNTED & values.keys()}
        return {
            "assessment": assessment,
            "subjects": subjects,
            "values": values,
            "promoted": None,
            "changed": bool(subjects or values),
            "was_empty": not assessment or not any(line.level for line in assessment.result_ids),
            "mine": mine,
        }

    def _check_outcome(self, plan, read, row, work, subject_plans):
        """Completion follows from the results; only the promotion of who has not completed is a decision."""
        if work["mine"] is not None:
            return
        expected = self._expected_overall(row, work, subject_plans)
        words = {"excellent": "Hoàn thành xuất sắc", "good": "Hoàn thành tốt", "completed": "Hoàn thành"}
        computed = words.get(expected, "Chưa hoàn thành")
        stated, completed, promoted = (row.values.get(key) for key in ("overall", "class_completed", "promoted"))
        if expected is None:
            return
        if stated and stated != expected:
            params = {"value": words.get(stated, "Chưa hoàn thành"), "computed": computed}
            plan.problems.append(read.problem("overall_differs", row, "overall", **params))
        passed = expected != "not_completed"
        if completed and (completed == "yes") != passed:
            plan.problems.append(read.problem("mark_contradicts", row, "class_completed", computed=computed))
        if promoted and passed and promoted != "yes":
            plan.problems.append(read.problem("mark_contradicts", row, "promoted", computed=computed))
        elif promoted and not passed:
            known = work["assessment"] or self.env["hocba.assessment"]
            stored = known.promoted or known.promotion_proposal or None
            old = row.before.values.get("promoted") if row.before else None
            writes, value = plan.merge(self, read, row, "promoted", promoted, stored, old, row.before is not None)
            if writes:
                work["promoted"] = value
                work["changed"] = True

    def _expected_overall(self, row, work, subject_plans):
        """Overall result of Art. 9.2a once the row is in, None while something is missing."""
        assessment = work["assessment"]
        if assessment and assessment.not_assessed:
            return None
        lines = {line.subject_id.code: line for line in assessment.result_ids} if assessment else {}
        levels, scores = {}, {}
        for plan in subject_plans:
            values, line = row.subjects.get(plan.code), lines.get(plan.code)
            levels[plan.code] = (values and values.level) or (line and line.level) or None
            score = values.score if values and values.score is not None else (line and line.score) or None
            scores[plan.code] = int(score) if score is not None else None
        grade = int(work["class"].grade)
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
            tested=[plan.code for plan in subject_plans if _wants(lines, plan, "needs_score", plan.has_test)],
            required=[plan.code for plan in subject_plans if _wants(lines, plan, "required", plan.required)],
        )

    def _choose_taught_subjects(self, work):
        """Results of an optional subject say that the class is taught it."""
        codes = {}
        for _row, item in work:
            codes.setdefault(item["class"], set()).update(item["subjects"])
        subjects = {line.code: line for line in self.env["hocba.subject"].sudo().search([])}
        for school_class, found in codes.items():
            school_class.sudo()._choose_subjects(self.env["hocba.subject"].union(*(subjects[code] for code in found)))

    def _apply_results(self, plan):
        work = [(row, item) for row, item in (*plan.new, *plan.changed)]
        if not work:
            return
        classes = self.env["hocba.class"].union(*(item["class"] for _row, item in work))
        # A teacher may enter results but not start assessments: the class's own list is made for everybody.
        assessments = classes.sudo()._ensure_assessments(self.period).with_env(self.env)
        self._choose_taught_subjects(work)
        assessments.sudo()._ensure_results()
        by_code = {assessment.pupil_id.code: assessment for assessment in assessments}
        writes = {}
        for row, item in work:
            assessment = by_code[row.code]
            lines = {line.subject_id.code: line.id for line in assessment.result_ids}
            for code, values in item["subjects"].items():
                marks = {name: values[name] for name in ("level", "score") if name in values}
                comment = {name: values[name] for name in ("comment",) if name in values}
                for part in filter(None, (marks, comment)):
                    writes.setdefault(tuple(part.items()), []).append(lines[code])
            if item["values"]:
                assessment.write(item["values"])
        # Lines that get the same are written together: a school has few different pairs of level and score.
        for values, ids in writes.items():
            self.env["hocba.result"].browse(ids).write(dict(values))
        for row, item in work:
            if item["promoted"]:
                by_code[row.code]._import_promotion(item["promoted"])


def _wants(lines, plan, name, default):
    """What the pupil's line says (disabled pupils need less); without a line, what the class's plan says."""
    line = lines.get(plan.code)
    return line[name] if line else default
