from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.rules import deadlines
from .signature import ROLES

#: Role -> groups of which a person has to have one to sign in somebody's place: they see the records.
_GROUPS = {
    "cbql": ("group_head",),
    "seal": ("group_clerk", "group_head"),
    "gvcn": ("group_homeroom", "group_head"),
    "gvbm": ("group_subject_teacher", "group_head"),
}
_DEPUTISING = ("cbql", "seal")
_REVOCATION = {"revoked_on", "revoke_reason", "revoked_by_id"}
_DECISIONS = {"state", "approved_by_id", "approved_at", *_REVOCATION}


class Mandate(models.Model):
    """Somebody signs in another person's place: on which paper or for which reason, for what, from when until when.

    ::

        draft --approved by the signing head or the school administrator--> approved --> revoked

    A deputy signs for the head, or puts the seal on, by a decision in writing that is limited in time (decree
    30/2020/NĐ-CP, Art. 13); who takes a teacher's place signs for the stated reason (QĐ 1789/QĐ-SGDĐT, Art. 14.5,
    14.7). From the approval on the row is closed: only its end can be brought forward.
    """

    _name = "hocba.mandate"
    _description = "Mandate to Sign"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.frozen.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["number", "user_id", "principal_id"]
    _check_company_auto = True

    _frozen_states = ("approved", "revoked")
    _frozen_moves = ("approved>revoked",)
    _frozen_open = (*sorted(_REVOCATION), "active")
    _kept_files = ("scan",)

    company_id = fields.Many2one(
        "res.company",
        "School",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("revoked", "Revoked")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    role = fields.Selection(ROLES, "Signs as", required=True, default="cbql")
    principal_id = fields.Many2one(
        "res.users", "In whose place", required=True, index=True, ondelete="restrict", domain="[('share', '=', False)]"
    )
    user_id = fields.Many2one(
        "res.users", "Who signs", required=True, index=True, ondelete="restrict", domain="[('share', '=', False)]"
    )
    class_ids = fields.Many2many(
        "hocba.class",
        "hocba_mandate_class_rel",
        "mandate_id",
        "class_id",
        "Classes",
        check_company=True,
        help="Empty: all classes of the school (for the head and the seal).",
    )
    subject_id = fields.Many2one("hocba.subject", ondelete="restrict")
    date_from = fields.Date("From", required=True, default=lambda self: deadlines.today())
    date_to = fields.Date("Until", help="The last day on which it may be used, in Vietnam's time.")
    number = fields.Char("Number of the paper", help="Of the authorisation or the decision, for example 12/GUQ-TH.")
    paper_date = fields.Date("Date of the paper")
    scan = fields.Binary("Scan of the paper", attachment=True, copy=False)
    scan_name = fields.Char("File name", copy=False)
    reason = fields.Text(help="Why somebody else signs, for example: the teacher has left the school.")
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False, ondelete="restrict")
    approved_at = fields.Datetime("Approved at", readonly=True, copy=False)
    revoked_on = fields.Date("Revoked from", readonly=True, copy=False, help="From this day on it is not valid.")
    revoke_reason = fields.Text("Why it was revoked", readonly=True, copy=False)
    revoked_by_id = fields.Many2one("res.users", "Revoked by", readonly=True, copy=False, ondelete="restrict")
    active = fields.Boolean(default=True)
    signature_ids = fields.One2many("hocba.signature", "mandate_id", "Signatures", readonly=True)
    signature_count = fields.Integer("Number of signatures", compute="_compute_signature_count")
    validity = fields.Selection(
        [
            ("draft", "Not approved"),
            ("future", "Not yet valid"),
            ("valid", "Valid"),
            ("ended", "Ended"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_validity",
        search="_search_validity",
    )

    _in_order = models.Constraint("CHECK(date_to >= date_from)", "A mandate ends before it starts.")

    def init(self):
        result = super().init()
        rule = {
            "parent": self._table,
            "link": "mandate_id",
            "column": "state",
            "states": list(self._frozen_states),
            "open": [],
        }
        self._guard_table("hocba_mandate_class_rel", "hocba_guard_child", rule)
        return result

    @api.depends("state", "date_from", "date_to", "revoked_on")
    def _compute_validity(self):
        today = deadlines.today()
        for mandate in self:
            mandate.validity = mandate._validity_on(today)

    def _validity_on(self, day):
        if self.state == "draft" or not self.date_from:
            return "draft"
        if self.revoked_on and self.revoked_on <= day:
            return "revoked"
        if self.date_from > day:
            return "future"
        return "ended" if self.date_to and self.date_to < day else "valid"

    def _search_validity(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = self.sudo().with_context(active_test=False).search([("user_id", "!=", False)])
        return [("id", "in", found.filtered(lambda mandate: mandate.validity in value).ids)]

    @api.depends("signature_ids")
    def _compute_signature_count(self):
        signatures = self.env["hocba.signature"].sudo()
        counts = signatures._read_group([("mandate_id", "in", self.ids)], ["mandate_id"], ["__count"])
        of = {mandate.id: count for mandate, count in counts}
        for mandate in self:
            mandate.signature_count = of.get(mandate.id, 0)

    @api.depends("role", "principal_id", "user_id", "number")
    def _compute_display_name(self):
        labels = dict(self._fields["role"]._description_selection(self.env))
        for mandate in self:
            names = f"{mandate.user_id.sudo().name or ''} → {mandate.principal_id.sudo().name or ''}"
            mandate.display_name = " · ".join(filter(None, (labels.get(mandate.role), names, mandate.number)))

    @api.onchange("role", "class_ids", "subject_id", "company_id")
    def _onchange_principal(self):
        usual = self._usual_principals()
        if len(usual) == 1:
            self.principal_id = usual

    def _usual_principals(self):
        """Whose part it is in that person's own right; for the seal nobody in particular."""
        if self.role == "cbql":
            return self.company_id.sudo().hocba_head_id
        if self.role == "gvcn":
            return self.class_ids.homeroom_id
        if self.role == "gvbm":
            lines = self.class_ids.assignment_ids.filtered(lambda line: line.subject_id == self.subject_id)
            return lines.teacher_id | (self.class_ids - lines.class_id).homeroom_id
        return self.env["res.users"]

    @api.constrains("principal_id", "user_id", "company_id")
    def _check_people(self):
        for mandate in self.sudo():
            if mandate.principal_id == mandate.user_id:
                raise ValidationError(self.env._("Nobody signs in the own place. Choose another person."))
            if mandate.company_id not in mandate.user_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(name)s does not belong to %(school)s.",
                        name=mandate.user_id.name,
                        school=mandate.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_undecided({name for name, value in vals.items() if value and value != "draft"})
        return super().create(vals_list)

    def write(self, vals):
        self._check_undecided(vals.keys())
        self._check_archived(vals)
        return super(Mandate, self._with_open_scan() if "scan" in vals else self).write(vals)

    def unlink(self):
        return super(Mandate, self._with_open_scan()).unlink()

    def _with_open_scan(self):
        """The scan of a draft may be replaced; of a closed row nothing is, whoever asks."""
        return self._in_transition() if all(mandate.state == "draft" for mandate in self) else self

    def _check_undecided(self, names):
        if _DECISIONS & names and not self._is_transition():
            raise UserError(self.env._("A mandate is approved and revoked with its buttons, not by editing it."))

    def _check_archived(self, vals):
        for mandate in self:
            if not vals.get("active", True) and mandate.validity in ("future", "valid"):
                raise UserError(
                    self.env._("%(name)s is in force. Revoke it before you archive it.", name=mandate.display_name)
                )

    def action_approve(self):
        """The signing head, or the school administrator, puts the mandate in force and closes it."""
        for mandate in self:
            mandate._check_may_decide()
            mandate._check_complete()
            if mandate.sudo().user_id == self.env.user != mandate.sudo().company_id.hocba_head_id:
                raise AccessError(self.env._("Nobody approves the own mandate. Ask the head."))
        mandates = self.sudo()
        self.env.flush_all()  # the row closes with its new state
        values = {"state": "approved", "approved_by_id": self.env.uid, "approved_at": fields.Datetime.now()}
        mandates._in_transition().write(values)
        for mandate in mandates:
            self.env["hocba.record"]._name_deputy(mandate)
        return True

    def action_ask(self):
        """Give the signing head a task to approve it."""
        self.check_access("write")
        for mandate in self:
            head = mandate.sudo().company_id.hocba_head_id
            if mandate.state != "draft" or not head:
                raise UserError(self.env._("%(name)s is approved already.", name=mandate.display_name))
            mandate.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Mandate to be approved: %(name)s", name=mandate.display_name),
                user_id=head.id,
            )
        return True

    def _check_may_decide(self):
        self.check_access("read")
        user, mandate = self.env.user, self.sudo()
        head = user == mandate.company_id.hocba_head_id and user.has_group("hocba_digital.group_head")
        admin = user.has_group("hocba_digital.group_school_admin") and mandate.company_id in user.company_ids
        if not head and not admin:
            raise AccessError(
                self.env._("Only the signing head of the school or its administrator decides on mandates.")
            )

    def _check_complete(self):
        mandate = self.sudo()
        if mandate.state != "draft":
            raise UserError(self.env._("%(name)s is approved already.", name=mandate.display_name))
        missing = [name for name in self._needed() if not mandate.with_context(bin_size=True)[name]]
        if missing:
            labels = [self._fields[name]._description_string(self.env) for name in missing]
            raise UserError(
                self.env._(
                    "%(name)s cannot be approved yet. Missing: %(fields)s.",
                    name=mandate.display_name,
                    fields=", ".join(labels),
                )
            )
        groups = _GROUPS[mandate.role]
        if not any(mandate.user_id.has_group(f"hocba_digital.{group}") for group in groups):
            labels = [self.env.ref(f"hocba_digital.{group}").sudo().name for group in groups]
            raise UserError(
                self.env._(
                    "%(name)s needs the role %(roles)s to see the records. The school's administrator gives it.",
                    name=mandate.user_id.name,
                    roles=" / ".join(labels),
                )
            )
        self._check_principal()

    def _needed(self):
        if self.role in _DEPUTISING:
            return ("date_to", "number", "paper_date", "scan")
        return ("class_ids", "reason", *(("subject_id",) if self.role == "gvbm" else ()))

    def _check_principal(self):
        mandate = self.sudo()
        usual = mandate._usual_principals()
        if mandate.role != "seal" and mandate.principal_id != usual:
            raise UserError(
                self.env._(
                    "In whose place: it is the part of %(names)s, not of %(name)s.",
                    names=", ".join(usual.mapped("name")) or "?",
                    name=mandate.principal_id.name,
                )
            )

    def action_revoke(self, reason, on=None):
        """End the mandate from the day ``on`` (today when empty). What was signed before stays signed.

        Drafts that name the deputy and do not carry that signature yet name the person again in whose place it was.
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the mandate is revoked."))
        today = deadlines.today()
        day = fields.Date.to_date(on) or today
        if day < today:
            raise UserError(self.env._("A mandate cannot be revoked for days that have passed."))
        for mandate in self:
            mandate._check_may_decide()
            if mandate.sudo().state != "approved":
                raise UserError(self.env._("%(name)s is not in force.", name=mandate.sudo().display_name))
        values = {"revoked_on": day, "revoke_reason": reason, "revoked_by_id": self.env.uid}
        self.sudo()._in_transition().write({"state": "revoked", **values})
        if day <= today:
            for mandate in self.sudo():
                self.env["hocba.record"]._drop_deputy(mandate, reason)
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own_drafts(self):
        if any(mandate.state != "draft" for mandate in self):
            raise UserError(self.env._("An approved mandate is kept; revoke or archive it."))

    def action_open_signatures(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_signature")
        action["domain"] = [("mandate_id", "=", self.id)]
        return action

    @api.model
    def _valid_for(self, user, role, company):
        """Mandates on which ``user`` may sign as ``role`` for that school today."""
        domain = [("user_id", "=", user.id), ("role", "=", role), ("company_id", "=", company.id)]
        found = self.sudo().search([*domain, ("state", "!=", "draft")])
        return found.filtered(lambda mandate: mandate.validity == "valid")

    def _covers(self, record, subject=None):
        """Whether the mandate is about this record (and this subject's results)."""
        if self.company_id != record.company_id or (self.class_ids and record.class_id not in self.class_ids):
            return False
        return self.role != "gvbm" or (subject is not None and self.subject_id == subject)

    def _why_not(self):
        """Why this mandate cannot be used today; False when it can."""
        values = {
            "name": self.user_id.name,
            "number": self.number or self.reason or "",
            "start": self.date_from and f"{self.date_from:%d/%m/%Y}",
            "end": self.date_to and f"{self.date_to:%d/%m/%Y}",
            "day": self.revoked_on and f"{self.revoked_on:%d/%m/%Y}",
        }
        return {
            "draft": lambda: self.env._("The mandate of %(name)s (%(number)s) is not approved yet.", **values),
            "future": lambda: self.env._(
                "The mandate of %(name)s (%(number)s) is valid from %(start)s only.", **values
            ),
            "ended": lambda: self.env._("The mandate of %(name)s (%(number)s) ended on %(end)s.", **values),
            "revoked": lambda: self.env._("The mandate of %(name)s (%(number)s) was revoked on %(day)s.", **values),
            "valid": lambda: False,
        }[self.validity]()

    def _statement(self):
        """What is written down with a signature that was given in somebody's place; empty when it was not."""
        if not self:
            return ""
        if self.role in _DEPUTISING:
            return self.env._(
                "signed in the place of %(name)s by authorisation no. %(number)s of %(date)s",
                name=self.principal_id.name,
                number=self.number,
                date=self.paper_date and f"{self.paper_date:%d/%m/%Y}",
            )
        return self.env._(
            "signed in the place of %(name)s: %(reason)s", name=self.principal_id.name, reason=self.reason
        )
