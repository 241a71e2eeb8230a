import base64
import binascii
import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.subject import GRADES

_MAX_BYTES = 20 * 1024 * 1024
_SIGNS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}


class PaperWizard(models.TransientModel):
    """Takes over what a pupil brings on paper: an earlier year, or the periods of this year at another school."""

    _name = "hocba.paper.wizard"
    _description = "Take over from Paper"

    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True)
    company_id = fields.Many2one(related="pupil_id.company_id")
    kind = fields.Selection(
        [("year", "A whole earlier school year"), ("period", "Results of this school year up to now")],
        "What is on the paper",
        required=True,
        default="year",
    )
    school_name = fields.Char("School on the paper", required=True, help="The school that wrote the paper.")
    school_year = fields.Char("School year", compute="_compute_from_career", store=True, readonly=False)
    grade = fields.Selection(GRADES, compute="_compute_from_career", store=True, readonly=False)
    class_name = fields.Char("Class", compute="_compute_from_career", store=True, readonly=False)
    arrived_on = fields.Date("There since", compute="_compute_from_career", store=True, readonly=False)
    homeroom_name = fields.Char("Homeroom teacher on paper")
    period = fields.Selection(
        [
            ("mid1", "Middle of semester I"),
            ("end1", "End of semester I"),
            ("mid2", "Middle of semester II"),
        ],
        "Results of",
    )
    scan = fields.Binary("Scan (PDF, JPEG or PNG)", required=True, attachment=False)
    scan_name = fields.Char("File name")

    @api.depends("pupil_id", "kind")
    def _compute_from_career(self):
        """The newest year at another school that stands in the career and has not been taken over yet."""
        for wizard in self:
            line = wizard.pupil_id.enrolment_ids.filtered(lambda one: not one.class_id).sorted("school_year_name")[-1:]
            wizard.school_year = line.school_year_name
            wizard.class_name = line.class_name
            wizard.arrived_on = line.date_from
            digit = re.search("[1-5]", line.class_name or "")
            wizard.grade = digit[0] if digit else False
            wizard.school_name = line.school_name

    def action_confirm(self):
        """Start the record of the earlier year, or the assessment of the period, and open it for typing."""
        self.ensure_one()
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk takes over what is on paper."))
        self.pupil_id.check_access("write")
        scan = self._scan_bytes()
        assessment = self._take_over_year(scan) if self.kind == "year" else self._take_over_period()
        return dict(assessment.get_formview_action(), target="main")

    def _scan_bytes(self):
        try:
            content = base64.b64decode(self.with_context(bin_size=False).scan or b"", validate=True)
        except binascii.Error:
            content = b""
        if not any(content.startswith(sign) for sign in _SIGNS):
            raise UserError(self.env._("The scan has to be a PDF, JPEG or PNG file."))
        if len(content) > _MAX_BYTES:
            raise UserError(self.env._("The scan is larger than 20 MB. Scan it again with a lower resolution."))
        return content

    def _take_over_year(self, scan):
        self._check_year()
        year = self._school_year()
        school_class = self.env["hocba.class"].create(
            {
                "name": self.class_name,
                "grade": self.grade,
                "school_year_id": year.id,
                "company_id": self.company_id.id,
                "from_paper": True,
                "paper_school": self.school_name.strip(),
                "paper_homeroom": (self.homeroom_name or "").strip() or False,
            }
        )
        enrolment = self._enrolment(school_class, year)
        assessment = self.env["hocba.assessment"].create({"enrolment_id": enrolment.id, "period": "year"})
        self.env["hocba.record"]._create_from_paper(assessment, scan, self.scan_name or "scan")
        return assessment

    def _check_year(self):
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("school_year", "grade", "class_name", "arrived_on")
            if not self[name]
        ]
        if missing:
            raise UserError(self.env._("Enter what the paper says: %(fields)s.", fields=", ".join(missing)))
        record = self.pupil_id.record_ids.filtered(
            lambda one: one.school_year_id.name == self.school_year and one.state != "recalled"
        )
        if record:
            raise UserError(
                self.env._(
                    "%(pupil)s already has a record of school year %(year)s.",
                    pupil=self.pupil_id.name,
                    year=self.school_year,
                )
            )

    def _school_year(self):
        years = self.env["hocba.school.year"]
        domain = [("name", "=", self.school_year), ("company_id", "=", self.company_id.id)]
        # Years belong to the administrator; one of the past comes with the paper.
        return years.search(domain) or years.sudo().create(
            {"name": self.school_year, "company_id": self.company_id.id}
        ).sudo(False)

    def _enrolment(self, school_class, year):
        """The line of the career for that year, now with its class; added when the career lacks it."""
        line = self.pupil_id.enrolment_ids.filtered(
            lambda one: not one.class_id and one.school_year_name == self.school_year
        )[:1]
        values = {
            "class_id": school_class.id,
            "date_from": self.arrived_on,
            "date_to": max(year.date_end, self.arrived_on),
            "end_reason": "year_end",
        }
        if line:
            line.write(values)
            return line
        return self.env["hocba.enrolment"].create({"pupil_id": self.pupil_id.id, **values})

    def _take_over_period(self):
        enrolment = self.pupil_id.enrolment_ids.filtered(
            lambda one: one.is_current and one.class_id == self.pupil_id.class_id
        )[:1]
        if not enrolment or not self.period:
            raise UserError(
                self.env._(
                    "%(pupil)s needs a class in this school year, and the period is to be chosen.",
                    pupil=self.pupil_id.name,
                )
            )
        domain = [("enrolment_id", "=", enrolment.id), ("period", "=", self.period)]
        assessment = self.env["hocba.assessment"].search(domain) or self.env["hocba.assessment"].create(
            {"enrolment_id": enrolment.id, "period": self.period}
        )
        assessment.write(
            {
                "from_other_school": True,
                "origin_school": self.school_name.strip(),
                "origin_scan": self.scan,
                "origin_scan_name": self.scan_name,
            }
        )
        return assessment
