import base64

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.http import request

_GROUP = "hocba_digital.group_procedure"
#: Purposes of a share link under which the signed file itself is handed out.
_FILE_PURPOSES = ("procedure", "transfer", "authority")


class Procedure(models.AbstractModel):
    """What programs of public services and enrolment may ask, with the token that a guardian gave: a share link's code
    and PIN. ``POST /json/2/hocba.procedure/<method>`` with an API key; see docs/api.md.

    Answers are dictionaries with ``status``: ``ok``, ``not_found`` (whatever does not fit, always the same) or ``wait``
    (``retry_after`` seconds; the limits are those of the look-up). Sources: plan 213, annex §2.3.
    """

    _name = "hocba.procedure"
    _description = "Administrative Procedures"

    @api.model
    def verify(self, uuid, share, pin):
        """Whether the record holds: valid, standing, since, school, year, initials, result of each signature."""
        found, _share, answer = self._token(uuid, share, pin)
        return answer if not found else {"status": "ok", "record": self._described(found)}

    @api.model
    def fetch_record(self, uuid, share, pin, reference):
        """The same, with the signed packet (Base64), its SHA-256, and number and check code of the copy.

        ``reference``: number of the dossier for which it is fetched; it stands in the school's register. Only for a
        link that the guardian made for a procedure, a change of school or an authority; else ``not_found``.
        """
        if not isinstance(reference, str) or not reference.strip():
            raise ValidationError(self.env._("Name the dossier for which the record is fetched."))
        found, link, answer = self._token(uuid, share, pin, _FILE_PURPOSES)
        if not found:
            return answer
        record = found.record.with_env(self.env).sudo()
        content = record._packet_bytes()
        copy = self.env["hocba.issuance"]._one(
            record,
            content,
            "procedure",
            purpose=link.purpose,
            recipient=self.env.user.name,
            note=reference.strip()[:200],
        )
        return {
            "status": "ok",
            "record": self._described(found),
            "packet": base64.b64encode(content).decode(),
            "sha256": copy.sudo().digest,
            "copy": {"number": copy.sudo().number, "code": copy.sudo().code},
        }

    def _token(self, uuid, share, pin, purposes=None):
        if not self.env.user.has_group(_GROUP):
            raise AccessError(self.env._("Only programs with a key for administrative procedures may ask this."))
        if not all(isinstance(value, str) and len(value) <= 64 for value in (uuid, share, pin)):
            raise ValidationError(self.env._("Code, share link and PIN are texts of at most 64 characters."))
        address = request.httprequest.remote_addr if request else None
        decision, found, link = self.env["hocba.lookup"]._token(uuid.strip().lower(), share, pin, address, purposes)
        if not decision.allowed:
            return None, None, {"status": "wait", "retry_after": decision.retry_after}
        return found, link, {"status": "not_found"}

    def _described(self, found):
        described = self.env["hocba.lookup"]._described(found)
        names = ("uuid", "valid", "undecided", "standing", "since", "school", "year", "initials", "signatures")
        return {name: described[name] for name in names}
