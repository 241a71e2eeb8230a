from odoo import api, fields, models
from odoo.exceptions import AccessError

from .year import GRADES

#: Records locked while the officer waits, some seconds' work; the schedule locks the others.
AT_ONCE = 50_000


class Closing(models.Model):
    """One closing (chốt) of a school year, for all schools or one, all grades or one. It is never undone."""

    _name = "hocba.registry.closing"
    _description = "Closing"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _order = "id desc"
    _rec_name = "closed_at"

    year_id = fields.Many2one("hocba.registry.year", "School year", required=True, readonly=True, ondelete="restrict")
    unit_id = fields.Many2one("hocba.registry.unit", "School", readonly=True, help="Empty: all schools.")
    grade = fields.Selection([(grade, grade) for grade in GRADES], readonly=True, help="Empty: all grades.")
    scope = fields.Char("What was closed", compute="_compute_scope")
    closed_at = fields.Datetime("In force since", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Closed by", required=True, readonly=True)
    record_count = fields.Integer("Records locked", readonly=True)
    last_record_id = fields.Integer(
        "Last record of the closing", readonly=True, help="Records up to this one belong to the closing."
    )

    @api.depends("unit_id", "grade")
    def _compute_scope(self):
        for closing in self:
            closing.scope = closing._scope_text(closing.unit_id, closing.grade)

    @api.model
    def _scope_text(self, unit, grade):
        """What a closing of this school or all, of this grade or all, is called."""
        name = unit.name or self.env._("all schools")
        return self.env._("%(schools)s, grade %(grade)s", schools=name, grade=grade) if grade else name

    def _close(self, year, unit, grade=None):
        """Close ``year`` for ``unit`` or all schools, for one ``grade`` or all, and lock what was accepted.

        Returns the closing. From its moment on nothing is accepted or recalled any more; up to ``AT_ONCE`` records are
        locked now, the schedule goes on with the others, all in force since that moment. A record whose recall the
        ministry is still being asked about stays open until the answer has come.
        """
        self._check_scope(unit)
        year.lock_for_update(allow_referencing=True)
        records = self.env["hocba.registry.record"]
        domain = self._open_domain(year, unit, grade)
        closing = self.sudo().create(
            {
                "year_id": year.id,
                "unit_id": unit.id,
                "grade": grade,
                "closed_at": fields.Datetime.now(),
                "user_id": self.env.uid,
                "record_count": records.search_count(domain),
                "last_record_id": records.sudo().search([], order="id desc", limit=1).id,
            }
        )
        records._lock_all(domain, closing.closed_at, AT_ONCE)
        # Also what another worker is accepting at this very moment, which is not seen here.
        self.env.ref("hocba_registry.cron_process").sudo()._trigger()
        return closing

    def _check_scope(self, unit):
        if unit:
            unit.check_access("read")
        elif not self.env.su and self.env.user.hocba_scope != "all":
            raise AccessError(self.env._("You see a part of the schools only: close one school at a time."))

    @api.model
    def _close_stragglers(self):
        """Go on with closings of more records than are locked at once, lot by lot, each committed by the schedule.

        What was accepted while a closing was under way and not seen by it is a closing of its own.
        """
        records = self.env["hocba.registry.record"]
        for year in self.env["hocba.registry.year"].search([("closing_ids", "!=", False)]):
            if not records.search_count(self._open_domain(year), limit=1):
                continue
            for closing in year.closing_ids.sorted("id"):
                domain = [
                    *self._open_domain(year, closing.unit_id, closing.grade),
                    ("id", "<=", closing.last_record_id),
                ]
                records._lock_all(domain, closing.closed_at)
            self._close_unseen(year)

    def _close_unseen(self, year):
        closed = {(closing.unit_id.id, closing.grade) for closing in year.closing_ids}
        groups = self.env["hocba.registry.record"]._read_group(self._open_domain(year), ["unit_id", "grade"])
        for unit, grade in groups:
            if closed & {(False, False), (False, grade), (unit.id, False), (unit.id, grade)}:
                self._close(year, unit, grade)

    def _open_domain(self, year, unit=None, grade=None):
        """What a closing of this scope still has to lock."""
        return [
            ("year_id", "=", year.id),
            ("state", "=", "accepted"),
            ("recall_ids", "not any", [("state", "=", "upward")]),
            *([("unit_id", "=", unit.id)] if unit else []),
            *([("grade", "=", grade)] if grade else []),
        ]
