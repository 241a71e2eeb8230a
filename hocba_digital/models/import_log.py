from odoo import api, fields, models


class ImportLog(models.Model):
    """Report of one import: who, when, which file, what it did and what it left out. Rows can only be added."""

    _name = "hocba.import.log"
    _description = "Import Report"
    _inherit = ["hocba.frozen.mixin"]
    _append_only = True
    _order = "id desc"

    at = fields.Datetime("When", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", "School", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(
        [("pupils", "Pupils"), ("results", "Results by period"), ("staff", "Classes and teachers")],
        "What was imported",
        required=True,
        readonly=True,
    )
    period = fields.Selection(
        [
            ("mid1", "Middle of semester I"),
            ("end1", "End of semester I"),
            ("mid2", "Middle of semester II"),
            ("year", "End of the year"),
        ],
        readonly=True,
    )
    school_year_name = fields.Char("School year", readonly=True)
    class_names = fields.Char("Classes", readonly=True)
    file_name = fields.Char("File name", readonly=True)
    digest = fields.Char("SHA-256 of the file", readonly=True, required=True)
    size = fields.Integer("Size in bytes", readonly=True)
    mapping_name = fields.Char("Column mapping", readonly=True)
    new_count = fields.Integer("New", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    error_count = fields.Integer("Rows left out", readonly=True)
    warning_count = fields.Integer("To be checked", readonly=True)
    conflict_count = fields.Integer("Changed in both places", readonly=True)
    overwritten = fields.Boolean("Newer values overwritten", readonly=True)
    seconds = fields.Float("Duration (s)", digits=(8, 1), readonly=True)
    line_ids = fields.One2many("hocba.import.log.line", "log_id", "Findings", readonly=True)

    @api.depends("file_name", "at")
    def _compute_display_name(self):
        for log in self:
            log.display_name = log.file_name or self.env._("Import")
