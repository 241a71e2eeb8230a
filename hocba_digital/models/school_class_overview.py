"""What a teacher's or head's card of a class tells at one look, and what its buttons do."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class SchoolClassOverview(models.Model):
    _inherit = "hocba.class"

    is_my_class = fields.Boolean("I am the homeroom teacher", compute="_compute_my_entries")
    my_entry_count = fields.Integer("Entries of my subjects", compute="_compute_my_entries")
    my_empty_count = fields.Integer("Empty entries of my subjects", compute="_compute_my_entries")
    incomplete_count = fields.Integer("Incomplete pupils", compute="_compute_incomplete_count")
    my_waiting_count = fields.Integer("Waiting for my signature", compute="_compute_my_waiting_count")

    @api.depends_context("uid")
    @api.depends("assignment_ids.teacher_id", "homeroom_id")
    def _compute_my_entries(self):
        mine = [("class_id", "in", self.ids), ("teacher_id", "=", self.env.uid), ("period", "=", "year")]
        mine += [("required", "=", True), ("assessment_id.enrolment_id.is_current", "=", True)]
        empty = [*mine, "|", ("level", "=", False), "&", "&", ("has_test", "=", True), ("score", "=", False)]
        empty += [("level", "!=", "M")]
        results = self.env["hocba.result"].sudo()
        totals = dict(results._read_group(mine, ["class_id"], ["__count"]))
        empties = dict(results._read_group(empty, ["class_id"], ["__count"]))
        for school_class in self:
            school_class.my_entry_count = totals.get(school_class, 0)
            school_class.my_empty_count = empties.get(school_class, 0)
            school_class.is_my_class = school_class.homeroom_id == self.env.user

    @api.depends("enrolment_ids.assessment_ids.missing_count")
    def _compute_incomplete_count(self):
        domain = [("class_id", "in", self.ids), ("period", "=", "year"), ("missing_count", ">", 0)]
        domain += [("enrolment_id.is_current", "=", True)]
        groups = self.env["hocba.assessment"].sudo()._read_group(domain, ["class_id"], ["__count"])
        counts = dict(groups)
        for school_class in self:
            school_class.incomplete_count = counts.get(school_class, 0)

    @api.depends_context("uid")
    @api.depends("waiting_gvcn_count", "waiting_cbql_count", "waiting_seal_count", "homeroom_id")
    def _compute_my_waiting_count(self):
        user = self.env.user
        head = user.has_group("hocba_digital.group_head")
        clerk = user.has_group("hocba_digital.group_clerk")
        for school_class in self:
            count = school_class.waiting_gvcn_count if school_class.homeroom_id == user else 0
            if head and school_class.company_id.sudo().hocba_head_id == user:
                count += school_class.waiting_cbql_count
            if clerk:
                count += school_class.waiting_seal_count
            school_class.my_waiting_count = count

    @api.model
    def action_open_my_class(self):
        """Year-end assessments of the classes whose homeroom teacher is the current user."""
        classes = self.search([("homeroom_id", "=", self.env.uid)])
        classes._ensure_assessments()
        action = self.env["ir.actions.act_window"]._for_xml_id("hocba_digital.action_my_class")
        if len(classes) == 1:
            action["display_name"] = action["name"] = self.env._("My class: %(name)s", name=classes.name)
        elif classes:
            action["context"] = {"search_default_group_class": 1}
        return action

    def action_sign_all_waiting(self):
        """Sign what waits for the current user in these classes, or in the whole school when none is chosen."""
        domain = fields.Domain("waiting_for", "in", self._my_roles())
        domain &= fields.Domain("company_id", "in", self.env.companies.ids)
        if self:
            domain &= fields.Domain("class_id", "in", self.ids)
        records = self.env["hocba.record"].search(domain).filtered("can_sign")
        if not records:
            raise UserError(self.env._("No record waits for your signature."))
        return records.action_sign()

    def _my_roles(self):
        groups = {"gvcn": "group_homeroom", "cbql": "group_head", "seal": "group_clerk"}
        return [role for role, group in groups.items() if self.env.user.has_group(f"hocba_digital.{group}")]

    def action_open_waiting(self):
        """Records of the class that wait for the current user."""
        self.ensure_one()
        action = self.action_open_records()
        action["context"] = {"search_default_to_sign": 1}
        return action

    def action_open_incomplete(self):
        self.ensure_one()
        action = self.action_open_assessments()
        action["context"] = {"search_default_incomplete": 1}
        return action
