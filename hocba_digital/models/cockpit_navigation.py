"""From a number of the cockpit to its records, and to the screen that moves them on."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .cockpit_roles import ROLES, SIGNING
from .cockpit_sql import STAGE_OF_SUBMISSION

_SUMMER = ["|", "|", ("class_completed", "=", "no"), ("promoted", "=", "summer"), ("reassessment_count", ">", 0)]
_CLERK = "hocba_digital.group_clerk"
_GROUP = {role.code: role.group for role in ROLES}
#: The column whose records the user can move on, most urgent first, and who does it.
_STEPS = (
    *(("failed", _CLERK), ("unknown", _CLERK), ("refused", _CLERK)),
    *((f"signing.{role}", _GROUP[role]) for role in SIGNING),
    *(("signed", _CLERK), ("none", _CLERK), ("none", "hocba_digital.group_homeroom")),
    *(("blocked", _CLERK), ("blocked", "hocba_digital.group_homeroom")),
)


class CockpitNavigation(models.Model):
    _inherit = "hocba.cockpit"

    def _steps(self, counts):
        """What this person can do now: columns with records that wait for the own role."""
        user, steps = self.env.user, []
        labels = {
            "failed": lambda count: self.env._("See why %(count)s could not be sent", count=count),
            "unknown": lambda count: self.env._("Ask what became of %(count)s", count=count),
            "refused": lambda count: self.env._("Correct %(count)s refused", count=count),
            "signing.seal": lambda count: self.env._("Seal %(count)s", count=count),
            "signed": lambda count: self.env._("Send %(count)s", count=count),
            "none": lambda count: self.env._("Create %(count)s records", count=count),
            "blocked": lambda count: self.env._("Complete the data of %(count)s", count=count),
        }
        for column, group in _STEPS:
            count = counts.get(column)
            if count and user.has_group(group) and column not in [step["column"] for step in steps]:
                label = labels.get(column, lambda count: self.env._("Sign %(count)s", count=count))
                steps.append({"column": column, "count": count, "label": label(count)})
        return steps

    @api.model
    def open_records(self, column, **where):
        """The list behind a number. ``where``: as in :meth:`_place`."""
        classes, summer = self._place(column, **where)
        if column == "none":
            return self._pupils_without(classes, summer)
        action = self.env["hocba.record"]._open_list(self._title(column, classes))
        action["domain"] = self._record_domain(column, classes, summer)
        return action

    @api.model
    def open_step(self, column, **where):
        """The screen that moves these records on, for this person; their list where it is somebody else's turn."""
        classes, summer = self._place(column, **where)
        if column == "none":
            return self._create_step(classes)
        if column == "blocked":
            return classes.action_review()
        if column in ("sent", "unknown", "failed") and self.env["hocba.submission"].has_access("read"):
            return self._open_submissions(column, classes)
        records = self.env["hocba.record"].search(self._record_domain(column, classes, summer))
        if column.startswith("signing."):
            mine = records.filtered("can_sign")
            return mine.action_sign() if mine else self.open_records(column, **where)
        if column == "signed" and self.env.user.has_group(_CLERK):
            action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_send_wizard")
            action["context"] = {"active_model": "hocba.record", "active_ids": records.ids}
            return action
        if column == "refused":
            action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_record_refused")
            return {**action, "domain": self._record_domain(column, classes, summer)}
        return self.open_records(column, **where)

    def _place(self, column, company_id=False, kind=False, day=False, class_ids=None, year=None):
        """(classes, whether after summer) of the number that was clicked, for what the user may read."""
        self.check_access("read")
        self.env["hocba.record"].check_access("read")
        stage, _dot, role = column.partition(".")
        domain = [("stage", "=", stage), ("company_id", "in", [company_id] if company_id else self.env.companies.ids)]
        domain += [("role", "=", role)] if role else []
        domain += [("kind", "=", kind)] if kind else []
        domain += [("deadline", "=", fields.Date.to_date(day))] if day else []
        domain += [("class_id", "in", class_ids)] if class_ids else []
        domain += [("school_year_id.name", "=", year)] if year else []
        classes = self.search(domain).class_id
        if not classes:
            raise UserError(self.env._("Nothing waits here any more. Refresh the screen."))
        return classes, kind and kind == "deadline_school_summer"

    def _title(self, column, classes):
        stage, _dot, role = column.partition(".")
        label = (
            self._role_labels()[role] if role else dict(self._fields["stage"]._description_selection(self.env))[stage]
        )
        names = ", ".join(classes.mapped("name")) if len(classes) <= 3 else ""
        return f"{label}: {names}" if names else label

    def _record_domain(self, column, classes, summer):
        stage, _dot, role = column.partition(".")
        domain = [("class_id", "in", classes.ids), *self._stage_domain(stage, role)]
        if summer is not False and summer is not None:
            domain.append(("assessment_id", "any" if summer else "not any", _SUMMER))
        return domain

    def _stage_domain(self, stage, role):
        pending = [("verdict", "=", "pending"), ("submission_id.kind", "=", "1")]
        if stage == "signing":
            return [("state", "=", "draft"), ("waiting_for", "=", role)]
        if stage in ("sent", "unknown", "failed"):
            if not self.env["hocba.submission.line"].has_access("read"):
                return [("state", "=", "signed"), ("waiting_for", "=", "department")]
            named = [state for state, name in STAGE_OF_SUBMISSION.items() if name == stage]
            state = ("in", named) if named else ("not in", list(STAGE_OF_SUBMISSION))
            return [
                ("state", "=", "signed"),
                ("submission_line_ids", "any", [*pending, ("submission_id.state", *state)]),
            ]
        return {
            "blocked": [("state", "=", "draft"), ("waiting_for", "=", "data")],
            "signed": [("state", "=", "signed"), ("waiting_for", "=", "sending"), ("refusal", "in", (False, ""))],
            "refused": [("state", "=", "signed"), ("waiting_for", "=", "sending"), ("refusal", "not in", (False, ""))],
            "accepted": [("state", "=", "submitted")],
            "locked": [("state", "in", ("locked", "transferred"))],
        }[stage]

    def _pupils_without(self, classes, summer):
        """Current pupils of the classes who have no record yet."""
        enrolled = [
            ("class_id", "in", classes.ids),
            ("is_current", "=", True),
            ("not_assessed", "!=", True),
            ("record_ids", "not any", [("state", "!=", "recalled")]),
        ]
        if summer is not False and summer is not None:
            late = [("period", "=", "year"), *_SUMMER]
            enrolled.append(("assessment_ids", "any" if summer else "not any", late))
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_pupil")
        action["display_name"] = action["name"] = self._title("none", classes)
        return {**action, "domain": [("enrolment_ids", "any", enrolled)], "context": {}}

    def _create_step(self, classes):
        """Clerk: the classes with “Create records”; homeroom teacher: the grid, as an assessment comes first."""
        if not self.env.user.has_group(_CLERK):
            return classes[:1].action_open_grid()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_class")
        return {
            **action,
            "domain": [("id", "in", classes.ids)],
            "context": {},
            "view_mode": "list,form",
            "views": [(self.env.ref("hocba_digital.view_class_list").id, "list"), (False, "form")],
        }

    def _open_submissions(self, column, classes):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_submission")
        named = [state for state, name in STAGE_OF_SUBMISSION.items() if name == column]
        state = ("in", named) if named else ("not in", [*STAGE_OF_SUBMISSION, "accepted", "partly", "refused"])
        lines = [("record_id.class_id", "in", classes.ids), ("verdict", "=", "pending")]
        domain = [("kind", "=", "1"), ("state", *state), ("line_ids", "any", lines)]
        return {**action, "domain": domain, "context": {}}

    def action_open_records(self):
        """The records behind a line of the list."""
        self.ensure_one()
        return self.open_records(self._column(), **self._where())

    def action_open_step(self):
        """The next step for the records of a line of the list."""
        self.ensure_one()
        return self.open_step(self._column(), **self._where())

    def _column(self):
        return f"signing.{self.role}" if self.stage == "signing" else self.stage

    def _where(self):
        return {
            "company_id": self.company_id.id,
            "kind": self.kind,
            "day": fields.Date.to_string(self.deadline),
            "class_ids": self.class_id.ids,
        }
