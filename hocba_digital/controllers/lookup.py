"""The public pages: looking up a record by the code on its paper, and checking a file. They work without scripts."""

import re

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.file_check import MAX_BYTES
from ..reports.form import COMPETENCE_LABELS, QUALITY_LABELS

_PATH = "/hocba/tra-cuu"
_CHECK_PATH = "/hocba/kiem-tra"
COPY_PATH = "/hocba/ban-sao"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LANGUAGES = {"vi": "vi_VN", "en": "en_US"}
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none';"
        " base-uri 'none'",
    ),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow, noarchive"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
_OPTIONS = {"type": "http", "auth": "public", "readonly": True, "save_session": False, "sitemap": False, "csrf": False}


class LookupController(http.Controller):
    """Whoever holds a paper, on a phone. Reads may be served by a replica; counters and log go to the primary."""

    @http.route(_PATH, methods=["GET"], **_OPTIONS)
    def ask(self, ma=None, lang=None, **_options):
        """The page that asks for a code; with one it goes there."""
        if ma and ma.strip():
            return self.summary(ma, lang)
        return self._page("lookup_ask", lang, {"code": ""})

    @http.route(f"{_PATH}/<string:code>", methods=["GET"], **_OPTIONS)
    def summary(self, code, lang=None, ban=None, chia_se=None, **_options):
        """The first view: does the record count, which school and year, initials. 404 for a code that is not public.

        ``ban``: check code of the copy that was scanned; ``chia_se``: code of a guardian's share link.
        """
        service, code = self._service(lang), self._code(code)
        full = service._account(code, self._address())
        if full:
            return self._shown(full, lang)
        decision, summary = service._summary(code, self._address())
        if not decision.allowed:
            return self._too_many(decision, code, lang)
        if summary is None:
            return self._unknown(code, ban, lang)
        values = {"code": code, "found": summary, "share": (chia_se or "")[:64], **self._copy_values(ban)}
        return self._page("lookup_summary", lang, values)

    @http.route(f"{_PATH}/<string:code>", methods=["POST"], **_OPTIONS)
    def full(self, code, ngay_sinh=None, so_cuoi=None, lang=None, chia_se=None, pin=None, **_options):
        """The second view, for who knows birth date and last digits, or a share link's PIN. 404 whatever does not fit,
        even the code.
        """
        code = self._code(code)
        decision, full = self._service(lang)._full(code, ngay_sinh, so_cuoi, self._address(), chia_se, pin)
        if not decision.allowed:
            return self._too_many(decision, code, lang)
        if full is None:
            return self._page("lookup_miss", lang, {"code": code, "share": (chia_se or "")[:64]}, 404)
        return self._shown(full, lang)

    @http.route(_CHECK_PATH, methods=["GET"], **_OPTIONS)
    def ask_file(self, lang=None, **_options):
        """The page that takes a file."""
        return self._page("lookup_file", lang, {})

    @http.route(_CHECK_PATH, methods=["POST"], **_OPTIONS)
    def check_file(self, tep=None, lang=None, **_options):
        """The report on an uploaded XML or PDF file (``tep``); nothing of it is kept."""
        service = self._service(lang)
        decision = service._file_allowed(self._address())
        if not decision.allowed:
            return self._too_many(decision, "", lang)
        if tep is None or not getattr(tep, "filename", ""):
            return self._page("lookup_file", lang, {"error": service.env._("Choose a file first.")}, 400)
        content = tep.stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            text = service.env._("The file is larger than %(size)s MB.", size=MAX_BYTES // 1_000_000)
            return self._page("lookup_file", lang, {"error": text}, 413)
        try:
            report = service.env["hocba.file.check"].sudo()._report_on(content, tep.filename)
        except UserError as error:
            return self._page("lookup_file", lang, {"error": str(error)}, 400)
        return self._page("lookup_file", lang, {"report": report})

    def _unknown(self, code, ban, lang):
        """The page for a code that is not public here."""
        return self._page("lookup_ask", lang, {"code": code, "missing": True}, 404)

    def _copy_values(self, ban):
        """What the page of a record says about the copy in hand: nothing here."""
        return {}

    # ---------------------------------------------------------------------------------------------------------------

    def _address(self):
        # Odoo reads a proxy's header only when it is told that there is one (proxy_mode).
        return request.httprequest.remote_addr

    def _service(self, lang):
        request.update_context(lang=_LANGUAGES.get(lang, _LANGUAGES["vi"]))
        return request.env["hocba.lookup"]

    def _code(self, code):
        return code.strip().lower()[:64]

    def _shown(self, full, lang):
        labels = QUALITY_LABELS | COMPETENCE_LABELS
        return self._page("lookup_record", lang, {"code": full["uuid"], "found": full, "labels": labels})

    def _too_many(self, decision, code, lang):
        values = {"code": code, "seconds": decision.retry_after, "minutes": -(-decision.retry_after // 60)}
        values["hours"] = -(-decision.retry_after // 3600)
        response = self._page("lookup_limited", lang, values, 429)
        response.headers["Retry-After"] = str(decision.retry_after)
        return response

    def _page(self, template, lang, values, status=200):
        self._service(lang)
        values |= {
            "lang": lang if lang in _LANGUAGES else "vi",
            "path": _PATH,
            "check_path": _CHECK_PATH,
            "copy_path": COPY_PATH,
        }
        body = request.env["ir.qweb"]._render(f"hocba_digital.{template}", values, minimal_qcontext=True)
        return request.make_response(f"<!DOCTYPE html>\n{body}", _HEADERS, status=status)
