"""After signing: what the school's data say differently, and what changed since the record was signed last."""

import logging
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core import packet
from ..core.rules import RecordDraft, deadlines, difference
from .logged_mixin import LANGUAGE
from .pupil_identity import IDENTITY_FIELDS

_logger = logging.getLogger(__name__)

#: States in which a record says what was signed, and the school can still do something about it.
HELD_STATES = ("signed", "submitted", "locked")
#: Fields of a pupil that a signed record is compared with.
_LASTING = (*IDENTITY_FIELDS, "code", "register_number")
_BATCH = 200


class RecordSource(models.Model):
    _inherit = "hocba.record"

    version_ids = fields.One2many("hocba.record.version", "record_id", "Earlier signed versions", readonly=True)
    divergence_ids = fields.One2many("hocba.divergence", "record_id", "Differences from the source", readonly=True)
    source_differs = fields.Boolean(
        "The source differs from what was signed", compute="_compute_source_differs", search="_search_source_differs"
    )
    source_difference = fields.Html("Differences", compute="_compute_source_difference", sanitize=False)
    version_difference = fields.Html(
        "Changes since it was signed last", compute="_compute_version_difference", sanitize=False
    )

    @api.depends("divergence_ids")
    def _compute_source_differs(self):
        for record in self:
            record.source_differs = bool(record.sudo().divergence_ids) and record.state in HELD_STATES

    def _search_source_differs(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = fields.Domain("divergence_ids", "!=", False) & fields.Domain("state", "in", HELD_STATES)
        return found if True in value else ~found

    @api.depends("divergence_ids.lines")
    def _compute_source_difference(self):
        for record in self:
            record.source_difference = record._difference_table(
                record.sudo().divergence_ids.lines,
                self.env._("Signed"),
                self.env._("School's data now"),
            )

    @api.depends("version_ids", "data_hash", "state")
    def _compute_version_difference(self):
        for record in self:
            version = record.sudo().version_ids[:1]
            lines = record.sudo()._changes_since(version) if version else []
            record.version_difference = record._difference_table(
                lines, self.env._("Signed before"), self.env._("Now")
            ) or (version and Markup("<p>{}</p>").format(self.env._("Nothing in the record has changed.")))

    def _changes_since(self, version):
        """Differences between a kept packet and what the record says now, as lines for the table."""
        data = self._print_source()[0]
        current = data.to_data() if isinstance(data, RecordDraft) else data
        return self._difference_lines(difference.differences(version._data(), current))

    def _difference_lines(self, found):
        record = self.with_context(lang=LANGUAGE)
        return [
            [
                record._issue_label(line.field),
                record._difference_value(line.field, line.before),
                record._difference_value(line.field, line.after),
            ]
            for line in found
        ]

    def _difference_value(self, name, value):
        """A value of the packet as the form prints it."""
        group = name.split(".")[0]
        if value is None or value in ("", ()):
            return ""
        if group == "subjects" and name.endswith(".level"):
            return packet.SUBJECT_LEVELS.get(value, value)
        if group in ("qualities", "competences"):
            return packet.CONDUCT_LEVELS.get(value, value)
        if group == "overall":
            return packet.OVERALL_RESULTS.get(value, value)
        if group == "gender":
            return packet.GENDERS.get(value, value)
        if group == "history":
            return "; ".join(
                f"{line.school_year or ''} {line.class_name}, {line.school_name}, {line.arrived_on:%d/%m/%Y}".strip()
                for line in value
            )
        if isinstance(value, bool):
            return self.env._("Yes") if value else self.env._("No")
        if isinstance(value, date):
            return format_date(self.env, value, date_format="dd/MM/yyyy")
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)

    def _difference_table(self, lines, before, after):
        if not lines:
            return False
        head = Markup("<tr><th>{}</th><th>{}</th><th>{}</th></tr>").format(self.env._("Entry"), before, after)
        rows = Markup().join(Markup("<tr><td>{}</td><td>{}</td><td>{}</td></tr>").format(*line) for line in lines)
        return Markup(
            "<table class='table table-sm mb-0 o_hocba_difference'><thead>{}</thead><tbody>{}</tbody></table>"
        ).format(head, rows)

    def _compare_with_source(self):
        """Note which of these signed records differ from the school's data, and forget those that no longer do."""
        records = self.sudo().filtered(lambda record: record.state in HELD_STATES)
        noted = {row.record_id.id: row for row in records.divergence_ids}
        created, gone = [], self.env["hocba.divergence"].sudo()
        for record in records:
            try:
                lines = record._difference_lines(record._source_differences())
            except (UserError, packet.PacketError):
                # Stored bytes that are not those that were signed: signing, printing and verifying say so.
                _logger.warning("The packet of record %s cannot be compared with the source", record.uuid)
                continue
            row = noted.get(record.id)
            if lines and not row:
                created.append({"record_id": record.id, "company_id": record.company_id.id, "lines": lines})
            elif lines and row.lines != lines:
                row.write({"lines": lines, "found_at": fields.Datetime.now()})
            elif not lines and row:
                gone |= row
        gone.unlink()
        gone.create(created)

    def _source_differences(self):
        profile = packet.get_profile(self.profile)
        signed = profile.parse(self._packet_bytes()).data
        live = RecordDraft(**self._live_values())
        return difference.from_source(signed, live, lambda data: profile.prepare(data, strict=True))

    @api.model
    def _compare_changed(self, rows):
        """Compare the signed records that rows of the change log may concern; called once a transaction."""
        pupils = {
            row["pupil_id"]
            for row in rows
            if row["model"] == "hocba.enrolment"
            or (row["model"] == "hocba.pupil" and row.get("field_name") in _LASTING)
        }
        assessments = (
            self.env["hocba.assessment"]
            .sudo()
            .browse({row["res_id"] for row in rows if row["model"] == "hocba.assessment" and row["kind"] == "changed"})
        )
        results = (
            self.env["hocba.result"]
            .sudo()
            .browse({row["res_id"] for row in rows if row["model"] == "hocba.result" and row["kind"] == "changed"})
        )
        records = (assessments | results.assessment_id).record_ids.filtered(lambda line: line.state in HELD_STATES)
        if pupils:
            records |= self.sudo().search([("pupil_id", "in", list(pupils)), ("state", "in", HELD_STATES)])
        if records:
            records._compare_with_source()

    def action_compare_with_source(self):
        """Compare now, whatever way the data changed."""
        self.check_access("read")
        self._compare_with_source()

    @api.model
    def _cron_compare_with_source(self):
        """Once a day, compare the records of the last year: data may have changed on ways the log does not see."""
        since = deadlines.today() - timedelta(days=400)
        domain = [("state", "in", HELD_STATES), ("school_year_id.date_end", ">=", since)]
        ids = self.sudo().search(domain, order="id").ids
        done = 0
        for start in range(0, len(ids), _BATCH):
            batch = self.sudo().browse(ids[start : start + _BATCH])
            batch._compare_with_source()
            done = len(batch)
            self.env["ir.cron"]._commit_progress(done, remaining=len(ids) - start - done)
            self.env.invalidate_all()
