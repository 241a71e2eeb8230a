"""Subject results that came from another school, and what the class grid says of such a row."""

from odoo import models

from .assessment_origin import changes_entry


class ResultOrigin(models.Model):
    _inherit = "hocba.result"

    def write(self, vals):
        if not self.assessment_id._is_transition():
            kinds = self.env["hocba.class"]._grid_kinds("result")
            for line in self.sudo().filtered("assessment_id.origin_transfer_id"):
                if changes_entry(line, vals, kinds):
                    line.assessment_id._refuse_change()
        return super().write(vals)

    def _in_origin(self):
        """These lines, open to what their origin says: for the methods of the hand-over only."""
        return self.with_context(**self.assessment_id._in_transition().env.context)


class ClassGridOrigin(models.Model):
    _inherit = "hocba.class"

    def _grid_fixed(self, results):
        """With what another school's head signed: a level, with its score where there is a test."""
        fixed = super()._grid_fixed(results)
        for line in results:
            origin = line.assessment_id.has_origin_document and line.level and (line.score or not line.needs_score)
            if origin:
                text = self.env._(
                    "Signed by the head of %(school)s; it is not changed here.", school=line.assessment_id.origin_school
                )
                fixed.setdefault((line.assessment_id.enrolment_id.id, line.subject_id.id), text)
        return fixed

    def _grid_states(self, assessments):
        states = super()._grid_states(assessments)
        for assessment in assessments.filtered("from_other_school"):
            locked, notice = states.get(assessment.id, ("", ""))
            came = self.env._("Assessed at another school: %(school)s.", school=assessment.origin_school)
            states[assessment.id] = (locked, notice or came)
        return states
