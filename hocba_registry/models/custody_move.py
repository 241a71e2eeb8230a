from odoo import fields, models


class CustodyMove(models.Model):
    """One change of custody: by one accepted hand-over, or recorded by an officer for one that went by file.

    These lines can only be added.
    """

    _name = "hocba.registry.custody.move"
    _description = "Change of Custody"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _by_methods_only = True
    _kept_files = ("document",)
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    custody_id = fields.Many2one(
        "hocba.registry.custody", "Pupil", required=True, readonly=True, index=True, ondelete="restrict"
    )
    from_unit_id = fields.Many2one(
        "hocba.registry.unit", "From", required=True, readonly=True, index=True, ondelete="restrict"
    )
    unit_id = fields.Many2one(
        "hocba.registry.unit", "To", required=True, readonly=True, index=True, ondelete="restrict"
    )
    at = fields.Datetime("When", required=True, readonly=True)
    transfer_id = fields.Many2one("hocba.registry.transfer", "Change of school", readonly=True, ondelete="restrict")
    receipt_digest = fields.Char("SHA-256 of the receipt", readonly=True)
    officer_id = fields.Many2one("res.users", "Recorded by", readonly=True, ondelete="restrict")
    reason = fields.Text(readonly=True)
    document = fields.Binary(attachment=True, readonly=True)
    document_name = fields.Char("File name of the document", readonly=True)

    _has_ground = models.Constraint(
        "CHECK((transfer_id IS NOT NULL AND receipt_digest IS NOT NULL)"
        " OR (officer_id IS NOT NULL AND reason IS NOT NULL))",
        "Custody changes by a hand-over, or by an officer who says why.",
    )
    _once = models.UniqueIndex("(transfer_id)", "Custody changes once with a hand-over.")
