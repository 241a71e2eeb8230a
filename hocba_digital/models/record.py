import base64
import hashlib
import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import packet
from ..core.rules import deadlines

STATES = [
    ("draft", "Draft"),
    ("signed", "Signed"),
    ("submitted", "Submitted"),
    ("locked", "Locked"),
    ("transferred", "Transferred"),
    ("recalled", "Withdrawn"),
]

#: Fields that only the record's own methods write; everything else closes when the record is signed.
_GUARDED = {
    "uuid",
    "state",
    "profile",
    "packet",
    "packet_digest",
    "packet_hash",
    "data_hash",
    "signature_ids",
    "effective_on",
    "replaces_id",
    "replaced_by_id",
    "submitted_at",
    "refusal",
    "pupil_id",
    "enrolment_id",
    "assessment_id",
    "class_id",
    "school_year_id",
    "company_id",
    "created_at",
    "digitised",
    "scan",
    "scan_name",
    "scan_digest",
    "recall_state",
    "recall_reason",
    "recall_refusal",
    "supersedes_id",
    "superseded_by_id",
}
_OPEN_WHEN_CLOSED = ("replaced_by_id",)


class Record(models.Model):
    """The record of one pupil and one school year: the unit that is signed, reported and locked.

    ::

        draft --(gvbm,) gvcn, cbql, seal--> signed --gateway accepts--> submitted --closing--> locked
          ^                               |  |                           |                    |
          +---- head reopens (reason) ----+  +-- refused: replaced --+   | recall approved    +--> transferred
                                                                     v   v
                                                                    recalled

    Only ``_move`` changes the state. From ``signed`` on the packet's bytes are the record; nothing
    is rebuilt from live data (design §4, §5).
    """

    _name = "hocba.record"
    _description = "School Record of a Year"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.frozen.mixin"]
    _order = "school_year_id desc, class_id, pupil_name, id"
    _rec_names_search = ["pupil_name", "uuid", "pupil_code"]
    _check_company_auto = True
    _mail_post_access = "read"

    _frozen_states = ("locked", "transferred")
    _frozen_moves = ("locked>transferred",)
    _frozen_open = _OPEN_WHEN_CLOSED
    _kept_files = ("packet", "scan")

    uuid = fields.Char("Look-up code (UUID)", readonly=True, required=True, copy=False, index=True)
    state = fields.Selection(
        STATES, default="draft", required=True, readonly=True, copy=False, tracking=True, index=True
    )
    profile = fields.Char("Format", readonly=True, default=lambda self: packet.default_profile().name)
    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True, index=True, ondelete="restrict")
    pupil_name = fields.Char("Full name", compute="_compute_pupil", store=True)
    pupil_code = fields.Char("Pupil code", compute="_compute_pupil", store=True)
    enrolment_id = fields.Many2one("hocba.enrolment", required=True, readonly=True, ondelete="restrict")
    assessment_id = fields.Many2one("hocba.assessment", required=True, readonly=True, ondelete="restrict", index=True)
    class_id = fields.Many2one("hocba.class", required=True, readonly=True, index=True, ondelete="restrict")
    school_year_id = fields.Many2one(
        "hocba.school.year", "School year", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    grade = fields.Selection(related="class_id.grade", string="Grade")
    homeroom_id = fields.Many2one(related="class_id.homeroom_id", string="Homeroom teacher")
    created_at = fields.Datetime("Created at", readonly=True, default=fields.Datetime.now, required=True)
    issued_on = fields.Date("Date of issue", required=True, default=lambda self: deadlines.today(), tracking=True)
    effective_on = fields.Datetime("In force since", readonly=True, copy=False, tracking=True)
    submitted_at = fields.Datetime("Accepted at", readonly=True, copy=False)
    refusal = fields.Text("Why the department refused", readonly=True, copy=False)
    recall_reason = fields.Text("Why it is recalled", readonly=True, copy=False)
    recall_refusal = fields.Text("Why the recall was refused", readonly=True, copy=False)

    packet = fields.Binary(attachment=True, readonly=True, copy=False)
    packet_digest = fields.Char("SHA-256 of the packet", readonly=True, copy=False)
    packet_hash = fields.Char("Digest of the signed data", readonly=True, copy=False)
    digitised = fields.Boolean(
        "Digitised from paper", readonly=True, copy=False, help="Taken over from a paper record (QĐ 1789, Art. 22, 39)."
    )
    scan = fields.Binary("Scan of the paper record", attachment=True, readonly=True, copy=False)
    scan_name = fields.Char("File name of the scan", readonly=True, copy=False)
    scan_digest = fields.Char("SHA-256 of the scan", readonly=True, copy=False)
    signature_ids = fields.One2many("hocba.signature", "record_id", "Signatures", readonly=True)
    event_ids = fields.One2many("hocba.event", "record_id", "Audit trail", readonly=True)
    submission_line_ids = fields.One2many("hocba.submission.line", "record_id", "Transactions", readonly=True)
    replaces_id = fields.Many2one("hocba.record", readonly=True, copy=False)
    replaced_by_id = fields.Many2one("hocba.record", "Replaced by", readonly=True, copy=False)

    _uuid_uniq = models.Constraint("UNIQUE(uuid)", "This look-up code is already in use.")
    _scanned = models.Constraint(
        "CHECK(digitised IS NOT TRUE OR scan_digest IS NOT NULL)",
        "A record made from paper needs the scan of the paper.",
    )
    _one_a_year = models.UniqueIndex(
        "(pupil_id, school_year_id) WHERE state != 'recalled' AND supersedes_id IS NULL",
        "The pupil already has a record of this school year.",
    )

    @api.depends("pupil_id.name", "pupil_id.code", "state")
    def _compute_pupil(self):
        for record in self:
            if record.state in ("draft", False) or not record.pupil_name:
                record.pupil_name = record.pupil_id.name
                record.pupil_code = record.pupil_id.code
            else:
                record.pupil_name = record.pupil_name
                record.pupil_code = record.pupil_code

    @api.depends("pupil_name", "class_id.name", "school_year_id.name")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._(
                "%(pupil)s - class %(class_name)s - %(year)s",
                pupil=record.pupil_name or "",
                class_name=record.class_id.name or "",
                year=record.school_year_id.name or "",
            )

    @api.model
    def _create_for_classes(self, classes):
        """Draft records of the classes' current pupils who have none; each gets its UUID v4 for life.

        CV 2088, annex 1, §1.4: the code is a UUID v4, given once.
        """
        self.check_access("create")
        for company in classes.company_id:
            missing = company._hocba_missing_settings()
            if missing:
                raise UserError(
                    self.env._(
                        "Before records can be created, complete the school's data in Settings: %(fields)s.",
                        fields=", ".join(missing),
                    )
                )
        # A year on paper gets its record with the scan, when it is taken over.
        classes = classes.filtered(lambda line: not line.from_paper)
        assessments = classes._ensure_assessments()
        taken = self.sudo().search(
            [
                ("pupil_id", "in", assessments.pupil_id.ids),
                ("school_year_id", "in", classes.school_year_id.ids),
                ("state", "!=", "recalled"),
            ]
        )
        taken_keys = {(record.pupil_id.id, record.school_year_id.id) for record in taken}
        values = [
            self._new_values(assessment)
            for assessment in assessments
            if (assessment.pupil_id.id, assessment.school_year_id.id) not in taken_keys
        ]
        records = self._in_transition().create(values)
        self.env["hocba.event"]._log(records, "created")
        return records.with_env(self.env)

    @api.model
    def _new_values(self, assessment):
        return {
            "uuid": str(uuid.uuid4()),
            "pupil_id": assessment.pupil_id.id,
            "enrolment_id": assessment.enrolment_id.id,
            "assessment_id": assessment.id,
            "class_id": assessment.class_id.id,
            "school_year_id": assessment.school_year_id.id,
            "company_id": assessment.company_id.id,
            "profile": assessment.school_year_id.packet_profile,
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_transition():
            raise UserError(self.env._("Records are created from a class, with “Create records”."))
        return super().create(vals_list)

    def copy(self, default=None):
        if self:
            raise UserError(self.env._("A school record cannot be duplicated."))
        return super().copy(default)

    def write(self, vals):
        if not self._is_transition():
            self._check_write(vals)
        return super().write(vals)

    def _check_write(self, vals):
        guarded = _GUARDED & vals.keys()
        if guarded:
            raise UserError(
                self.env._(
                    "“%(field)s” of a record cannot be edited; it follows from creating, signing and reporting.",
                    field=self._fields[min(guarded)]._description_string(self.env),
                )
            )
        content = {name for name in vals if not name.startswith(("message_", "activity_"))}
        sealed = self.filtered(lambda record: record.state != "draft")
        if content and sealed:
            raise UserError(self.env._("%(name)s is signed and can only be read.", name=sealed[0].display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_untouched_drafts(self):
        for record in self:
            if record.state != "draft" or record.signature_ids:
                raise UserError(self.env._("%(name)s carries signatures and is kept.", name=record.display_name))
            raise UserError(
                self.env._(
                    "%(name)s has its look-up code already and is kept. Withdraw it instead.", name=record.display_name
                )
            )

    def _move(self, state, kind, detail=None, **values):
        """Change the state of these records, with the trace in the audit trail and a note in each discussion.

        The note is written for all at once: tracking the field would cost some queries a record.
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        notes = {record.id: f"{labels[record.state]} → {labels[state]}" for record in self}
        self.with_context(tracking_disable=True)._in_transition().write({"state": state, **values})
        self.env["hocba.event"]._log(self, kind, detail)
        self.sudo()._message_log_batch(bodies=notes)

    def _packet_bytes(self):
        """Bytes of the packet as stored; raises when they are not what was frozen."""
        self.ensure_one()
        content = base64.b64decode(self.with_context(bin_size=False).packet or b"")
        if self.state != "draft" and hashlib.sha256(content).hexdigest() != self.packet_digest:
            raise UserError(
                self.env._(
                    "The stored packet of %(name)s is not the one that was signed. Restore it from a backup before "
                    "doing anything else with it.",
                    name=self.display_name,
                )
            )
        return content

    def _store_packets(self, packets):
        """Store ``packets`` (bytes, in the order of the records) with their digests."""
        for record, content in zip(self.with_context(tracking_disable=True), packets, strict=True):
            record._in_transition().write(
                {
                    "packet_digest": hashlib.sha256(content).hexdigest(),
                    "packet_hash": record._packet_profile().data_digest(content),
                }
            )
        self._store_kept_files("packet", packets)

    def _open_list(self, title, classes=None):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_record")
        action["display_name"] = action["name"] = title
        action["context"] = {}
        action["domain"] = [("class_id", "in", classes.ids)] if classes else [("id", "in", self.ids)]
        return action
