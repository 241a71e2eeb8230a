"""Whose signature a class waits for, where somebody signs in another person's place."""

from odoo import api, models

_NAMED = {"cbql": "head_mandate_id", "gvcn": "homeroom_mandate_id"}


class SchoolClassSigner(models.Model):
    _inherit = "hocba.class"

    @api.depends_context("uid")
    @api.depends("record_ids.head_mandate_id", "record_ids.homeroom_mandate_id")
    def _compute_my_waiting_count(self):
        result = super()._compute_my_waiting_count()
        user = self.env.user
        records = self.env["hocba.record"].sudo()
        for role, name in _NAMED.items():
            domain = [("class_id", "in", self.ids), ("waiting_for", "=", role), (name, "!=", False)]
            for school_class, mandate, count in records._read_group(domain, ["class_id", name], ["__count"]):
                own = school_class.company_id.hocba_head_id if role == "cbql" else school_class.homeroom_id
                counted = self.browse(school_class.id)
                if own == user:
                    counted.my_waiting_count -= count
                if mandate.user_id == user:
                    counted.my_waiting_count += count
        return result

    def _my_roles(self):
        roles = super()._my_roles()
        mandates = self.env["hocba.mandate"].sudo().search([("user_id", "=", self.env.uid)])
        return list(dict.fromkeys([*roles, *mandates.mapped("role")]))
