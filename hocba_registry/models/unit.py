import hashlib
import hmac
import os

from odoo import api, fields, models

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
        "Password", compute="_compute_password", inverse="_inverse_password", help="Written only; it is never shown."
    )
    password_hash = fields.Char(groups=fields.NO_ACCESS)
    has_password = fields.Boolean(compute="_compute_has_password")
    commune = fields.Char()
    province = fields.Char()
    active = fields.Boolean(default=True)
    certificate_ids = fields.One2many("hocba.registry.certificate", "unit_id", "Certificates")
    transaction_ids = fields.One2many("hocba.registry.transaction", "unit_id", "Transactions")
    record_ids = fields.One2many("hocba.registry.record", "unit_id", "Records")
    accepted_count = fields.Integer("In force, open", compute="_compute_counts")
    locked_count = fields.Integer("Locked", compute="_compute_counts")
    refused_count = fields.Integer("Refused", compute="_compute_counts")
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

    @api.depends("password_hash")
    def _compute_has_password(self):
        for unit in self:
            unit.has_password = bool(unit.sudo().password_hash)

    @api.private
    def _check_password(self, sent):
        """Whether ``sent`` (SHA-256 of the password, hexadecimal, as on the wire) is this unit's."""
        stored = self.sudo().password_hash or ""
        salt, _separator, expected = stored.partition("$")
        if not expected or not isinstance(sent, str):
            return False
        return hmac.compare_digest(_stretch(sent.lower(), bytes.fromhex(salt)), expected)

    @api.depends("record_ids.state", "transaction_ids.state")
    def _compute_counts(self):
        records = {
            (unit.id, state): count
            for unit, state, count in self.env["hocba.registry.record"]._read_group(
                [("unit_id", "in", self.ids)], ["unit_id", "state"], ["__count"]
            )
        }
        refused = dict(
            self.env["hocba.registry.line"]._read_group(
                [("unit_id", "in", self.ids), ("verdict", "=", "0")], ["unit_id"], ["__count"]
            )
        )
        sent = {
            unit.id: (count, last)
            for unit, count, last in self.env["hocba.registry.transaction"]._read_group(
                [("unit_id", "in", self.ids)], ["unit_id"], ["__count", "received_at:max"]
            )
        }
        for unit in self:
            unit.accepted_count = records.get((unit.id, "accepted"), 0)
            unit.locked_count = records.get((unit.id, "locked"), 0)
            unit.refused_count = refused.get(unit, 0)
            unit.transaction_count, unit.last_received_at = sent.get(unit.id, (0, False))

    @api.depends("certificate_ids.state")
    def _compute_certificate_state(self):
        for unit in self:
            states = unit.certificate_ids.mapped("state")
            unit.certificate_state = (
                "approved" if "approved" in states else "waiting" if "submitted" in states else "none"
            )

    def _approved_fingerprints(self):
        """SHA-256 fingerprints of the certificates that may seal for this unit (CV 2088, annex 1, III.1)."""
        return set(self.certificate_ids.filtered(lambda line: line.state == "approved").mapped("fingerprint"))

    def _open(self, xml_id, **domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"hocba_registry.{xml_id}")
        action["domain"] = [("unit_id", "in", self.ids), *((name, "=", value) for name, value in domain.items())]
        action["context"] = {}
        return action

    def action_open_records(self):
        return self._open("action_record")

    def action_open_locked(self):
        return self._open("action_record", state="locked")

    def action_open_transactions(self):
        return self._open("action_transaction")

    def action_open_refused(self):
        return self._open("action_line", verdict="0")

    def action_open_certificates(self):
        action = self._open("action_certificate")
        action["context"] = {"default_unit_id": self.id}
        return action


def _stretch(sent, salt):
    return hashlib.pbkdf2_hmac("sha256", sent.encode(), salt, _ROUNDS).hex()
