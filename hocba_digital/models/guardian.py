import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.rules import deadlines

KINDS = [("father", "Father"), ("mother", "Mother"), ("guardian", "Guardian"), ("other", "Other representative")]


class Guardian(models.Model):
    """A contact who represents a pupil, from when to when, and the paper that says so.

    ::

        current --another guardian, or the end of the right--> ended (closed for good)

    Who is current reads the child's records in the portal; who is ended does not, from that moment on.
    """

    _name = "hocba.guardian"
    _description = "Guardian of a Pupil"
    _inherit = ["hocba.frozen.mixin"]
    _by_methods_only = True
    _frozen_states = ("ended",)
    _kept_files = ("paper", "end_paper")
    _order = "state, pupil_id, date_from desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    pupil_id = fields.Many2one("hocba.pupil", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, readonly=True, index=True, ondelete="restrict"
    )
    email = fields.Char(related="partner_id.email")
    kind = fields.Selection(KINDS, "Relation", required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", readonly=True, help="Empty: until further notice.")
    state = fields.Selection(
        [("current", "Current"), ("ended", "Ended")], required=True, default="current", readonly=True
    )
    basis = fields.Char("Paper", required=True, readonly=True, help="For example the birth certificate, or a decision.")
    paper = fields.Binary("Scan of the paper", attachment=True, readonly=True)
    paper_name = fields.Char("File name of the paper", readonly=True)
    paper_digest = fields.Char("SHA-256 of the paper", readonly=True)
    end_basis = fields.Char("Decision on the end", readonly=True)
    end_paper = fields.Binary("Scan of the decision", attachment=True, readonly=True)
    end_paper_name = fields.Char("File name of the decision", readonly=True)
    end_paper_digest = fields.Char("SHA-256 of the decision", readonly=True)
    ended_at = fields.Datetime(readonly=True)
    ended_by_id = fields.Many2one("res.users", "Ended by", readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, ondelete="restrict")
    share_ids = fields.One2many("hocba.share", "guardian_id", "Share links", readonly=True)
    has_account = fields.Boolean("Has an account", compute="_compute_has_account")

    _one_current = models.UniqueIndex(
        "(pupil_id, partner_id) WHERE state = 'current'", "This person is a guardian of the pupil already."
    )
    _in_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)", "A guardian's right ends after it began."
    )

    @api.depends("partner_id.user_ids.active")
    def _compute_has_account(self):
        for guardian in self:
            guardian.has_account = bool(guardian.partner_id.sudo().user_ids)

    @api.model
    def _current_domain(self):
        today = deadlines.today()
        valid = ["|", ("date_to", "=", False), ("date_to", ">=", today)]
        return [("state", "=", "current"), ("date_from", "<=", today), *valid]

    @api.model
    def _of_user(self, user=None):
        """The rows by which a user (default: the current one) represents pupils today, for the system to read."""
        partner = (user or self.env.user).partner_id
        return self.sudo().search([("partner_id", "=", partner.id), *self._current_domain()], order="pupil_id")

    def _is_current(self):
        return bool(self.sudo().filtered_domain(self._current_domain()))

    @api.model
    def _add(self, pupil, partner, kind, basis, **values):
        """A new guardian; ``paper`` (bytes as Base64) among ``values``. The caller has checked the right to do it."""
        values = {"date_from": deadlines.today(), **values}
        if values.get("paper"):
            values["paper_digest"] = self._digest_of(values["paper"])
        return (
            self.sudo()
            ._in_transition()
            .create(
                {
                    "pupil_id": pupil.id,
                    "partner_id": partner.id,
                    "kind": kind,
                    "basis": basis,
                    "company_id": pupil.company_id.id,
                    **values,
                }
            )
            .with_env(self.env)
        )

    def _end(self, basis, paper, paper_name):
        """The right ends now, by a decision whose scan (Base64) is kept; share links of these guardians end with it."""
        if not (basis and paper):
            raise ValidationError(self.env._("The end of a guardian's right needs the decision and its scan."))
        guardians = self.sudo().filtered(lambda guardian: guardian.state == "current")
        guardians.share_ids._revoke()
        for guardian in guardians:
            guardian._in_transition().write(
                {
                    "state": "ended",
                    "end_basis": basis,
                    "end_paper": paper,
                    "end_paper_name": paper_name,
                    "end_paper_digest": self._digest_of(paper),
                    "ended_at": fields.Datetime.now(),
                    "ended_by_id": self.env.uid,
                }
            )

    def _digest_of(self, content):
        return hashlib.sha256(base64.b64decode(content)).hexdigest()

    def action_replace(self):
        """Enter who takes this guardian's place, with the decision."""
        return self.env["hocba.guardian.wizard"]._action_open(self.pupil_id, self, "replace")

    def action_end(self):
        """End this guardian's right, with the decision."""
        return self.env["hocba.guardian.wizard"]._action_open(self.pupil_id, self, "end")

    def action_invite(self):
        """Give the guardian an account of the portal; the invitation goes by e-mail."""
        self.ensure_one()
        self.env["hocba.guardian.wizard"]._check_right()
        self.check_access("read")
        invitation = self.env["portal.wizard"].sudo().create({"partner_ids": [(6, 0, self.partner_id.ids)]})
        invitation.user_ids.with_company(self.company_id).action_grant_access()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The invitation was sent to %(email)s.", email=self.email),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
