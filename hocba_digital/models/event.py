import hashlib
import json

from odoo import fields, models


class Event(models.Model):
    """Audit trail that can only grow: each row carries the hash of the row before it.

    Rows of one record form one chain, so that signing many records never waits for one lock.
    Changing, removing or slipping in a row breaks every hash after it (:meth:`_verify_chain`); a
    fork is refused by the index.
    """

    _name = "hocba.event"
    _description = "Audit Trail"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _order = "id desc"
    _log_access = False
    _rec_name = "kind"

    at = fields.Datetime("When", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    record_id = fields.Many2one("hocba.record", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("created", "Created"),
            ("signed", "Signed"),
            ("voided", "Signature voided"),
            ("deputised", "Signer changed"),
            ("frozen", "Issued"),
            ("reopened", "Reopened"),
            ("returned", "Returned"),
            ("queued", "Queued for sending"),
            ("exported", "Handed over as a file"),
            ("accepted", "Accepted by the department"),
            ("refused", "Refused by the department"),
            ("recall_asked", "Recall asked for"),
            ("recall_refused", "Recall refused by the department"),
            ("recalled", "Withdrawn"),
            ("locked", "Locked"),
            ("amendment_asked", "Amendment asked for"),
            ("amendment_sent", "Amendment sent to the department"),
            ("amendment_granted", "Amendment approved by the department"),
            ("amendment_refused", "Amendment refused by the department"),
            ("superseded", "Superseded by a new record"),
            ("transferred", "Transferred"),
            ("printed", "Printed"),
            ("corrected", "Civil status corrected"),
            ("pdf_signed", "PDF signed by the head"),
            ("pdf_sealed", "PDF sealed"),
            ("pdf_remade", "PDF made anew"),
            ("pdf_taken", "Signed PDF downloaded"),
            ("packet_taken", "Packet or evidence downloaded"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    detail = fields.Text(readonly=True)
    previous_hash = fields.Char(readonly=True)
    hash = fields.Char(readonly=True, required=True)

    _chain_uniq = models.UniqueIndex("(record_id, previous_hash)", "The audit trail of this record was written twice.")

    def _log(self, records, kind, detail=None):
        """Add one row per record. ``detail``: text, or a dictionary of record id -> text."""
        if not records:
            return
        at = fields.Datetime.now()
        previous = self._last_hashes(records)
        values = []
        for record in records:
            row = {
                "at": at,
                "user_id": self.env.uid,
                "company_id": record.company_id.id,
                "record_id": record.id,
                "kind": kind,
                "detail": (detail.get(record.id) if isinstance(detail, dict) else detail) or False,
                "previous_hash": previous.get(record.id, ""),
            }
            values.append(dict(row, hash=_digest(row)))
        self.sudo().create(values)
        self.env["hocba.deadline.alert"]._look_again()

    def _last_hashes(self, records):
        self.env["hocba.event"].flush_model()
        self.env.cr.execute(
            "SELECT DISTINCT ON (record_id) record_id, hash FROM hocba_event WHERE record_id = ANY(%s)"
            " ORDER BY record_id, id DESC",
            [records.ids],
        )
        return dict(self.env.cr.fetchall())

    def _verify_chain(self, record):
        """First row of ``record`` whose hash does not follow from what it says; empty when all do."""
        previous = ""
        for event in self.search([("record_id", "=", record.id)], order="id"):
            row = {name: event[name] for name in ("at", "kind", "detail", "previous_hash")}
            row.update(user_id=event.user_id.id, company_id=event.company_id.id, record_id=event.record_id.id)
            if (event.previous_hash or "") != previous or event.hash != _digest(row):
                return event
            previous = event.hash
        return self.browse()


def _digest(row):
    content = {key: str(value or "") for key, value in row.items() if key != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
