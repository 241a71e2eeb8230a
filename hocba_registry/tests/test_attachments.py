import base64

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .department import DepartmentCase


class TestAttachments(DepartmentCase):
    """What schools have sent is kept as it came, also before the closing."""

    def setUp(self):
        super().setUp()
        self.record = self.accept(1)
        self.files = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "in", ("hocba.registry.record", "hocba.registry.transaction")),
                    ("res_field", "in", ("packet", "content")),
                ]
            )
        )

    def test_files_are_not_changed(self):
        self.assertEqual(len(self.files), 2)
        for file in self.files:
            for values in ({"raw": b"x"}, {"res_id": 0}, {"res_field": False}, {"name": "x"}):
                with self.assertRaises(UserError):
                    file.write(values)
            with self.assertRaises(UserError):
                file.unlink()
        self.assertTrue(self.record._packet_bytes())

    def test_content_is_not_copied_for_searching(self):
        self.assertEqual(self.files.mapped("index_content"), [False, False])

    def test_no_second_file_is_slipped_under(self):
        for file in self.files:
            values = {"name": "packet", "res_model": file.res_model, "res_field": file.res_field, "res_id": file.res_id}
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
                self.env["ir.attachment"].sudo().create({**values, "datas": base64.b64encode(b"other")})

    def test_other_bytes_are_noticed(self):
        """Bytes changed on the disk are never taken for the record."""
        file = self.files.filtered(lambda file: file.res_field == "packet")
        full = file._full_path(file.store_fname)
        with open(full, "rb") as stream:
            kept = stream.read()
        try:
            with open(full, "wb") as stream:
                stream.write(kept.replace(b"2A1", b"2A2"))
            self.env.invalidate_all()
            with self.assertRaises(UserError):
                self.record._packet_bytes()
        finally:
            with open(full, "wb") as stream:
                stream.write(kept)

    def test_ordinary_files_are_not_touched(self):
        note = self.env["ir.attachment"].create(
            {"name": "letter.txt", "raw": b"a", "res_model": "hocba.registry.record"}
        )
        note.write({"raw": b"b"})
        note.unlink()
