from odoo import api, models


class EndpointParts(models.Model):
    """What the gateway takes decides what a subject teacher's line holds: drafts follow when that changes."""

    _inherit = "hocba.endpoint"

    @api.model_create_multi
    def create(self, vals_list):
        endpoints = super().create(vals_list)
        endpoints.filtered("strict_comments")._recompute_parts()
        return endpoints

    def write(self, vals):
        result = super().write(vals)
        if {"strict_comments", "active", "company_id"} & vals.keys():
            self._recompute_parts()
        return result

    def _recompute_parts(self):
        records = self.env["hocba.record"].sudo()
        drafts = records.search([("company_id", "in", self.company_id.ids), ("state", "=", "draft")])
        drafts = drafts.filtered(lambda record: record._has_parts())
        self.env.add_to_compute(records._fields["part_hashes"], drafts)
        drafts._void_signatures_later()
