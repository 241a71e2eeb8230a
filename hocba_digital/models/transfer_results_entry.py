"""The school that a pupil comes to within the year: the results so far are checked, then entered with their origin."""

import base64
import hashlib

from odoo import fields, models
from odoo.exceptions import UserError

from ..core import signing, transfer
from .class_grid_columns import COMMENTS


class TransferResultsEntry(models.Model):
    _inherit = "hocba.transfer"

    # Checked when the file comes ------------------------------------------------------------------------------

    def _arriving_results(self, found, trust):
        """Values that keep the document, and how checking the head's signature ended."""
        if not found.results:
            return {}
        report = self._head_report(found, trust)
        return {
            "results": base64.b64encode(found.sheet),
            "results_digest": hashlib.sha256(found.sheet).hexdigest(),
            "results_year": found.results.school_year,
            "results_result": report.result,
        }

    def _head_report(self, found, trust):
        return signing.verify_list(found.sheet, trust, id_number=found.results.head_id_number)

    def _results_finding(self, found, trust):
        """What is to be said of the results so far: the signature, and subjects that this school does not know."""
        if not found.results:
            return []
        report = self._head_report(found, trust)
        texts = [
            self.env._("Results so far: %(finding)s", finding=item.text_vi)
            for item in report.reasons
            if not item.is_note
        ]
        if report.signer_name and report.signer_name.casefold() != found.results.head_name.casefold():
            texts.append(
                self.env._(
                    "The results so far name %(head)s as the head, the certificate is of %(name)s.",
                    head=found.results.head_name,
                    name=report.signer_name,
                )
            )
        unknown = {
            line.code: line.name
            for period in found.results.periods
            for line in period.subjects
            if line.code not in self._subjects_by_code()
        }
        if unknown:
            texts.append(
                self.env._(
                    "Subjects that this school does not know: %(subjects)s. Their results stay in the document and are "
                    "not entered.",
                    subjects=", ".join(f"{name} ({code})" for code, name in unknown.items()),
                )
            )
        return texts

    def _subjects_by_code(self):
        return {
            code: subject
            for subject in self.env["hocba.subject"].sudo().search([])
            for code in (subject.code, subject.moet_code)
            if code
        }

    def _check_head_signed(self, found):
        """The results so far are signed by their head with a trusted certificate: no reason replaces that."""
        if found.results and not transfer.believed(self._head_report(found, self.env["hocba.trust"]._store())):
            raise UserError(
                self.env._(
                    "%(name)s: the results so far are not signed by the head of the other school with a trusted "
                    "certificate. Such a file is refused; ask the other school for a new one.",
                    name=self.pupil_name,
                )
            )

    # Entered when there is a class ------------------------------------------------------------------------------

    def _enter_results(self):
        """Enter the results so far in the pupil's class of that year; waits where the pupil has none yet.

        A period in which anything was entered here stays as it is. What is not entered is named in the note.
        """
        self.ensure_one()
        if not self.results_year or self.results_entered_at or not self.pupil_id:
            return
        line = self.pupil_id.enrolment_ids.filtered(
            lambda each: each.is_current and each.class_id and each.school_year_name == self.results_year
        )[:1]
        if not line:
            return
        told = transfer.parse_results(self._sheet())
        notes = []
        if int(line.class_id.grade) != told.grade:
            notes.append(
                self.env._(
                    "Grade %(there)s at the other school, grade %(here)s here: nothing was entered.",
                    there=told.grade,
                    here=line.class_id.grade,
                )
            )
        else:
            for period in told.periods:
                notes += self._enter_period(line, told, period)
            notes += self._enter_decisions(line, told)
        text = "\n".join(notes) or self.env._("All results so far were entered.")
        self._in_transition().write({"results_note": text, "results_entered_at": fields.Datetime.now()})
        self.message_post(body=self.env._("Results so far, class %(name)s: %(text)s", name=line.class_name, text=text))

    def _enter_period(self, line, told, period):
        """One period; returns what could not be entered, as texts."""
        model = self.env["hocba.assessment"].sudo()
        label = dict(model._fields["period"]._description_selection(self.env))[period.period]
        assessment = model.search([("enrolment_id", "=", line.id), ("period", "=", period.period)])
        if assessment and assessment._says_something():
            return [
                self.env._(
                    "%(period)s: results were entered here already and stay; those of the other school are in its "
                    "document.",
                    period=label,
                )
            ]
        assessment = assessment or model.create({"enrolment_id": line.id, "period": period.period})
        assessment._ensure_results()
        skipped = assessment._in_transition()._take_period(period, self._subjects_by_code())
        assessment._in_transition().write(
            {
                "from_other_school": True,
                "origin_school": period.assessed_at or told.school.name,
                "origin_transfer_id": self.id,
            }
        )
        return [self.env._("%(period)s, not entered: %(what)s.", period=label, what=what) for what in skipped]


class AssessmentTaking(models.Model):
    _inherit = "hocba.assessment"

    def _take_period(self, period, subjects):
        """Enter what another school stated. Returns what has no place here, in words. ``subjects``: code -> subject."""
        self.ensure_one()
        traits = {f"quality_{code}": level for code, level in period.qualities}
        traits |= {f"competence_{code}": level for code, level in period.competences}
        values = {**traits, **{name: getattr(period, attribute) or False for name, attribute in COMMENTS.items()}}
        if period.absences_excused is not None:
            values |= {
                "has_attendance": True,
                "absences_excused": period.absences_excused,
                "absences_unexcused": period.absences_unexcused,
            }
        values |= {name: float(getattr(period, name)) for name in ("height", "weight") if getattr(period, name)}
        self.write(values)
        return [text for line in period.subjects for text in self._take_subject(line, subjects.get(line.code))]

    def _take_subject(self, told, subject):
        if not subject:
            return [f"{told.name} ({told.code})"]
        line = self.result_ids.filtered(lambda each: each.subject_id == subject)
        line = line or self.env["hocba.result"].sudo().create({"assessment_id": self.id, "subject_id": subject.id})
        exempt = bool(line._exempt_lines())
        left = []
        values = {"comment": told.comment or False}
        if exempt and (told.level not in (None, "M") or told.score is not None):
            left.append(self.env._("%(subject)s, because the pupil is exempt here", subject=subject.name))
        elif not exempt:
            values["level"] = told.level or False
            if told.score is not None and not line.has_test:
                left.append(
                    self.env._("%(subject)s, score %(score)s: no test here", subject=subject.name, score=told.score)
                )
            elif told.score is not None:
                values["score"] = str(told.score)
        line._in_origin().write(values)
        return left
