"""Signing the report to the department with the school's seal (CV 2088, annex 1, part II §2.2): one line a transaction.

The transaction comes into being with its signature, so that a report which is given up leaves nothing behind.
"""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.signing import SigningError


class SigningJobReport(models.Model):
    _inherit = "hocba.signing.job"

    @api.model
    def _start_report(self, records, certificate):
        """Job over the transactions that report ``records``, to be signed with the seal's ``certificate``."""
        submission = self.env["hocba.submission"]
        records = submission._sendable(records)
        company = records.company_id
        if len(company) > 1:
            raise UserError(self.env._("Send the records of one school at a time."))
        endpoint = self.env["hocba.endpoint"]._for_company(company)
        job = self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": company.id,
                "role": "report",
                "certificate_id": certificate.id,
                "line_ids": [
                    (0, 0, {"record_id": portion[0].id, "record_ids": [(6, 0, portion.ids)]})
                    for portion in submission._split(records, endpoint)
                ],
            }
        )
        return job.sudo(False)

    def _digests(self, lines):
        if self.role != "report":
            return super()._digests(lines)
        digests, left_out = {}, {}
        for line in lines:
            prepared = self._prepared_report(line, left_out)
            if prepared:
                digests[line.id] = prepared.digests[0]
        return digests, left_out

    def _finish(self, lines):
        if self.role != "report":
            return super()._finish(lines)
        left_out, used = {}, lines.browse()
        endpoint = self.env["hocba.endpoint"]._for_company(self.company_id)
        for line in lines:
            prepared = self._prepared_report(line, left_out)
            if not prepared:
                continue
            if prepared.digests[0].hex() != line.digest:
                left_out[line.id] = self.env._("A record changed while the signature was being given.")
                continue
            listing = prepared.finish([base64.b64decode(line.value)])[0]
            records = self.env["hocba.record"].browse(line.record_ids.ids)
            line.submission_id = self.env["hocba.submission"]._freeze(records, endpoint, listing)
            used |= line
        return used, left_out

    def _prepared_report(self, line, left_out):
        """``signing.Prepared`` of the line's list; None, with the reason noted, when a record is not to be sent now."""
        submission = self.env["hocba.submission"]
        records = self.env["hocba.record"].browse(line.record_ids.ids)
        try:
            sendable = submission._sendable(records)
            if sendable != records:
                raise UserError(self.env._("Some of these records are sent already or were changed. Send them anew."))
            self.certificate_id._check_holder()
            return submission._prepare_list(records, self.certificate_id._x509(), self._signing_time())
        except SigningError as error:
            left_out[line.id] = records._signing_text(error.code)
        except UserError as error:
            left_out[line.id] = str(error)
        return None

    def _report_now(self, lines, signer):
        """Sign and freeze with a key that answers at once."""
        job = self.sudo()
        job.asked_at = fields.Datetime.now()
        digests, left_out = self._digests(lines)
        asked = lines.filtered(lambda line: line.id in digests)
        try:
            job._take(signer.request([digests[line.id] for line in asked]), self._note_digests(asked, digests))
        except SigningError as error:
            raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error
        left_out.update(self._finish(asked)[1])
        job._settle(lines, left_out)
