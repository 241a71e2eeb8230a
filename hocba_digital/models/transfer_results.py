"""The school year under way of a pupil who leaves within it: its results so far, signed by the head, go along.

QĐ 1789/QĐ-SGDĐT, Art. 22.2 and 22.3b: the old school confirms the results of the periods that it assessed; the new one
goes on from them and issues the record of the year.
"""

import base64
import hashlib
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import packet, signing, transfer
from ..core.rules import deadlines
from .assessment import COMPETENCE_FIELDS, QUALITY_FIELDS
from .class_grid_columns import COMMENTS
from .transfer_line import RESULTS

PARTIAL_PERIODS = ("mid1", "end1", "mid2")


class TransferResults(models.Model):
    _inherit = "hocba.transfer"

    results = fields.Binary("Results so far, as signed", attachment=True, readonly=True, copy=False)
    results_name = fields.Char(compute="_compute_results_name")
    results_digest = fields.Char("SHA-256 of the results so far", readonly=True, copy=False)
    results_year = fields.Char("School year under way", readonly=True, copy=False)
    results_result = fields.Selection(RESULTS, "Signature of the other school's head", readonly=True, copy=False)
    results_note = fields.Text("What was entered of the results so far", readonly=True, copy=False)
    results_entered_at = fields.Datetime("Results so far entered at", readonly=True, copy=False)
    leaving_periods = fields.Char("Results so far that go along", compute="_compute_leaving_periods")

    @api.depends("results_year")
    def _compute_results_name(self):
        for leaving in self:
            leaving.results_name = f"dang-hoc-{leaving.results_year}.xml"

    @api.depends("pupil_id", "left_on", "direction", "state", "results_digest")
    def _compute_leaving_periods(self):
        for leaving in self:
            open_now = leaving.direction != "in" and leaving.state == "draft" and leaving.pupil_id
            if not open_now or not leaving.sudo()._has_results_so_far():
                leaving.leaving_periods = False
                continue
            assessed = leaving.sudo()._assessed_so_far()
            labels = dict(self.env["hocba.assessment"]._fields["period"]._description_selection(self.env))
            year = leaving.sudo()._enrolment_under_way().school_year_name
            names = ", ".join(labels[period] for period in assessed) or self.env._("not assessed, by decision")
            leaving.leaving_periods = self.env._("%(year)s: %(periods)s", year=year, periods=names)

    # What there is --------------------------------------------------------------------------------------------

    def _enrolment_under_way(self):
        """The pupil's last enrolment in a year that is under way on the day of leaving and has no record yet."""
        day = self.left_on or deadlines.today()
        lines = self.pupil_id.sudo().enrolment_ids.filtered(
            lambda line: line.class_id and not line.class_id.from_paper and line.date_from <= day
        )
        line = lines.sorted(lambda line: (line.school_year_name, line.date_from, line.id))[-1:]
        year = line.class_id.school_year_id
        reported = (
            self.pupil_id.sudo()
            .record_ids._standing()
            .filtered(lambda record: record.school_year_id == year and record.state != "draft")
        )
        return line if line and year.date_start <= day <= year.date_end and not reported else line.browse()

    def _assessed_so_far(self):
        """Period -> assessment with at least one entry, in the order of the year; empty when nothing was assessed."""
        line = self._enrolment_under_way()
        year = line.class_id.school_year_id
        # Whoever moved to another class of this school has the earlier periods with the earlier enrolment.
        same_year = self.pupil_id.sudo().enrolment_ids.filtered(
            lambda each: line and each.class_id.school_year_id == year
        )
        found = {}
        for enrolment in same_year.sorted(lambda each: (each.date_from, each.id)):
            for assessment in enrolment.assessment_ids.filtered(lambda each: each.period in PARTIAL_PERIODS):
                if assessment._says_something():
                    found[assessment.period] = assessment
        return {period: found[period] for period in PARTIAL_PERIODS if period in found}

    def _has_results_so_far(self):
        """Whether something of a year under way goes along: what was assessed, or the decision not to assess."""
        return bool(self._assessed_so_far()) or self._enrolment_under_way().not_assessed

    def _results_so_far(self, made_at, signer):
        """``transfer.Results`` of the year under way, to be signed by ``signer`` (a user); None without any."""
        if not self._has_results_so_far():
            return None
        assessed = self._assessed_so_far()
        leaving = self.with_context(lang="vi_VN").sudo()
        line = leaving._enrolment_under_way()
        pupil, company = leaving.pupil_id, leaving.company_id
        history = pupil.enrolment_ids.filtered(lambda each: each.school_year_name <= line.school_year_name)
        text = packet.clean_text
        return transfer.Results(
            made_at=made_at,
            school=transfer.School(company.hocba_school_code or "", company.name),
            school_year=line.school_year_name,
            grade=int(line.class_id.grade),
            class_name=text(line.class_name),
            homeroom_name=text(line.class_id.homeroom_id.name),
            head_name=text(signer.name),
            head_title=text(signer.hocba_title),
            head_id_number=signer.hocba_id_number or "",
            pupil_code=pupil.code,
            pupil_name=pupil.name,
            gender=pupil.gender or "male",
            birth_date=pupil.birth_date,
            id_number=pupil.id_number or None,
            birth_place=text(pupil.birth_place),
            home_town=text(pupil.home_town),
            address=text(pupil.address),
            ethnicity=text(pupil.ethnicity_id.name),
            nationality=text(pupil.nationality_id._nationality()),
            father=text(pupil.father_name),
            mother=text(pupil.mother_name),
            guardian=text(pupil.guardian_name),
            history=tuple(
                packet.HistoryLine(
                    school_year=each.school_year_name,
                    class_name=text(each.class_name),
                    school_name=text(each.school_name),
                    arrived_on=each.date_from,
                )
                for each in history.sorted(lambda each: (each.date_from, each.id))
            ),
            **leaving._decisions_so_far(line),
            periods=tuple(each.with_env(leaving.env)._period_results() for each in assessed.values()),
        )

    # The head's signature -------------------------------------------------------------------------------------

    def _sign_dialog(self):
        """The dialog in which the head signs the results so far and so agrees."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_transfer_sign")
        return {**action, "context": {"active_model": self._name, "active_ids": self.ids}}

    def _to_sign(self):
        """These changes, locked, for the head alone."""
        return self._require("group_head", self.env._("Only the head decides on a change of school."))

    @api.private
    def _agree_signed(self, pin):
        """Head: sign the results so far with the own key, and agree to the change of school."""
        for leaving in self._to_sign():
            leaving._results_signed(leaving._with_signature(leaving._results_to_sign(), pin))

    @api.private
    def _results_to_sign(self):
        """The document of the results so far, without signature. Raises UserError when nothing is to be signed now."""
        self._check_agrees()
        user = self.env.user.sudo()
        self._check_signs_for_head(user)
        self._check_pupil_data()
        told = self._results_so_far(self.env["hocba.submission"]._signing_time(), user)
        if told is None:
            raise UserError(self.env._("%(name)s: there are no results so far to be signed.", name=self.pupil_name))
        return self._built(told)

    @api.private
    def _results_signed(self, content):
        """Go on with the signed document. Raises UserError when what it says is not so any more."""
        self._check_agrees()
        told = transfer.parse_results(content)
        if told != self._results_so_far(told.made_at, self.env.user.sudo()):
            raise UserError(self._changed_text())
        self._agreed(**self._results_values(content, told))

    def _with_signature(self, plain, pin):
        user = self.env.user.sudo()
        certificate = self.env["hocba.certificate"].with_user(user)._for_role("results", self.company_id)
        if not certificate:
            raise UserError(
                self.env._("You have no valid certificate to sign with. Register one under “My certificates”.")
            )
        if not certificate._answers_at_once():
            raise UserError(self.env._("This key needs an approval; sign in the dialog."))
        at, signer = self.env["hocba.submission"]._signing_time(), certificate._signer(pin)
        try:
            return signing.sign_list(plain, signer, at=at, id_number=user.hocba_id_number)
        except signing.SigningError as error:
            raise UserError(self.env["hocba.record"]._signing_text(error.code)) from error

    def _results_values(self, signed, told):
        return {
            "results": base64.b64encode(signed),
            "results_digest": hashlib.sha256(signed).hexdigest(),
            "results_year": told.school_year,
        }

    def _check_signs_for_head(self, user):
        company = self.company_id
        deputy = self.env["hocba.mandate"]._valid_for(user, "cbql", company)
        if user != company.hocba_head_id and not deputy:
            raise AccessError(
                self.env._(
                    "The results so far are signed by %(name)s, the head of the school, or on a mandate.",
                    name=company.hocba_head_id.name or "?",
                )
            )
        if not user.hocba_id_number:
            raise UserError(
                self.env._("Your citizen ID number is missing. The school's administrator enters it with your user.")
            )

    def _check_pupil_data(self):
        pupil = self.pupil_id.sudo()
        if not pupil.gender or not pupil.birth_date:
            raise UserError(
                self.env._(
                    "%(name)s: enter gender and date of birth first; the other school takes them over.", name=pupil.name
                )
            )

    def _built(self, told):
        plain = transfer.build_results(told)
        try:
            transfer.parse_results(plain)
        except transfer.TransferError as error:
            raise UserError(
                self.env._(
                    "%(name)s: the results so far cannot be written into the document (%(detail)s). Correct them "
                    "first.",
                    name=self.pupil_name,
                    detail=error.detail[:120],
                )
            ) from error
        return plain

    def _sheet(self):
        """The signed document as bytes; empty where nothing of a year under way goes along."""
        return base64.b64decode(self.sudo().with_context(bin_size=False).results or b"")

    def _checked_sheet(self):
        """:meth:`_sheet`, which has to say what the results are now. Raises UserError."""
        sheet = self._sheet()
        told = transfer.parse_results(sheet) if sheet else None
        signer = self.decided_by_id.sudo()
        now = self._results_so_far(told.made_at if told else fields.Datetime.now(), signer)
        if now != told:
            raise UserError(self._changed_text())
        return sheet

    def _changed_text(self):
        return self.env._(
            "%(name)s: the results so far or the pupil's data changed since the head signed them. The head returns the "
            "change of school and signs anew.",
            name=self.pupil_name,
        )


class AssessmentResults(models.Model):
    _inherit = "hocba.assessment"

    def _says_something(self):
        """Whether anything was stated at this time of assessing."""
        texts = [self[name] for name in (*QUALITY_FIELDS, *COMPETENCE_FIELDS, *COMMENTS)]
        measures = (self.has_attendance, self.height, self.weight)
        lines = [line.level or line.score or line.comment for line in self.result_ids]
        return any((*texts, *measures, *lines))

    def _period_results(self):
        """``transfer.PeriodResults``: what was stated, word for word, on one line a text."""
        self.ensure_one()
        text = packet.clean_text
        foreign = self.from_other_school and self.origin_school
        return transfer.PeriodResults(
            period=self.period,
            assessed_at=text(foreign) or "",
            subjects=tuple(
                transfer.SubjectResult(
                    code=line._code(),
                    name=text(self.class_id._printed_subject(line.subject_id)),
                    level=line.level or None,
                    score=int(line.score) if line.score else None,
                    comment=text(line.comment),
                )
                for line in self.result_ids
                if line.level or line.score or text(line.comment)
            ),
            qualities=_pairs(self, packet.QUALITIES, "quality_"),
            competences=_pairs(self, packet.COMPETENCES, "competence_"),
            **{attribute: text(self[name]) for name, attribute in COMMENTS.items()},
            absences_excused=self.absences_excused if self.has_attendance else None,
            absences_unexcused=self.absences_unexcused if self.has_attendance else None,
            height=_decimal(self.height),
            weight=_decimal(self.weight),
        )


def _pairs(assessment, codes, prefix):
    return tuple((code, assessment[prefix + code]) for code in codes if assessment[prefix + code])


def _decimal(value):
    return Decimal(str(value)).quantize(Decimal("0.1")) if value else None
