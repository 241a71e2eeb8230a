import base64
import binascii
import logging

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.gateway import build_acknowledgement
from odoo.addons.hocba_digital.core.packet import VIETNAM_TIME
from odoo.addons.hocba_digital.core.rules import deadlines
from odoo.addons.hocba_digital.core.signing import Pkcs12Signer, SigningError, holder_of, sign_list
from odoo.exceptions import UserError
from odoo.tools import ormcache

_logger = logging.getLogger(__name__)


class Seal(models.Model):
    """The receiver's own organisation certificate, which signs what schools are told of their transactions.

    Key file and password are written only and sealed for this very database: a copy of it signs nothing.
    """

    _name = "hocba.registry.seal"
    _description = "Seal of the Gateway"
    _inherit = ["hocba.secret.mixin"]
    _order = "id desc"
    _secrets = {"key_file": "gateway seal", "password": "gateway seal password"}

    name = fields.Char("Organisation", readonly=True)
    valid_until = fields.Datetime("Valid until", readonly=True)
    fingerprint = fields.Char("SHA-256 fingerprint", readonly=True)
    active = fields.Boolean(default=True)
    key_file = fields.Binary(
        "Key file (PKCS#12)", attachment=False, compute="_compute_secrets", inverse="_inverse_secrets"
    )
    has_key_file = fields.Boolean("Key file is set", compute="_compute_has_secrets")
    sealed_key_file = fields.Text(groups=fields.NO_ACCESS)
    password = fields.Char(
        compute="_compute_secrets", inverse="_inverse_secrets", help="Written only; it is never shown again."
    )
    has_password = fields.Boolean("Password is set", compute="_compute_has_secrets")
    sealed_password = fields.Text(groups=fields.NO_ACCESS)

    def _secret_bytes(self, name, value):
        return value if isinstance(value, bytes) else value.encode()

    @api.model_create_multi
    def create(self, vals_list):
        seals = super().create(vals_list)
        seals._describe()
        return seals

    def write(self, vals):
        done = super().write(vals)
        if self._secrets.keys() & vals.keys():
            self._describe()
        return done

    def _describe(self):
        """Read name and end from the certificate; a key that cannot sign is refused."""
        self.env.registry.clear_cache()
        for seal in self:
            try:
                holder = holder_of(seal._load_signer().certificate)
            except (SigningError, ValueError, binascii.Error):
                raise UserError(self.env._("This key file does not open with this password."))
            if holder.organisation_id is None or holder.person_id is not None:
                raise UserError(self.env._("The gateway seals with the certificate of an organisation."))
            until = holder.certificate.not_valid_after_utc.replace(tzinfo=None)
            seal.update({"name": holder.name, "valid_until": until, "fingerprint": holder.fingerprint.hex()})

    def _load_signer(self):
        seal = self.sudo()
        return Pkcs12Signer.load(base64.b64decode(seal._open_secret("key_file")), seal._open_secret("password"))

    @ormcache("self.id", "stamp")
    def _kept_signer(self, stamp):
        """Loading a key takes as long as a hundred signatures; ``stamp``: when it was written last."""
        return self._load_signer()

    @api.model
    def _acknowledge(self, told):
        """Base64 of the signed acknowledgement; False where there is no seal, or it cannot be used here."""
        seal = self.sudo().search([("valid_until", ">", fields.Datetime.now())], limit=1)
        if not seal:
            return False
        try:
            at = deadlines.now().astimezone(VIETNAM_TIME).replace(microsecond=0)
            signer = seal._kept_signer(seal.write_date)
            return base64.b64encode(sign_list(build_acknowledgement(told), signer, at=at)).decode()
        except (SigningError, UserError) as error:
            _logger.warning("the acknowledgement of %s could not be signed: %s", told.messageid, error)
            return False
