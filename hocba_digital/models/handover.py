from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class Handover(models.Model):
    """Handing the results of a class over to next year's teacher (TT 27, Art. 12.2).

    ::

        draft --homeroom teacher hands over--> given --receiver accepts--> accepted
          ^                                      |
          +---------- receiver asks back --------+

    An accepted hand-over is closed for everyone.
    """

    _name = "hocba.handover"
    _description = "Hand-over of a Class"
    _inherit = ["mail.thread", "mail.activity.mixin", "hocba.frozen.mixin"]
    _order = "id desc"
    _check_company_auto = True

    _frozen_states = ("accepted",)

    name = fields.Char(compute="_compute_name")
    class_id = fields.Many2one("hocba.class", required=True, readonly=True, index=True, check_company=True)
    target_class_id = fields.Many2one("hocba.class", "Class of the next year", readonly=True, check_company=True)
    company_id = fields.Many2one(related="class_id.company_id", store=True)
    school_year_id = fields.Many2one(related="class_id.school_year_id", store=True)
    giver_id = fields.Many2one("res.users", "Handed over by", required=True, readonly=True, index=True)
    receiver_id = fields.Many2one("res.users", "Received by", required=True, tracking=True, index=True)
    state = fields.Selection(
        [("draft", "In preparation"), ("given", "Handed over"), ("accepted", "Received")],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
    )
    given_at = fields.Datetime("Handed over at", readonly=True)
    accepted_at = fields.Datetime("Received at", readonly=True)
    note = fields.Text("On the class as a whole")
    line_ids = fields.One2many("hocba.handover.line", "handover_id", "Pupils")
    pupil_count = fields.Integer(compute="_compute_pupil_count")
    is_giver = fields.Boolean(compute="_compute_my_part")
    is_receiver = fields.Boolean(compute="_compute_my_part")

    _once = models.UniqueIndex(
        "(class_id, COALESCE(target_class_id, 0))", "This class is being handed over to that class already."
    )

    @api.depends("class_id.name", "target_class_id.name", "receiver_id.name")
    def _compute_name(self):
        for handover in self:
            handover.name = self.env._(
                "Class %(class_name)s (%(year)s) to %(target)s",
                class_name=handover.sudo().class_id.name or "",
                year=handover.school_year_id.name or "",
                target=handover.sudo().target_class_id.name or handover.receiver_id.name or "",
            )

    @api.depends("line_ids")
    def _compute_pupil_count(self):
        for handover in self:
            handover.pupil_count = len(handover.line_ids)

    @api.depends_context("uid")
    @api.depends("giver_id", "receiver_id")
    def _compute_my_part(self):
        for handover in self:
            handover.is_giver = handover.giver_id == self.env.user
            handover.is_receiver = handover.receiver_id == self.env.user

    @api.model
    def _start(self, school_class):
        """Hand-overs of a class: one for each class of the next year that its pupils go to, the rest to the head."""
        school_class.ensure_one()
        user = self.env.user
        if school_class.homeroom_id != user and not user.has_group("hocba_digital.group_clerk"):
            raise AccessError(
                self.env._("Only the homeroom teacher hands over class %(name)s.", name=school_class.name)
            )
        existing = self.sudo().search([("class_id", "=", school_class.id)])
        targets = {one.target_class_id.id for one in existing}
        values = [
            self._new_values(school_class, target, enrolments)
            for target, enrolments in self._pupils_by_target(school_class).items()
            if target.id not in targets
        ]
        created = self.sudo().create(values)
        return (existing | created).sudo(False)

    def _pupils_by_target(self, school_class):
        """Class of the next year (empty: none) -> enrolments of this class whose pupils go there."""
        groups = {}
        for enrolment in school_class.sudo().enrolment_ids.filtered("is_current"):
            later = enrolment.pupil_id.enrolment_ids.filtered(
                lambda line, enrolment=enrolment: line.is_current and line.school_year_name > enrolment.school_year_name
            )
            target = later.sorted("school_year_name")[:1].class_id
            if not target and not enrolment.after_year:
                raise UserError(
                    self.env._(
                        "%(pupil)s has no class in the next year yet. The clerk starts the next school year first, "
                        "after the promotion of every pupil is decided.",
                        pupil=enrolment.pupil_id.name,
                    )
                )
            groups[target] = groups.get(target, self.env["hocba.enrolment"]) | enrolment
        return groups

    def _new_values(self, school_class, target, enrolments):
        receiver = target.homeroom_id or school_class.company_id.sudo().hocba_head_id
        if not receiver:
            raise UserError(
                self.env._("Class %(name)s of the next year has no homeroom teacher yet.", name=target.name or "")
            )
        return {
            "class_id": school_class.id,
            "target_class_id": target.id,
            "giver_id": school_class.homeroom_id.id or self.env.uid,
            "receiver_id": receiver.id,
            "line_ids": [
                (0, 0, {"enrolment_id": enrolment.id})
                for enrolment in enrolments.sorted(lambda line: line.pupil_id.name or "")
            ],
        }

    def action_give(self):
        """The homeroom teacher hands over: the receiver gets a task."""
        for handover in self:
            if handover.giver_id != self.env.user:
                raise AccessError(
                    self.env._("%(name)s hands this class over.", name=handover.giver_id.sudo().name or "?")
                )
            if handover.state != "draft":
                raise UserError(self.env._("%(name)s is handed over already.", name=handover.name))
            handover._move("given", given_at=fields.Datetime.now())
            handover.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Look through the class you receive and accept it"),
                user_id=handover.receiver_id.id,
            )

    def action_accept(self):
        """The receiving teacher accepts; from then on the hand-over is closed."""
        for handover in self:
            handover._check_receives()
            handover.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            handover.flush_recordset()
            handover._move("accepted", accepted_at=fields.Datetime.now())

    def action_ask_back(self):
        """The receiving teacher wants more: back to the giver."""
        for handover in self:
            handover._check_receives()
            handover.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            handover._move("draft", given_at=False)
            handover.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("%(name)s asks for more on the class", name=self.env.user.name),
                user_id=handover.giver_id.id,
            )

    def _check_receives(self):
        if self.receiver_id != self.env.user:
            raise AccessError(self.env._("%(name)s receives this class.", name=self.receiver_id.sudo().name or "?"))
        if self.state != "given":
            raise UserError(self.env._("%(name)s is not handed over yet.", name=self.name))

    def _move(self, state, **values):
        self.sudo()._in_transition().write({"state": state, **values})

    def write(self, vals):
        if not self._is_transition() and {"state", "given_at", "accepted_at", "giver_id", "class_id"} & set(vals):
            raise UserError(self.env._("A hand-over changes its state by its buttons only."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for handover in self:
            if handover.state != "draft":
                raise UserError(self.env._("%(name)s is handed over and is kept.", name=handover.name))
