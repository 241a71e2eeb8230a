"""What depends on who reports: schools to a department (level ``so``), departments to the ministry (level ``bo``)."""

from odoo import models


class TransactionLevel(models.Model):
    _inherit = "hocba.registry.transaction"

    def _record_seals(self, approved):
        """Certificates one of which must have sealed each record; None: any school's that a trusted authority issued.

        A department has approved the seals of its schools. The ministry approves those of the departments, which
        sign the lists (CV 2088, annex 1, §IV.1); for a school's seal it takes the department's word.
        """
        return None if self._is_ministry() else approved

    def _may_report(self, data):
        """Whether the unit reports the school of this record: itself, or one of its own department."""
        claimed = data.authority_code if self._is_ministry() else data.school_code
        return claimed == self.unit_id.code

    def _columns_of(self, data):
        """Columns that find and count a record, beside those that every level has."""
        values = {"award": data.award}
        if self._is_ministry():
            values |= {"school_code": data.school_code, "school_name": data.school_name}
        return values

    def _is_ministry(self):
        return self.env["hocba.registry.intake"]._level() == "bo"
