"""Everything that is held about one child, for the guardian who asks: each row of each table that names the pupil."""

import io
import json
import zipfile

from odoo import api, fields, models

#: Rows that belong to a pupil name the pupil or one of these.
_ROOTS = ("hocba.pupil", "hocba.enrolment", "hocba.assessment", "hocba.record", "hocba.issuance", "hocba.guardian")
_PLAIN = ("char", "text", "html", "selection", "integer", "float", "boolean", "date", "datetime", "many2one")


class PersonalData(models.Model):
    _inherit = "hocba.pupil"

    @api.private
    def _personal_archive(self):
        """A zip file (bytes): du-lieu.json with every stored entry by table, and the signed packets as they are."""
        self.ensure_one()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            text = json.dumps(self._personal_data(), ensure_ascii=False, indent=1, default=str)
            archive.writestr("du-lieu.json", text)
            for record in self.sudo().record_ids._issued():
                archive.writestr(f"hoc-ba/{record.uuid}.xml", record._packet_bytes())
        return stream.getvalue()

    def _personal_data(self):
        """{table: [{entry: value}]}; files and secrets are left out, packets stand beside."""
        roots = {"hocba.pupil": self.sudo()}
        found = {"hocba.pupil": self.sudo()}
        for root in _ROOTS:
            for model, field in self._naming(root):
                rows = self.env[model].sudo().with_context(active_test=False)
                rows = rows.search([(field, "in", roots.get(root, self.env[root]).ids)])
                if "pupil_id" in rows._fields:
                    rows = rows.filtered(lambda row: not row.pupil_id or row.pupil_id == self)
                found[model] = found.get(model, rows.browse()) | rows
                if model in _ROOTS:
                    roots[model] = roots.get(model, rows.browse()) | rows
        return {self._table_label(model): [self._plain(row) for row in rows] for model, rows in found.items() if rows}

    def _naming(self, root):
        """(model, field) of every stored many-to-one field that points to ``root``, of tables of this application."""
        return [
            (name, field.name)
            for name, model in sorted(self.env.items())
            if name.startswith("hocba.") and model._auto and not model._transient and not model._abstract
            for field in model._fields.values()
            if field.type == "many2one" and field.store and field.comodel_name == root
        ]

    def _table_label(self, model):
        return f"{self.env['ir.model'].sudo()._get(model).name} ({model})"

    def _plain(self, row):
        values = {}
        for name, field in row._fields.items():
            if not field.store or field.type not in _PLAIN or field.groups == fields.NO_ACCESS:
                continue
            value = row[name]
            values[name] = value.display_name if field.type == "many2one" else value
        return values
