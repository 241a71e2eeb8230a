import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.issuance import PURPOSES

_MAY_ISSUE = ("group_clerk", "group_head")


class IssueWizard(models.TransientModel):
    """Issues a copy of one year or of the whole book to a named person or office, and registers it."""

    _name = "hocba.issue.wizard"
    _description = "Issue a Copy"

    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True)
    content = fields.Selection(
        [("record", "One school year"), ("book", "The whole book")], "What", required=True, default="record"
    )
    record_id = fields.Many2one("hocba.record", "School year", domain="[('id', 'in', choice_ids)]")
    choice_ids = fields.Many2many("hocba.record", compute="_compute_choice_ids")
    recipient = fields.Char("Issued to", help="Name, and what proves it: the number of an identity card or a letter.")
    purpose = fields.Selection(PURPOSES, required=True, default="pupil")
    note = fields.Char("Reason or reference", help="For example the number of the request or the letter.")
    issuance_id = fields.Many2one("hocba.issuance", readonly=True)
    number = fields.Char(related="issuance_id.number")
    file = fields.Binary(attachment=False, readonly=True)
    file_name = fields.Char(readonly=True)

    @api.depends("pupil_id")
    def _compute_choice_ids(self):
        for wizard in self:
            records = wizard.pupil_id.record_ids._standing()
            wizard.choice_ids = records._issued()

    @api.model
    def _action_open(self, pupil, record=None):
        self._check_right()
        chosen = record or pupil.record_ids._standing()._issued()[:1]
        received = pupil._received_lines()
        if not chosen._issued() and (record or not received):
            raise UserError(
                self.env._("%(name)s has no signed record yet; copies are made of signed records.", name=pupil.name)
            )
        content = "record" if chosen else "book"
        wizard = self.create({"pupil_id": pupil.id, "record_id": chosen.id, "content": content})
        return wizard._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Issue a copy"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_issue(self):
        """Print, register, and offer the file. Raises UserError when something is missing or cannot be printed."""
        self.ensure_one()
        self._check_right()
        if not (self.recipient or "").strip():
            raise UserError(self.env._("Say to whom the copy is issued."))
        service = self.env["hocba.print"]
        common = {"purpose": self.purpose, "recipient": self.recipient.strip(), "note": self.note, "extract": True}
        if self.content == "book":
            self.pupil_id.check_access("read")
            content = service._issue_books(self.pupil_id, **common)[self.pupil_id.id]
            name = service._book_file_name(self.pupil_id)
        else:
            record = self.record_id
            if record not in self.choice_ids:
                raise UserError(self.env._("Choose the school year that the copy is of."))
            record.check_access("read")
            content = service._issue_records(record, **common)[record.id]
            name = service._record_file_name(record)
        newest = self.env["hocba.issuance"].search([("pupil_id", "=", self.pupil_id.id)], limit=1, order="id desc")
        self.write({"file": base64.b64encode(content), "file_name": name, "issuance_id": newest.id})
        return self._open()

    def _check_right(self):
        if not any(self.env.user.has_group(f"hocba_digital.{name}") for name in _MAY_ISSUE):
            raise AccessError(self.env._("Copies are issued by the clerk or the head."))
