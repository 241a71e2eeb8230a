import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.issuance import IssuedCopy
from .issue_wizard import _MAY_ISSUE


class PersonalWizard(models.TransientModel):
    """Gives out everything that is held about a child, with who asked and why; it stands in the register of copies."""

    _name = "hocba.personal.wizard"
    _description = "Everything Held About a Pupil"

    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True)
    recipient = fields.Char("Issued to", help="Name, and what proves it: the number of an identity card or a letter.")
    reason = fields.Char("Reason or reference")
    file = fields.Binary(attachment=False, readonly=True)
    file_name = fields.Char(readonly=True)

    @api.model
    def _action_open(self, pupil):
        self._check_right()
        pupil.ensure_one()
        pupil.check_access("read")
        return self.create({"pupil_id": pupil.id})._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Everything held about a pupil"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_export(self):
        """Make the archive and register it. Raises UserError when recipient or reason is missing."""
        self.ensure_one()
        self._check_right()
        self.pupil_id.check_access("read")
        if not (self.recipient or "").strip() or not (self.reason or "").strip():
            raise UserError(self.env._("Say who asks for the data, and why."))
        content = self.pupil_id._personal_archive()
        register = self.env["hocba.issuance"]
        (number,) = register._numbers(self.pupil_id.company_id, 1)
        records = self.pupil_id.sudo().record_ids._issued()
        copy = IssuedCopy(number, records, hashlib.sha256(content).hexdigest(), self.pupil_id)
        register._enter([copy], "export", "pupil", self.recipient.strip(), note=self.reason.strip())
        self.write({"file": base64.b64encode(content), "file_name": f"du-lieu-{self.pupil_id.code}.zip"})
        return self._open()

    def _check_right(self):
        if not any(self.env.user.has_group(f"hocba_digital.{name}") for name in _MAY_ISSUE):
            raise AccessError(self.env._("The clerk or the head gives out what is held about a pupil."))
