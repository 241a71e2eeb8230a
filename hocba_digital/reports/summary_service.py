"""Class summaries from the live results, and from the packets where a year's records are signed."""

from pathlib import Path

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..core.rules import summary as rules
from ..models.assessment import COMPETENCE_FIELDS, QUALITY_FIELDS
from . import form, pdf, summary
from .print_service import FORM_CSS

SUMMARY_CSS = (Path(__file__).resolve().parents[1] / "static" / "src" / "print" / "summary.css").read_text(
    encoding="utf-8"
)
_GAP = "……………………"
_ISSUED = ("signed", "submitted", "locked", "transferred")


class SummaryService(models.AbstractModel):
    """The nine templates of TT 27/2020 annex 2, one file for one or several classes."""

    _inherit = "hocba.print"

    @api.private
    def _render_summaries(self, classes, period):
        """PDF (bytes) of the summaries of ``classes`` in that order, for mid1, end1, mid2 or year.

        Checks the rights of the current user. Raises AccessError, or UserError when a page or a pupil is missing in
        the finished file, or a class has nobody to list.
        """
        self._check_summary_rights(classes)
        summaries = [self.sudo()._class_summary(school_class, period) for school_class in classes]
        engine = self._engine()
        body = "".join(str(self._summary_fragment(item)) for item in summaries)
        html = self._html(body, FORM_CSS + SUMMARY_CSS + engine.page_css(pdf.LYING), self.env._("Class summary"))
        try:
            content = pdf.render_html(engine, html, pdf.LYING)
            pdf.check_marks(content, [item.marks(page) for item in summaries for page in item.pages])
        except pdf.PrintError as error:
            raise UserError(self._explain(error)) from error
        return content

    @api.private
    def _check_summary_rights(self, classes):
        """The offices see every class of the school, a homeroom teacher the own one; nobody else sees all results."""
        classes.check_access("read")
        offices = ("group_clerk", "group_head", "group_auditor")
        if any(self.env.user.has_group(f"hocba_digital.{name}") for name in offices):
            return
        for school_class in classes:
            if school_class.homeroom_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "The summary of class %(name)s is printed by its homeroom teacher, the clerk or the head.",
                        name=school_class.name,
                    )
                )

    @api.private
    def _summary_file_name(self, classes, period):
        names = ", ".join(classes.mapped("name"))
        return self._file_name("Bảng tổng hợp", names, summary.PERIOD_TITLES[period], classes[:1].school_year_id.name)

    def _summary_fragment(self, item):
        values = {"summary": item, "gap": _GAP}
        return self.env["ir.qweb"]._render("hocba_digital.summary_form", values, minimal_qcontext=True)

    def _class_summary(self, school_class, period):
        template = rules.template(int(school_class.grade), period)
        members = self._summary_members(school_class, period)
        if not members:
            raise UserError(self.env._("Class %(name)s has no pupils yet.", name=school_class.name))
        assessments = self.env["hocba.assessment"].concat(*(assessment for _enrolment, assessment in members))
        signed = self._signed_data(assessments) if period == "year" else {}
        rows = [
            self._packet_row(enrolment, signed[assessment.id])
            if assessment.id in signed
            else self._live_row(enrolment, assessment)
            for enrolment, assessment in members
        ]
        names = {
            line.subject_id.code: line.class_id._printed_subject(line.subject_id) for line in assessments.result_ids
        }
        return summary.build(template, self._summary_heading(school_class), rows, names)

    def _summary_members(self, school_class, period):
        """(enrolment, assessment) of the class's pupils now and of those who left after they were assessed here.

        A pupil without an assessment has an empty one: listed with empty cells, never left out.
        """
        found = self.env["hocba.assessment"].search([("class_id", "=", school_class.id), ("period", "=", period)])
        of_enrolment = {assessment.enrolment_id: assessment for assessment in found}
        order = self.env["hocba.pupil"].with_context(active_test=False)
        order = order.search([("id", "in", school_class.enrolment_ids.pupil_id.ids)]).ids
        members = []
        for enrolment in school_class.enrolment_ids.sorted(lambda line: order.index(line.pupil_id.id)):
            assessment = of_enrolment.get(enrolment, found.browse())
            if enrolment.is_current or any(assessment.result_ids.mapped("level")):
                members.append((enrolment, assessment))
        return members

    def _signed_data(self, assessments):
        """Data of the packets of issued records: {assessment id: RecordData}."""
        records = assessments.record_ids._standing().filtered(lambda record: record.state in _ISSUED)
        return {record.assessment_id.id: record._print_source()[0] for record in records}

    def _live_row(self, enrolment, assessment):
        results, pupil = assessment.result_ids, enrolment.pupil_id
        return summary.SummaryRow(
            name=pupil.name,
            birth_date=pupil.birth_date or None,
            is_girl=pupil.gender == "female",
            levels={line.subject_id.code: line.level for line in results if line.level},
            scores={line.subject_id.code: int(line.score) for line in results if line.has_test and line.score},
            qualities=_traits(assessment, QUALITY_FIELDS, "quality_"),
            competences=_traits(assessment, COMPETENCE_FIELDS, "competence_"),
            overall=assessment.overall or None,
            awarded=bool(assessment.award),
            extra_awarded=bool(assessment.extra_award),
            not_promoted=assessment.promoted == "no",
            note=self._summary_note(enrolment),
        )

    def _packet_row(self, enrolment, data):
        return summary.SummaryRow(
            name=data.pupil_name,
            birth_date=data.birth_date,
            is_girl=data.gender == "female",
            levels={form.row_code(line): line.level for line in data.subjects},
            scores={form.row_code(line): line.score for line in data.subjects if line.score is not None},
            qualities=dict(data.qualities),
            competences=dict(data.competences),
            overall=data.overall,
            awarded=bool(data.award),
            extra_awarded=bool(data.extra_award),
            not_promoted=not data.promoted,
            note=self._summary_note(enrolment),
            from_packet=True,
        )

    def _summary_note(self, enrolment):
        """What column "Ghi chú" says of a pupil: a disability, or that the pupil left (guide, item 5)."""
        notes = []
        if enrolment.disability_education:
            notes.append("Học sinh khuyết tật" + (", không đánh giá" if enrolment.not_assessed else ""))
        if enrolment.end_reason in ("left", "moved_class", "dropped") and enrolment.date_to:
            words = {"left": "Chuyển đi", "moved_class": "Chuyển lớp", "dropped": "Nghỉ học"}
            notes.append(f"{words[enrolment.end_reason]} {form.day(enrolment.date_to)}")
        return "; ".join(notes)

    def _summary_heading(self, school_class):
        school = school_class.company_id
        return summary.Heading(
            school=school.name or "",
            authority=school.hocba_authority_name or "",
            commune=school.hocba_commune or "",
            district=school.hocba_district or "",
            province=school.hocba_province or "",
            place=school.hocba_issue_place or "",
            class_name=school_class.name or "",
            school_year=form.spaced_year(school_class.school_year_id.name),
            homeroom_name=school_class.homeroom_id.name or "",
            head_name=school.hocba_head_id.name or "",
        )


def _traits(assessment, names, prefix):
    return {name.removeprefix(prefix): assessment[name] for name in names if assessment[name]}
