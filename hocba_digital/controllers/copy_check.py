"""The public check of a paper or file that somebody hands in: was this copy issued, and is it still current?"""

from odoo import http

from .lookup import _OPTIONS, COPY_PATH, LookupController


class CopyCheckController(LookupController):
    """The check by the code at the foot of a copy; typed on the page, or with the QR code."""

    @http.route(COPY_PATH, methods=["GET"], **_OPTIONS)
    def check_copy(self, ma=None, lang=None, **_options):
        """The page that asks for a check code; with one it says what holds of the copy. 404 when there is none."""
        if not (ma and ma.strip()):
            return self._page("lookup_copy", lang, {"code": ""})
        decision, copy = self._service(lang)._copy(ma, self._address())
        if not decision.allowed:
            return self._too_many(decision, "", lang)
        values = {"code": ma.strip()[:64], "copy": copy, "missing": copy is None}
        return self._page("lookup_copy", lang, values, 200 if copy else 404)

    def _unknown(self, code, ban, lang):
        # A year that another school issued is not looked up here, but the copy of it is this school's.
        copy = self._copy_values(ban).get("copy")
        if copy and code in [line["uuid"] for line in copy["lines"]]:
            return self._page("lookup_copy", lang, {"code": ban.strip()[:64], "copy": copy, "missing": False})
        return super()._unknown(code, ban, lang)

    def _copy_values(self, ban):
        if not ban:
            return {}
        decision, copy = self._service(None)._copy(ban, self._address())
        return {"copy": copy, "copy_unknown": decision.allowed and copy is None}
