from odoo import fields, models
from odoo.exceptions import AccessError


class EndpointAcknowledger(models.Model):
    """Who signs the gateway's acknowledgements: the organisation of the first one whose signature held."""

    _inherit = "hocba.endpoint"

    acknowledger = fields.Char(
        "Organisation code of the acknowledgements",
        readonly=True,
        copy=False,
        tracking=True,
        help="Taken from the first acknowledgement of this gateway whose signature held. One that another organisation "
        "signed is shown as not verifiable until an administrator has it forgotten here.",
    )
    acknowledger_name = fields.Char("Acknowledgements are signed by", readonly=True, copy=False)

    def _acknowledger(self, report):
        """Code of the organisation that acknowledges here (its name, where it has no code); the first one stays."""
        if not self.acknowledger:
            self.sudo().write(
                {"acknowledger": report.signer_id or report.signer_name, "acknowledger_name": report.signer_name}
            )
        return self.acknowledger

    def action_forget_acknowledger(self):
        """Administrator: the department has a new seal; whoever signs the next acknowledgement is taken for it."""
        self.check_access("write")
        if not self.env.user.has_group("hocba_digital.group_school_admin"):
            raise AccessError(self.env._("Only the administrator changes the gateway's settings."))
        self.write({"acknowledger": False, "acknowledger_name": False})
