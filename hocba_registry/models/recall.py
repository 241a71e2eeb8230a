from odoo import api, fields, models
from odoo.addons.hocba_digital.models.frozen_mixin import TRANSITION
from odoo.exceptions import AccessError, UserError

_WIRE_STATES = {"waiting": 1, "proposed": 1, "upward": 1, "approved": 2, "refused": 3}
UNDECIDED = ("waiting", "proposed", "upward")


class Recall(models.Model):
    """A school's request to take a record back, before the closing (CV 2088, annex 1, III.3).

    ::

        waiting --officer approves--> approved        (the record is recalled)
           |  \\--with a second pair of eyes--> proposed --another officer--> approved
           +--officer refuses, with a reason--> refused
    """

    _name = "hocba.registry.recall"
    _description = "Request to Recall a Record"
    _inherit = ["mail.thread", "hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "pupil_name"

    _frozen_states = ("approved", "refused")

    transaction_id = fields.Many2one(
        "hocba.registry.transaction", required=True, readonly=True, ondelete="restrict", index=True
    )
    unit_id = fields.Many2one("hocba.registry.unit", "School", required=True, readonly=True, index=True)
    received_at = fields.Datetime("Received at", readonly=True)
    record_id = fields.Many2one("hocba.registry.record", readonly=True, ondelete="restrict", index=True)
    follows_id = fields.Many2one("hocba.registry.recall", "Same as", readonly=True)
    uuid = fields.Char("Look-up code (UUID)", required=True, readonly=True, index=True)
    pupil_name = fields.Char("Pupil", readonly=True)
    pupil_code = fields.Char("Pupil code", readonly=True)
    reason = fields.Text("The school's reason", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("proposed", "Waiting for a second officer"),
            ("upward", "Waiting for the ministry"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    error_code = fields.Char("Error", readonly=True)
    refusal = fields.Text("Why it is refused", readonly=True)
    proposed_by_id = fields.Many2one("res.users", "First officer", readonly=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_at = fields.Datetime("Decided at", readonly=True)

    _one_waiting = models.UniqueIndex(
        "(record_id) WHERE state IN ('waiting', 'proposed', 'upward') AND follows_id IS NULL",
        "This record waits to be recalled already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Requests come over the wire."))
        return super().create(vals_list)

    def write(self, vals):
        decided = any(not name.startswith(("message_", "activity_")) for name in vals)
        if decided and self.env.context.get("hocba_transition") is not TRANSITION:
            raise UserError(self.env._("Requests are approved and refused with their buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Requests are kept for ever."))

    def action_approve(self):
        """Approve; with a second pair of eyes the first officer's approval is a proposal."""
        self._check_officer()
        requests = self._leaders()
        requests.lock_for_update()
        for request in requests:
            request._check_undecided()
            if self._needs_second_officer() and request.state == "waiting":
                request._decide("proposed", proposed_by_id=self.env.uid)
                continue
            if request.proposed_by_id == self.env.user:
                raise UserError(
                    self.env._("%(name)s: another officer has to approve what you proposed.", name=request.pupil_name)
                )
            request._approve()

    def _approve(self):
        record = self.record_id
        record.lock_for_update()
        if record._is_closed():
            raise UserError(
                self.env._("%(name)s: the school year was closed meanwhile. Refuse the request.", name=self.pupil_name)
            )
        if record.state == "accepted":
            record._in_transition().write({"state": "recalled"})
        self._decide("approved", decided_by_id=self.env.uid, decided_at=fields.Datetime.now())

    def action_refuse(self, reason):
        """Refuse with a reason that the school is told."""
        self._check_officer()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the recall is refused."))
        requests = self._leaders()
        requests.lock_for_update()
        for request in requests:
            request._check_undecided()
            request._decide("refused", refusal=reason, decided_by_id=self.env.uid, decided_at=fields.Datetime.now())

    def _leaders(self):
        """The requests that are decided on: one a record, the others follow it."""
        return self.sudo().mapped(lambda request: request.follows_id or request)

    def _check_officer(self):
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department decides on recalls."))
        self.check_access("read")

    def _check_undecided(self):
        if self.state not in ("waiting", "proposed"):
            raise UserError(self.env._("The recall of %(name)s is decided already.", name=self.pupil_name))

    def _decide(self, state, **values):
        """Requests that follow this one share its fate."""
        followers = self.search([("follows_id", "in", self.ids), ("state", "in", UNDECIDED)])
        (self | followers).with_context(hocba_transition=TRANSITION).write({"state": state, **values})

    @api.model
    def _needs_second_officer(self):
        return self.env["ir.config_parameter"].sudo().get_param("hocba_registry.second_officer") == "1"

    def _row(self):
        """Row of the answer to transaction 6 (§II.2.7)."""
        self.ensure_one()
        return {
            "ma_hoc_sinh": self.pupil_code or "",
            "ten_hoc_sinh": self.pupil_name or "",
            "so_cccd": self.record_id.sudo().id_number or "",
            "ma_tra_cuu_uuid": self.uuid,
            "trang_thai": _WIRE_STATES[self.state],
            "error": self.error_code or "00",
            "error_field_title": "",
            "error_description": self.refusal or "",
        }

    def action_open_record(self):
        self.ensure_one()
        return self.record_id.get_formview_action()
