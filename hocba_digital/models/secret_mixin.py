from odoo import api, models
from odoo.exceptions import UserError

from ..tools import vault


class SecretMixin(models.AbstractModel):
    """Secrets that are written and never shown: sealed for this very database, readable by nobody.

    A model names each secret in ``_secrets``: field that is written -> purpose that its seal is bound to. For a secret
    ``x`` it has three fields: ``x`` (``compute="_compute_secrets"``, ``inverse="_inverse_secrets"``), ``has_x``
    (``compute="_compute_has_secrets"``) and ``sealed_x`` (``groups=fields.NO_ACCESS``).
    """

    _name = "hocba.secret.mixin"
    _description = "Secrets written only"

    _secrets = {}

    def _compute_secrets(self):
        for name in self._secrets:
            self[name] = False

    def _inverse_secrets(self):
        for name, purpose in self._secrets.items():
            for row in self.filtered(name):
                row.sudo()[f"sealed_{name}"] = vault.seal(row.env, row._secret_bytes(name, row[name]), purpose)
        # What was entered would stay in the cache and go back to the browser with the answer.
        self.invalidate_recordset(list(self._secrets), flush=False)

    @api.depends(lambda self: [f"sealed_{name}" for name in self._secrets])
    def _compute_has_secrets(self):
        for name in self._secrets:
            for row in self:
                row[f"has_{name}"] = bool(row.sudo()[f"sealed_{name}"])

    def _secret_bytes(self, name, value):
        """What is sealed of the text that was entered."""
        return value.encode()

    def _secret_lost_text(self, name):
        """What to tell a person when the secret cannot be opened in this database."""
        return self.env._(
            "The secret of “%(name)s” cannot be opened here. A copied database cannot use it; on the school's own "
            "server, enter it again.",
            name=self.display_name,
        )

    @api.private
    def _open_secret(self, name):
        """The secret as text. Raises UserError in a copied or neutralised database, or when there is none."""
        self.ensure_one()
        try:
            return vault.unseal(self.env, self.sudo()[f"sealed_{name}"], self._secrets[name]).decode()
        except vault.VaultError as error:
            raise UserError(self._secret_lost_text(name)) from error
