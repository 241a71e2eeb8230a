from odoo import api, fields, models

from .subject import GRADES


class SchoolClass(models.Model):
    """A class of one school year, with its homeroom teacher and who teaches what."""

    _name = "hocba.class"
    _description = "Class"
    _order = "school_year_id desc, grade, name"
    _inherit = ["mail.thread"]
    _check_company_auto = True

    name = fields.Char("Class", required=True, tracking=True)
    grade = fields.Selection(GRADES, required=True, tracking=True)
    school_year_id = fields.Many2one(
        "hocba.school.year", "School year", required=True, ondelete="restrict", check_company=True, index=True
    )
    company_id = fields.Many2one("res.company", "School", required=True, default=lambda self: self.env.company)
    homeroom_id = fields.Many2one("res.users", "Homeroom teacher", tracking=True, index=True)
    assignment_ids = fields.One2many("hocba.assignment", "class_id", "Teaching assignments")
    enrolment_ids = fields.One2many("hocba.enrolment", "class_id", "Pupils of the class")
    record_ids = fields.One2many("hocba.record", "class_id", "Records")
    from_paper = fields.Boolean(
        "Taken over from paper", readonly=True, help="A class of another school, kept for the years of paper records."
    )
    paper_school = fields.Char("School of the paper record", readonly=True)
    paper_homeroom = fields.Char("Homeroom teacher on paper", readonly=True)
    active = fields.Boolean(default=True)
    color = fields.Integer()

    pupil_count = fields.Integer("Pupils", compute="_compute_counts")
    record_count = fields.Integer("Records created", compute="_compute_counts")
    blocked_count = fields.Integer("Blocked", compute="_compute_counts")
    ready_count = fields.Integer("Ready", compute="_compute_counts")
    signed_count = fields.Integer("Signed", compute="_compute_counts")
    submitted_count = fields.Integer("Accepted", compute="_compute_counts")
    locked_count = fields.Integer("Locked", compute="_compute_counts")
    waiting_gvbm_count = fields.Integer("Waiting for subject teachers", compute="_compute_counts")
    waiting_gvcn_count = fields.Integer("Waiting for the homeroom teacher", compute="_compute_counts")
    waiting_cbql_count = fields.Integer("Waiting for the head", compute="_compute_counts")
    waiting_seal_count = fields.Integer("Waiting for the seal", compute="_compute_counts")
    my_subject_names = fields.Char("My subjects", compute="_compute_my_subject_names")

    _name_once = models.UniqueIndex(
        "(name, school_year_id, company_id) WHERE from_paper IS NOT TRUE",
        "This class already exists in the school year.",
    )

    @api.depends("name", "school_year_id.name", "paper_school")
    def _compute_display_name(self):
        for school_class in self:
            where = ", ".join(filter(None, (school_class.school_year_id.name, school_class.paper_school)))
            school_class.display_name = f"{school_class.name or ''} ({where})"

    @api.depends("record_ids.state", "record_ids.waiting_for", "enrolment_ids.is_current")
    def _compute_counts(self):
        enrolments = (
            self.env["hocba.enrolment"]
            .sudo()
            ._read_group([("class_id", "in", self.ids), ("is_current", "=", True)], ["class_id"], ["__count"])
        )
        pupils = {school_class.id: count for school_class, count in enrolments}
        groups = (
            self.env["hocba.record"]
            .sudo()
            ._read_group(
                [("class_id", "in", self.ids), ("state", "!=", "recalled"), ("superseded_by_id", "=", False)],
                ["class_id", "state", "waiting_for"],
                ["__count"],
            )
        )
        counts = {}
        for school_class, state, waiting_for, count in groups:
            tally = counts.setdefault(school_class.id, {})
            tally[state] = tally.get(state, 0) + count
            tally[f"waiting_{waiting_for}"] = tally.get(f"waiting_{waiting_for}", 0) + count
            tally["all"] = tally.get("all", 0) + count
        for school_class in self:
            tally = counts.get(school_class.id, {})
            school_class.pupil_count = pupils.get(school_class.id, 0)
            school_class.record_count = tally.get("all", 0)
            school_class.blocked_count = tally.get("waiting_data", 0)
            school_class.ready_count = tally.get("draft", 0) - tally.get("waiting_data", 0)
            school_class.signed_count = tally.get("signed", 0)
            school_class.submitted_count = tally.get("submitted", 0)
            school_class.locked_count = tally.get("locked", 0) + tally.get("transferred", 0)
            school_class.waiting_gvbm_count = tally.get("waiting_gvbm", 0)
            school_class.waiting_gvcn_count = tally.get("waiting_gvcn", 0)
            school_class.waiting_cbql_count = tally.get("waiting_cbql", 0)
            school_class.waiting_seal_count = tally.get("waiting_seal", 0)

    @api.depends_context("uid")
    @api.depends("assignment_ids.teacher_id")
    def _compute_my_subject_names(self):
        for school_class in self:
            mine = school_class.assignment_ids.filtered(lambda line: line.teacher_id == self.env.user)
            school_class.my_subject_names = ", ".join(mine.subject_id.mapped("name"))

    def _ensure_assessments(self, period="year"):
        """Assessments of the current pupils in a period, created where missing, with a line per subject."""
        enrolments = self.enrolment_ids.filtered("is_current")
        existing = self.env["hocba.assessment"].search(
            [("enrolment_id", "in", enrolments.ids), ("period", "=", period)]
        )
        missing = enrolments - existing.enrolment_id
        created = self.env["hocba.assessment"].create(
            [{"enrolment_id": enrolment.id, "period": period} for enrolment in missing]
        )
        return existing | created

    def action_create_records(self):
        """Create the year's record of every current pupil who has none yet."""
        self.check_access("read")
        created = self.env["hocba.record"]._create_for_classes(self)
        return created._open_list(self.env._("Records of %(names)s", names=", ".join(self.mapped("name"))), self)

    def action_open_records(self):
        return self.record_ids._open_list(
            self.env._("Records of %(names)s", names=", ".join(self.mapped("name"))), self
        )

    def action_open_pupils(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_pupil")
        action["domain"] = [("enrolment_ids.class_id", "in", self.ids)]
        return action

    def action_open_assessments(self):
        if self.env["hocba.assessment"].has_access("create"):
            self._ensure_assessments()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_assessment")
        action["domain"] = [("class_id", "in", self.ids), ("period", "=", "year")]
        action["context"] = {}
        return action

    def action_sign_waiting(self):
        """Sign every record of the class that waits for the current user."""
        return self.record_ids.action_sign()
