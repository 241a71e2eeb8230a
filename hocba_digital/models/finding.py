"""What stands between a class or a school and its signatures, as a list (design §6)."""

from odoo import api, fields, models, tools

from .finding_sql import VIEW

CODES_WITHOUT_RECORD = (
    *("no_assessment", "no_record", "no_homeroom", "signer_number"),
    *("certificate_missing", "certificate_expires", "seal_missing", "seal_not_approved", "seal_expires", "school_data"),
)


class Finding(models.Model):
    """One thing that is missing, contradictory or unusual, with who puts it right and where.

    A database view over what records keep beside their content (``hocba.record.findings``) and over what needs no
    record: it is never out of date and costs nothing when a cell is saved.
    """

    _name = "hocba.finding"
    _inherit = ["hocba.ordered.mixin"]
    _description = "Finding of the Review"
    _auto = False
    _order = "severity, class_id, pupil_id, id"
    _rec_name = "entry"
    _depends = {
        "hocba.record": ["findings", "state", "class_id", "pupil_id", "assessment_id", "enrolment_id"],
        "hocba.result": ["teacher_id", "subject_id"],
        "hocba.assessment": ["enrolment_id", "period"],
        "hocba.class": ["homeroom_id", "active", "school_year_id"],
        "hocba.enrolment": ["is_current", "class_id", "pupil_id"],
        "hocba.certificate": ["kind", "user_id", "approved", "active", "not_before", "not_after", "company_id"],
        "res.company": [
            *("hocba_school_code", "hocba_authority_code", "hocba_authority_name", "hocba_commune"),
            *("hocba_province", "hocba_issue_place", "hocba_head_id"),
        ],
        "res.users": ["hocba_id_number"],
    }

    company_id = fields.Many2one("res.company", "School", readonly=True)
    school_year_id = fields.Many2one("hocba.school.year", "School year", readonly=True)
    class_id = fields.Many2one("hocba.class", readonly=True)
    pupil_id = fields.Many2one("hocba.pupil", readonly=True)
    record_id = fields.Many2one("hocba.record", readonly=True)
    assessment_id = fields.Many2one("hocba.assessment", readonly=True)
    result_id = fields.Many2one("hocba.result", "Subject result", readonly=True)
    subject_id = fields.Many2one("hocba.subject", readonly=True)
    severity = fields.Selection([("block", "Blocks signing"), ("warn", "To be checked")], readonly=True)
    reason = fields.Selection(
        [
            ("subject", "Subjects: levels and scores"),
            ("trait", "Qualities and competences"),
            ("comment", "Comments"),
            ("health", "Health and attendance"),
            ("outcome", "Result, promotion, award"),
            ("identity", "Pupil's data"),
            ("id_number", "Personal ID number"),
            ("career", "School career"),
            ("people", "Class and signers"),
            ("certificate", "Certificates"),
            ("school", "School's data"),
            ("assessment", "No assessment yet"),
            ("record", "Records to be created"),
        ],
        readonly=True,
    )
    responsible = fields.Selection(
        [
            ("subject", "Teacher of the subject"),
            ("homeroom", "Homeroom teacher"),
            ("clerk", "Clerk"),
            ("head", "Head"),
            ("admin", "School administrator"),
        ],
        "Whose turn",
        readonly=True,
    )
    teacher_id = fields.Many2one("res.users", readonly=True)
    code = fields.Char(readonly=True)
    model = fields.Char(readonly=True)
    field = fields.Char(readonly=True)
    entry = fields.Char(readonly=True)
    detail = fields.Char(readonly=True)
    affected = fields.Integer("Pupils concerned", readonly=True)
    text = fields.Char("What is to be done", compute="_compute_text", search="_search_text")

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(f"CREATE VIEW {self._table} AS ({VIEW})")  # pylint: disable=sql-injection

    def _search_text(self, operator, value):
        return [("detail", operator, value)]

    @api.depends("detail", "code", "affected", "class_id", "company_id", "teacher_id")
    def _compute_text(self):
        for finding in self:
            finding.text = finding.detail or finding._structural_text()

    def _structural_text(self):
        """Sentence of a finding that belongs to no record."""
        who = self.teacher_id.sudo().name or ""
        texts = {
            "no_assessment": lambda: self.env._("There is no year-end assessment yet."),
            "no_record": lambda: self.env._(
                "%(count)s pupils have no school record yet. The clerk creates them from the class.",
                count=self.affected,
            ),
            "no_homeroom": lambda: self.env._("The class has no homeroom teacher: nobody could sign it."),
            "signer_number": lambda: self.env._(
                "%(name)s: the citizen ID number that stands beside the signature is missing.", name=who
            ),
            "certificate_missing": lambda: self.env._("%(name)s has no valid certificate to sign with.", name=who),
            "certificate_expires": lambda: self.env._(
                "The certificate of %(name)s expires in less than 60 days.", name=who
            ),
            "seal_missing": lambda: self.env._("The school has no valid certificate for its seal."),
            "seal_not_approved": lambda: self.env._("The department has not approved the certificate of the seal yet."),
            "seal_expires": lambda: self.env._("The certificate of the seal expires in less than 60 days."),
            "school_data": lambda: self.env._(
                "In the school's settings is missing: %(fields)s.",
                fields=", ".join(self.company_id.sudo()._hocba_missing_settings()),
            ),
        }
        return texts[self.code]() if self.code in texts else False

    @api.model
    def _open(self, domain, title, **context):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_finding")
        action["display_name"] = action["name"] = title
        action["domain"] = domain
        action["context"] = {"search_default_group_reason": 1, **context}
        return action
