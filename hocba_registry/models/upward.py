"""Reporting to the ministry: the packets of the schools go up byte for byte, in lists that the department signs."""

from odoo import api, fields, models
from odoo.addons.hocba_digital.core.packet import get_profile
from odoo.exceptions import AccessError, UserError

#: Records whose packets are read at once.
_CHUNK = 500
#: Records frozen by one entry of the PIN, so that the dialog answers in seconds.
AT_ONCE = 5000


class Upward(models.AbstractModel):
    """Freezes the transactions with which a department reports (CV 2088, annex 1, §IV.2 and §IV.3).

    Sending, asking and recovering are the school's own engine: ``hocba.submission`` at the department's company.
    """

    _name = "hocba.registry.upward"
    _description = "Report to the Ministry"

    @api.model
    def _waiting_domain(self, year, again=False):
        """Records of ``year`` that are still to be reported; ``again``: also those that were refused."""
        states = ["locked", "accepted"] if year.report_scope == "accepted" else ["locked"]
        domain = fields.Domain("year_id", "=", year.id) & fields.Domain("state", "in", states)
        # Of an amended pupil the record in force goes up; until it is there, the old one is not sent ahead of it.
        amended = [("amendment", "=", True), ("state", "=", "approved"), ("successor_id", "=", False)]
        domain &= fields.Domain("superseded_by_id", "=", False) & fields.Domain("recall_ids", "not any", amended)
        waiting = fields.Domain("upper_state", "=", False)
        return domain & (waiting | fields.Domain("upper_state", "=", "refused") if again else waiting)

    @api.model
    def _queue_records(self, year, pin, again=False):
        """Freeze transactions 1 for up to ``AT_ONCE`` records; the caller's commit precedes any call."""
        self._check_reporter()
        year.check_access("read")
        endpoint, signer = self._endpoint_and_signer(pin)
        domain = self._waiting_domain(year, again)
        records = self.env["hocba.registry.record"].sudo()
        records = (
            records.search(domain, order="transaction_id, id", limit=AT_ONCE)
            .try_lock_for_update()
            .filtered_domain(domain)
        )
        if not records:
            raise UserError(self.env._("No record of %(year)s waits to be reported.", year=year.name))
        submissions = self.env["hocba.submission"]
        for profile, group in records.grouped("profile").items():
            for portion, packets in self._portions(group, endpoint.sudo()):
                listing = submissions._signed_now(get_profile(profile).build_list(packets), signer)
                submissions |= self._freeze("1", endpoint, year, listing, portion)
        if not any(submissions.mapped("trial")):
            records._note_upper_state("queued")
        return submissions

    @api.model
    def _queue_recalls(self, recalls, pin):
        """Freeze transactions 5 for recalls that wait for the ministry and have not been sent."""
        self._check_reporter()
        recalls.check_access("read")
        recalls = recalls.sudo().try_lock_for_update()
        recalls = recalls.filtered(lambda recall: recall.state == "upward" and not recall.upward_id)
        if not recalls:
            raise UserError(self.env._("None of these recalls waits to be sent to the ministry."))
        endpoint, signer = self._endpoint_and_signer(pin)
        if endpoint.sudo().environment == "sandbox":
            raise UserError(self.env._("You report to a test repository now. Recalls go to the real one only."))
        submissions = self.env["hocba.submission"]
        for part in recalls._upward_parts():
            listing = submissions._signed_now(part._upward_list(), signer)
            submission = self._freeze("5", endpoint, part.record_id.year_id, listing, part.record_id)
            part._note_upward(submission)
            submissions |= submission
        return submissions

    def _check_reporter(self):
        if not self.env.user.has_group("hocba_registry.group_so_reporter"):
            raise AccessError(self.env._("Only who reports to the ministry does this."))
        if self.env["hocba.registry.intake"]._level() == "bo":
            raise UserError(self.env._("The ministry's repository reports to nobody."))
        if self.env.user.hocba_scope != "all":
            raise AccessError(self.env._("Who sees a part of the schools only cannot report for the department."))

    def _endpoint_and_signer(self, pin):
        company = self.env.company
        endpoint = self.env["hocba.endpoint"]._for_company(company)
        _certificate, signer = self.env["hocba.certificate"]._seal_signer(company, pin)
        return endpoint, signer

    def _portions(self, records, endpoint):
        """(records, their packets) of each transaction, within the endpoint's limits.

        Counting raw bytes is safe: compressed and in Base64 packets are smaller.
        """
        most, room = endpoint.batch_records, endpoint.batch_bytes
        portion, packets, size = records.browse(), [], 0
        for record, packet in self._read_packets(records):
            if packets and (len(packets) >= most or size + len(packet) > room):
                yield portion, packets
                portion, packets, size = records.browse(), [], 0
            portion |= record
            packets.append(packet)
            size += len(packet)
        yield portion, packets

    def _read_packets(self, records):
        """(record, its packet), with no more than a chunk of packets in memory."""
        for start in range(0, len(records), _CHUNK):
            chunk = records[start : start + _CHUNK]
            contents = chunk._packets()
            for record in chunk:
                yield record, contents.pop(record.id)

    def _freeze(self, kind, endpoint, year, listing, records):
        lines = [
            (0, 0, {"registry_record_id": record.id, "uuid": record.uuid, "packet_digest": record.digest})
            for record in records
        ]
        submission = self.env["hocba.submission"]._create_frozen(
            kind, endpoint, self._school_year(year), listing, self.env["hocba.record"], line_ids=lines
        )
        self.env.ref("hocba_digital.cron_send").sudo()._trigger()
        return submission

    @api.model
    def _school_year(self, year):
        """The department's own school year of that name, which every transaction names."""
        years = self.env["hocba.school.year"].sudo()
        values = {"name": year.name, "company_id": self.env.company.id}
        known = years.search([(name, "=", value) for name, value in values.items()], limit=1)
        return known or years.create(values)
