import hashlib

from odoo import fields, models

_KEPT_FINDINGS = 5000


class ImportReport(models.TransientModel):
    _inherit = "hocba.import.wizard"

    log_id = fields.Many2one("hocba.import.log", "Report", readonly=True)

    def _report(self, seconds):
        """Keep what the import did and what it left out; the file itself is not kept, only its digest."""
        content = self._content()
        counts = ("new_count", "changed_count", "unchanged_count", "error_count", "warning_count", "conflict_count")
        lines = [
            {
                "company_id": self.company_id.id,
                **{name: line[name] for name in ("sheet", "row", "column", "reason", "severity")},
            }
            for line in self.line_ids[:_KEPT_FINDINGS]
        ]
        log = (
            self.env["hocba.import.log"]
            .sudo()
            .create(
                {
                    "at": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "company_id": self.company_id.id,
                    "kind": self.kind,
                    "period": self.period if self.kind == "results" else False,
                    "school_year_name": self.school_year_id.name,
                    "class_names": self.class_id.name,
                    "file_name": self.file_name,
                    "digest": hashlib.sha256(content).hexdigest(),
                    "size": len(content),
                    "mapping_name": self.mapping_id.name if self.foreign else False,
                    "overwritten": bool(self.conflict_count) and self.on_conflict == "overwrite",
                    "seconds": seconds,
                    **{name: self[name] for name in counts},
                    "line_ids": [(0, 0, values) for values in lines],
                }
            )
        )
        self.log_id = log.with_env(self.env)

    def action_open_report(self):
        """The kept report of this import."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "hocba.import.log",
            "res_id": self.log_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "name": self.env._("Import report"),
        }
