"""Models whose content fields are followed in the change log."""

from odoo import api, models
from odoo.tools import format_date, ormcache

#: The log is a document of the school: it is kept in the language of its forms.
LANGUAGE = "vi_VN"


class LoggedMixin(models.AbstractModel):
    """Notes the old value of every stored field that a person can write, before it is written.

    The log costs no query while writing (the rows are read anyway) and one INSERT a transaction. ``hocba_reason`` in
    the context says why, where a screen asks for it. ``_log_creation``: a row also says that the row was added.
    """

    _name = "hocba.logged.mixin"
    _description = "Rows with a change log"

    _log_creation = False

    @api.model
    @ormcache()
    def _logged_names(self):
        """Names of the content fields: stored, entered by a person, no links to lines or files."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store
            and field.column_type
            and name not in models.MAGIC_COLUMNS
            and field.type != "binary"
            and not (field.compute and field.readonly)
            and not name.startswith(("message_", "activity_"))
        )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        for row, vals in zip(rows, vals_list, strict=True):
            row._log_addition(vals)
        return rows

    def _log_addition(self, vals):
        links = {"assessment_id", "subject_id", "enrolment_id", "period", "company_id", "pupil_id"}
        given = {name for name in self._logged_names() & vals.keys() if vals[name]} - links
        if not given and not self._log_creation:
            return
        entry = self._log_entry()
        if self._log_creation:
            entry["lines"].append({**self._change_place(), "kind": "created", "new_value": self._summary(given)})
            return
        empty = self.new()
        for name in given:
            entry["before"].setdefault(name, empty[name] if self._fields[name].relational else False)

    def write(self, vals):
        names = self._logged_names() & vals.keys()
        if names:
            for row in self.sudo():
                before = row._log_entry()["before"]
                for name in names - before.keys():
                    before[name] = row[name]
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _log_deletion(self):
        for row in self.sudo():
            entry = row._log_entry()
            entry["before"].clear()
            entry["lines"].append(
                {**row._change_place(), "kind": "deleted", "old_value": row._summary(row._logged_names())}
            )

    def _log_entry(self):
        pending = self.env["hocba.change"]._pending()
        reason = self.env.context.get("hocba_reason") or False
        entry = pending.setdefault(
            (self._name, self.id), {"user": self.env.uid, "reason": reason, "before": {}, "lines": []}
        )
        entry["reason"] = reason or entry["reason"]
        return entry

    def _change_place(self):
        """Which pupil, class, period and subject the row belongs to."""
        pupil = self if self._name == "hocba.pupil" else self.pupil_id
        place = {"pupil_id": pupil.id, "class_id": self.class_id.id, "company_id": self.company_id.id}
        for name in ("period", "subject_id", "teacher_id"):
            if name in self._fields:
                value = self[name]
                place[name] = value.id if self._fields[name].relational else value
        return place

    def _changed_lines(self, before):
        env = self.with_context(lang=LANGUAGE).env
        return [
            {
                "field_name": name,
                "field_label": self._fields[name]._description_string(env),
                "old_value": self._shown(env, name, old),
                "new_value": self._shown(env, name, self[name]),
            }
            for name, old in sorted(before.items())
            if (old or False) != (self[name] or False)
        ]

    def _summary(self, names):
        """The row's filled fields in one text, in the order of the model."""
        env = self.with_context(lang=LANGUAGE).env
        return "; ".join(
            f"{field._description_string(env)}: {self._shown(env, name, self[name])}"
            for name, field in self._fields.items()
            if name in names and self[name] and name not in ("company_id", "active", "pupil_id", "assessment_id")
        )

    def _shown(self, env, name, value):
        """The value as the screen shows it; False when empty."""
        field = self._fields[name]
        if field.type == "boolean":
            return env._("Yes") if value else env._("No")
        if not value and not (field.type == "integer" and value == 0):
            return False
        if field.type == "selection":
            return dict(field._description_selection(env)).get(value, value)
        if field.type == "many2one":
            return value.sudo().with_env(env(su=True)).display_name
        if field.type == "date":
            return format_date(env, value, date_format="dd/MM/yyyy")
        return f"{value:g}" if field.type == "float" else str(value)

    def action_open_changes(self):
        """The change log of these rows; of a pupil and an assessment with everything that belongs to them."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_change")
        action["context"] = {"hide_pupil": len(self) == 1}
        action["domain"] = self._change_domain()
        return action

    def _change_domain(self):
        return [("model", "=", self._name), ("res_id", "in", self.ids)]
