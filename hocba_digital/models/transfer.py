from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.rules import deadlines
from .transfer_line import RESULTS

#: What the clerk fills in before the head looks at it.
_CONTENT = {"pupil_id", "other_code", "other_name", "left_on", "class_id", "note"}
#: Of these the file, and what it says, is fixed.
_CLOSED = ("released", "completed", "refused", "withdrawn")


class Transfer(models.Model):
    """One pupil's change of school: custody of all years passes from one school to another, once.

    ::

        leaving:   draft --head agrees--> agreed --clerk seals the file--> released --receipt--> completed | refused
                     ^                      |                                 |
                     +----- head returns ---+      withdrawn <--with a reason-+   (an acceptance that comes later wins:
                                                                                   withdrawn --receipt--> completed)
        arriving:  received --head takes over--> agreed --clerk seals the receipt--> completed
                       \\--head refuses, with a reason--> refused (the clerk seals the receipt of it)

    Sources: plan 213, annex §2.2 (who issues a record hands it over); QĐ 1789/QĐ-SGDĐT, Art. 22 (the new school takes
    over all earlier years, nothing is made anew); design: ``locked -> transferred`` once the other school confirmed.
    """

    _name = "hocba.transfer"
    _description = "Change of School"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.steps.mixin"]
    _order = "id desc"
    _rec_name = "pupil_name"
    _rec_names_search = ["pupil_name", "number", "other_name"]
    _check_company_auto = True
    _mail_post_access = "read"

    _frozen_states = _CLOSED
    _frozen_moves = (
        "released>completed",
        "released>refused",
        "released>withdrawn",
        "withdrawn>completed",
    )
    _frozen_once = (
        *("receipt", "receipt_digest", "answered_at", "reason", "answered_by_id"),
        *("results_note", "results_entered_at"),
    )
    _kept_files = ("file", "receipt", "results")

    direction = fields.Selection(
        [("out", "Leaves this school"), ("in", "Comes to this school")], required=True, readonly=True, index=True
    )
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("received", "File received"),
            ("agreed", "Decided by the head"),
            ("released", "Handed over, waiting for the receipt"),
            ("completed", "Completed"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", "School", required=True, readonly=True, index=True, default=lambda self: self.env.company
    )
    number = fields.Char("Number of the hand-over", readonly=True, copy=False, index=True, help="UUID, in the file.")
    pupil_id = fields.Many2one("hocba.pupil", check_company=True, ondelete="restrict", index=True, copy=False)
    pupil_name = fields.Char("Name of the pupil", readonly=True, copy=False)
    other_code = fields.Char("Code of the other school", help="Of the sector database: 8 digits.")
    other_name = fields.Char("Other school")
    left_on = fields.Date("Changes school on", default=lambda self: deadlines.today())
    class_id = fields.Many2one(
        "hocba.class",
        "Class here",
        check_company=True,
        ondelete="restrict",
        help="The class that a pupil who arrives joins; it can also be chosen later.",
    )
    note = fields.Char("Reason or reference", help="For example the number of the application.")
    reason = fields.Text("Reason given", readonly=True, copy=False)
    return_reason = fields.Text("Why the head returned it", readonly=True, copy=False)
    line_ids = fields.One2many("hocba.transfer.line", "transfer_id", "Years", readonly=True, copy=False)
    line_count = fields.Integer("Number of years", compute="_compute_line_count")
    open_count = fields.Integer("Years not decided", compute="_compute_line_count")
    failed = fields.Boolean("A signature does not hold", compute="_compute_line_count")
    file = fields.Binary("Hand-over file", attachment=True, readonly=True, copy=False)
    file_name = fields.Char(compute="_compute_file_names")
    manifest_digest = fields.Char("SHA-256 of the manifest", readonly=True, copy=False)
    receipt = fields.Binary(attachment=True, readonly=True, copy=False)
    receipt_name = fields.Char(compute="_compute_file_names")
    receipt_digest = fields.Char("SHA-256 of the receipt", readonly=True, copy=False)
    sender_result = fields.Selection(
        RESULTS,
        "Seal of the other school",
        readonly=True,
        copy=False,
    )
    finding = fields.Text("What checking the file showed", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", "Head who decided", readonly=True, copy=False, ondelete="restrict")
    decided_at = fields.Datetime("Decided at", readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        "res.users", "Receipt sealed or entered by", readonly=True, copy=False, ondelete="restrict"
    )
    answered_at = fields.Datetime("Receipt at", readonly=True, copy=False)

    _number_once = models.UniqueIndex(
        "(company_id, direction, number) WHERE number IS NOT NULL", "This hand-over was entered already."
    )
    _one_leaving = models.UniqueIndex(
        "(pupil_id) WHERE direction = 'out' AND state IN ('draft', 'agreed', 'released')",
        "A change of school of this pupil is under way already.",
    )

    @api.depends("line_ids.result", "sender_result", "results_result")
    def _compute_line_count(self):
        for transfer in self:
            results = [*transfer.line_ids.mapped("result"), transfer.results_result]
            transfer.line_count = len(transfer.line_ids)
            transfer.open_count = results.count("INDETERMINATE")
            transfer.failed = "TOTAL_FAILED" in (transfer.sender_result, *results)

    @api.depends("number")
    def _compute_file_names(self):
        for transfer in self:
            transfer.file_name = f"chuyen-giao-{transfer.number}.zip"
            transfer.receipt_name = f"bien-nhan-{transfer.number}.xml"

    @api.model_create_multi
    def create(self, vals_list):
        # What a person enters is a draft of a pupil who leaves; arriving ones come from their file.
        model = super(Transfer, self._in_transition())
        if not self._is_transition():
            vals_list = [
                {**{name: vals[name] for name in vals if name in _CONTENT}, "direction": "out"} for vals in vals_list
            ]
        transfers = model.create(vals_list)
        for transfer in transfers.filtered(lambda transfer: transfer.direction == "out"):
            transfer._check_pupil_leaves()
            transfer.pupil_name = transfer.pupil_id.name
            transfer._ask_head(self.env._("Decide on a pupil's change of school"))
        return transfers.with_env(self.env)

    def write(self, vals):
        if not self._is_transition():
            content = {name for name in vals if not name.startswith(("message_", "activity_"))}
            if content - _CONTENT:
                raise UserError(self.env._("A change of school is moved on with its buttons."))
            open_names = {"class_id", "note"} if all(each.direction == "in" for each in self) else _CONTENT
            open_states = ("draft", "received")
            if content - open_names or (content and any(each.state not in open_states for each in self)):
                raise UserError(self.env._("What the head has decided on is not changed any more. Return it first."))
        if vals.get("pupil_id"):
            vals = {**vals, "pupil_name": self.env["hocba.pupil"].browse(vals["pupil_id"]).name}
        return super(Transfer, self._in_transition()).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(transfer.state != "draft" for transfer in self):
            raise UserError(self.env._("A change of school that the head has seen is kept."))

    # Steps of both sides ---------------------------------------------------------------------------

    def _check_state(self, direction, *states):
        self._check_in_state(*(states if self.direction == direction else ()))

    def _move(self, state, **values):
        result = super()._move(state, **values)
        if state != "draft":
            self.activity_ids.action_done()
        return result

    def _ask_head(self, summary):
        head = self.sudo().company_id.hocba_head_id
        if head:
            self.sudo().activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=head.id)

    def _reason_given(self, reason):
        reason = " ".join((reason or "").split())
        if not reason:
            raise UserError(self.env._("Give the reason."))
        return reason

    def action_return(self, reason):
        """Head: back to the clerk, with a reason. What was taken over or sealed is not returned."""
        reason = self._reason_given(reason)
        for transfer in self._require("group_head", self.env._("Only the head returns a change of school.")):
            transfer._check_state("out", "agreed")
            nothing = dict.fromkeys(("results", "results_digest", "results_year", "decided_by_id", "decided_at"), False)
            transfer._move("draft", return_reason=reason, **nothing)

    def action_open_pupil(self):
        """The pupil's form."""
        self.ensure_one()
        return self.pupil_id.get_formview_action()

    def action_download(self):
        """The hand-over file as it was sealed or came."""
        return self._download("file")

    def action_download_receipt(self):
        """The receipt as it was sealed or came."""
        return self._download("receipt")

    def _download(self, field):
        self.ensure_one()
        self.check_access("read")
        if not self[field]:
            raise UserError(self.env._("%(name)s: there is no such file yet.", name=self.display_name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/hocba.transfer/{self.id}/{field}?download=true&filename_field={field}_name",
            "target": "download",
        }
