import base64
import hashlib
import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import packet, signing
from ..core.gateway import MAX_TRANSACTION_BYTES, wire
from .record_content import VIETNAM


class Submission(models.Model):
    """One transaction with the gateway: frozen bytes under one ``messageid``, and what became of them.

    ::

        queued -> sending -> received -> accepted | partly | refused
                     |  ^        (the verdict per record comes by query)
                     v  |
                  unknown          outcome not known: ask by messageid first, always
        failed: the receiver holds something else under the same name; a person has to find out what happened

    While a call is under way the row is leased (``lease_until``); ``attempt_id`` says by which attempt.
    """

    _name = "hocba.submission"
    _description = "Transaction with the Department"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.frozen.mixin"]
    _order = "id desc"
    _rec_name = "messageid"
    _kept_files = ("payload",)

    messageid = fields.Char("Message ID", readonly=True, required=True, index=True)
    endpoint_id = fields.Many2one("hocba.endpoint", "Gateway", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    school_year_id = fields.Many2one("hocba.school.year", "School year", required=True, readonly=True)
    kind = fields.Selection(
        [("1", "Report of records"), ("3", "Registration of a certificate"), ("5", "Recall of records")],
        "Transaction",
        required=True,
        readonly=True,
        default="1",
    )
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sending", "Being sent"),
            ("unknown", "Outcome unknown"),
            ("received", "Received, being checked"),
            ("accepted", "Accepted"),
            ("partly", "Partly accepted"),
            ("refused", "Refused"),
            ("failed", "Stopped"),
        ],
        default="queued",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    payload = fields.Binary("Content as sent", attachment=True, readonly=True)
    payload_digest = fields.Char("SHA-256 of the content", readonly=True)
    line_ids = fields.One2many("hocba.submission.line", "submission_id", "Records", readonly=True)
    attempt_ids = fields.One2many("hocba.submission.attempt", "submission_id", "Attempts", readonly=True)
    next_try_at = fields.Datetime("Next step at", readonly=True, index=True)
    tries = fields.Integer("Calls made", readonly=True)
    never_seen = fields.Integer("Answers “never seen”", readonly=True)
    error = fields.Text("What is wrong", readonly=True)
    advice = fields.Text("What to do", readonly=True)
    record_count = fields.Integer("Number of records", compute="_compute_counts", store=True)
    accepted_count = fields.Integer("Accepted", compute="_compute_counts", store=True)
    refused_count = fields.Integer("Refused", compute="_compute_counts", store=True)

    _messageid_uniq = models.Constraint("UNIQUE(messageid)", "This message ID is already in use.")

    @api.depends("line_ids.verdict")
    def _compute_counts(self):
        for submission in self:
            verdicts = submission.line_ids.mapped("verdict")
            submission.record_count = len(verdicts)
            submission.accepted_count = verdicts.count("accepted")
            submission.refused_count = verdicts.count("refused")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Transactions come from sending records."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Transactions are kept for ever."))

    @api.model
    def _queue(self, records, pin):
        """Freeze the transactions that report ``records`` and leave them to be sent.

        The list is signed by the school's certificate (annex 1 §2.2), so the PIN of the seal is
        needed. Splits by the endpoint's batch size and by the 10 MB of §2.8. Returns the
        submissions; the caller's commit makes them durable before any call.
        """
        records = self._sendable(records)
        company = records.company_id
        if len(company) > 1:
            raise UserError(self.env._("Send the records of one school at a time."))
        endpoint = self.env["hocba.endpoint"]._for_company(company)
        certificate, signer = self.env["hocba.certificate"]._seal_signer(company, pin)
        now = self._signing_time()
        submissions = self.browse()
        for portion in self._split(records, endpoint):
            try:
                prepared = self._prepare_list(portion, certificate._x509(), now)
                listing = prepared.finish(signer.sign(prepared.payloads))[0]
            except signing.SigningError as error:
                raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error
            submissions |= self._freeze(portion, endpoint, listing)
        return submissions

    def _signing_time(self):
        now = fields.Datetime.context_timestamp(self.with_context(tz=VIETNAM.key), fields.Datetime.now())
        return now.replace(microsecond=0)

    @api.model
    def _prepare_list(self, records, certificate, at):
        """``signing.Prepared`` of the list that reports the records, for the seal's ``certificate``."""
        profile = packet.get_profile(records[0].profile)
        return signing.prepare_list(
            profile.build_list([record._packet_bytes() for record in records]),
            certificate,
            at=at,
            policy=self.env["hocba.signature.policy"]._of_company(records.company_id[:1]) or None,
        )

    @api.model
    def _freeze(self, records, endpoint, listing):
        """The transaction that reports ``records`` with the signed ``listing``, left to be sent."""
        submission = self._create_frozen("1", endpoint, records.school_year_id, listing, records)
        self.env["hocba.event"]._log(records, "queued")
        self.env.ref("hocba_digital.cron_send")._trigger()
        return submission

    @api.model
    def _create_frozen(self, kind, endpoint, school_year, listing, records, **values):
        """The transaction of ``kind`` that carries the signed XML ``listing``, its bytes fixed from now on."""
        content = wire.encode_content(listing, escape_quote=endpoint.sudo().escape_quote)
        if len(content) > MAX_TRANSACTION_BYTES:
            raise UserError(self.env._("A transaction of %(count)s records exceeds 10 MB.", count=len(records)))
        return self.sudo().create(
            {
                "messageid": str(uuid.uuid4()),
                "kind": kind,
                "endpoint_id": endpoint.id,
                "company_id": endpoint.sudo().company_id.id,
                "school_year_id": school_year.id,
                "payload": base64.b64encode(content.encode()),
                "payload_digest": hashlib.sha256(content.encode()).hexdigest(),
                "next_try_at": self._now(),
                "line_ids": [
                    (0, 0, {"record_id": record.id, "uuid": record.uuid, "packet_digest": record.packet_digest})
                    for record in records
                ],
                **values,
            }
        )

    @api.model
    def _signed_now(self, content, signer, company=None):
        """XML with the organisation's signature of this moment, which names the policy of ``company`` (a school)."""
        policy = company and self.env["hocba.signature.policy"]._of_company(company)
        try:
            return signing.sign_list(content, signer, at=self._signing_time(), policy=policy or None)
        except signing.SigningError as error:
            raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error

    def _payload_text(self):
        """Content exactly as frozen; raises when the stored bytes are others."""
        self.ensure_one()
        content = base64.b64decode(self.with_context(bin_size=False).payload)
        if hashlib.sha256(content).hexdigest() != self.payload_digest:
            raise UserError(
                self.env._("The stored bytes of transaction %(id)s were changed. It is not sent.", id=self.messageid)
            )
        return content.decode()

    def action_open_records(self):
        return self.line_ids.record_id._open_list(self.env._("Records of %(id)s", id=self.messageid))
