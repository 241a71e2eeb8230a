import base64
import logging
from datetime import UTC, datetime, timedelta

from asn1crypto import ocsp
from cryptography.hazmat.primitives.serialization import Encoding

from odoo import api, fields, models
from odoo.tools import str2bool

from ..core import signing
from ..core.signing import fetch

_logger = logging.getLogger(__name__)

SWITCH = "hocba_digital.fetch_revocations"
#: Whether authorities in private networks (a school's or the government's own) may be called.
PRIVATE = "hocba_digital.fetch_revocations_private"
_LONGEST = timedelta(days=1)
_SHORTEST = timedelta(hours=1)
#: An OCSP answer without an end counts this long (RFC 6960 §4.2.2.1: newer information is always available).
_WITHOUT_END = timedelta(days=1)


class Revocation(models.Model):
    """Revocation data of one address: the last that was good, from where, since when, and what failed since.

    Places come from certificates whose chain leads to a trusted root, never from anything that somebody sends; see
    ``core/signing/fetch.py`` for what is called. Signing never waits for it: what is not there is not known.
    """

    _name = "hocba.revocation"
    _description = "Revocation Data"
    _inherit = ["hocba.frozen.mixin"]
    _by_methods_only = True
    _order = "trust_id, kind, id"
    _rec_name = "url"

    kind = fields.Selection(
        [("crl", "Revocation list (CRL)"), ("ocsp", "Answer about one certificate (OCSP)")],
        required=True,
        readonly=True,
    )
    trust_id = fields.Many2one("hocba.trust", "Authority", required=True, readonly=True, index=True, ondelete="cascade")
    certificate_id = fields.Many2one("hocba.certificate", readonly=True, index="btree_not_null", ondelete="cascade")
    url = fields.Char("Address", required=True, readonly=True)
    content = fields.Binary("Data", attachment=True, readonly=True)
    this_update = fields.Datetime("Issued at", readonly=True)
    next_update = fields.Datetime("Next issue", readonly=True)
    fetched_at = fields.Datetime("Last fetched", readonly=True)
    tried_at = fields.Datetime("Last tried", readonly=True)
    next_try_at = fields.Datetime("Next try", readonly=True, index=True)
    failures = fields.Integer("Failures in a row", readonly=True)
    failure = fields.Selection(
        [
            ("address", "The address in the certificate cannot be called"),
            ("private", "The address is one of a private network"),
            ("unreachable", "Nobody answers there"),
            ("status", "The server reports an error"),
            ("redirect", "The server points to another address"),
            ("too_large", "The answer is too large"),
            ("slow", "The answer takes too long"),
            ("no_crl", "The answer is not this authority's list"),
            ("no_ocsp", "The answer is not about this certificate or not signed by its authority"),
            ("expired", "The data that came have expired"),
            ("older", "The data that came are older than those kept"),
        ],
        "Last failure",
        readonly=True,
    )
    freshness = fields.Selection(
        [("fresh", "Up to date"), ("stale", "Out of date"), ("never", "Never fetched")], compute="_compute_freshness"
    )

    _place_uniq = models.UniqueIndex("(kind, url, trust_id, COALESCE(certificate_id, 0))", "This address is known.")

    @api.depends("fetched_at", "next_update")
    def _compute_freshness(self):
        now = fields.Datetime.now()
        for row in self:
            if not row.fetched_at:
                row.freshness = "never"
            else:
                row.freshness = "fresh" if row.next_update and row.next_update > now else "stale"

    @api.model
    def _is_on(self):
        return str2bool(self.env["ir.config_parameter"].sudo().get_param(SWITCH) or "false", False)

    @api.model
    def _limits(self):
        private = self.env["ir.config_parameter"].sudo().get_param(PRIVATE)
        return fetch.FetchLimits(private=str2bool(private or "false", False))

    @api.model
    def _cron_fetch(self):
        """Fetch what is due. Never raises; every answer is committed by itself, and no call is made in between."""
        if not self._is_on():
            return
        try:
            with self.env.cr.savepoint():
                self._note_places()
        except Exception:
            self.env.invalidate_all()
            _logger.exception("where revocation data are published could not be found out")
        now = fields.Datetime.now()
        due = self.sudo().search(["|", ("next_try_at", "=", False), ("next_try_at", "<=", now)])
        remaining = len(due)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for row in due:
            try:
                with self.env.cr.savepoint():
                    row._fetch()
            except Exception:
                self.env.invalidate_all()
                _logger.exception("revocation data of %s could not be fetched", row.id)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break
        self._use_new_data()

    @api.model
    def _use_new_data(self):
        """Look up again whoever is registered: what is known of revocations may be more than before."""
        self.env["hocba.certificate"]._refresh_revocations()

    @api.model
    def _note_places(self):
        """A row for every address that certificates in use name, and none for others that nothing came from."""
        rows = self.sudo().search([("url", "!=", False)])
        known = {(row.kind, row.url, row.trust_id.id, row.certificate_id.id): row for row in rows}
        wanted = self._places()
        missing = wanted - known.keys()
        names = ("kind", "url", "trust_id", "certificate_id")
        self.sudo()._in_transition().create([dict(zip(names, place, strict=True)) for place in missing])

    @api.model
    def _places(self):
        """{(kind, address, id of the issuer in ``hocba.trust``, id of the certificate for OCSP or False)}."""
        store = self.env["hocba.trust"]._store()
        trusted = self.env["hocba.trust"].sudo().search([("active", "=", True)])
        by_der = {line._certificate().public_bytes(Encoding.DER): line for line in trusted}
        subjects = [(line._certificate(), None) for line in trusted if line.kind == "intermediate"]
        places = set()
        for certificate, line in subjects + self._certificates_in_use():
            issuer = _issuer_der(certificate, store)
            if issuer not in by_der:
                continue
            trust = by_der[issuer].id
            places |= {("crl", url, trust, False) for url in fetch.crl_addresses(certificate)}
            if line:
                places |= {("ocsp", url, trust, line.id) for url in fetch.ocsp_addresses(certificate)}
        return places

    @api.model
    def _certificates_in_use(self):
        """[(certificate, its row in ``hocba.certificate`` where its own status may be asked for, else None)]."""
        registered = self.env["hocba.certificate"].sudo().search([("der", "!=", False)])
        return [(line._x509(), line) for line in registered]

    def _fetch(self):
        """Fetch this row's data; what was good before stays when nothing better comes."""
        self.ensure_one()
        now = datetime.now(UTC)
        values = {"tried_at": _naive(now)}
        try:
            content, issued, until = self._crl_now() if self.kind == "crl" else self._ocsp_now(now)
            kept = self.this_update
            if until <= now:
                raise fetch.FetchError("expired", f"until {until}")
            if kept and _naive(issued) < kept:
                raise fetch.FetchError("older", f"of {issued}")
        except fetch.FetchError as error:
            _logger.info("revocation data from %s: %s", self.url, error)
            failures = self.failures + 1
            pause = min(_SHORTEST * 2 ** min(failures, 10), _LONGEST)
            values |= {"failures": failures, "failure": error.code, "next_try_at": _naive(now + pause)}
            self._in_transition().write(values)
            return
        pause = max(min((until - now) / 2, _LONGEST), _SHORTEST)
        values |= {
            "content": base64.b64encode(content),
            "this_update": _naive(issued),
            "next_update": _naive(until),
            "fetched_at": _naive(now),
            "next_try_at": _naive(now + pause),
            "failures": 0,
            "failure": False,
        }
        self._in_transition().write(values)
        self.env.registry.clear_cache()

    def _crl_now(self):
        found = fetch.fetch_crl(self.url, self.trust_id._certificate(), self._limits())
        until = found.next_update_utc or found.last_update_utc + _WITHOUT_END
        return found.public_bytes(Encoding.DER), found.last_update_utc, until

    def _ocsp_now(self, now):
        certificate, issuer = self.certificate_id._x509(), self.trust_id._certificate()
        content = signing.checked_ocsp(self.url, certificate, issuer, self._limits(), now)
        answers = ocsp.OCSPResponse.load(content).basic_ocsp_response["tbs_response_data"]["responses"]
        serial = certificate.serial_number
        answer = next(item for item in answers if item["cert_id"]["serial_number"].native == serial)
        issued = answer["this_update"].native
        return content, issued, answer["next_update"].native or issued + _WITHOUT_END

    @api.model
    def _material(self):
        """(CRLs, OCSP answers) that are kept, DER."""
        rows = self.sudo().with_context(bin_size=False).search([("fetched_at", "!=", False)])
        contents = {kind: [] for kind in ("crl", "ocsp")}
        for row in rows:
            contents[row.kind].append(base64.b64decode(row.content))
        return contents["crl"], contents["ocsp"]


def _issuer_der(certificate, store):
    """The authority that issued a certificate, DER, when the chain leads to a trusted root; else None."""
    path = signing.chain_of(signing.holder_of(certificate), store, datetime.now(UTC)).path
    return path[-2] if len(path) > 1 else None


def _naive(moment):
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
