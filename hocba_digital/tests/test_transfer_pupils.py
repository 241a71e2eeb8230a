"""The whole way by file, both directions: who comes back, twins, a pupil without an ID number. Never two in one."""

import hashlib

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransferPupils(TransferCase):
    def move(self, pupil, clerk, head, there, clerk2, head2):
        """The whole way of a pupil from the school of ``clerk`` to the company ``there``; the pupil there."""
        home = clerk.company_id
        model = self.env["hocba.transfer"].with_user(clerk).with_company(home)
        values = {"pupil_id": pupil.id, "other_code": there.hocba_school_code, "other_name": there.name}
        leaving = model.create(values)
        leaving.with_user(head).action_agree()
        self.wizard(clerk, leaving, pin="246810")
        copy = self.env["hocba.issuance"].search([("note", "=", leaving.number)])
        self.assertEqual((copy.kind, copy.purpose, copy.pupil_id), ("handover", "transfer", pupil))
        self.assertEqual(copy.digest, hashlib.sha256(self.file_of(leaving)).hexdigest())
        self.assertEqual(copy.recipient, f"{there.name} ({there.hocba_school_code})")
        self.assertEqual(copy.line_ids.mapped("uuid"), leaving.line_ids.mapped("uuid"))
        arriving = self.enter(self.file_of(leaving), clerk2)
        self.wizard(head2, arriving, reason="Đã đối chiếu").action_take_over()
        self.wizard(clerk2, arriving, pin="246810")
        self.wizard(clerk, file=arriving.with_context(bin_size=False).receipt).action_enter_file()
        self.env.flush_all()
        self.assertEqual((leaving.state, arriving.state), ("completed", "completed"))
        self.assertEqual((leaving.line_ids.mapped("uuid")), (arriving.line_ids.mapped("uuid")))
        return arriving.sudo().pupil_id

    def away(self, pupil):
        return self.move(pupil, self.clerk, self.head, self.other, self.clerk2, self.head2)

    def back(self, pupil):
        return self.move(pupil, self.clerk2, self.head2, self.company, self.clerk, self.head)

    def without_number(self, number, **values):
        """A pupil without ID number with a closed year."""
        return self._pupil(self.class2, number, id_number=False, no_id_reason="other", **values)

    def close_class2(self):
        self._assess(self.class2)
        self.class2.with_user(self.clerk).action_create_records()
        records = self.sign_all(self.class2.record_ids)
        records._accept("test")
        records._lock(fields.Datetime.now(), "test")
        self.env.flush_all()

    def holders(self, *pupils):
        """Whether each of these has the pupil now."""
        return [not pupil._is_gone() for pupil in pupils]

    def test_there_and_back_and_there_again(self):
        there = self.away(self.pupil)
        self.assertEqual(self.holders(self.pupil, there), [False, True])
        self.assertEqual(self.back(there), self.pupil)
        self.assertEqual(self.holders(self.pupil, there), [True, False])
        self.assertEqual(self.away(self.pupil), there)
        self.assertEqual(self.holders(self.pupil, there), [False, True])
        pupils = self.env["hocba.pupil"].with_context(active_test=False)
        self.assertEqual(pupils.search([("code", "=", self.pupil.code)]), self.pupil | there)
        self.assertEqual(self.env["hocba.record"].search([("uuid", "=", self.record.uuid)]), self.record)
        self.assertEqual(self.record.state, "transferred")
        self.assertEqual(len(there._received_lines()), 1, "the year came twice and stands once in the book")
        years = there.enrolment_ids.mapped("school_year_name")
        self.assertEqual(sorted(set(years)), sorted(years), "no year of the career twice")
        digests = self.env["hocba.transfer.line"].search([("uuid", "=", self.record.uuid)]).mapped("packet_digest")
        self.assertEqual(set(digests), {self.record.packet_digest}, "the same bytes all the way")
        with self.assertRaisesRegex(UserError, "already"):
            self.leave()

    def test_twins_without_id_number_stay_two(self):
        first = self.without_number(11, name="Lê Minh An")
        second = self.without_number(12, name="Lê Minh Ân", birth_date=first.birth_date)
        self.close_class2()
        there = [self.away(pupil) for pupil in (first, second)]
        self.assertNotEqual(*there)
        self.assertEqual([pupil.code for pupil in there], [first.code, second.code])
        self.assertEqual([pupil.name for pupil in there], [first.name, second.name])
        self.assertEqual([self.back(pupil) for pupil in there], [first, second])
        self.assertEqual(first.record_ids.mapped("pupil_id"), first)

    def test_a_pupil_without_id_number_is_known_by_code_when_it_came_later(self):
        pupil = self.without_number(13)
        self.close_class2()
        there = self.away(pupil)
        self.assertEqual((there.id_number, there.no_id_reason), (False, "other"))
        there.write({"id_number": "048218000013", "no_id_reason": False})
        self.assertEqual(self.back(there), pupil)
        self.assertFalse(pupil.id_number, "the packet does not say it; the school enters it itself")
        pupil.with_user(self.clerk)._correct_identity({"id_number": "048218000013"}, self.decision())
        self.assertEqual(self.away(pupil), there)

    def test_the_same_code_with_another_birth_date_is_sorted_out_by_people(self):
        pupil = self.without_number(14)
        self.close_class2()
        values = {"name": "Người khác", "code": pupil.code, "birth_date": "2015-01-01", "gender": "male"}
        other = self.env["hocba.pupil"].create(
            {**values, "company_id": self.other.id, "no_id_reason": "other", "ethnicity_id": pupil.ethnicity_id.id}
        )
        leaving = self.leave(pupil_id=pupil.id)
        leaving.with_user(self.head).action_agree()
        self.wizard(self.clerk, leaving, pin="246810")
        arriving = self.enter(self.file_of(leaving))
        with self.assertRaisesRegex(UserError, "Người khác"):
            self.wizard(self.head2, arriving, reason="x").action_take_over()
        self.assertEqual((arriving.state, other.name), ("received", "Người khác"))
