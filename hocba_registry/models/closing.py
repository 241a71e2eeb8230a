from odoo import api, fields, models


class Closing(models.Model):
    """One closing (chốt) of a school year, for all schools or one. It is never undone."""

    _name = "hocba.registry.closing"
    _description = "Closing"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _order = "id desc"
    _rec_name = "closed_at"

    year_id = fields.Many2one("hocba.registry.year", "School year", required=True, readonly=True, ondelete="restrict")
    unit_id = fields.Many2one("hocba.registry.unit", "School", readonly=True, help="Empty: all schools.")
    closed_at = fields.Datetime("In force since", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Closed by", required=True, readonly=True)
    record_count = fields.Integer("Records locked", readonly=True)

    def _close(self, year, unit):
        """Lock every accepted record of ``year`` (of ``unit``, or of all schools). Returns the closing."""
        year.lock_for_update(allow_referencing=True)
        domain = [("year_id", "=", year.id), ("state", "=", "accepted")]
        if unit:
            domain.append(("unit_id", "=", unit.id))
        records = self.env["hocba.registry.record"].search(domain)
        now = fields.Datetime.now()
        records._lock(now)
        # What another worker is accepting at this very moment is not seen here; the schedule locks it.
        self.env.ref("hocba_registry.cron_process").sudo()._trigger()
        return self.sudo().create(
            {
                "year_id": year.id,
                "unit_id": unit.id,
                "closed_at": now,
                "user_id": self.env.uid,
                "record_count": len(records),
            }
        )

    @api.model
    def _close_stragglers(self):
        """Lock what was accepted while a closing was under way. Each such lot is a closing of its own."""
        for year in self.env["hocba.registry.year"].search([("closing_ids", "!=", False)]):
            whole = not all(closing.unit_id for closing in year.closing_ids)
            domain = [("year_id", "=", year.id), ("state", "=", "accepted")]
            if not whole:
                domain.append(("unit_id", "in", year.closing_ids.unit_id.ids))
            for (unit,) in self.env["hocba.registry.record"]._read_group(domain, ["unit_id"]):
                self._close(year, unit)
