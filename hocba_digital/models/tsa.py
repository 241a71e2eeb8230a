import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..core import signing

_logger = logging.getLogger(__name__)


class Tsa(models.Model):
    """A time-stamping authority (RFC 3161) that this school uses.

    A stamp proves when a signature existed, whatever the signer's clock said. The account's secret is written only:
    it is sealed for this very database and readable by nobody.
    """

    _name = "hocba.tsa"
    _description = "Time-Stamping Authority"
    _inherit = ["mail.thread", "hocba.secret.mixin"]
    _order = "company_id, id"
    _secrets = {"secret": "tsa"}

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", "School", required=True, index=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True, tracking=True)
    url = fields.Char("Address", required=True, tracking=True, help="For example http://tsa.example.vn/")
    user_name = fields.Char("Account", tracking=True)
    secret = fields.Char(
        "Password",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        help="Written only; it is never shown again.",
    )
    has_secret = fields.Boolean("Password is set", compute="_compute_has_secrets")
    sealed_secret = fields.Text(groups=fields.NO_ACCESS)
    timeout = fields.Integer("Time-out (seconds)", required=True, default=10)
    each_signature = fields.Boolean(
        "Stamp every signature",
        default=True,
        tracking=True,
        help="One stamp a signature, inside the record. Without it the record is stamped once, together with many "
        "others, after the school's seal and at the closing.",
    )
    when_down = fields.Selection(
        [
            ("later", "Sign now; the next archive stamp proves the time"),
            ("required", "Do not sign"),
        ],
        "When it does not answer",
        required=True,
        default="later",
        tracking=True,
    )
    fetch_revocations = fields.Boolean(
        "Fetch revocation lists",
        default=True,
        help="At the closing, CRL and OCSP answers for the signers' certificates are fetched from the addresses in "
        "them and kept as evidence.",
    )
    tested_at = fields.Datetime("Last test", readonly=True)
    test_ok = fields.Boolean("Test passed", readonly=True)
    test_message = fields.Text("Result of the test", readonly=True)

    _one_active = models.UniqueIndex("(company_id) WHERE active", "The school already has a time-stamping authority.")

    @api.constrains("url", "timeout")
    def _check_address(self):
        for tsa in self:
            if not tsa.url.startswith(("http://", "https://")):
                raise ValidationError(self.env._("The address begins with http:// or https://"))
            if not 1 <= tsa.timeout <= 60:
                raise ValidationError(self.env._("The time-out is 1 to 60 seconds."))

    @api.model
    @api.private
    def _for_company(self, company):
        """The authority of a school; empty when it has none."""
        return self.sudo().search([("company_id", "=", company.id)], limit=1)

    def _secret_lost_text(self, name):
        return self.env._(
            "The password of “%(name)s” cannot be opened here. A copied database gets no time stamps; on "
            "the school's own server, enter the password again.",
            name=self.name,
        )

    @api.private
    def _stamper(self):
        """A ``TimeStamper``. Raises UserError in a copied database."""
        self.ensure_one()
        tsa = self.sudo()
        password = tsa._open_secret("secret") if tsa.user_name else None
        return signing.HttpTimeStamper(tsa.url, user=tsa.user_name, password=password, timeout=tsa.timeout)

    @api.model
    @api.private
    def _stamped(self, records, role, packets, profile, targets=None):
        """The packets, with the new signature of ``role`` stamped where the record's school wants that. ``targets``:
        what is signed in each, where ``role`` signs one of several elements.

        Raises UserError when the authority does not answer and the school does not sign without it.
        """
        packets = list(packets)
        places = {}
        for index, record in enumerate(records):
            places.setdefault(record.company_id, []).append(index)
        for company, indexes in places.items():
            tsa = self._for_company(company)
            if not tsa.each_signature:
                continue
            try:
                stamped = signing.stamp_packets(
                    [packets[index] for index in indexes],
                    role,
                    tsa._stamper(),
                    profile=profile,
                    targets=targets and [targets[index] for index in indexes],
                )
            except signing.SigningError as error:
                tsa._give_up(error)
                continue
            for index, content in zip(indexes, stamped, strict=True):
                packets[index] = content
        return packets

    def _give_up(self, error):
        if self.when_down == "required":
            raise UserError(
                self.env._(
                    "“%(name)s” gave no time stamp, and this school does not sign without one. Nothing was signed; "
                    "try again later.",
                    name=self.name,
                )
            ) from error
        _logger.warning("time stamps of %s put off: %s", self.name, error)

    def action_test(self):
        """Ask for a stamp and say what came back."""
        self.ensure_one()
        self.check_access("write")
        try:
            token = self._stamper().stamp(b"hocba_digital")
            trust = self.env["hocba.trust"]._store()
            status = signing.check_stamp(token, b"hocba_digital", trust, fields.Datetime.now().astimezone())
        except signing.SigningError as error:
            silent = error.code == "tsa_unreachable"
            text = (
                self.env._("The address does not answer. Check it, and whether this server may reach it.")
                if silent
                else self.env._("The authority answers but gives no time stamp. Check the address and the account.")
            )
            values = {"test_ok": False, "test_message": text}
        else:
            values = self._judged(status)
        self.write({"tested_at": fields.Datetime.now(), **values})

    def _judged(self, status):
        if status.failure:
            text = self.env._(
                "%(name)s answers, but its authority is not among the trusted ones, so its stamps prove nothing here.",
                name=status.authority or self.name,
            )
            return {"test_ok": False, "test_message": text}
        return {
            "test_ok": True,
            "test_message": self.env._(
                "Stamps come from %(name)s; its certificate is valid until %(until)s.",
                name=status.authority,
                until=format_date(self.env, status.valid_until.date()),
            ),
        }
