from odoo import models

from .. import workbook
from ..models.subject import GRADES
from ..workbook.text import fold
from .import_wizard import Plan


class ImportStaff(models.TransientModel):
    _inherit = "hocba.import.wizard"

    def _plan_staff(self):
        """Compare classes, homeroom teachers and teaching assignments of the file with the school's."""
        read = self._read_staff()
        plan = Plan(problems=list(read.problems), layout=read.layout, left_out=read.bad_rows)
        if read.fatal:
            return plan
        classes = {fold(line.name): line for line in self._classes()}
        for row in read.rows:
            school_class = classes.get(fold(row.class_name), self.env["hocba.class"])
            stored = self._teacher_login(school_class, row.subject)
            key = "teacher" if row.subject else "homeroom"
            writes, login = plan.merge(self, read, row, key, row.teacher, stored, row.before, row.remembered)
            work = {"class": school_class, "writes": writes, "login": login}
            if not school_class and not row.subject:
                plan.new.append((row, work))
            elif writes:
                (plan.changed if stored else plan.new).append((row, work))
            else:
                plan.unchanged.append((row, work))
        return plan

    def _read_staff(self):
        return workbook.read_staff(self._content(), *self._staff_known(), self.school_year_id.name)

    def _staff_known(self):
        """Classes, subjects by grade and teachers, for the reader."""
        year = self.school_year_id.name
        subject = self.env["hocba.subject"].sudo()
        grades = {
            int(grade): tuple(
                workbook.SubjectPlan(
                    code=line.subject_id.code, name=line.subject_id.name, short_name=line.subject_id.short_name or None
                )
                for line in subject._plan(grade, year)
            )
            for grade, _label in GRADES
        }
        classes = [workbook.ClassPlan(name=line.name, grade=int(line.grade)) for line in self._classes()]
        return classes, grades, self.env["hocba.class"]._teachers(self.company_id)

    def _teacher_login(self, school_class, subject):
        if not subject:
            return school_class.homeroom_id.sudo().login or None
        return self._assignment(school_class, subject).teacher_id.sudo().login or None

    def _assignment(self, school_class, subject):
        return school_class.assignment_ids.filtered(lambda line: line.subject_id.code == subject)

    def _apply_staff(self, plan):
        work = [*plan.new, *plan.changed]
        classes = self._create_classes([row for row, item in work if not item["class"] and not row.subject])
        users = self.env["res.users"].sudo().search([("login", "in", [item["login"] for _row, item in work])])
        by_login = {user.login: user.id for user in users}
        subjects = {line.code: line.id for line in self.env["hocba.subject"].search([])}
        assignments = []
        for row, item in work:
            school_class = item["class"] or classes[fold(row.class_name)]
            teacher = by_login.get(item["login"], False)
            if not item["writes"]:
                continue
            if not row.subject:
                school_class.homeroom_id = teacher
                continue
            stored = self._assignment(school_class, row.subject)
            if not teacher:
                stored.unlink()
            elif stored:
                stored.teacher_id = teacher
            else:
                values = {"class_id": school_class.id, "subject_id": subjects[row.subject], "teacher_id": teacher}
                assignments.append(values)
        self.env["hocba.assignment"].create(assignments)

    def _create_classes(self, rows):
        """Folded name -> class, for the classes that are new."""
        unique = {fold(row.class_name): row for row in rows}
        created = self.env["hocba.class"].create(
            [
                {
                    "name": row.class_name,
                    "grade": str(row.grade),
                    "school_year_id": self.school_year_id.id,
                    "company_id": self.company_id.id,
                }
                for row in unique.values()
            ]
        )
        return dict(zip(unique, created, strict=True))
