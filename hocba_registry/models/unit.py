import hashlib
import hmac
import os

from odoo import api, fields, models
from odoo.exceptions import UserError

_ROUNDS = 200_000


class Unit(models.Model):
    """A school that reports here: its account and its standing."""

    _name = "hocba.registry.unit"
    _description = "Reporting School"
    _inherit = ["mail.thread"]
    _order = "commune, name"
    _rec_names_search = ["name", "code"]

    name = fields.Char("School", required=True, tracking=True)
    code = fields.Char("School code", required=True, tracking=True, help="MA_TRUONG; also ma_don_vi of the account.")
    login = fields.Char("Account", required=True, tracking=True)
    password = fields.Char(
        compute="_compute_password", inverse="_inverse_password", help="Written only; it is never shown."
    )
    password_hash = fields.Char(groups=fields.NO_ACCESS)
    has_password = fields.Boolean(compute="_compute_has_password")
    commune = fields.Char()
    province = fields.Char()
    active = fields.Boolean(default=True)
    certificate_ids = fields.One2many("hocba.registry.certificate", "unit_id", "Certificates")
    transaction_ids = fields.One2many("hocba.registry.transaction", "unit_id", "Transactions")
    record_ids = fields.One2many("hocba.registry.record", "unit_id", "Records")
    expected_count = fields.Integer("Pupils expected", help="Records that the school has to report in a year.")
    year_id = fields.Many2one("hocba.registry.year", "Year counted", compute="_compute_counts")
    accepted_count = fields.Integer("Accepted, not locked", compute="_compute_counts")
    locked_count = fields.Integer("Locked", compute="_compute_counts")
    refused_count = fields.Integer("Refused", compute="_compute_counts", help="Refused and not accepted since.")
    wanted_count = fields.Integer("Records expected this year", compute="_compute_counts")
    progress = fields.Integer("Reported (%)", compute="_compute_counts")
    transaction_count = fields.Integer("Transactions received", compute="_compute_counts")
    certificate_state = fields.Selection(
        [("none", "No certificate"), ("waiting", "Certificate waiting"), ("approved", "Certificate approved")],
        "Certificate",
        compute="_compute_certificate_state",
        store=True,
    )
    last_received_at = fields.Datetime("Last transaction", compute="_compute_counts")

    _code_uniq = models.Constraint("UNIQUE(code)", "A school with this code already exists.")
    _login_uniq = models.Constraint("UNIQUE(login)", "This account name is already in use.")

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        for unit in self.filtered("password"):
            sent = hashlib.sha256(unit.password.encode()).hexdigest()
            salt = os.urandom(16)
            unit.sudo().password_hash = f"{salt.hex()}${_stretch(sent, salt)}"
            unit.env["hocba.registry.token"].sudo().search([("unit_id", "in", unit.ids)]).unlink()

    @api.depends("password_hash")
    def _compute_has_password(self):
        for unit in self:
            unit.has_password = bool(unit.sudo().password_hash)

    @api.private
    def _check_password(self, sent):
        """Whether ``sent`` (SHA-256 of the password, hexadecimal, as on the wire) is this unit's."""
        stored = self.sudo().password_hash or ""
        salt, _separator, expected = stored.partition("$")
        known = bool(expected)
        # An account that does not exist costs the same time, so that guessing finds no names.
        found = _stretch(sent.lower(), bytes.fromhex(salt) if known else b"no such account")
        return hmac.compare_digest(found, expected or found) and known

    @api.depends("record_ids.state", "transaction_ids.state", "expected_count")
    def _compute_counts(self):
        """Standing in the latest school year; what was refused counts until the pupil has an accepted record."""
        year = self.env["hocba.registry.year"]._current()
        counted = [("unit_id", "in", self.ids), ("year_id", "=", year.id)]
        records = {
            (unit.id, state): count
            for unit, state, count in self.env["hocba.registry.tally"]._counts(counted, ["unit_id", "state"])
        }
        refused = dict(
            self.env["hocba.registry.line"]._read_group(
                [*self._still_refused_domain(year), ("unit_id", "in", self.ids)], ["unit_id"], ["__count"]
            )
        )
        sent = {
            unit.id: (count, last)
            for unit, count, last in self.env["hocba.registry.transaction"]._read_group(
                [("unit_id", "in", self.ids), ("year_name", "=", year.name)],
                ["unit_id"],
                ["__count", "received_at:max"],
            )
        }
        expected = dict(
            self.env["hocba.registry.expectation"]
            .sudo()
            ._read_group([("unit_id", "in", self.ids), ("year_id", "=", year.id)], ["unit_id"], ["count:max"])
        )
        for unit in self:
            unit.year_id = year
            unit.accepted_count = records.get((unit.id, "accepted"), 0)
            unit.locked_count = records.get((unit.id, "locked"), 0)
            unit.refused_count = refused.get(unit, 0)
            unit.transaction_count, unit.last_received_at = sent.get(unit.id, (0, False))
            reported = unit.accepted_count + unit.locked_count
            unit.wanted_count = expected.get(unit, unit.expected_count)
            unit.progress = min(100, reported * 100 // unit.wanted_count) if unit.wanted_count else 0

    def _still_refused_domain(self, year):
        return [("verdict", "=", "0"), ("settled", "=", False), ("transaction_id.year_name", "=", year.name)]

    @api.depends("certificate_ids.state")
    def _compute_certificate_state(self):
        for unit in self:
            states = unit.certificate_ids.mapped("state")
            unit.certificate_state = (
                "approved" if "approved" in states else "waiting" if "submitted" in states else "none"
            )

    def write(self, vals):
        if "code" in vals:
            changed = self.filtered(lambda unit: unit.code != vals["code"])
            if self.env["hocba.registry.transaction"].sudo().search_count([("unit_id", "in", changed.ids)], limit=1):
                raise UserError(self.env._("A school that has reported keeps its code."))
        return super().write(vals)

    def _approved_fingerprints(self):
        """SHA-256 fingerprints of the certificates that may seal for this unit (CV 2088, annex 1, III.1)."""
        return set(self.certificate_ids.filtered(lambda line: line.state == "approved").mapped("fingerprint"))

    def _open(self, xml_id, *conditions):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"hocba_registry.{xml_id}")
        action["domain"] = [("unit_id", "in", self.ids), *conditions]
        action["context"] = {}
        return action

    def action_open_records(self):
        return self._open("action_record", ("year_id", "in", self.year_id.ids), ("state", "=", "accepted"))

    def action_open_locked(self):
        return self._open("action_record", ("year_id", "in", self.year_id.ids), ("state", "=", "locked"))

    def action_open_transactions(self):
        return self._open("action_transaction", ("year_name", "=", self.year_id.name))

    def action_open_refused(self):
        return self._open("action_line", *self._still_refused_domain(self.year_id))

    def action_open_certificates(self):
        action = self._open("action_certificate")
        action["context"] = {"default_unit_id": self.id}
        return action


def _stretch(sent, salt):
    return hashlib.pbkdf2_hmac("sha256", sent.encode(), salt, _ROUNDS).hex()
