"""Transactions 3 and 4: the school registers the certificate of its seal; an officer of the department decides."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.gateway import Registration, build_registration
from .submission_recall import DECISION_PAUSE


class SubmissionRegistration(models.Model):
    _inherit = "hocba.submission"

    certificate_id = fields.Many2one("hocba.certificate", "Certificate registered", readonly=True, ondelete="restrict")
    extra = fields.Text("Further parameters", readonly=True, help="As sent beside the content (annex 1, §2.4).")

    @api.model
    def _queue_registration(self, certificate, signature_kind, provider, pin):
        """Freeze transaction 3 for a seal's certificate, signed with its own key."""
        company = certificate.company_id
        endpoint = self.env["hocba.endpoint"]._for_company(company)
        year = self.env["hocba.school.year"].sudo().search([("company_id", "=", company.id)], limit=1)
        if not year:
            raise UserError(self.env._("Create the school year first; every transaction names one."))
        signer = certificate._signer(pin)
        sealed = certificate.sudo()
        registration = Registration(
            unit_code=endpoint.sudo().unit_code,
            serial_number=sealed.serial,
            valid_from=sealed.not_before.date(),
            signature_kind=signature_kind,
            provider=provider,
            certificate=certificate._der_bytes(),
        )
        listing = self._signed_now(build_registration(registration), signer, company)
        extra = [
            ["serial_number", registration.serial_number],
            ["ngay_hieu_luc", f"{registration.valid_from:%Y-%m-%d}"],
            ["ma_kieu_chu_ky", signature_kind],
            ["nha_phat_hanh", provider],
        ]
        values = {"certificate_id": certificate.id, "extra": json.dumps(extra)}
        submission = self._create_frozen("3", endpoint, year, listing, self.env["hocba.record"], **values)
        self.env.ref("hocba_digital.cron_send")._trigger()
        return submission

    def _extra_parameters(self):
        return [tuple(pair) for pair in json.loads(self.extra)] if self.extra else super()._extra_parameters()

    def _settle_answer(self, answer):
        if self.kind != "3":
            return super()._settle_answer(answer)
        granted = answer.state == "approved"
        if not self.trial:
            self.certificate_id._set_approved(granted, "gateway", answer.description)
        self.write({"state": "accepted" if granted else "refused", "next_try_at": False, "error": answer.description})
        if not granted:
            self._ask_for_help(
                self.env._("The department refused the certificate: %(reason)s", reason=answer.description)
            )
        return None

    def _settle_query(self, answer):
        if self.kind == "3" and answer.processing:
            # Received and registered; an officer decides.
            self._wait("received", DECISION_PAUSE)
            return
        super()._settle_query(answer)
