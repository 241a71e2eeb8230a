from odoo import fields, models


class EndpointRegistration(models.Model):
    _inherit = "hocba.endpoint"

    registers_certificates = fields.Boolean(
        "Takes registrations of certificates",
        default=True,
        tracking=True,
        help="Transactions 3 and 4: the approval of the school's seal comes with the gateway's answer only. Off for a "
        "gateway without them: head or administrator note the approval with the department's paper.",
    )
