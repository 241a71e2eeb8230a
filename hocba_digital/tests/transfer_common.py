"""Two schools with seals of their own in one database, and the steps of a change of school by file."""

import base64

from odoo import fields
from odoo.tests import new_test_user

from . import pki
from .common import PIN, SchoolCase

_SEALS = {}


class TransferCase(SchoolCase):
    """The school that a pupil leaves (``company``), the one they come to (``other``), and each step as a method."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._certify()
        cls.record = cls._records(cls.class5, 1)
        cls.pupil = cls.record.pupil_id
        cls.other = cls.env["res.company"].create(
            {"name": "Trường Tiểu học Núi Thành", "hocba_school_code": "48491403", "hocba_province": "Đà Nẵng"}
        )
        cls.clerk2, cls.head2 = cls._colleague("clerk2", "group_clerk"), cls._colleague("head2", "group_head")
        cls.other.hocba_head_id = cls.head2
        _SEALS.setdefault(
            "other", pki.issue(cls.pki["intermediate"], pki.organisation_name(cls.other.name, "0401234599"))
        )
        content = _SEALS["other"].pkcs12(PIN)
        model = cls.env["hocba.certificate"].with_user(cls.clerk2).with_company(cls.other)
        model._import_pkcs12(content, PIN, "organisation").sudo().approved = True

    @classmethod
    def _colleague(cls, login, group):
        return new_test_user(
            cls.env,
            login=login,
            groups=f"hocba_digital.{group}",
            company_id=cls.other.id,
            company_ids=[(6, 0, cls.other.ids)],
            hocba_id_number="048190009914",
            tz="Asia/Ho_Chi_Minh",
        )

    def setUp(self):
        super().setUp()
        self.sign_all(self.record)
        self.record._accept("test")
        self.record._lock(fields.Datetime.now(), "test")
        self.env.flush_all()

    # Steps -----------------------------------------------------------------------------------------

    def leave(self, **values):
        given = {"pupil_id": self.pupil.id, "other_code": "48491403", "other_name": self.other.name}
        return self.env["hocba.transfer"].with_user(self.clerk).create({**given, **values})

    def wizard(self, user, transfers=None, **values):
        model = self.env["hocba.transfer.wizard"].with_user(user).with_company(user.company_id)
        return model.with_context(active_ids=transfers.ids if transfers else []).create(values)

    def release(self, **values):
        leaving = self.leave(**values)
        leaving.with_user(self.head).action_agree()
        self.wizard(self.clerk, leaving, pin=PIN)
        self.assertEqual(leaving.state, "released")
        return leaving

    def enter(self, content, user=None):
        wizard = self.wizard(user or self.clerk2, file=base64.b64encode(content))
        return self.env["hocba.transfer"].browse(wizard.action_enter_file()["res_id"]).with_user(user or self.clerk2)

    def file_of(self, leaving):
        return base64.b64decode(leaving.with_context(bin_size=False).file)

    def arrive(self, leaving):
        arriving = self.enter(self.file_of(leaving))
        self.wizard(self.head2, arriving, reason="Đã gọi trường cũ xác nhận").action_take_over()
        return arriving

    def receipt_of(self, arriving):
        self.wizard(self.clerk2, arriving, pin=PIN)
        return base64.b64decode(arriving.with_context(bin_size=False).receipt)

    def enter_receipt(self, content):
        self.wizard(self.clerk, file=base64.b64encode(content)).action_enter_receipt()
