"""Transactions that schools bring as files where no wire reaches: the same intake, answered into files.

Who sent a transaction is proven by the signature in it, by a seal that this department approved; the file carries no
session and no password, so an officer answers for having taken it from that school.
"""

import json

from odoo import api, models
from odoo.addons.hocba_digital.core.gateway.files import answer_name
from odoo.exceptions import AccessError

from .intake import RefusedError, plain, string_of

#: Identity of the only caller that may speak for a school without its token. A Python object: no RPC can bring it.
_FILE = object()
_SERVICES = {"1": "report", "3": "certificate", "5": "recall"}


class IntakeFile(models.AbstractModel):
    _inherit = "hocba.registry.intake"

    @api.model
    @api.private
    def _take_file(self, request):
        """The answer (dictionary, as on the wire) to one request out of a file: a delivery, or a query of its outcome.

        Raises AccessError for who is no officer.
        """
        if not self.env.user.has_group("hocba_registry.group_so_officer"):
            raise AccessError(self.env._("Only an officer of the department takes transactions from files."))
        authentication = request.get("authenticationRequest")
        kind = str(authentication.get("type")) if isinstance(authentication, dict) else ""
        service = _SERVICES.get(kind) or {"2": "report_query", "4": "certificate_query", "6": "recall_query"}.get(kind)
        if not service:
            return plain("20", "-")
        if not self._own_unit(authentication):
            return plain("12", str(authentication.get("messageid") or "-")[:200])
        return self.with_context(hocba_registry_file=_FILE)._handle(service, json.dumps(request).encode())

    def _own_unit(self, authentication):
        """The school that a request names, if it is one of this officer's."""
        code = authentication.get("ma_don_vi")
        units = self.env["hocba.registry.unit"]
        return units.search([("code", "=", code)], limit=1) if isinstance(code, str) else units

    def _keep(self, unit, messageid, *args):
        transaction = super()._keep(unit, messageid, *args)
        if self.env.context.get("hocba_registry_file") is _FILE:
            transaction.file_user_id = self.env.uid
        return transaction

    def _authenticated(self, authentication):
        if self.env.context.get("hocba_registry_file") is not _FILE:
            return super()._authenticated(authentication)
        if not isinstance(authentication, dict):
            raise RefusedError("20")
        unit = self.env["hocba.registry.unit"].search([("code", "=", string_of(authentication, "ma_don_vi"))], limit=1)
        if not unit:
            raise RefusedError("12")
        return unit

    @api.model
    @api.private
    def _answer_files(self, transactions):
        """(name, bytes) of the answers to these transactions, as their queries would be answered now."""
        transactions.check_access("read")
        intake = self.sudo().with_context(hocba_registry_file=_FILE)
        files = []
        for transaction in transactions.sudo():
            account = {"ma_don_vi": transaction.unit_id.code, "messageid": transaction.messageid}
            answer = intake._query({"authenticationRequest": account}, transaction.kind)
            content = json.dumps(answer, ensure_ascii=False, indent=1).encode()
            files.append((answer_name(transaction.messageid), content))
        return files
