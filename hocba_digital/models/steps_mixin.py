from odoo import models
from odoo.exceptions import AccessError, UserError


class StepsMixin(models.AbstractModel):
    """Rows that people of one group each move on by buttons, from state to state; nobody writes the state itself."""

    _name = "hocba.steps.mixin"
    _description = "Rows moved on step by step"
    _inherit = ["hocba.frozen.mixin"]

    def _require(self, group, message):
        """These rows with all rights, locked. Raises AccessError with ``message`` for who is not in ``group``."""
        if not self.env.user.has_group(f"hocba_digital.{group}"):
            raise AccessError(message)
        self.check_access("write")
        rows = self.sudo()
        rows.lock_for_update()
        return rows

    def _check_in_state(self, *states):
        """Raises UserError, naming the state, unless the row is in one of these."""
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._("%(name)s is in state “%(state)s”.", name=self.display_name, state=labels[self.state])
            )

    def _move(self, state, **values):
        """Move on to ``state``."""
        return self._in_transition().write({"state": state, **values})
