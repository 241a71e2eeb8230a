"""Sealing hand-over files and receipts, and signing results so far, with keys that answer later.

One line a change of school. What is sealed or signed is made once and kept on the line: number and time in it must be
the same when the signature has come.
"""

import base64
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import signing

_logger = logging.getLogger(__name__)

#: Of the clerk with the school's seal, of the head with the own key.
_ROLES = ("transfer", "results")
_KEPT_DAYS = 30
_PORTION = 1_000


class SigningJobTransfer(models.Model):
    _inherit = "hocba.signing.job"

    @api.model
    def _start_transfers(self, transfers, certificate, role="transfer"):
        """Job of the current user over what the clerk seals, or the head signs, next of these changes of school."""
        transfers = transfers._to_sign() if role == "results" else transfers._to_seal()
        if len(transfers.company_id) > 1:
            raise UserError(self.env._("Seal the changes of one school at a time."))
        job = self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": transfers.company_id.id,
                "role": role,
                "certificate_id": certificate.id,
                "line_ids": [(0, 0, {"transfer_id": transfer.id}) for transfer in transfers],
            }
        )
        return job.sudo(False)

    def _digests(self, lines):
        if self.role not in _ROLES:
            return super()._digests(lines)
        digests, left_out = {}, {}
        for line in lines:
            transfer = self.env["hocba.transfer"].browse(line.transfer_id.id)
            try:
                self.certificate_id._check_holder()
                signs = self.role == "results"
                document = transfer._to_sign()._results_to_sign() if signs else transfer._to_seal()._document_to_seal()
                digests[line.id] = self._prepared_document(document).digests[0]
                line.document = base64.b64encode(document)
            except UserError as error:
                left_out[line.id] = str(error)
        return digests, left_out

    def _finish(self, lines):
        if self.role not in _ROLES:
            return super()._finish(lines)
        left_out, used = {}, lines.browse()
        for line in lines:
            transfer = self.env["hocba.transfer"].browse(line.transfer_id.id)
            try:
                with self.env.cr.savepoint():
                    document = base64.b64decode(line.with_context(bin_size=False).document or b"")
                    prepared = self._prepared_document(document)
                    signed = prepared.finish([base64.b64decode(line.value)])[0]
                    if self.role == "results":
                        transfer._to_sign()._results_signed(signed)
                    else:
                        transfer._to_seal()._document_sealed(signed)
                    line.document = False
            except UserError as error:
                left_out[line.id] = str(error)
            else:
                used |= line
        return used, left_out

    def _prepared_document(self, document):
        try:
            number = self.user_id.sudo().hocba_id_number if self.role == "results" else None
            return signing.prepare_list(
                document, self.certificate_id._x509(), at=self._signing_time(), id_number=number or None
            )
        except signing.SigningError as error:
            raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error

    def _open_progress(self):
        action = super()._open_progress()
        names = {"transfer": self.env._("Seal a change of school"), "results": self.env._("Sign the results so far")}
        return {**action, "name": names.get(self.role, action["name"])}

    def _label(self):
        if self.role not in _ROLES:
            return super()._label()
        lines = self._asked()[0]
        names = ", ".join(lines.transfer_id.sudo().mapped("pupil_name"))
        return self.env._("%(school)s: change of school of %(names)s", school=self.company_id.name, names=names)

    def action_open_records(self):
        """The changes of school of this signing; for other roles the records."""
        if self.role not in _ROLES:
            return super().action_open_records()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_transfer")
        return {**action, "domain": [("id", "in", self.line_ids.transfer_id.ids)], "context": {}}


class SigningJobLineTransfer(models.Model):
    _inherit = "hocba.signing.job.line"

    record_id = fields.Many2one(required=False)
    transfer_id = fields.Many2one("hocba.transfer", ondelete="restrict", index=True, readonly=True)
    document = fields.Binary(attachment=False, groups=fields.NO_ACCESS)

    _one_thing = models.Constraint(
        "CHECK (num_nonnulls(record_id, transfer_id) = 1)", "A line is about a record or a change of school."
    )

    def _label(self):
        return self.transfer_id.pupil_name if self.transfer_id else super()._label()

    @api.autovacuum
    def _drop_documents(self):
        """Remove drafts of a month ago that nobody signed; signing makes them anew. Returns (removed, whether more).

        What a key was asked to sign, or has signed, is still needed.
        """
        moment = fields.Datetime.now() - timedelta(days=_KEPT_DAYS)
        domain = [
            ("document", "!=", False),
            ("value", "=", False),
            ("state", "!=", "asked"),
            ("write_date", "<", moment),
        ]
        old = self.sudo().search(domain, limit=_PORTION)
        old.document = False
        if old:
            _logger.info("%s documents of changes of school that nobody signed removed", len(old))
        return len(old), len(old) == _PORTION
