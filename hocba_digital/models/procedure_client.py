from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Days that a key of a program lives at most.
_KEY_DAYS = 365


class ProcedureClient(models.Model):
    """A program outside that may ask with guardians' tokens: whose it is, on what basis, and until when its key holds.

    Its account has no other right; the key is shown once and never kept in clear.
    """

    _name = "hocba.procedure.client"
    _description = "Program for Administrative Procedures"
    _inherit = ["mail.thread"]
    _order = "name"

    name = fields.Char("Program and its operator", required=True, tracking=True)
    basis = fields.Char("Agreement or legal basis", required=True, tracking=True)
    user_id = fields.Many2one("res.users", "Account", readonly=True, copy=False, ondelete="restrict")
    key_until = fields.Datetime("Key valid until", readonly=True, copy=False, tracking=True)
    active = fields.Boolean(default=True, tracking=True)

    _name_uniq = models.Constraint("UNIQUE(name)", "There is a program of this name already.")

    @api.model_create_multi
    def create(self, vals_list):
        clients = super().create(vals_list)
        for client in clients:
            client.user_id = self.env["res.users"].sudo().create(client._account_values())
        return clients

    def _account_values(self):
        return {
            "name": self.name,
            "login": f"hocba-procedure-{self.id}",
            "group_ids": [(6, 0, self.env.ref("hocba_digital.group_procedure").ids)],
            "company_id": self.env.company.id,
            "company_ids": [(6, 0, self.env.company.ids)],
            "notification_type": "email",
            "lang": "vi_VN",
        }

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            for client in self:
                client.user_id.sudo().name = client.name
        if vals.get("active") is False:
            self._drop_keys()
        return result

    def action_make_key(self):
        """A new key, shown once; the old one holds no more."""
        self.ensure_one()
        self._check_right()
        if not self.active:
            raise UserError(self.env._("The program is archived."))
        self._drop_keys()
        until = fields.Datetime.now() + timedelta(days=_KEY_DAYS)
        keys = self.env["res.users.apikeys"].with_user(self.user_id).sudo()
        key = keys._generate("rpc", self.name, until)
        self.key_until = until
        shown = self.env["hocba.procedure.key"].create({"client_id": self.id, "key": key})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Key of %(name)s", name=self.name),
            "res_model": shown._name,
            "res_id": shown.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_drop_key(self):
        """The key holds no more, at once."""
        self._check_right()
        self._drop_keys()

    def _drop_keys(self):
        keys = self.env["res.users.apikeys"].sudo().search([("user_id", "in", self.user_id.ids)])
        keys._remove()
        self.write({"key_until": False})

    def _check_right(self):
        self.check_access("write")
        if not self.env.user.has_group("hocba_digital.group_school_admin"):
            raise AccessError(self.env._("Keys are given by the school administrator."))
