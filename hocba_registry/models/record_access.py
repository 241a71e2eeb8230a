from odoo import api, fields, models

#: Identity of the only caller whose reading is a list; no context that arrives over RPC can carry it.
_LISTING = object()


class RecordAccess(models.Model):
    """Reading a single record is noted."""

    _inherit = "hocba.registry.record"

    access_ids = fields.One2many(
        "hocba.registry.access", "record_id", readonly=True, groups="hocba_registry.group_so_officer"
    )

    @api.model
    def web_search_read(self, *args, **kwargs):
        return super(RecordAccess, self.with_context(hocba_listing=_LISTING)).web_search_read(*args, **kwargs)

    def web_read(self, specification):
        return super().web_read(specification)

    def read(self, fields=None, load="_classic_read"):
        rows = super().read(fields, load)
        if len(self) == 1 and not self.env.su and self.env.context.get("hocba_listing") is not _LISTING:
            self.env["hocba.registry.access"]._log(self, "opened")
        return rows

    # These write a row, so they need a cursor that may.
    read._readonly = False
    web_read._readonly = False
