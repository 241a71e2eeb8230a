"""Results of a part of the year that a pupil brings from another school (QĐ 1789, Art. 22.2, 22.3b)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AssessmentOrigin(models.Model):
    _inherit = "hocba.assessment"

    from_other_school = fields.Boolean(
        "Taken over from another school", help="The results of this period were assessed at another school."
    )
    origin_school = fields.Char("Assessed at", tracking=True)
    origin_scan = fields.Binary("Scan of the results", attachment=True)
    origin_scan_name = fields.Char("File name of the scan")

    @api.constrains("from_other_school", "origin_school", "origin_scan", "period")
    def _check_origin(self):
        for assessment in self.filtered("from_other_school"):
            if assessment.period == "year":
                raise ValidationError(
                    self.env._(
                        "%(name)s: the results of the end of the year are assessed here. A whole year at another "
                        "school is taken over as a record from paper.",
                        name=assessment.pupil_name,
                    )
                )
            if not assessment.origin_school or not assessment.origin_scan:
                raise ValidationError(
                    self.env._(
                        "%(name)s: results from another school need the name of the school and the scan of the paper.",
                        name=assessment.pupil_name,
                    )
                )
