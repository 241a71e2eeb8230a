"""Packets that were kept as loose files when the head reopened a record become versions nobody can delete."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """One version per kept file, in the order they were kept; the files themselves stay."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    files = env["ir.attachment"].search(
        [("res_model", "=", "hocba.record"), ("res_field", "=", False), ("name", "=like", "%.xml")], order="id"
    )
    for file in files:
        record = env["hocba.record"].browse(file.res_id).exists()
        if not record or not file.name.startswith(record.uuid):
            continue
        env["hocba.record.version"]._keep_file(record, file)
