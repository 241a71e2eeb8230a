from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.rules import deadlines, progression


class YearWizard(models.TransientModel):
    """Starts the next school year: classes, teachers and pupils go on, nothing is typed again (TT 27, Art. 11, 12).

    It may be run again: what is there already is left alone, and pupils who were undecided before the summer follow.
    """

    _name = "hocba.year.wizard"
    _description = "Start the Next School Year"

    company_id = fields.Many2one("res.company", "School", required=True, default=lambda self: self.env.company)
    source_year_id = fields.Many2one(
        "hocba.school.year",
        "School year that ends",
        required=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self._default_source_year(),
    )
    target_name = fields.Char("Next school year", compute="_compute_target_name")
    class_line_ids = fields.One2many(
        "hocba.year.wizard.class",
        "wizard_id",
        "Classes of the next year",
        compute="_compute_lines",
        store=True,
        readonly=False,
    )
    pupil_line_ids = fields.One2many(
        "hocba.year.wizard.pupil", "wizard_id", "Pupils", compute="_compute_lines", store=True, readonly=False
    )
    moving_count = fields.Integer("Pupils who go on", compute="_compute_counts")
    waiting_count = fields.Integer("Pupils not decided yet", compute="_compute_counts")
    leaving_count = fields.Integer("Pupils who leave", compute="_compute_counts")

    @api.model
    def _default_source_year(self):
        classes = self.env["hocba.class"].browse(self._chosen_classes())
        if classes:
            return classes[:1].school_year_id
        today = deadlines.today()
        years = self.env["hocba.school.year"].search([("company_id", "=", self.env.company.id)])
        return years.filtered(lambda year: year.date_start <= today)[:1] or years[:1]

    @api.model
    def _chosen_classes(self):
        return self.env.context.get("active_ids", []) if self.env.context.get("active_model") == "hocba.class" else []

    @api.depends("source_year_id")
    def _compute_target_name(self):
        for wizard in self:
            name = wizard.source_year_id.name
            wizard.target_name = progression.next_school_year(name) if name else False

    @api.depends("source_year_id")
    def _compute_lines(self):
        for wizard in self:
            classes = wizard._source_classes()
            wizard.class_line_ids = [Command.clear()] + [
                Command.create(values) for values in wizard._class_values(classes)
            ]
            wizard.pupil_line_ids = [Command.clear()] + [
                Command.create(values) for values in wizard._pupil_values(classes)
            ]

    @api.depends("pupil_line_ids.step")
    def _compute_counts(self):
        for wizard in self:
            steps = wizard.pupil_line_ids.mapped("step")
            wizard.moving_count = steps.count("promoted") + steps.count("repeats")
            wizard.waiting_count = steps.count("undecided")
            wizard.leaving_count = len(steps) - wizard.moving_count - wizard.waiting_count

    def _source_classes(self):
        domain = [
            ("school_year_id", "=", self.source_year_id.id),
            ("company_id", "=", self.company_id.id),
            ("from_paper", "=", False),
        ]
        chosen = self._chosen_classes()
        if chosen:
            domain.append(("id", "in", chosen))
        return self.env["hocba.class"].search(domain)

    def _class_values(self, classes):
        going_on = classes.filtered(lambda line: line.grade != "5")
        known = {
            line.name: line
            for line in self.env["hocba.class"].search(
                [("school_year_id.name", "=", self.target_name), ("company_id", "=", self.company_id.id)]
            )
        }
        values = []
        for line in going_on:
            name = progression.next_class_name(line.name, int(line.grade))
            exists = known.get(name)
            values.append(
                {
                    "source_class_id": line.id,
                    "name": name,
                    "grade": str(int(line.grade) + 1),
                    "homeroom_id": exists.homeroom_id.id if exists else False,
                    "exists": bool(exists),
                }
            )
        return values

    def _pupil_values(self, classes):
        """A line for every pupil of the classes who has no class in the next year yet."""
        enrolments = self.env["hocba.enrolment"].search([("class_id", "in", classes.ids), ("is_current", "=", True)])
        gone_on = self.env["hocba.enrolment"].search_fetch(
            [
                ("pupil_id", "in", enrolments.pupil_id.ids),
                ("is_current", "=", True),
                ("class_id.school_year_id.name", "=", self.target_name),
            ],
            ["pupil_id"],
        )
        assessments = self.env["hocba.assessment"].search(
            [("enrolment_id", "in", enrolments.ids), ("period", "=", "year")]
        )
        by_enrolment = {assessment.enrolment_id.id: assessment for assessment in assessments}
        left = enrolments.filtered(lambda line: line.pupil_id not in gone_on.pupil_id and not line.after_year)
        values = []
        for line in left.sorted(lambda line: (line.class_id.grade, line.class_id.name, line.pupil_id.name or "")):
            step = self._step(line, by_enrolment.get(line.id))
            grade = progression.next_grade(int(line.class_id.grade), step)
            names = (line.class_id.name, progression.next_class_name(line.class_id.name, int(line.class_id.grade)))
            values.append(
                {
                    "enrolment_id": line.id,
                    "step": step,
                    "target_name": {"promoted": names[1], "repeats": names[0]}.get(step) if grade else False,
                }
            )
        return values

    def _step(self, enrolment, assessment):
        flags = {"yes": True, "no": False}
        return progression.next_step(
            int(enrolment.class_id.grade),
            flags.get(assessment.class_completed) if assessment else None,
            flags.get(assessment.promoted) if assessment else None,
        )

    def action_confirm(self):
        """Create what is missing of the next year and enrol every pupil who is decided."""
        self.ensure_one()
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk starts a school year."))
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("You do not work at this school."))
        self._check_lines()
        year = self._target_year()
        classes = self._target_classes(year)
        self._end_enrolments()
        created = self._enrol(year, classes)
        return self._open_classes(classes, len(created))

    def _check_lines(self):
        self._check_double_names()
        known = {line.name for line in self.class_line_ids} | set(self._existing_classes().mapped("name"))
        for line in self.pupil_line_ids.filtered("moves"):
            if not line.target_name:
                raise UserError(self.env._("%(pupil)s: say which class follows.", pupil=line.pupil_name))
            if line.target_name not in known:
                raise UserError(
                    self.env._(
                        "%(pupil)s: there is no class %(name)s in the next year. Add it to the classes, or choose "
                        "another one.",
                        pupil=line.pupil_name,
                        name=line.target_name,
                    )
                )

    def _check_double_names(self):
        names = self.class_line_ids.mapped("name")
        double = next((name for name in names if names.count(name) > 1), None)
        if double:
            raise UserError(self.env._("Class %(name)s stands twice among the classes of the next year.", name=double))

    def _existing_classes(self):
        return self.env["hocba.class"].search(
            [("school_year_id.name", "=", self.target_name), ("company_id", "=", self.company_id.id)]
        )

    def _target_year(self):
        years = self.env["hocba.school.year"]
        year = years.search([("name", "=", self.target_name), ("company_id", "=", self.company_id.id)])
        # Years belong to the administrator; that the next one begins follows from the clerk's work.
        return year or years.sudo().create({"name": self.target_name, "company_id": self.company_id.id}).sudo(False)

    def _target_classes(self, year):
        """The classes of the next year: those that are there and those of the lines, with their teachers."""
        classes = self._existing_classes()
        known = {line.name: line for line in classes}
        for line in self.class_line_ids:
            exists = known.get(line.name)
            if exists and exists.grade != line.grade:
                raise UserError(
                    self.env._(
                        "Class %(name)s exists in %(year)s already, in another grade.", name=line.name, year=year.name
                    )
                )
            if exists:
                if line.homeroom_id and not exists.homeroom_id:
                    exists.homeroom_id = line.homeroom_id
                continue
            classes |= self._new_class(line, year)
        return classes

    def _new_class(self, line, year):
        assignments = line.source_class_id.assignment_ids.filtered("teacher_id.active") if line.keep_teachers else ()
        plan = self.env["hocba.subject"].sudo()._plan(line.grade, year.name)
        taught, optional = plan.subject_id, plan.filtered(lambda one: not one.required).subject_id
        language = {"foreign_language": line.source_class_id.foreign_language} if line.source_class_id else {}
        return self.env["hocba.class"].create(
            {
                "name": line.name,
                "grade": line.grade,
                "school_year_id": year.id,
                "company_id": self.company_id.id,
                "homeroom_id": line.homeroom_id.id,
                "chosen_subject_ids": [Command.set((line.source_class_id.chosen_subject_ids & optional).ids)],
                **language,
                "assignment_ids": [
                    Command.create({"subject_id": one.subject_id.id, "teacher_id": one.teacher_id.id})
                    for one in assignments
                    if one.subject_id in taught
                ],
            }
        )

    def _end_enrolments(self):
        """The year's enrolments of everyone who is decided end with the year."""
        for step in dict.fromkeys(self.pupil_line_ids.mapped("step")):
            lines = self.pupil_line_ids.filtered(lambda line, step=step: line.step == step)
            if step == "undecided":
                continue
            # Whoever leaves after the year belonged to the class to its end: the year's record stays a record of it.
            open_ones = lines.enrolment_id.filtered(lambda one: not one.date_to)
            open_ones.write({"date_to": self.source_year_id.date_end, "end_reason": "year_end"})
            if step not in ("promoted", "repeats"):
                lines.enrolment_id.write({"after_year": step})

    def _enrol(self, year, classes):
        by_name = {line.name: line for line in classes}
        return self.env["hocba.enrolment"].create(
            [
                {
                    "pupil_id": line.enrolment_id.pupil_id.id,
                    "class_id": by_name[line.target_name].id,
                    "date_from": year.date_start,
                    "repeats": line.step == "repeats",
                }
                for line in self.pupil_line_ids.filtered("moves")
            ]
        )

    def _open_classes(self, classes, count):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_class")
        action["domain"] = [("id", "in", classes.ids)]
        action["context"] = {}
        action["target"] = "main"
        action["display_name"] = action["name"] = self.env._(
            "School year %(name)s: %(count)s pupils enrolled", name=self.target_name, count=count
        )
        return action
