"""Ready or blocked, and why: the review of a class (design §6)."""

from markupsafe import Markup, escape

from odoo import api, fields, models


class SchoolClassReview(models.Model):
    _inherit = "hocba.class"

    finding_count = fields.Integer("To be reviewed", compute="_compute_findings")
    blocking_count = fields.Integer("Findings that block", compute="_compute_findings")
    readiness = fields.Selection(
        [("empty", "No records yet"), ("blocked", "Blocked"), ("ready", "Ready to sign"), ("done", "Signed")],
        compute="_compute_findings",
    )

    @api.depends("record_count", "blocked_count", "ready_count")
    def _compute_findings(self):
        groups = (
            self.env["hocba.finding"]
            .sudo()
            ._read_group([("class_id", "in", self.ids)], ["class_id", "severity"], ["__count"])
        )
        counts = {(school_class.id, severity): count for school_class, severity, count in groups}
        for school_class in self:
            blocking = counts.get((school_class.id, "block"), 0)
            school_class.blocking_count = blocking
            school_class.finding_count = blocking + counts.get((school_class.id, "warn"), 0)
            if blocking:
                school_class.readiness = "blocked" if school_class.record_count else "empty"
            elif not school_class.record_count:
                school_class.readiness = "empty"
            else:
                school_class.readiness = "ready" if school_class.ready_count else "done"

    def write(self, vals):
        result = super().write(vals)
        if {"name", "grade", "school_year_id"} & vals.keys():
            self.sudo().record_ids._compare_with_source()
        return result

    def action_review(self):
        """Everything that stands between these classes and their signatures, grouped by reason."""
        self.check_access("read")
        title = self.env._("Review: %(names)s", names=", ".join(self.mapped("name")) or "-")
        action = self.env["hocba.finding"]._open(
            [("class_id", "in", self.ids)], title, hide_class=len(self) == 1, search_default_blocking=1
        )
        action["help"] = self._review_help()
        return action

    def _review_help(self):
        """What the empty list says: all is ready, and whose turn it is."""
        waiting = {
            "waiting_gvbm_count": self.env._("subject teachers sign their results"),
            "waiting_gvcn_count": self.env._("the homeroom teacher signs"),
            "waiting_cbql_count": self.env._("the head signs"),
            "waiting_seal_count": self.env._("the clerk puts the seal on them"),
        }
        steps = [
            self.env._("%(count)s records: %(step)s.", count=sum(self.mapped(name)), step=step)
            for name, step in waiting.items()
            if any(self.mapped(name))
        ]
        if not steps:
            steps = [self.env._("All records of the class are signed.")]
        return Markup("<p class='o_view_nocontent_smiling_face'>{}</p><p>{}</p>").format(
            self.env._("Everything is ready"), Markup("<br/>").join(escape(step) for step in steps)
        )
