from odoo import fields, models

from ..core.rules import deadlines


class TransferRequestWizard(models.TransientModel):
    """What a request for a pupil needs: who it is, as the family's papers say, and the PIN of the seal."""

    _name = "hocba.transfer.request.wizard"
    _description = "Ask for a Pupil's Record"
    _inherit = ["hocba.pin.mixin"]

    request_ids = fields.Many2many(
        "hocba.transfer.request",
        string="Requests",
        readonly=True,
        default=lambda self: (
            self.env.context.get("active_ids", [])
            if self.env.context.get("active_model") == "hocba.transfer.request"
            else []
        ),
    )
    pupil_code = fields.Char("Pupil code", help="Of the sector database; the family or the other school knows it.")
    pupil_name = fields.Char("Name of the pupil")
    birth_date = fields.Date("Date of birth")
    id_number = fields.Char("ID number", help="Needed where the record of the pupil has one.")
    from_day = fields.Date("Changes school on", default=lambda self: deadlines.today())
    class_id = fields.Many2one("hocba.class", "Class here", help="It can also be chosen later.")
    reason = fields.Text()

    def _use_pin(self, pin):
        self.ensure_one()
        values = {
            "pupil_code": self.pupil_code or "",
            "pupil_name": self.pupil_name or "",
            "birth_date": self.birth_date,
            "id_number": self.id_number,
            "from_day": self.from_day,
            "class_id": self.class_id.id,
            "reason": " ".join((self.reason or "").split()),
        }
        self.request_ids = self.env["hocba.transfer.request"]._ask_for(values, pin)

    def action_asked(self):
        """Show the request, once the PIN did its work."""
        self.ensure_one()
        return {**self.request_ids[:1].get_formview_action(), "target": "main"}

    def action_end(self):
        """End the requests; who may do it is checked by the method."""
        self.request_ids.action_end(self.reason)
        return {"type": "ir.actions.act_window_close"}
