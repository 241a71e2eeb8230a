import base64
from contextlib import contextmanager

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .department import DepartmentCase, packet_digest


class TestAttachments(DepartmentCase):
    """What schools have sent is kept as it came, also before the closing."""

    def setUp(self):
        super().setUp()
        self.record = self.accept(1)
        self.packet = self.record._packet_bytes()
        self._keep_as_earlier_versions_did(self.accept(2))
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

    def _keep_as_earlier_versions_did(self, record):
        """The packet in a file of its own beside the record."""
        values = {"name": "packet", "res_model": record._name, "res_field": "packet", "res_id": record.id}
        self.env["ir.attachment"].sudo().create({**values, "raw": record._packet_bytes()})
        self.env.cr.execute("UPDATE hocba_registry_record SET packet_size = NULL WHERE id = %s", [record.id])
        self.env.invalidate_all()
        self.older = record

    def test_files_are_not_changed(self):
        self.assertEqual(len(self.files), 3)
        for file in self.files:
            for values in ({"raw": b"x"}, {"res_id": 0}, {"res_field": False}, {"name": "x"}):
                with self.assertRaises(UserError):
                    file.write(values)
            with self.assertRaises(UserError):
                file.unlink()
        self.assertTrue(self.record._packet_bytes())

    def test_content_is_not_copied_for_searching(self):
        self.assertEqual(self.files.mapped("index_content"), [False] * 3)

    def test_no_second_file_is_slipped_under(self):
        for file in self.files:
            values = {"name": "packet", "res_model": file.res_model, "res_field": file.res_field, "res_id": file.res_id}
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
                self.env["ir.attachment"].sudo().create({**values, "datas": base64.b64encode(b"other")})

    def test_each_record_is_cut_out_of_what_came(self):
        records = self.accept(3, 4, 5)
        contents = (records + self.record + self.older)._packets()
        self.assertEqual(
            {packet_digest(packet) for packet in contents.values()},
            set(records.mapped("digest")) | {self.record.digest, self.older.digest},
        )
        # Over the wire of the client packets are taken one by one, so that each look is noted.
        with self.assertRaises(AccessError):
            records.with_user(self.officer).read(["packet"])
        read = (records + self.older).read(["packet"])
        self.assertEqual([base64.b64decode(row["packet"]) for row in read], [contents[row["id"]] for row in read])

    def test_other_bytes_are_noticed(self):
        """Bytes changed on the disk are never taken for the record."""
        for record, field_name in ((self.record, "content"), (self.older, "packet")):
            owner = record.transaction_id if field_name == "content" else record
            file = self.files.filtered(
                lambda file, owner=owner: (file.res_model, file.res_id) == (owner._name, owner.id)
            )
            with self.subTest(field_name), self._changed_on_disk(file), self.assertRaises(UserError):
                record._packet_bytes()
        self.assertEqual(self.record._packet_bytes(), self.packet)

    @contextmanager
    def _changed_on_disk(self, file):
        full = file._full_path(file.store_fname)
        with open(full, "rb") as stream:
            kept = stream.read()
        try:
            with open(full, "wb") as stream:
                stream.write(kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:])
            self.env.invalidate_all()
            yield
        finally:
            with open(full, "wb") as stream:
                stream.write(kept)
            self.env.invalidate_all()

    def test_ordinary_files_are_not_touched(self):
        note = self.env["ir.attachment"].create(
            {"name": "letter.txt", "raw": b"a", "res_model": "hocba.registry.record"}
        )
        note.write({"raw": b"b"})
        note.unlink()
