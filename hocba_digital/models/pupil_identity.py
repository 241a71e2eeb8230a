"""Identity of a pupil who has a signed record: it changes by a decision on civil status only."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.masking import masked_text
from .frozen_mixin import TRANSITION
from .logged_mixin import LANGUAGE
from .pupil import _tidy

#: What the civil-status register states. A number that was still missing may be entered without a decision.
IDENTITY_FIELDS = (
    *("name", "birth_date", "gender", "ethnicity_id", "nationality_id", "birth_place", "home_town"),
    *("father_name", "mother_name", "id_number"),
)


class PupilIdentity(models.Model):
    _inherit = "hocba.pupil"

    correction_ids = fields.One2many("hocba.correction", "pupil_id", "Civil-status corrections", readonly=True)
    identity_held = fields.Boolean("Identity fixed by a signed record", compute="_compute_identity_held")

    @api.depends("record_ids.state", "record_ids.refusal")
    def _compute_identity_held(self):
        held = self._identity_is_held()
        for pupil in self:
            pupil.identity_held = pupil in held

    def _signed_records(self):
        """Records of these pupils that somebody may rely on: signed ones, unless the department refused them."""
        return (
            self.env["hocba.record"]
            .sudo()
            .search(
                [
                    ("pupil_id", "in", self._origin.ids),
                    "|",
                    ("state", "in", ("submitted", "locked", "transferred")),
                    "&",
                    ("state", "=", "signed"),
                    ("refusal", "in", (False, "")),
                ]
            )
        )

    def _identity_is_held(self):
        """Those of these pupils whose identity no longer changes without a decision."""
        return self & self._signed_records().pupil_id.with_env(self.env)

    def _held_changes(self, vals):
        """Pupil -> names of identity fields that ``vals`` would change although they are held.

        For imports: ask before writing, report per row, and leave those values out.
        """
        asked = [name for name in IDENTITY_FIELDS if name in vals]
        if not asked:
            return {}
        vals = _tidy(vals)
        changed = {}
        for pupil in self.sudo():
            names = [name for name in asked if pupil._is_changed(name, vals[name])]
            if not pupil.id_number and "id_number" in names:
                names.remove("id_number")
            if names:
                changed[pupil] = names
        if not changed:
            return {}
        held = self.concat(*changed).sudo(self.env.su)._identity_is_held()
        return {pupil: names for pupil, names in changed.items() if pupil in held}

    def _is_changed(self, name, value):
        field = self._fields[name]
        stored = field.convert_to_cache(self[name], self, validate=False)
        return (field.convert_to_cache(value, self, validate=False) or None) != (stored or None)

    def write(self, vals):
        if self.env.context.get("hocba_transition") is not TRANSITION:
            for pupil, names in self._held_changes(vals).items():
                raise UserError(pupil._held_text(names))
        return super().write(vals)

    def _held_text(self, names):
        labels = [self._fields[name]._description_string(self.env) for name in names]
        return self.env._(
            "%(name)s has a signed record, so this changes only by a decision on civil status: %(fields)s. Use "
            "“Correct civil status” on the pupil's page. (The head can reopen a record that is not sent yet instead.)",
            name=self.name,
            fields=", ".join(labels),
        )

    def _correct_identity(self, vals, decision):
        """Change held identity fields by a decision; returns the ``hocba.correction``.

        ``decision``: decision_number, decision_date, issuing_body, scan, scan_name. The signed records stay as they
        are and carry the annotation.
        """
        self.ensure_one()
        if not self.env.user.has_group("hocba_digital.group_clerk"):
            raise AccessError(self.env._("Only the clerk enters a correction of civil status."))
        self.check_access("write")
        before = {name: self[name] for name in IDENTITY_FIELDS if name in vals}
        changed = {name: value for name, value in vals.items() if self._is_changed(name, value)}
        correction = self.env["hocba.correction"].new(decision)
        reason = correction.with_context(lang=LANGUAGE)._annotation()
        self.with_context(hocba_transition=TRANSITION, hocba_reason=reason).write(changed)
        lines = self._changed_lines(before)
        if not lines:
            raise UserError(self.env._("Nothing is corrected: every value is the one that is stored already."))
        records = self._signed_records()
        correction = (
            self.env["hocba.correction"]
            .sudo()
            .create(
                {
                    **decision,
                    "pupil_id": self.id,
                    "company_id": self.company_id.id,
                    "user_id": self.env.uid,
                    "summary": "\n".join(
                        f"{line['field_label']}: {line['old_value'] or '-'} → {line['new_value'] or '-'}"
                        for line in lines
                    ),
                    "record_ids": [(6, 0, records.ids)],
                }
            )
        )
        self.env["hocba.event"]._log(records, "corrected", f"{reason}\n{masked_text(correction.summary)}")
        return correction.sudo(False)

    def action_open_corrections(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_correction")
        action["domain"] = [("pupil_id", "in", self.ids)]
        return action
