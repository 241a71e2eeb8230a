"""What a record says while it is a draft: its content from the live data, and what is still missing."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..core import packet
from ..core.rules import RecordDraft, SubjectDraft, blockers
from ..core.rules import assessment as rules
from .assessment import COMPETENCE_FIELDS, QUALITY_FIELDS

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_PUPIL = [
    "name",
    "code",
    "id_number",
    "no_id_reason",
    "gender",
    "birth_date",
    "birth_place",
    "home_town",
    "address",
    "ethnicity_id.name",
    "nationality_id.name",
    "nationality_id.hocba_nationality",
    "father_name",
    "mother_name",
    "guardian_name",
    "register_number",
]
_SCHOOL = [
    "name",
    "hocba_school_code",
    "hocba_authority_code",
    "hocba_authority_name",
    "hocba_commune",
    "hocba_district",
    "hocba_province",
    "hocba_issue_place",
    "hocba_head_id.name",
    "hocba_head_id.hocba_id_number",
    "hocba_head_id.hocba_title",
]
_SIGNER = ["name", "hocba_id_number", "hocba_title"]
_ASSESSMENT = [
    "overall",
    "overall_computed",
    "overall_manual",
    "overall_reason",
    "class_completed",
    "promoted",
    "award",
    "extra_award",
    "quality_comment",
    "general_comment",
    "specific_comment",
    "homeroom_comment",
    "has_attendance",
    "absences_excused",
    "absences_unexcused",
    "height",
    "weight",
    "result_ids.level",
    "result_ids.score",
    "result_ids.comment",
    "result_ids.required",
    "result_ids.needs_score",
]
_HISTORY = ["school_year_name", "class_name", "school_name", "date_from", "is_current"]
_CLASS = [
    "paper_homeroom",
    "paper_school",
    "name",
    "grade",
    "homeroom_id.name",
    "homeroom_id.hocba_id_number",
    "school_year_id.name",
    "foreign_language",
]

#: Everything a draft's content is made of; a change to any of it makes the content new.
_SOURCES = (
    "issued_on",
    "digitised",
    "profile",
    "state",
    *(f"pupil_id.{name}" for name in _PUPIL),
    *(f"pupil_id.enrolment_ids.{name}" for name in _HISTORY),
    *(f"company_id.{name}" for name in _SCHOOL),
    *(f"assessment_id.{name}" for name in (*_ASSESSMENT, *QUALITY_FIELDS, *COMPETENCE_FIELDS)),
    *(f"class_id.{name}" for name in _CLASS),
    *(f"head_mandate_id.user_id.{name}" for name in _SIGNER),
    *(f"homeroom_mandate_id.user_id.{name}" for name in _SIGNER),
    "assessment_id.not_assessed",
    "assessment_id.completion_reason",
    "assessment_id.award_ids.state",
    "enrolment_id.exemption_ids",
)


class RecordContent(models.Model):
    _inherit = "hocba.record"

    data_hash = fields.Char("Digest of the content", compute="_compute_content", store=True, copy=False)
    blocker_count = fields.Integer("Blockers", compute="_compute_content", store=True)
    blocker_text = fields.Text("What is missing", compute="_compute_content", store=True)
    warning_text = fields.Text("To be checked", compute="_compute_content", store=True)

    @api.depends(*_SOURCES)
    def _compute_content(self):
        kept = ("data_hash", "part_hashes", "blocker_count", "blocker_text", "warning_text", "findings")
        self.fetch(["state", *kept]) if self.ids else None
        changed = self.browse()
        for record in self:
            if record.state not in ("draft", False):
                for name in kept:
                    record[name] = record[name]
                continue
            values = record.sudo()._live_values()
            findings = record._findings(record._issues(values))
            before = record._origin.data_hash
            record.data_hash = _digest(values)
            record.part_hashes = record._part_digests(values, findings)
            record.findings = findings
            blocking = [line["t"] for line in findings if line["s"] == "block"]
            record.blocker_count = len(blocking)
            record.blocker_text = "\n".join(blocking)
            record.warning_text = "\n".join(line["t"] for line in findings if line["s"] == "warn")
            if before and before != record.data_hash:
                changed |= record._origin
        if changed:
            changed._void_signatures_later()

    def _live_values(self):
        """Attributes of ``RecordData`` from the live tables; None where nothing was entered."""
        self.ensure_one()
        record = self.with_context(lang="vi_VN")
        pupil, school, assessment, school_class = (
            record.pupil_id,
            record.company_id,
            record.assessment_id,
            record.class_id,
        )
        head, homeroom = record.head_signer_id, record.homeroom_signer_id
        values = {
            "uuid": record.uuid,
            "school_year": school_class.school_year_id.name,
            "authority_code": school.hocba_authority_code,
            "authority_name": school.hocba_authority_name,
            "school_code": school.hocba_school_code,
            "school_name": school.name,
            "commune": school.hocba_commune,
            "district": school.hocba_district,
            "province": school.hocba_province,
            "register_number": pupil.register_number,
            "pupil_name": pupil.name,
            "pupil_code": pupil.code,
            "gender": pupil.gender,
            "birth_date": pupil.birth_date,
            "id_number": pupil.id_number,
            "weight": _decimal(assessment.weight),
            "height": _decimal(assessment.height),
            "absences_excused": assessment.absences_excused if assessment.has_attendance else None,
            "absences_unexcused": assessment.absences_unexcused if assessment.has_attendance else None,
            "birth_place": pupil.birth_place,
            "home_town": pupil.home_town,
            "address": pupil.address,
            "ethnicity": pupil.ethnicity_id.name,
            "nationality": pupil.nationality_id._nationality(),
            "father": pupil.father_name,
            "mother": pupil.mother_name,
            "guardian": pupil.guardian_name,
            "head_name": head.name,
            "head_id_number": head.hocba_id_number,
            "head_title": head.hocba_title,
            "issue_place": school.hocba_issue_place,
            "created_at": _local(record.created_at),
            "issued_on": record.issued_on,
            "homeroom_name": school_class.paper_homeroom if record.digitised else homeroom.name,
            "homeroom_id_number": None if record.digitised else homeroom.hocba_id_number,
            "grade": int(school_class.grade),
            "class_name": school_class.name,
            "history": record._history(),
            "overall": assessment.overall,
            "class_completed": {"yes": True, "no": False}.get(assessment.class_completed),
            "promoted": {"yes": True, "no": False}.get(assessment.promoted),
            "award": assessment.award,
            "extra_award": assessment.extra_award,
            "homeroom_comment": assessment.homeroom_comment or record._paper_note(),
            "subjects": record._subject_lines(),
            "qualities": _traits(assessment, QUALITY_FIELDS, "quality_"),
            "competences": _traits(
                assessment, [name for name in assessment._trait_fields() if name in COMPETENCE_FIELDS], "competence_"
            ),
            "quality_comment": assessment.quality_comment,
            "general_competence_comment": assessment.general_comment,
            "specific_competence_comment": assessment.specific_comment,
            "digitised": record.digitised or None,
        }
        completed = values["class_completed"]
        values["primary_completed"] = rules.primary_completion(values["grade"], completed)
        values["completion_text"] = (
            rules.completion_text(values["grade"], completed, values["promoted"])
            if completed is not None and values["promoted"] is not None
            else None
        )
        return {name: _entry(name, value) for name, value in values.items()}

    def _history(self):
        lines = self.pupil_id.enrolment_ids.filtered(
            lambda line: line.school_year_name and line.school_year_name <= self.school_year_id.name
        )
        return tuple(
            packet.HistoryLine(
                school_year=line.school_year_name,
                class_name=line.class_name,
                school_name=line.school_name,
                arrived_on=line.date_from,
            )
            for line in lines.sorted(lambda line: (line.date_from, line.id))
        )

    def _subject_lines(self):
        """Subjects of the form, as the packet carries them."""
        return tuple(
            SubjectDraft(
                code=line._code(),
                name=self.class_id._printed_subject(line.subject_id),
                level=line.level or None,
                score=int(line.score) if line.score else None,
                comment=_one_line(line.comment),
            )
            for line in self._form_results()
        )

    def _form_results(self):
        """Results on the form, in its order: of all required subjects, and of chosen ones that were assessed."""
        lines = self.assessment_id.result_ids.filtered(lambda line: line.required or line.level)
        return lines.sorted(lambda line: (line.sequence, line.id))

    def _issues(self, values):
        results = self.assessment_id.result_ids
        draft = RecordDraft(
            **values,
            tested_subjects={line._code() for line in results if line.needs_score and (line.required or line.level)},
            required_subjects={line._code() for line in results if line.required},
            no_id_reason=self.pupil_id.no_id_reason or None,
            overall_computed=self.assessment_id.overall_computed or None,
            overall_manual_reason=self.assessment_id.overall_reason or None,
            not_assessed=self.assessment_id.not_assessed,
            completion_reason=self.assessment_id.completion_reason or None,
            decided_titles=self.assessment_id._decided_titles(),
            exempt_subjects={
                line.subject_id.moet_code or line.subject_id.code for line in self.enrolment_id.sudo().exemption_ids
            },
        )
        return blockers.find(draft, self._packet_profile())

    @api.private
    def _record_data(self):
        """``RecordData`` of a draft without blockers."""
        self.ensure_one()
        return RecordDraft(**self.sudo()._live_values()).to_data()

    @api.private
    def _print_source(self):
        """What the printed page shows: (RecordData, signers, is a draft).

        From the packet as soon as there are signatures that hold; before that from the live data.
        """
        self.ensure_one()
        if self._has_packet():
            parsed = self._packet_profile().parse(self._packet_bytes())
            return parsed.data, parsed.signers, self.state == "draft"
        return RecordDraft(**self.sudo()._live_values()), (), True


#: Attributes in which False is a statement and not an empty field.
_FLAGS = ("promoted", "class_completed", "primary_completed")


def _entry(name, value):
    if isinstance(value, str):
        return _one_line(value)
    return None if value is False and name not in _FLAGS else value


def _one_line(text):
    """Text as the packet carries it: line breaks and runs of blanks are one blank; None when nothing is left."""
    return " ".join((text or "").split()) or None


def _traits(assessment, names, prefix):
    return tuple((name.removeprefix(prefix), assessment[name]) for name in names if assessment[name])


def _decimal(value):
    return Decimal(str(round(value, 1))).normalize() + 0 if value else None


def _local(moment):
    return moment.replace(microsecond=0, tzinfo=ZoneInfo("UTC")).astimezone(VIETNAM) if moment else None


def _digest(values):
    return hashlib.sha256(json.dumps(values, default=_plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(value):
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return [getattr(value, name) for name in value.__slots__]
