from odoo import api, fields, models


class ResCompanyProvince(models.Model):
    _inherit = "res.company"

    hocba_province_id = fields.Many2one(
        "hocba.province", "Province", ondelete="restrict", domain=[("valid_to", "=", False)]
    )
    hocba_province = fields.Char(
        "Province as printed",
        compute="_compute_hocba_province",
        store=True,
        readonly=False,
        help="Follows the chosen province; text from before stays until one is chosen.",
    )

    @api.depends("hocba_province_id.full_name")
    def _compute_hocba_province(self):
        for company in self:
            company.hocba_province = company.hocba_province_id.full_name or company.hocba_province
