"""Who may sign a record's part today, and in whose place (decree 30/2020, Art. 13; QĐ 1789, Art. 14.5 and 14.7).

Head and homeroom teacher are named in the data that everybody signs, with their numbers, so the record keeps on which
mandate somebody else is named there; a change makes the content new and voids the signatures it touches. Seal and
subject teachers are not named in the data: for them the mandates of the day decide.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_GROUP = {
    "gvcn": "hocba_digital.group_homeroom",
    "cbql": "hocba_digital.group_head",
    "seal": "hocba_digital.group_clerk",
    "gvbm": "hocba_digital.group_subject_teacher",
}
#: Role that the data name -> the field with the mandate on which somebody else is named.
_NAMED = {"cbql": "head_mandate_id", "gvcn": "homeroom_mandate_id"}


class RecordSigner(models.Model):
    _inherit = "hocba.record"

    head_mandate_id = fields.Many2one(
        "hocba.mandate", "Signs for the head", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    homeroom_mandate_id = fields.Many2one(
        "hocba.mandate",
        "Signs for the homeroom teacher",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    head_signer_id = fields.Many2one("res.users", "Signing head", compute="_compute_named_signers")
    homeroom_signer_id = fields.Many2one("res.users", "Signing homeroom teacher", compute="_compute_named_signers")
    can_take_place = fields.Boolean("I can sign for the head", compute="_compute_can_take_place")

    @api.depends("head_mandate_id", "homeroom_mandate_id", "company_id.hocba_head_id", "class_id.homeroom_id")
    def _compute_named_signers(self):
        for record in self:
            kept = record.sudo()
            record.head_signer_id = kept.head_mandate_id.user_id or kept.company_id.hocba_head_id
            record.homeroom_signer_id = kept.homeroom_mandate_id.user_id or kept.class_id.homeroom_id

    @api.depends_context("uid")
    @api.depends("state", "head_mandate_id", "company_id.hocba_head_id")
    def _compute_can_take_place(self):
        for record in self:
            record.can_take_place = record.state == "draft" and bool(record._place_to_take())

    def _signing_right(self, role, subject=None):
        """(mandate, refusal): on which mandate the current user signs ``role`` of this record today; why he may not.

        The mandate is empty for who signs in the own right, the refusal is False for who may. ``subject``: the one
        whose results a subject teacher (``gvbm``) signs.
        """
        self.ensure_one()
        record, user = self.sudo(), self.env.user
        none = record.env["hocba.mandate"]
        if self.company_id not in user.company_ids:
            return none, self.env._("The record belongs to another school.")
        named = record[_NAMED[role]] if role in _NAMED else none
        if named:
            if named.user_id != user:
                return none, self._other_signer_text(role, named)
            why_not = named.with_env(self.env).sudo()._why_not()
            return (none, why_not) if why_not else (named, False)
        if record._signs_by_right(role, user, subject):
            return none, False
        if role not in _NAMED:
            usable = none._valid_for(user, role, self.company_id)
            mandate = usable.filtered(lambda one: one._covers(record, subject))[:1]
            if mandate:
                return mandate, False
        return none, self._no_right_text(role, subject)

    def _signs_by_right(self, role, user, subject):
        if not user.has_group(_GROUP[role]):
            return False
        return role == "seal" or user in self._own_signers(role, subject)

    def _own_signers(self, role, subject=None):
        """Whose part it is, without any mandate."""
        if role == "cbql":
            return self.company_id.hocba_head_id
        if role == "gvcn":
            return self.class_id.homeroom_id
        lines = self.class_id.assignment_ids.filtered(lambda line: line.subject_id == subject)
        return lines.teacher_id or self.class_id.homeroom_id

    def _other_signer_text(self, role, mandate):
        return self.env._(
            "The record names %(name)s, who signs in the place of %(principal)s.",
            name=mandate.user_id.name,
            principal=mandate.principal_id.name,
        )

    def _no_right_text(self, role, subject):
        """Whose part it is; for who has a mandate for this role that does not help here, why not."""
        record = self.sudo()
        useless = self._useless_mandate_text(role, subject)
        if useless:
            return useless
        if role == "seal":
            return self.env._("It waits for the school's seal; the clerk puts it on.")
        if not self.env.user.has_group(_GROUP[role]):
            label = dict(self.env["hocba.mandate"]._fields["role"]._description_selection(self.env))[role]
            return self.env._("It waits for another signature: %(role)s.", role=label)
        names = ", ".join(record._own_signers(role, subject).mapped("name")) or "?"
        if role == "gvcn":
            return self.env._("Homeroom teacher of the class is %(name)s.", name=names)
        if role == "cbql":
            return self.env._("The record names %(name)s as the signing head.", name=names)
        return self.env._("These results are signed by %(name)s.", name=names)

    def _useless_mandate_text(self, role, subject):
        """Why the current user's mandates for this role do not help here; False where there is none in force."""
        record = self.sudo()
        mine = self.env["hocba.mandate"].sudo().search([("user_id", "=", self.env.uid), ("role", "=", role)])
        in_force = mine.filtered(lambda one: one.validity == "valid")
        fitting = mine.filtered(lambda one: one._covers(record, subject))
        if fitting & in_force:
            return self.env._(
                "The record names %(name)s. Press “Sign in the head's place” first, so that it names you.",
                name=", ".join(record._own_signers(role, subject).mapped("name")) or "?",
            )
        if fitting:
            return fitting[:1].with_env(self.env).sudo()._why_not()
        if in_force.filtered(lambda one: one.company_id == record.company_id):
            return self.env._("Your mandate is for other classes.")
        return self.env._("Your mandate is one of another school.") if in_force else False

    def _pdf_right(self, role):
        """As :meth:`_signing_right`, for the soft copy: whoever signs as the head on that day."""
        mandate, refusal = self._signing_right(role)
        if role != "cbql" or not refusal or self.company_id not in self.env.user.company_ids:
            return mandate, refusal
        record, user = self.sudo(), self.env.user
        if record._signs_by_right(role, user, None):
            return mandate, False
        usable = self.env["hocba.mandate"]._valid_for(user, role, self.company_id)
        mandate = usable.filtered(lambda one: one._covers(record))[:1]
        return mandate, False if mandate else refusal

    def _signed_details(self, role, certificate):
        """Record id -> what the audit trail says of the current user's signatures."""
        return {record.id: record._signed_detail(role, certificate) for record in self}

    def _signed_detail(self, role, certificate):
        statement = self._signing_right(role)[0].with_env(self.env).sudo()._statement()
        return "; ".join(filter(None, (self._role_detail(role, certificate), statement)))

    def _pdf_signed_detail(self, role, certificate):
        statement = self._pdf_right(role)[0].with_env(self.env).sudo()._statement()
        return "; ".join(filter(None, (self._role_detail(role, certificate), statement)))

    def _pdf_paper(self, role):
        """What the PDF shows of the authorisation, in Vietnamese as everything on it; False without one."""
        mandate = self[:1]._pdf_right(role)[0].sudo()
        return mandate and f"{mandate.principal_id.name}, giấy ủy quyền số {mandate.number}"

    def _on_one_mandate(self, role, left_out):
        """Of records whose PDF is signed together, those with the first one's mandate: every page names the same."""
        first = self[:1]._pdf_right(role)[0] if self else None
        same = self.filtered(lambda record: record._pdf_right(role)[0] == first)
        for record in self - same:
            left_out[record.id] = self.env._("It is signed on another mandate. Sign it by itself.")
        return same

    def _ended_mandate_text(self):
        """Why nobody signs yet: the record names a deputy for the head who could not sign it any more."""
        mandate = self.sudo().head_mandate_id
        why_not = mandate and self.state == "draft" and mandate.with_env(self.env).sudo()._why_not()
        if not why_not:
            return False
        return self.env._("%(why)s The head has to name who signs first.", why=why_not)

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records:
            for role, name in _NAMED.items():
                mandate = record._mandate_of_the_day(role)
                if mandate and not (role == "gvcn" and record.digitised):
                    record._in_transition().write({name: mandate.id})
        return records

    def _mandate_of_the_day(self, role):
        mandates = self.env["hocba.mandate"].sudo()
        found = mandates.search(
            [("role", "=", role), ("company_id", "=", self.company_id.id), ("state", "!=", "draft")]
        )
        return found.filtered(lambda one: one.validity == "valid" and one._covers(self))[:1]

    def _check_write(self, vals):
        if not vals.keys().isdisjoint(_NAMED.values()):
            raise UserError(self.env._("Who signs in whose place follows from a mandate and is not edited."))
        return super()._check_write(vals)

    @api.model
    def _name_deputy(self, mandate):
        """Drafts of an approved mandate that nobody has signed yet name its deputy from now on."""
        name = _NAMED.get(mandate.role)
        if not name or mandate.validity != "valid":
            return self.browse()
        domain = [("company_id", "=", mandate.company_id.id), ("state", "=", "draft")]
        if mandate.class_ids:
            domain.append(("class_id", "in", mandate.class_ids.ids))
        if mandate.role == "gvcn":
            domain.append(("digitised", "=", False))
        drafts = self.sudo().search(domain).filtered(lambda record: not record._is_whole_signed())
        return drafts._name_signer(name, mandate, mandate._statement())

    @api.model
    def _drop_deputy(self, mandate, reason):
        """Drafts that wait for the deputy of a mandate that ended name the person again in whose place it was."""
        name = _NAMED.get(mandate.role)
        if not name:
            return self.browse()
        drafts = self.sudo().search([(name, "=", mandate.id), ("state", "=", "draft")])
        waiting = drafts.filtered(
            lambda record: mandate.role not in record.signature_ids.filtered("valid").mapped("role")
        )
        return waiting._name_signer(name, mandate.browse(), reason)

    def _name_signer(self, name, mandate, reason):
        """Write who is named, with its trace; signatures over the former content are voided, visibly."""
        changed = self.filtered(lambda record: record[name] != mandate)
        if changed:
            changed._in_transition().write({name: mandate.id})
            who = mandate.user_id.name or self.env._("the person in the own right")
            text = self.env._("Signs from now on: %(name)s. %(reason)s", name=who, reason=reason)
            self.env["hocba.event"]._log(changed, "deputised", text)
            changed._message_log_batch(bodies=dict.fromkeys(changed.ids, text))
        return changed

    def _place_to_take(self):
        """The current user's mandate to sign this record as the head, which the record does not name yet."""
        mandates = self.env["hocba.mandate"]._valid_for(self.env.user, "cbql", self.company_id)
        record = self.sudo()
        return mandates.filtered(lambda one: one._covers(record) and one != record.head_mandate_id)[:1]

    def action_take_place(self):
        """A deputy has these drafts name him; signatures that named another person are voided and have to be redone."""
        self.check_access("read")
        records = self.sudo()
        records.lock_for_update()
        for record in self:
            mandate = record._place_to_take()
            if record.state != "draft" or not mandate:
                raise AccessError(record._signing_right("cbql")[1] or self.env._("The record is signed already."))
            record.sudo()._check_not_signed_as("cbql")
            record.sudo()._name_signer("head_mandate_id", mandate, mandate.with_env(self.env).sudo()._statement())
        return True

    def action_leave_place(self):
        """The head has these drafts name himself again, whatever mandate there is."""
        self.check_access("read")
        records = self.sudo()
        records.lock_for_update()
        for record in records:
            if record.company_id.hocba_head_id != self.env.user:
                raise AccessError(self.env._("Only the signing head of the school takes the signing back."))
            if record.state != "draft":
                raise UserError(self.env._("%(name)s is signed and can only be read.", name=record.display_name))
            record._check_not_signed_as("cbql")
            record._name_signer("head_mandate_id", self.env["hocba.mandate"], self.env._("The head signs himself."))
        return True

    def _check_not_signed_as(self, role):
        if role in self.signature_ids.filtered("valid").mapped("role"):
            raise UserError(
                self.env._("%(name)s carries this signature already. Return it first.", name=self.display_name)
            )
