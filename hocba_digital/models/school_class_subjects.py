"""Which subjects a class has: those of the grade's plan, and the optional ones that were chosen for it."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.rules import subjects as rules
from .subject import LANGUAGES


class SchoolClassSubjects(models.Model):
    _inherit = "hocba.class"

    chosen_subject_ids = fields.Many2many(
        "hocba.subject",
        "hocba_class_chosen_subject_rel",
        "class_id",
        "subject_id",
        "Optional subjects taught",
        domain="[('id', 'in', optional_subject_ids)]",
        help="Foreign language 1 in grades 1 and 2, an ethnic minority language. Once chosen, every pupil of the class "
        "is assessed in it.",
    )
    optional_subject_ids = fields.Many2many(
        "hocba.subject", string="Optional subjects of the grade", compute="_compute_optional_subject_ids"
    )
    foreign_language = fields.Selection(
        LANGUAGES,
        "Foreign language 1",
        compute="_compute_foreign_language",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="The record names the language: Ngoại ngữ 1 (Tiếng Anh).",
    )

    @api.depends("company_id")
    def _compute_foreign_language(self):
        for school_class in self:
            school_class.foreign_language = (
                school_class.foreign_language or school_class.company_id.sudo().hocba_foreign_language or "en"
            )

    @api.depends("grade", "school_year_id.name")
    def _compute_optional_subject_ids(self):
        for school_class in self:
            plan = self.env["hocba.subject"].sudo()._plan(school_class.grade, school_class.school_year_id.name)
            school_class.optional_subject_ids = plan.filtered(lambda line: not line.required).subject_id

    def _subject_plan(self):
        """Plan lines of the class in the order of the form: what is required and what was chosen."""
        self.ensure_one()
        plan = self.env["hocba.subject"].sudo()._plan(self.grade, self.school_year_id.name)
        return plan.filtered(lambda line: line.required or line.subject_id in self.chosen_subject_ids)

    def _printed_subject(self, subject):
        """Name of ``subject`` as this class's records and sheets print it."""
        return rules.printed_name(subject.code, subject.name or "", self.foreign_language)

    @api.constrains("chosen_subject_ids", "grade")
    def _check_chosen_subjects(self):
        for school_class in self:
            wrong = school_class.chosen_subject_ids - school_class.optional_subject_ids
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(class_name)s: %(subjects)s cannot be chosen in this grade.",
                        class_name=school_class.name,
                        subjects=", ".join(wrong.mapped("name")),
                    )
                )

    def write(self, vals):
        before = {school_class: school_class.chosen_subject_ids for school_class in self}
        if {"chosen_subject_ids", "foreign_language"} & vals.keys():
            self._check_records_open(vals)
        done = super().write(vals)
        if "chosen_subject_ids" in vals:
            for school_class in self:
                school_class._follow_choice(before[school_class])
        return done

    def _check_records_open(self, vals):
        """Subjects of a class stay as they are once one of its records is signed."""
        for school_class in self:
            same = vals.get("foreign_language", school_class.foreign_language) == school_class.foreign_language
            if same and "chosen_subject_ids" not in vals:
                continue
            school_class.sudo().enrolment_ids.assessment_ids._check_unsigned({"result_ids": True})

    def _follow_choice(self, before):
        """Give the open assessments the lines of newly chosen subjects; take the empty lines of the others away."""
        self.ensure_one()
        assessments = self.sudo().enrolment_ids.assessment_ids
        dropped = before - self.chosen_subject_ids
        lines = assessments.result_ids.filtered(lambda line: line.subject_id in dropped)
        filled = lines.filtered(lambda line: line.level or line.score or line.comment)
        if filled:
            raise UserError(
                self.env._(
                    "%(class_name)s: %(count)s results of %(subject)s are entered already. Empty them first.",
                    class_name=self.name,
                    count=len(filled),
                    subject=filled[0].subject_id.name,
                )
            )
        lines.unlink()
        assessments._ensure_results()
        if before != self.chosen_subject_ids:
            names = ", ".join(self.chosen_subject_ids.mapped("name")) or self.env._("none")
            self.message_post(body=self.env._("Optional subjects taught: %(names)s.", names=names))

    def _choose_subjects(self, chosen):
        """Results of optional subjects arrived: the class is taught them."""
        self.ensure_one()
        new = (chosen & self.optional_subject_ids) - self.chosen_subject_ids
        if new:
            self.chosen_subject_ids = self.chosen_subject_ids | new
