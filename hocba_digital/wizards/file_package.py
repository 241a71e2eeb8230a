import base64

from odoo import api, fields, models

from ..core.gateway.files import pack


class FilePackage(models.TransientModel):
    """A file made for one person, kept as long as the download takes."""

    _name = "hocba.file.package"
    _description = "File to be downloaded"

    name = fields.Char(required=True, readonly=True)
    content = fields.Binary(required=True, readonly=True, attachment=False)

    @api.model
    @api.private
    def _of(self, name, files):
        """A zip file of (name, bytes)."""
        return self.create({"name": f"{name}.zip", "content": base64.b64encode(pack(files))})

    @api.private
    def _download(self):
        """Action that downloads the file."""
        self.ensure_one()
        url = f"/web/content/{self._name}/{self.id}/content/{self.name}?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}
