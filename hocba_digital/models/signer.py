from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError

from .signature import ROLES
from .signer_sql import view_sql

_OPEN = ("none", "revoked", "refused", "expired", "unregistered", "waiting", "future", "ends_summer", "ends_school")


class Signer(models.Model):
    """Everybody who has to sign this year, and whether the certificate for it is in order: the certificate cockpit.

    A database view over classes, teaching assignments, mandates and the school's settings: never out of date. One row
    a person and role, and one for the school's seal. What has to be in order before signing: CV 2088, annex 1, III.
    """

    _name = "hocba.signer"
    _description = "Signer of the Year"
    _auto = False
    _order = "priority, company_id, role, user_id"
    _rec_name = "user_id"
    _depends = {
        "hocba.class": ["homeroom_id", "active", "school_year_id", "from_paper", "company_id"],
        "hocba.assignment": ["class_id", "teacher_id"],
        "hocba.mandate": ["state", "role", "user_id", "date_from", "date_to", "revoked_on", "active", "company_id"],
        "hocba.school.year": [
            *("active", "date_start", "deadline_school", "deadline_school_summer", "company_id"),
            "packet_profile",
        ],
        "hocba.certificate": [
            *("kind", "user_id", "company_id", "active", "has_key", "approved"),
            *("not_before", "not_after", "revoked_at"),
        ],
        "hocba.submission": ["certificate_id", "state", "kind"],
        "hocba.record": ["state", "school_year_id"],
        "res.company": ["hocba_head_id"],
    }

    company_id = fields.Many2one("res.company", "School", readonly=True)
    school_year_id = fields.Many2one("hocba.school.year", "School year", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    role = fields.Selection(ROLES, "Signs as", readonly=True)
    mandate_id = fields.Many2one("hocba.mandate", "In whose place", readonly=True)
    class_count = fields.Integer("Classes", readonly=True)
    certificate_id = fields.Many2one("hocba.certificate", readonly=True)
    not_after = fields.Datetime("Certificate until", readonly=True)
    state = fields.Selection(
        [
            ("none", "No certificate"),
            ("revoked", "Revoked"),
            ("refused", "Refused by the department"),
            ("expired", "Expired"),
            ("unregistered", "Not registered with the department"),
            ("waiting", "Waiting for the department"),
            ("future", "Not yet valid"),
            ("ends_school", "Ends before the first deadline"),
            ("ends_summer", "Ends before the summer deadline"),
            ("valid", "In order"),
        ],
        "State of the certificate",
        readonly=True,
    )
    deadline = fields.Date(readonly=True, help="Of the school's report: the first one still to come.")
    days_left = fields.Integer("Days left", compute="_compute_days_left")
    priority = fields.Integer(readonly=True)
    reminded = fields.Boolean("Has been reminded", compute="_compute_reminded")
    advice = fields.Char("What to do", compute="_compute_advice")

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(f"CREATE VIEW {self._table} AS ({view_sql()})")  # pylint: disable=sql-injection

    @api.depends("not_after")
    def _compute_days_left(self):
        now = fields.Datetime.now()
        for signer in self:
            signer.days_left = max((signer.not_after - now).days, 0) if signer.not_after else 0

    def _compute_reminded(self):
        asked = self._already_asked(self.user_id)
        for signer in self:
            signer.reminded = signer.user_id in asked

    def _reminder(self):
        return self.with_context(lang="vi_VN").env._("Register a certificate to sign records with")

    @api.depends_context("uid", "lang")
    @api.depends("state", "role", "user_id")
    def _compute_advice(self):
        for signer in self:
            signer.advice = signer._advice()

    def _advice(self):
        seal = self.role == "seal"
        own = self.user_id == self.env.user
        if self.state == "valid":
            return ""
        if self.state == "waiting":
            return self.env._("The department is deciding; the answer is fetched by itself.")
        if self.state == "unregistered":
            return self.env._("The clerk registers it with the department.")
        if self.state == "refused":
            return self.env._("Read the department's answer, then register the right certificate.")
        if self.state == "future":
            return self.env._("Wait until it is valid, or register another one.")
        if seal:
            return self.env._("The clerk registers a new certificate of the school.")
        return self.env._("Register a new certificate.") if own else self.env._("Remind the person.")

    def action_fix(self):
        """Do what puts this row in order, or lead to where it is done."""
        self.ensure_one()
        self.check_access("read")
        if self.state in ("unregistered", "refused") and self.certificate_id:
            return self._register_seal()
        if self.state in ("valid", "waiting", "future") and self.certificate_id:
            return self.certificate_id._get_records_action()
        clerk = self.env.user.has_group("hocba_digital.group_clerk")
        if self.user_id == self.env.user or (self.role == "seal" and clerk):
            action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_certificate_wizard")
            action["context"] = {"default_kind": "organisation" if self.role == "seal" else "person"}
            return action
        return self.action_remind()

    def _register_seal(self):
        certificate = self.certificate_id
        clerk = self.env.user.has_group("hocba_digital.group_clerk")
        if clerk and self.state == "unregistered" and certificate.registers_online:
            return certificate.action_register()
        return certificate._get_records_action()

    def action_remind(self):
        """Give those of these people whose certificate is not in order the task to register one; once each."""
        if not any(
            self.env.user.has_group(f"hocba_digital.{group}")
            for group in ("group_clerk", "group_head", "group_school_admin")
        ):
            raise AccessError(self.env._("Only clerk, head and administrator remind signers."))
        self.check_access("read")
        open_rows = self.filtered(lambda signer: signer.state in _OPEN and signer.state != "waiting")
        people = self.env["res.users"]
        for signer in open_rows:
            people |= signer.user_id if signer.role != "seal" else signer._clerks()
        if not people:
            raise UserError(self.env._("Everybody chosen is in order; there is nobody to remind."))
        asked = people - open_rows._already_asked(people)
        for user in asked:
            user.partner_id.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self._reminder(),
                user_id=user.id,
                date_deadline=min(filter(None, open_rows.mapped("deadline")), default=None),
            )
        return self._told(people, asked)

    def _already_asked(self, people):
        domain = [("res_model", "=", "res.partner"), ("user_id", "in", people.ids), ("summary", "=", self._reminder())]
        return self.env["mail.activity"].sudo().search(domain).user_id

    def _clerks(self):
        clerks = self.env.ref("hocba_digital.group_clerk").sudo().all_user_ids
        return clerks.filtered(lambda user: self.company_id in user.company_ids and not user.share)

    def _told(self, people, asked):
        text = self.env._(
            "%(new)s people have a task now; %(before)s had one already.", new=len(asked), before=len(people - asked)
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": text, "type": "success", "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }
