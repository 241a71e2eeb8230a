"""Reading a file of other software through its mapping, and keeping the mapping."""

from odoo import fields, models
from odoo.exceptions import UserError

from .. import workbook
from ..workbook.text import fold


class ImportForeign(models.TransientModel):
    _inherit = "hocba.import.wizard"

    def action_check(self):
        if self.foreign and self.state == "columns":
            self._check_may_import()
            if not self.column_ids.option_id:
                raise UserError(self.env._("Say of at least one column what it is read as."))
            self._sync_values(self._sheet())
            self._keep_mapping()
        return super().action_check()

    def action_back(self):
        action = super().action_back()
        self.foreign = bool(self.env.context.get("default_foreign"))
        return action

    def _title(self):
        return self.env._("Import a file of other software") if self.foreign else super()._title()

    def _state_after_failure(self):
        return "columns" if self.foreign else super()._state_after_failure()

    def _fields_of_kind(self):
        if self.kind == "pupils":
            return workbook.pupil_fields()
        if self.kind == "staff":
            return workbook.staff_fields()
        return workbook.result_fields(self._class_plans(), self.period)

    def _class_plans(self):
        """Plans of the classes whose results may be in the file."""
        if self.kind != "results":
            return []
        return [
            workbook.ClassPlan(name=line.name, grade=int(line.grade), subjects=line._subject_plans(self.period))
            for line in self._enterable_classes()
        ]

    # ---- closed sets that depend on the school --------------------------------------------------------------------

    def _school_choices(self, scope):
        """Code -> label."""
        if scope == "class":
            return {line.name: line.name for line in self._classes()}
        if scope == "teacher":
            return {line.login: line.label for line in self.env["hocba.class"]._teachers(self.company_id)}
        if scope == "subject":
            plans = [plan for plans in self._staff_known()[1].values() for plan in plans]
            return {plan.name: plan.name for plan in plans}
        if scope == "ethnicity":
            names = self.env["hocba.ethnicity"].search([("code", "!=", False)]).mapped("name")
            return {name: name for name in names}
        countries = self.env["res.country"].sudo().with_context(lang="vi_VN").search([("code", "!=", False)])
        return {country.code: country.name for country in countries.sorted("name")}

    def _catalogue_of(self, scope):
        """Folded spelling -> code."""
        if scope in workbook.CHOICES:
            return {}
        if scope == "ethnicity":
            return self._ethnicities()
        if scope == "nationality":
            return self._countries()
        choices = self._school_choices(scope)
        found = {fold(name): code for code, name in choices.items()}
        if scope == "class":
            found |= {f"lop{fold(name)}": code for code, name in choices.items()}
        elif scope == "teacher":
            names = {}
            for teacher in self.env["hocba.class"]._teachers(self.company_id):
                names.setdefault(fold(teacher.name), []).append(teacher.login)
                found[fold(teacher.login)] = teacher.login
            found |= {name: logins[0] for name, logins in names.items() if len(logins) == 1}
        elif scope == "subject":
            for plans in self._staff_known()[1].values():
                for plan in plans:
                    for name in (plan.code, plan.short_name, *workbook.SUBJECT_NAMES.get(plan.code, ())):
                        found.setdefault(fold(name or plan.name), plan.name)
        return found

    # ---- reading ---------------------------------------------------------------------------------------------------

    def _foreign_table(self, sheet, rows=None):
        """The sheet as a table of this kind, the first ``rows`` only when given. Raises WorkbookError."""
        columns = self.column_ids.filtered("option_id")
        mapping = workbook.ColumnMapping(
            keys={line.number: line.option_id.code for line in columns},
            values={(line.key, line.raw): line.option_id.code or None for line in self.value_ids if line.option_id},
            date_order=self.date_order,
            pad_id=self.pad_id,
        )
        if rows:
            numbers = [number for number in sheet.rows if number > self.heading_last][:rows]
            sheet.rows = {
                number: values
                for number, values in sheet.rows.items()
                if number <= self.heading_last or number in numbers
            }
        scopes = {line.option_id.code: line.option_id.values_scope for line in columns}
        return workbook.table_of(sheet, self.heading_first, self.heading_last, mapping, scopes)

    def _read_table(self, table):
        """Read a table of this kind, finding pupils without a code by number or by name and date of birth."""
        if self.kind == "staff":
            return workbook.read_staff_tables([table], *self._staff_known())
        known = self._known(self.class_id)
        if self.kind == "pupils":
            return workbook.read_pupil_tables([table], known)
        problems = workbook.find_pupils(table, known.pupils, known.class_name)
        read = workbook.read_result_tables([table], self._class_plans(), known, self.period)
        read.problems = [*problems, *read.problems]
        read.bad_rows += len(problems)
        return read

    def _read_foreign(self):
        try:
            return self._read_table(self._foreign_table(self._sheet()))
        except workbook.WorkbookError as error:
            return workbook.ReadResult(kind=self.kind, problems=[error.problem])

    def _read_pupils(self):
        return self._read_foreign() if self.foreign else super()._read_pupils()

    def _read_results(self, class_plans):
        return self._read_foreign() if self.foreign else super()._read_results(class_plans)

    def _read_staff(self):
        return self._read_foreign() if self.foreign else super()._read_staff()

    # ---- kept mappings ---------------------------------------------------------------------------------------------

    def _use_mapping(self, mapping):
        """Give the columns the meaning they have in a kept mapping, by heading, from left to right."""
        options = self._options("field")
        wanted = {}
        for line in mapping.line_ids:
            wanted.setdefault(fold(line.header), []).append(line.key)
        for column in self.column_ids:
            keys = wanted.get(fold(column.header or column.letter), [])
            column.option_id = options.get(keys.pop(0)) if keys else False
        self.value_ids.unlink()
        self.write({"date_order": mapping.date_order, "pad_id": mapping.pad_id, "mapping_name": mapping.name})

    def _keep_mapping(self):
        """Keep columns and values under the chosen name, new or again."""
        name = (self.mapping_name or "").strip()
        if not name:
            return
        values = {
            "signature": self.signature,
            "date_order": self.date_order,
            "pad_id": self.pad_id,
            "last_used": fields.Datetime.now(),
            "line_ids": [
                (5, 0, 0),
                *(
                    (
                        0,
                        0,
                        {
                            "header": line.header or line.letter,
                            "key": line.option_id.code,
                            "label": line.option_id.name,
                        },
                    )
                    for line in self.column_ids.filtered("option_id")
                ),
            ],
            "value_ids": [
                (5, 0, 0),
                *(
                    (
                        0,
                        0,
                        {
                            "key": line.key,
                            "raw": line.raw,
                            "code": line.option_id.code,
                            "label": line.option_id.name,
                        },
                    )
                    for line in self.value_ids.filtered("option_id")
                ),
            ],
        }
        mapping = self.env["hocba.import.mapping"].search(
            [("name", "=", name), ("kind", "=", self.kind), ("company_id", "=", self.company_id.id)], limit=1
        )
        if mapping:
            # Written as the school's: a teacher may improve a mapping but not remove its rows one by one.
            mapping.sudo().write(values)
        else:
            mapping = mapping.create({"name": name, "kind": self.kind, "company_id": self.company_id.id, **values})
        self.mapping_id = mapping
