"""What a class prints."""

from odoo import models


class SchoolClassPrinting(models.Model):
    _inherit = "hocba.class"

    def action_print(self):
        """Print the records of the class as one PDF, withdrawn ones left out."""
        self.ensure_one()
        self.check_access("read")
        records = self.record_ids._standing()
        name = self.env._("Records of class %(name)s, %(year)s", name=self.name, year=self.school_year_id.name)
        return self.env["hocba.print.job"]._start(name, records)._open_progress()

    def _log_summary(self, period):
        """A line in the class's history: a summary holds the results of every pupil."""
        label = dict(self.env["hocba.assessment"]._fields["period"]._description_selection(self.env))[period]
        for school_class in self:
            school_class.sudo()._message_log(
                body=self.env._(
                    "%(user)s printed the class summary: %(period)s.", user=self.env.user.name, period=label
                )
            )
