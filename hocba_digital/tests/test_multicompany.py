from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestMulticompany(SchoolCase):
    """One database can hold several schools; nothing leaks between them."""

    def test_other_schools_clerk_sees_nothing(self):
        records = self._records(self.class2, 1)
        other = self.env["res.company"].create({"name": "Trường Tiểu học Khác"})
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups="hocba_digital.group_clerk,hocba_digital.group_head,hocba_digital.group_auditor",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("hocba.class", "hocba.pupil", "hocba.record", "hocba.assessment", "hocba.result", "hocba.event"):
            self.assertFalse(self.env[model].with_user(stranger).search([]), model)
        with self.assertRaises(AccessError):
            records.with_user(stranger).read(["pupil_name"])
        with self.assertRaises(AccessError):
            records.with_user(stranger).action_return("x")
