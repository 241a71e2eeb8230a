import base64
import logging
from dataclasses import replace
from datetime import UTC, timedelta
from hashlib import sha256

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..core import signing

_logger = logging.getLogger(__name__)

_BATCH = 2000
_RENEW_BEFORE = timedelta(days=90)
#: State of the record -> what is archived then.
_PURPOSES = {"signed": "sealed", "submitted": "sealed", "locked": "closed", "transferred": "closed"}


class Archive(models.Model):
    """One time stamp over a tree of many packets' digests (RFC 4998), with the certificates and revocation data of
    their signers. What is learned after the seal stands here, never in the packet's bytes.
    """

    _name = "hocba.archive"
    _description = "Archive Time Stamp"
    _inherit = ["hocba.frozen.mixin"]
    _order = "id desc"
    _append_only = True

    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True)
    purpose = fields.Selection(
        [("sealed", "After the seal"), ("closed", "At the closing"), ("renewal", "Renewal of older stamps")],
        required=True,
        readonly=True,
    )
    stamped_at = fields.Datetime("Time stamp", required=True, readonly=True)
    authority = fields.Char("Time-stamping authority", readonly=True)
    valid_until = fields.Datetime("To be renewed before", required=True, readonly=True)
    root = fields.Char("Root of the tree (SHA-256)", required=True, readonly=True)
    token = fields.Binary("Token (RFC 3161)", required=True, readonly=True, attachment=False)
    material = fields.Binary("Certificates and revocation data (PEM)", readonly=True, attachment=False)
    missing = fields.Text("Without revocation data", readonly=True)
    leaf_ids = fields.One2many("hocba.archive.leaf", "archive_id", "What is stamped", readonly=True)
    leaf_count = fields.Integer("Covers", readonly=True)

    @api.depends("stamped_at", "purpose")
    def _compute_display_name(self):
        labels = dict(self._fields["purpose"]._description_selection(self.env))
        for archive in self:
            archive.display_name = f"{labels.get(archive.purpose, '')} · {archive.stamped_at or ''}"

    @api.model
    def _cron_archive(self):
        """Stamp what is not stamped yet and renew what runs out. Never raises; each stamp is committed by itself."""
        tasks = [task for tsa in self.env["hocba.tsa"].sudo().search([]) for task in self._tasks(tsa)]
        self.env["ir.cron"]._commit_progress(remaining=len(tasks))
        for index, task in enumerate(tasks, 1):
            try:
                with self.env.cr.savepoint():
                    self._archive(*task)
            except Exception:
                self.env.invalidate_all()
                _logger.exception("an archive stamp (%s) of %s will be tried again", task[1], task[0].company_id.name)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(tasks) - index):
                break

    @api.model
    def _tasks(self, tsa):
        """``(tsa, purpose, ids)`` of every stamp that is due: ids of records, or of stamps that run out soon."""
        due = {purpose: self._waiting(tsa.company_id, purpose) for purpose in ("sealed", "closed")}
        due["renewal"] = self._ending(tsa.company_id)
        return [(tsa, purpose, ids) for purpose, every in due.items() for ids in split_every(_BATCH, every.ids, list)]

    @api.model
    def _archive(self, tsa, purpose, ids):
        """One stamp over these records, or over these older stamps."""
        if purpose == "renewal":
            self._renew(tsa, self.sudo().browse(ids))
        else:
            self._archive_records(tsa, purpose, self.env["hocba.record"].sudo().browse(ids))

    @api.model
    def _waiting(self, company, purpose):
        """Frozen records whose packet, as it is now, is not in a tree of this purpose yet."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT record.id
                  FROM hocba_record record
                 WHERE record.company_id = %(company)s
                   AND record.state IN %(states)s
                   AND record.packet_digest IS NOT NULL
                   AND NOT EXISTS (
                       SELECT 1
                         FROM hocba_archive_leaf leaf
                         JOIN hocba_archive archive ON archive.id = leaf.archive_id
                        WHERE leaf.record_id = record.id
                          AND leaf.digest = record.packet_digest
                          AND archive.purpose = %(purpose)s
                   )
                 ORDER BY record.id
                """,
                company=company.id,
                states=tuple(state for state, wanted in _PURPOSES.items() if wanted == purpose),
                purpose=purpose,
            )
        )
        return self.env["hocba.record"].sudo().browse([row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _archive_records(self, tsa, purpose, records):
        """One stamp over these records' packets, and over what proves their signers' certificates."""
        collected = self._material(tsa, records) if purpose == "closed" else None
        evidence = collected.evidence if collected else signing.Evidence()
        more = evidence.digests()
        groups = [[bytes.fromhex(record.packet_digest), *more] for record in records]
        missing = "\n".join(f"{name}: {why}" for name, why in collected.missing.items()) if collected else False
        archive, ways = self._stamp(tsa, purpose, groups, evidence, missing)
        self.env["hocba.archive.leaf"].sudo()._in_transition().create(
            [
                {
                    "archive_id": archive.id,
                    "record_id": record.id,
                    "digest": record.packet_digest,
                    "way": signing.Evidence.way_text(way),
                }
                for record, way in zip(records, ways, strict=True)
            ]
        )

    @api.model
    def _ending(self, company):
        """Stamps that run out soon and are in no newer tree."""
        now = fields.Datetime.now()
        renewed = self.env["hocba.archive.leaf"].sudo().search([("renewed_id", "!=", False)]).renewed_id
        domain = [("company_id", "=", company.id), ("valid_until", "<", now + _RENEW_BEFORE)]
        return self.sudo().search([*domain, ("valid_until", ">", now), ("id", "not in", renewed.ids)])

    @api.model
    def _renew(self, tsa, ending):
        """Stamp stamps again (RFC 4998 §5.2)."""
        digests = [sha256(base64.b64decode(archive.token)).digest() for archive in ending]
        archive, ways = self._stamp(tsa, "renewal", [[digest] for digest in digests], signing.Evidence(), False)
        self.env["hocba.archive.leaf"].sudo()._in_transition().create(
            [
                {
                    "archive_id": archive.id,
                    "renewed_id": old.id,
                    "digest": digest.hex(),
                    "way": signing.Evidence.way_text(way),
                }
                for old, digest, way in zip(ending, digests, ways, strict=True)
            ]
        )

    def _stamp(self, tsa, purpose, groups, evidence, missing):
        root, ways = signing.hash_tree(groups)
        token = tsa._stamper().stamp_digest(root)
        status = signing.read_stamp(token)
        values = {
            "company_id": tsa.company_id.id,
            "purpose": purpose,
            "stamped_at": status.time.astimezone(UTC).replace(tzinfo=None),
            "authority": status.authority,
            "valid_until": status.valid_until.astimezone(UTC).replace(tzinfo=None),
            "root": root.hex(),
            "token": base64.b64encode(token),
            "material": base64.b64encode(evidence.to_pem()) if evidence.digests() else False,
            "missing": missing,
            "leaf_count": len(groups),
        }
        return self.sudo()._in_transition().create(values), ways

    def _material(self, tsa, records):
        """Chains, CRLs and OCSP answers of the records' signers."""
        certificates = records.signature_ids.filtered("valid").certificate_id.filtered("der")
        holders = [signing.holder_of(certificate._x509()) for certificate in certificates]
        if not tsa.fetch_revocations:
            return signing.Collected(signing.Evidence(), {})
        limits = replace(self.env["hocba.revocation"]._limits(), seconds=tsa.timeout)
        return signing.collect(holders, self.env["hocba.trust"]._store(), limits=limits)

    @api.private
    def _chain(self):
        """The tokens that renew this one, with their ways: ``[(way, token), ...]``, oldest first."""
        self.ensure_one()
        leaf = self.env["hocba.archive.leaf"].sudo().search([("renewed_id", "=", self.id)], order="id", limit=1)
        if not leaf:
            return []
        archive = leaf.archive_id
        return [(signing.Evidence.way_of(leaf.way), base64.b64decode(archive.token)), *archive._chain()]

    @api.model_create_multi
    def create(self, vals_list):
        self.env["hocba.archive.leaf"]._check_transition(self)
        return super().create(vals_list)
