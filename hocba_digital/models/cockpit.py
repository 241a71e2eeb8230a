"""Where the records of a school year stand, by class, deadline and who is waited for."""

from odoo import fields, models, tools

from .cockpit_roles import ROLES
from .cockpit_sql import STAGES, VIEW
from .deadline import KINDS
from .subject import GRADES


class Cockpit(models.Model):
    """Counts of pupils by class, deadline, stage and the person whose turn it is.

    A database view: never out of date, and it names no pupil, so that the administrator may read it too.
    """

    _name = "hocba.cockpit"
    _inherit = ["hocba.ordered.mixin"]
    _description = "Progress of the Records"
    _auto = False
    _order = "deadline, class_id, stage, id"
    _rec_name = "class_id"
    _depends = {
        "hocba.class": [
            "active",
            "from_paper",
            "homeroom_id",
            "grade",
            "school_year_id",
            "deadline",
            "deadline_summer",
        ],
        "hocba.enrolment": ["class_id", "pupil_id", "is_current", "not_assessed"],
        "hocba.record": [
            *("state", "waiting_for", "refusal", "findings", "enrolment_id", "pupil_id", "school_year_id"),
            *("head_mandate_id", "homeroom_mandate_id"),
        ],
        "hocba.mandate": ["user_id"],
        "hocba.assessment": ["enrolment_id", "period", "class_completed", "promoted", "reassessment_count"],
        "hocba.result": ["teacher_id"],
        "hocba.assignment": ["class_id", "teacher_id"],
        "hocba.signature": ["record_id", "role", "user_id", "valid"],
        "hocba.submission": ["state", "kind"],
        "hocba.submission.line": ["record_id", "submission_id", "verdict"],
        "hocba.event": ["record_id", "kind", "at"],
        "res.company": ["hocba_head_id"],
    }

    company_id = fields.Many2one("res.company", "School", readonly=True)
    school_year_id = fields.Many2one("hocba.school.year", "School year", readonly=True)
    class_id = fields.Many2one("hocba.class", readonly=True)
    grade = fields.Selection(GRADES, readonly=True)
    kind = fields.Selection(KINDS[:2], "Deadline", readonly=True)
    deadline = fields.Date("Before", readonly=True)
    stage = fields.Selection(STAGES, readonly=True)
    role = fields.Selection([(role.code, role.label) for role in ROLES], "Waiting for", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    pupils = fields.Integer("Number of pupils", readonly=True)
    since = fields.Datetime("Waiting since", readonly=True, aggregator="min")

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(f"CREATE VIEW {self._table} AS ({VIEW})")  # pylint: disable=sql-injection
