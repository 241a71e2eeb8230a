from odoo import fields, models


class ProcedureKey(models.TransientModel):
    """Shows a new key once; nothing of it is kept longer than the window."""

    _name = "hocba.procedure.key"
    _description = "New Key"
    _transient_max_hours = 0.25

    client_id = fields.Many2one("hocba.procedure.client", readonly=True)
    key = fields.Char(readonly=True)

    def action_close(self):
        """Forget the key."""
        self.unlink()
        return {"type": "ir.actions.act_window_close"}
