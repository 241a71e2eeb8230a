from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class Enrolment(models.Model):
    """One line of a pupil's school career: a class here, or a year at another school."""

    _name = "hocba.enrolment"
    _description = "Enrolment"
    _order = "date_from, id"
    _inherit = ["hocba.logged.mixin"]
    _log_creation = True
    _check_company_auto = True

    pupil_id = fields.Many2one("hocba.pupil", required=True, ondelete="cascade", index=True, check_company=True)
    class_id = fields.Many2one("hocba.class", ondelete="restrict", index=True, check_company=True)
    company_id = fields.Many2one(related="pupil_id.company_id", store=True)
    school_year_name = fields.Char("School year", compute="_compute_names", store=True, readonly=False)
    class_name = fields.Char("Class name", compute="_compute_names", store=True, readonly=False)
    school_name = fields.Char("School name", compute="_compute_names", store=True, readonly=False)
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To")
    end_reason = fields.Selection(
        [
            ("year_end", "End of the school year"),
            ("moved_class", "Moved to another class"),
            ("left", "Left for another school"),
            ("dropped", "Stopped school"),
        ],
        "Why it ended",
    )
    repeats = fields.Boolean("Repeats the grade", help="The pupil was in the same grade the year before (lưu ban).")
    after_year = fields.Selection(
        [
            ("finishes", "Completed primary school"),
            ("left", "Left for another school"),
            ("dropped", "Stopped school"),
        ],
        "After this year",
        help="Empty: the pupil goes on to a class of the next year, or it is not decided yet.",
    )
    is_current = fields.Boolean("Member of the class", compute="_compute_is_current", store=True)
    assessment_ids = fields.One2many("hocba.assessment", "enrolment_id", "Assessments")
    record_ids = fields.One2many("hocba.record", "enrolment_id", "Records")

    @api.depends("class_id.name", "class_id.school_year_id.name", "class_id.paper_school", "company_id.name")
    def _compute_names(self):
        for line in self:
            if line.class_id:
                line.school_year_name = line.class_id.school_year_id.name
                line.class_name = line.class_id.name
                line.school_name = line.class_id.paper_school or line.company_id.name

    @api.depends("class_id", "date_to", "end_reason")
    def _compute_is_current(self):
        for line in self:
            line.is_current = bool(line.class_id) and (not line.date_to or line.end_reason == "year_end")

    @api.depends("pupil_id.name", "class_name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.pupil_id.name or ''} - {line.class_name or ''}"

    @api.constrains("class_id", "school_year_name", "class_name", "school_name")
    def _check_names(self):
        for line in self:
            if not (line.school_year_name and line.class_name and line.school_name):
                raise ValidationError(
                    self.env._(
                        "%(name)s: enter school year, class and school of the year at another school.",
                        name=line.pupil_id.name,
                    )
                )

    @api.constrains("date_from", "date_to", "end_reason")
    def _check_dates(self):
        for line in self:
            if line.date_to and line.date_to < line.date_from:
                raise ValidationError(
                    self.env._("%(name)s: the enrolment ends before it begins.", name=line.pupil_id.name)
                )

    @api.constrains("class_id", "pupil_id", "is_current")
    def _check_one_class_a_year(self):
        for line in self.filtered("is_current"):
            double = line.pupil_id.enrolment_ids.filtered(
                lambda other, line=line: other.is_current and other.school_year_name == line.school_year_name
            )
            if len(double) > 1:
                raise ValidationError(
                    self.env._(
                        "%(name)s is already in class %(class_name)s in school year %(year)s. "
                        "End that enrolment first.",
                        name=line.pupil_id.name,
                        class_name=(double - line)[:1].class_name,
                        year=line.school_year_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_assessed(self):
        """Results would go with it: an enrolment that was assessed ends, it does not disappear."""
        results = self.sudo().assessment_ids.result_ids
        assessed = results.filtered(lambda line: line.level or line.score or line.comment)
        if assessed:
            raise UserError(
                self.env._(
                    "%(name)s has results in class %(class_name)s. End the enrolment with a date and a reason "
                    "instead of deleting it.",
                    name=assessed[0].pupil_id.name,
                    class_name=assessed[0].class_id.name,
                )
            )
