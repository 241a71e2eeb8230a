import re
import uuid
from unittest.mock import patch

from odoo.addons.hocba_digital.core.gateway import encode_content
from odoo.addons.hocba_digital.core.signing import sign_list
from odoo.tools import mute_logger

from ..models import processing
from .department import PROFILE, DepartmentCase, Maker, packet_digest

_LOGGER = "odoo.addons.hocba_registry.models.processing"


class TestProcessing(DepartmentCase):
    def verdicts(self, packets, **options):
        """Error codes, in order, of a transaction of these packets."""
        transaction = self.judge(self.maker.content(packets), **options)
        self.assertEqual(transaction.state, "processed", transaction.error_description or transaction.failure)
        return transaction.line_ids.mapped("error_code")

    def test_stored_as_it_came(self):
        data = self.maker.data(1)
        (packet,) = self.maker.packets(data)
        transaction = self.judge(self.maker.content([packet]))
        self.assertEqual((transaction.state, transaction.record_count, transaction.refused_count), ("processed", 1, 0))
        record = transaction.line_ids.record_id
        self.assertEqual(record._packet_bytes(), packet)
        self.assertEqual(record.digest, packet_digest(packet))
        self.assertEqual((record.uuid, record.pupil_code, record.state), (data.uuid, data.pupil_code, "accepted"))
        self.assertEqual((record.unit_id, record.year_id), (self.unit, self.year))

    def test_tampered_among_good(self):
        packets = self.maker.packets(*(self.maker.data(number) for number in range(1, 6)))
        packets[2] = packets[2].replace(b"<SO_CCCD>048318000003", b"<SO_CCCD>048318000009", 1)
        self.assertEqual(self.verdicts(packets), ["00", "00", "31", "00", "00"])
        line = self.env["hocba.registry.line"].search([("verdict", "=", "0")])
        self.assertIn("thay đổi sau khi ký", line.error_description)
        self.assertEqual(line.error_title, "Chữ ký số trên học bạ không hợp lệ")
        self.assertEqual(line.pupil_name, "Trương Phương Anh 3", "its sender can find it")
        self.assertFalse(line.record_id)

    def test_structure_that_is_wrong(self):
        packets = self.maker.packets(self.maker.data(1), self.maker.data(2))
        packets[0] = packets[0].replace(b"<MA_HOC_SINH>", b"<MA_HS>", 1).replace(b"</MA_HOC_SINH>", b"</MA_HS>", 1)
        self.assertEqual(self.verdicts(packets), ["30", "00"])

    def test_missing_signature(self):
        packets = self.maker.packets(self.maker.data(1), roles=("gvcn", "cbql"))
        packets += [re.sub(b"<CBQL>.*</CBQL>", b"", packet) for packet in self.maker.packets(self.maker.data(2))]
        packets += self.maker.packets(self.maker.data(3), roles=("cbql", "seal"))
        self.assertEqual(self.verdicts(packets), ["31", "31", "00"], "a homeroom teacher's is not required")

    def test_seal_of_somebody_else(self):
        stranger = Maker("Trường Tiểu học Khác", "0409999999")
        (packet,) = stranger.packets(stranger.data(1))
        self.assertEqual(self.verdicts([packet]), ["32"])

    def test_seal_of_an_unknown_authority(self):
        root = Maker._authority()[0]
        forged = Maker(authority=self._other_authority())
        self.assertNotEqual(forged.root.certificate, root.certificate)
        (packet,) = forged.packets(forged.data(1))
        self.assertIn(self.verdicts([packet])[0], ("31", "32"))
        transaction = self.judge(forged.content(forged.packets(forged.data(2))))
        self.assertEqual((transaction.state, transaction.error_code), ("refused", "24"))

    def _other_authority(self):
        from odoo.addons.hocba_digital.tests import pki

        root = pki.authority("Another Root CA")
        return root, pki.authority("Another CA", root)

    def test_other_school(self):
        packets = self.maker.packets(self.maker.data(1, school_code="48499999"), self.maker.data(2))
        self.assertEqual(self.verdicts(packets), ["33", "00"])

    def test_other_school_year(self):
        packets = self.maker.packets(self.maker.data(1, school_year="2024-2025"), self.maker.data(2))
        self.assertEqual(self.verdicts(packets), ["34", "00"])

    def test_look_up_code_used_twice(self):
        code = str(uuid.uuid4())
        first = self.maker.packets(self.maker.data(1, uuid=code))
        self.assertEqual(self.verdicts(first), ["00"])
        self.assertEqual(self.verdicts(first), ["00"], "the same bytes again")
        self.assertEqual(self.verdicts(self.maker.packets(self.maker.data(2, uuid=code))), ["35"])
        self.assertEqual(self.env["hocba.registry.record"].search_count([("uuid", "=", code)]), 1)

    def test_look_up_code_twice_in_one_transaction(self):
        code = str(uuid.uuid4())
        packets = self.maker.packets(self.maker.data(1, uuid=code), self.maker.data(2, uuid=code))
        self.assertEqual(self.verdicts([packets[0], packets[0], packets[1]]), ["00", "00", "35"])

    def test_one_record_a_pupil_and_year(self):
        packets = self.maker.packets(self.maker.data(1), self.maker.data(1), self.maker.data(2))
        self.assertEqual(self.verdicts(packets), ["00", "36", "00"])
        self.assertEqual(self.verdicts(self.maker.packets(self.maker.data(2))), ["36"])

    def test_refusal_is_settled_by_a_later_record(self):
        packets = self.maker.packets(self.maker.data(1), self.maker.data(2))
        broken = [packet.replace(b"048318000001", b"048318000009", 1) for packet in packets]
        self.assertEqual(self.verdicts(broken), ["31", "00"])
        self.assertEqual(self.unit.refused_count, 1)
        self.assertEqual(self.verdicts(self.maker.packets(self.maker.data(1))), ["00"])
        self.unit.invalidate_recordset()
        self.assertEqual((self.unit.refused_count, self.unit.accepted_count), (0, 2))

    def test_transaction_refused_as_a_whole(self):
        packets = self.maker.packets(self.maker.data(1))
        listing = sign_list(PROFILE.build_list(packets), self.maker.signers["seal"], at=self.maker.at)
        cases = {
            "22": "BQAAAGFiY2RlZg==",
            "23": encode_content(b"<DANH_SACH_HOC_BA/>"),
            "24": encode_content(listing.replace(b"048318000001", b"048318000002", 1)),
        }
        for code, content in cases.items():
            with self.subTest(code):
                transaction = self.judge(content)
                self.assertEqual((transaction.state, transaction.error_code), ("refused", code))
                self.assertFalse(transaction.line_ids)
        unsigned = self.judge(encode_content(PROFILE.build_list(packets)))
        self.assertEqual((unsigned.state, unsigned.error_code), ("refused", "24"))
        stranger = Maker("Trường Tiểu học Khác", "0409999999")
        foreign = self.judge(self.maker.content(packets, stranger.signers["seal"]))
        self.assertEqual((foreign.state, foreign.error_code), ("refused", "24"))

    def test_year_that_is_not_open_here(self):
        transaction = self.judge(self.maker.content(self.maker.packets(self.maker.data(1))), year="2031-2032")
        self.assertEqual((transaction.state, transaction.error_code), ("refused", "26"))

    def test_certificate_withdrawn_meanwhile(self):
        transaction = self.receive(self.maker.content(self.maker.packets(self.maker.data(1))))
        self.certificate.with_user(self.officer).action_revoke()
        transaction._process_safely()
        self.assertEqual((transaction.state, transaction.error_code), ("refused", "13"))

    @mute_logger(_LOGGER)
    def test_one_failure_of_ours_does_not_stop_the_others(self):
        packets = self.maker.packets(self.maker.data(1), self.maker.data(2))
        verify = processing.verify_packet

        def failing(packet, *arguments, **options):
            if packet == packets[0]:
                raise RuntimeError("broken")
            return verify(packet, *arguments, **options)

        with patch.object(processing, "verify_packet", failing):
            self.assertEqual(self.verdicts(packets), ["90", "00"])

    @mute_logger(_LOGGER)
    def test_failing_transaction_is_kept_and_tried_again(self):
        transaction = self.receive(self.maker.content(self.maker.packets(self.maker.data(1))))
        with patch.object(processing, "open_list", side_effect=RuntimeError("broken")):
            transaction._process_safely()
        self.assertEqual((transaction.state, transaction.failures), ("received", 1))
        self.assertIn("broken", transaction.failure)
        transaction._process_safely()
        self.assertEqual(transaction.state, "processed")

    def test_schedule_judges_what_waits_and_can_be_used_again(self):
        content = self.maker.content(self.maker.packets(self.maker.data(1)))
        transactions = self.receive(content) + self.receive("bm90IGd6aXA=")
        cron = self.env.ref("hocba_registry.cron_process")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        transactions.invalidate_recordset()
        self.assertEqual(transactions.mapped("state"), ["processed", "refused"])
        self.assertTrue(cron.active)

    def test_queries_do_not_grow_with_the_records(self):
        """All that grows is the insertion of rows, in lots."""
        counts = []
        for size, start in ((5, 100), (50, 200)):
            packets = self.maker.packets(*(self.maker.data(start + number) for number in range(size)))
            transaction = self.receive(self.maker.content(packets))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            transaction._process_safely()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(transaction.accepted_count, size)
        self.assertLessEqual(counts[1], counts[0] + 10, counts)
