from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: States in which the pupil is being handed over; one such hand-over a pupil.
OPEN = ("requested", "released")


class Transfer(models.Model):
    """One pupil's change of school through this registry: the documents of both schools, and what they led to.

    ::

        requested --source seals the file--> released --target's receipt--> accepted (custody passes, once)
            |                                   |   \\--its receipt--------> refused
            +---- either school ends it --------+--> stopped

    What reaches the registry first counts: an acceptance that is here cannot be stopped, and what was stopped cannot be
    accepted any more.
    """

    _name = "hocba.registry.transfer"
    _description = "Change of School"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "pupil_name"
    _rec_names_search = ["pupil_name", "pupil_code", "number"]

    _frozen_states = ("accepted", "refused", "stopped")
    _frozen_open = ("disputed", "dispute")
    _kept_files = ("request", "file", "receipt", "stop")

    number = fields.Char("Number of the hand-over", required=True, readonly=True, help="UUID, given by the new school.")
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("released", "File handed over"),
            ("accepted", "Accepted"),
            ("refused", "Refused by the new school"),
            ("stopped", "Ended before acceptance"),
        ],
        default="requested",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    custody_id = fields.Many2one(
        "hocba.registry.custody", "Pupil's custody", required=True, readonly=True, index=True, ondelete="restrict"
    )
    pupil_code = fields.Char("Pupil code", required=True, readonly=True, index=True)
    pupil_name = fields.Char("Pupil", required=True, readonly=True)
    birth_date = fields.Date("Date of birth", required=True, readonly=True)
    id_number = fields.Char("ID number", readonly=True, groups="hocba_registry.group_so_officer")
    source_id = fields.Many2one(
        "hocba.registry.unit", "From school", required=True, readonly=True, index=True, ondelete="restrict"
    )
    target_id = fields.Many2one(
        "hocba.registry.unit", "To school", required=True, readonly=True, index=True, ondelete="restrict"
    )
    from_day = fields.Date("Changes school on", required=True, readonly=True)
    reason = fields.Text("Reason of the request", readonly=True)
    end_reason = fields.Text("Why it ended", readonly=True)
    ended_by_id = fields.Many2one("hocba.registry.unit", "Ended by", readonly=True, ondelete="restrict")
    requested_at = fields.Datetime("Requested at", required=True, readonly=True)
    released_at = fields.Datetime("File handed over at", readonly=True)
    ended_at = fields.Datetime("Ended at", readonly=True, help="When it was accepted, refused or ended.")
    changed_at = fields.Datetime("Last step at", required=True, readonly=True, index=True)
    last_year = fields.Char("Newest year in the file", readonly=True)
    manifest_digest = fields.Char("SHA-256 of the manifest", readonly=True)
    request = fields.Binary("Signed request", attachment=True, readonly=True)
    request_digest = fields.Char("SHA-256 of the request", required=True, readonly=True)
    file = fields.Binary("Hand-over file", attachment=True, readonly=True, groups=fields.NO_ACCESS)
    file_digest = fields.Char("SHA-256 of the file", readonly=True)
    receipt = fields.Binary("Signed receipt", attachment=True, readonly=True)
    receipt_digest = fields.Char("SHA-256 of the receipt", readonly=True)
    stop = fields.Binary("Message that ended it", attachment=True, readonly=True)
    stop_digest = fields.Char("SHA-256 of the message that ended it", readonly=True)
    disputed = fields.Boolean("In dispute", readonly=True, index=True)
    dispute = fields.Text("What is in dispute", readonly=True)
    request_name = fields.Char(compute="_compute_file_names")
    receipt_name = fields.Char(compute="_compute_file_names")

    _number_uniq = models.Constraint("UNIQUE(number)", "This hand-over is known already.")
    _one_open = models.UniqueIndex(
        "(custody_id) WHERE state IN ('requested', 'released')", "A change of school of this pupil is under way."
    )

    @api.depends("number")
    def _compute_file_names(self):
        for transfer in self:
            transfer.request_name = f"yeu-cau-{transfer.number}.xml"
            transfer.receipt_name = f"bien-nhan-{transfer.number}.xml"

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_transition():
            raise UserError(self.env._("Changes of school come over the wire."))
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_transition() and any(not name.startswith(("message_", "activity_")) for name in vals):
            raise UserError(self.env._("A change of school is moved on by the two schools."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Changes of school are kept for ever."))

    def _note_dispute(self, text):
        """What the two sides, or a third school, say differently: on the form, and a task for an officer."""
        self.ensure_one()
        if text in (self.dispute or "").splitlines():
            return
        lines = "\n".join(filter(None, [self.dispute, text]))
        self._in_transition().write({"disputed": True, "dispute": lines})
        self._message_log(body=text)
        officers = self.source_id.certificate_ids.decided_by_id | self.target_id.certificate_ids.decided_by_id
        for officer in officers.filtered("active")[:1]:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Change of school in dispute: %(name)s", name=self.pupil_name),
                note=text,
                user_id=officer.id,
            )

    def action_settle(self):
        """Officer: the two schools agree now. What was in dispute stays to be read in the discussion."""
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department settles a dispute."))
        self.check_access("read")
        for transfer in self.sudo().filtered("disputed"):
            transfer._in_transition().write({"disputed": False})
            transfer.activity_ids.action_done()
            transfer._message_log(body=self.env._("The dispute is settled."))

    def action_open_custody(self):
        """Who has the pupil's record, and who had it."""
        self.ensure_one()
        return self.custody_id.get_formview_action()
