"""The guardians' pages. Portal users have no right to any of our models: these pages look for the child through the
guardian's own rows and read for it; everything else does not exist for them.
"""

from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

from ..models.share import MOST_DAYS

_PATH = "/my/hoc-ba"
_SHOWN = ("submitted", "locked", "transferred", "recalled")
_HANDED_OUT = ("locked", "transferred")
_LOG_ROWS = 100
_OPTIONS = {"type": "http", "auth": "user", "website": True}


class GuardianPortal(CustomerPortal):
    """Children, their records, downloads, share links, and who looked."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "hocba_child_count" in counters:
            values["hocba_child_count"] = len(request.env["hocba.guardian"]._of_user().pupil_id)
        return values

    @http.route(_PATH, methods=["GET"], **_OPTIONS)
    def hocba_children(self, **_options):
        """The children whom the user represents today."""
        guardians = request.env["hocba.guardian"]._of_user()
        return self._hocba_page("portal_children", guardians=guardians)

    @http.route(f"{_PATH}/<int:pupil_id>", methods=["GET"], **_OPTIONS)
    def hocba_child(self, pupil_id, **_options):
        """A child's years, share links and look-ups."""
        return self._hocba_child_page(self._hocba_guardian(pupil_id))

    @http.route(f"{_PATH}/<int:pupil_id>/chia-se", methods=["POST"], **_OPTIONS)
    def hocba_share(self, pupil_id, recipient="", purpose="", days="", agreed="", record_ids="", **_options):
        """Make a share link; the page shows its PIN this once."""
        guardian = self._hocba_guardian(pupil_id)
        chosen = set(request.httprequest.form.getlist("record_ids"))
        records = self._hocba_records(guardian).filtered(
            lambda record: record.state in _HANDED_OUT and str(record.id) in chosen
        )
        text = request.env["hocba.legal.text"]._in_force("sharing")
        if not agreed or not records or not days.isdecimal():
            error = request.env._("Choose at least one school year, and agree to the text on sharing.")
            return self._hocba_child_page(guardian, error=error)
        try:
            share, pin = request.env["hocba.share"]._share(guardian, records, recipient, purpose, int(days[:4]), text)
        except (UserError, AccessError) as error:
            return self._hocba_child_page(guardian, error=str(error))
        return self._hocba_child_page(guardian, made=share, pin=pin)

    @http.route(f"{_PATH}/<int:pupil_id>/thu-hoi/<int:share_id>", methods=["POST"], **_OPTIONS)
    def hocba_revoke(self, pupil_id, share_id, **_options):
        """End a share link of one's own."""
        guardian = self._hocba_guardian(pupil_id)
        guardian.share_ids.filtered(lambda share: share.id == share_id)._revoke()
        return request.redirect(f"{_PATH}/{pupil_id}#chia-se")

    @http.route(f"{_PATH}/<int:pupil_id>/tep/<int:record_id>.<string:kind>", methods=["GET"], **_OPTIONS)
    def hocba_file(self, pupil_id, record_id, kind, **_options):
        """PDF or XML of a locked record; every download is a copy in the register."""
        guardian = self._hocba_guardian(pupil_id)
        records = self._hocba_records(guardian)
        record = records.filtered(lambda record: record.id == record_id and record.state in _HANDED_OUT)
        if not record or kind not in ("pdf", "xml"):
            raise request.not_found()
        content, name = record._copy_for_guardian(kind, guardian)
        headers = [
            ("Content-Type", f"application/{kind}"),
            ("Content-Length", str(len(content))),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)

    # ---------------------------------------------------------------------------------------------------------------

    def _hocba_guardian(self, pupil_id):
        """The row by which the user represents this child today. Raises NotFound, also for children of others."""
        guardian = request.env["hocba.guardian"]._of_user().filtered(lambda row: row.pupil_id.id == pupil_id)[:1]
        if not guardian:
            raise request.not_found()
        return guardian

    def _hocba_records(self, guardian):
        records = guardian.pupil_id.record_ids.filtered(lambda record: record.state in _SHOWN and record.packet_digest)
        return records.sorted(lambda record: (record.school_year_id.name, record.id), reverse=True)

    def _hocba_child_page(self, guardian, error=None, made=None, pin=None):
        records = self._hocba_records(guardian)
        log = request.env["hocba.lookup.log"].sudo().search([("record_id", "in", records.ids)], limit=_LOG_ROWS)
        texts = request.env["hocba.legal.text"]
        return self._hocba_page(
            "portal_child",
            guardian=guardian,
            pupil=guardian.pupil_id,
            records=records,
            shareable=records.filtered(lambda record: record.state in _HANDED_OUT),
            shares=guardian.share_ids,
            log=log,
            purposes=self._hocba_labels("hocba.share", "purpose"),
            outcomes=self._hocba_labels("hocba.lookup.log", "outcome"),
            means=self._hocba_labels("hocba.lookup.log", "means"),
            notice=texts._in_force("notice"),
            agreement=texts._in_force("sharing"),
            most_days=MOST_DAYS,
            error=error,
            made=made,
            pin=pin,
        )

    def _hocba_labels(self, model, field):
        return dict(request.env[model].sudo()._fields[field]._description_selection(request.env))

    def _hocba_page(self, template, **values):
        values |= {**self._prepare_portal_layout_values(), "page_name": template, "hocba_path": _PATH}
        response = request.render(f"hocba_digital.{template}", values)
        response.headers["Cache-Control"] = "private, no-store"
        return response
