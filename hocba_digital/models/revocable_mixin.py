"""Certificates that are kept here and may be revoked by their authority."""

from datetime import UTC, datetime

from odoo import api, fields, models

from ..core import signing


class RevocableMixin(models.AbstractModel):
    """Whether a kept certificate has been revoked, as far as the data at hand say."""

    _name = "hocba.revocable.mixin"
    _description = "Certificate that May Be Revoked"

    revocation = fields.Selection(
        [("good", "Not revoked"), ("revoked", "Revoked"), ("unknown", "Not known")],
        readonly=True,
        copy=False,
        default="unknown",
        help="As the revocation lists and answers at hand say.",
    )
    revoked_at = fields.Datetime("Revoked at", readonly=True, copy=False)

    @api.model
    def _refresh_revocations(self):
        """Look every certificate up in the data at hand and tell the keepers of those that were revoked since."""
        store, now = self.env["hocba.trust"]._store(), datetime.now(UTC)
        for certificate in self._revocable():
            found = signing.revocation_of(signing.holder_of(certificate._x509()), store, now)
            # A revocation of the authority above is the authority's matter: verification says so.
            revoked = found.state == "revoked" and not found.of_authority
            at = revoked and found.revoked_at.astimezone(UTC).replace(tzinfo=None)
            state = "revoked" if revoked else ("unknown" if found.state == "revoked" else found.state)
            if certificate.revoked_at and not revoked:
                continue  # a list may drop what has expired; who was revoked stays so
            if (state, at or False) != (certificate.revocation, certificate.revoked_at):
                newly = revoked and not certificate.revoked_at
                certificate.write({"revocation": state, "revoked_at": at})
                if newly:
                    certificate._tell_revoked()

    @api.model
    def _revocable(self):
        """The certificates to look up, with all rights."""
        raise NotImplementedError

    def _x509(self):
        """The certificate (``cryptography``)."""
        raise NotImplementedError

    def _tell_revoked(self):
        """Tell whoever has to know that this certificate was revoked."""
        raise NotImplementedError
