"""Whose revocation lists a department fetches: those of the authorities that issued its schools' certificates."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.addons.hocba_digital.core.signing import fetch

#: Addresses of one authority's lists; an authority that spreads its lists over more is kept by hand.
_MOST_PLACES = 40


class Revocation(models.Model):
    _inherit = "hocba.revocation"

    @api.model
    def _certificates_in_use(self):
        """The schools' seals too: one list serves every certificate of its authority, so nobody is asked one by one."""
        seals = self.env["hocba.registry.certificate"]._revocable()
        return super()._certificates_in_use() + [(seal._x509(), None) for seal in seals]

    @api.model
    def _use_new_data(self):
        result = super()._use_new_data()
        self.env["hocba.registry.certificate"]._refresh_revocations()
        return result

    @api.model
    def _note_signers(self, reports):
        """Remember where the lists stand for the people whose signatures were verified; the schedule fetches them.

        Only signatures whose certificate leads to a trusted root name an address here.
        """
        signatures = {line.fingerprint: line for report in reports if report for line in report.signatures}
        issued = [line for line in signatures.values() if len(line.path) > 1]
        if not issued or not self._is_on():
            return
        trusted = {
            line._certificate().public_bytes(Encoding.DER): line.id
            for line in self.env["hocba.trust"].sudo().search([("active", "=", True)])
        }
        places = {
            (trusted[line.path[-2]], url)
            for line in issued
            if line.path[-2] in trusted
            for url in fetch.crl_addresses(x509.load_der_x509_certificate(line.certificate_der))
        }
        self._add_places(places)

    @api.model
    def _add_places(self, places):
        known = {}
        for row in self.sudo().search([("kind", "=", "crl"), ("trust_id", "in", [trust for trust, _url in places])]):
            known.setdefault(row.trust_id.id, set()).add(row.url)
        for trust, url in sorted(places):
            urls = known.setdefault(trust, set())
            if url in urls or len(urls) >= _MOST_PLACES:
                continue
            try:
                with self.env.cr.savepoint():
                    self.sudo()._in_transition().create({"kind": "crl", "url": url, "trust_id": trust})
            except UniqueViolation:
                continue  # another worker has just noted it
            urls.add(url)
