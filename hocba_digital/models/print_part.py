from odoo import fields, models


class PrintPart(models.Model):
    """Checked pages of one portion of a print job, kept until the whole file is made. Nobody reads it but the job."""

    _name = "hocba.print.part"
    _description = "Printed Portion"

    job_id = fields.Many2one("hocba.print.job", required=True, readonly=True, index=True, ondelete="cascade")
    content = fields.Binary("Pages", attachment=True, required=True, readonly=True, groups=fields.NO_ACCESS)
