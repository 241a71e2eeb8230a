"""Personal data: every entry has a purpose and an end, numbers are masked in lists, and a family gets what is held."""

import base64
import hashlib
import io
import json
import zipfile

from lxml import etree

from odoo.exceptions import AccessError, UserError

from .common import SchoolCase

#: Columns that say nothing about a person.
_TECHNICAL = {"id", "create_uid", "create_date", "write_uid", "write_date", "company_id", "active"}
_LISTED = (
    "hocba.pupil",
    "hocba.guardian",
    "hocba.enrolment",
    "hocba.exemption",
    "hocba.share",
    "hocba.assessment",
    "hocba.result",
    "hocba.lookup.log",
    "hocba.issuance",
)
_DISCUSSION = ("message_", "activity_", "website_message")


class TestPersonalData(SchoolCase):
    def test_every_stored_entry_about_pupils_and_guardians_is_listed(self):
        rows = self.env["hocba.personal.field"].search([])
        listed = {(row.model_name, row.name) for row in rows}
        for model in _LISTED:
            stored = {
                name
                for name, field in self.env[model]._fields.items()
                if field.store and field.type not in ("one2many", "many2many")
                if name not in _TECHNICAL and not name.startswith(_DISCUSSION)
            }
            known = {name for listed_model, name in listed if listed_model == model}
            with self.subTest(model=model):
                self.assertEqual(stored - known, set(), f"fields of {model} without purpose and time of keeping")
        for model, name in listed:
            self.assertIn(name, self.env[model]._fields, model)
        self.assertEqual({row.name for row in rows if row.outside != "none" and row.sensitive}, {"id_number"})
        self.assertTrue(all(row.label for row in rows))

    def test_list_says_what_look_up_shows(self):
        shown = self.env["hocba.personal.field"].search([("outside", "!=", "none")])
        traits = {name for name in self.env["hocba.assessment"]._fields if name.startswith(("quality_", "competence_"))}
        self.assertEqual(
            {(row.model_name, row.name) for row in shown},
            {
                *(("hocba.pupil", name) for name in ("name", "birth_date", "id_number")),
                *(("hocba.enrolment", name) for name in ("class_name", "school_name", "school_year_name")),
                *(("hocba.assessment", name) for name in ("overall", "class_completed", "promoted", "award")),
                *(("hocba.assessment", name) for name in traits - {"quality_comment", "competence_comment"}),
                *(("hocba.result", name) for name in ("level", "score")),
            },
        )

    def test_lists_show_no_whole_id_number(self):
        views = self.env["ir.ui.view"].search([("type", "in", ("list", "kanban")), ("model", "like", "hocba.%")])
        views |= self.env.ref("hocba_digital.view_staff_list")
        hidden = {"id_number", "hocba_id_number"}
        for view in views:
            shown = {
                node.get("name")
                for node in etree.fromstring(view.arch_db).iter("field")
                if node.get("column_invisible") not in ("1", "True")
            }
            self.assertFalse(hidden & shown, view.name)

    def test_log_of_changes_masks_numbers(self):
        pupil = self._pupil(self.class2, 7)
        self.env.cr.precommit.run()
        pupil.with_user(self.clerk).id_number = "048218123456"
        self.env.cr.precommit.run()
        change = self.env["hocba.change"].search(
            [("pupil_id", "=", pupil.id), ("field_name", "=", "id_number")], limit=1
        )
        self.assertEqual(change.new_shown, "••••••••3456")
        self.assertEqual(change.new_value, "048218123456")
        self.assertNotIn("048218123456", " ".join(pupil.message_ids.mapped("body")))
        self.assertNotIn("048218123456", pupil.message_ids.sudo().tracking_value_ids.mapped("new_value_char"))

    def test_clerk_gives_out_what_is_held_with_a_reason(self):
        self._certify()
        records = self.sign_all(self._records(self.class2, pupils=2))
        pupil, other = records.pupil_id
        mother = self.env["res.partner"].create({"name": "Trần Thị Mẹ"})
        guardian = self.env["hocba.guardian"]._add(pupil, mother, "mother", "GKS 1")
        wizard_model = self.env["hocba.personal.wizard"]
        for user in (self.homeroom, self.school_admin, self.auditor):
            with self.assertRaises(AccessError):
                wizard_model.with_user(user)._action_open(pupil.with_user(user))
        text = self.env["hocba.legal.text"]._in_force("sharing")
        share, _pin = self.env["hocba.share"]._share(guardian, pupil.record_ids, "Bà Sáu", "other", 5, text)
        action = wizard_model.with_user(self.clerk)._action_open(pupil.with_user(self.clerk))
        self.assertTrue(wizard_model.with_user(self.head)._action_open(pupil.with_user(self.head)))
        wizard = wizard_model.with_user(self.clerk).browse(action["res_id"])
        with self.assertRaises(UserError):
            wizard.action_export()
        wizard.write({"recipient": "Trần Thị Mẹ", "reason": "Đơn ngày 3/6/2026"})
        wizard.action_export()
        content = base64.b64decode(wizard.file)
        archive = zipfile.ZipFile(io.BytesIO(content))
        record = pupil.record_ids
        self.assertEqual(archive.read(f"hoc-ba/{record.uuid}.xml"), record._packet_bytes())
        text = archive.read("du-lieu.json").decode()
        tables = {label.rpartition("(")[2].rstrip(")"): rows for label, rows in json.loads(text).items()}
        for model in (
            "pupil",
            "guardian",
            "enrolment",
            "assessment",
            "result",
            "record",
            "signature",
            "event",
            "change",
        ):
            self.assertTrue(tables.get(f"hocba.{model}"), model)
        self.assertEqual(tables["hocba.assessment"][0]["weight"], 24.0)
        self.assertEqual(tables["hocba.share"][0]["recipient"], "Bà Sáu")
        for secret in (share.sudo().code, share.sudo().pin_digest):
            self.assertNotIn(secret, text)
        self.assertIn(pupil.id_number, text)
        self.assertNotIn(other.id_number, text)
        self.assertNotIn(other.name, text)
        self.assertNotIn(other.record_ids.uuid, text)
        row = self.env["hocba.issuance"].search([("kind", "=", "export")])
        self.assertEqual((row.pupil_id, row.recipient, row.note), (pupil, "Trần Thị Mẹ", "Đơn ngày 3/6/2026"))
        self.assertEqual(row.digest, hashlib.sha256(content).hexdigest())

    def test_pupil_without_a_signed_record_gets_what_is_held_too(self):
        pupil = self._pupil(self.class2, 8)
        wizard = self.env["hocba.personal.wizard"].with_user(self.clerk).create({"pupil_id": pupil.id})
        wizard.write({"recipient": "Cha", "reason": "Đơn"})
        wizard.action_export()
        self.assertEqual(self.env["hocba.issuance"].search([("pupil_id", "=", pupil.id)]).company_id, self.company)
