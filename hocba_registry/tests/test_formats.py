import re

from odoo.addons.hocba_digital.core import packet
from odoo.addons.hocba_digital.core.signing import prepare_parts, sign_packets
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .department import _HEAD, _HOMEROOM, DepartmentCase

PROFILE_2025 = packet.get_profile("2025")


@tagged("post_install", "-at_install")
class TestFormats(DepartmentCase):
    """Records of several formats in one transaction; which ones the department receives."""

    def _packet_2025(self, number):
        maker = self.maker
        data = maker.data(number)
        signer = maker.signers["gvcn"]
        options = {"id_number": _HOMEROOM, "at": maker.at, "profile": PROFILE_2025}
        prepared = prepare_parts(PROFILE_2025.parts(data)[:2], signer.certificate, **options)
        parts = prepared.finish(signer.sign(prepared.payloads))
        content = PROFILE_2025.with_parts(PROFILE_2025.build_data(data), parts)
        for role, number_of in (("gvcn", _HOMEROOM), ("cbql", _HEAD), ("seal", None)):
            options = {"id_number": number_of, "at": maker.at, "profile": PROFILE_2025}
            (content,) = sign_packets([content], role, maker.signers[role], **options)
        return content

    def test_both_formats_in_one_transaction(self):
        packets = [*self.maker.packets(self.maker.data(1)), self._packet_2025(2)]
        tampered = self._packet_2025(3).replace(b"<MUC_DAT_DUOC>T<", b"<MUC_DAT_DUOC>H<", 1)
        transaction = self.judge(self.maker.content([*packets, tampered]))
        self.assertEqual((transaction.accepted_count, transaction.refused_count), (2, 1))
        records = transaction.line_ids.record_id
        self.assertEqual(set(records.mapped("profile")), {"cv2088-1.0", "2025"})
        self.assertEqual({record._packet_bytes() for record in records}, set(packets))
        self.assertEqual(transaction.line_ids.filtered(lambda line: line.verdict == "0").error_code, "31")

    def test_forged_signatures_of_subject_teachers_are_refused(self):
        """Each packet of one transaction has been worked on in another way; the honest one among them is kept."""
        packets = [self._packet_2025(number) for number in range(1, 9)]
        first, second = re.findall(rb"<GVBM>.*?</GVBM>", packets[1], re.DOTALL)
        ones, twos = (re.search(rb'URI="#(mon-[^"]+)"', part)[1] for part in (first, second))
        inner = re.search(rb"<GVCN>(.*)</GVCN>", packets[4], re.DOTALL)[1]
        foreign = re.search(rb"<GVBM>.*?</GVBM>", packets[7], re.DOTALL)[0]
        own = re.search(rb"<GVBM>.*?</GVBM>", packets[6], re.DOTALL)[0]
        forged = [
            packets[0],
            packets[1].replace(b'URI="#' + ones, b'URI="#' + twos),
            packets[2].replace(b"<GVBM>", b"<GVBM></GVBM><GVBM>", 1),
            re.sub(rb'Id="mon-2-', b'Id="mon-1-', packets[3]),
            re.sub(rb"<GVBM>.*?</GVBM>", b"<GVBM>" + inner + b"</GVBM>", packets[4], count=1, flags=re.DOTALL),
            re.sub(rb"(<GVBM>.*?)<SO_CCCD>[0-9]+<", rb"\1<SO_CCCD>048175001234<", packets[5], count=1, flags=re.DOTALL),
            packets[6].replace(own, foreign),
        ]
        self.assertEqual(len({*forged, *packets}), len(forged) + len(packets) - 1, "each but the first was changed")
        transaction = self.judge(self.maker.content(forged))
        codes = transaction.line_ids.mapped("error_code")
        self.assertEqual(codes[0], "00")
        self.assertLessEqual(set(codes[1:]), {"30", "31"}, codes)
        self.assertEqual(transaction.accepted_count, 1)

    def test_a_format_that_is_not_received_is_refused_by_name(self):
        packets = [*self.maker.packets(self.maker.data(1)), self._packet_2025(2)]
        formats = self.env["hocba.registry.format"]
        formats.search([("name", "=", "2025")]).with_user(self.administrator).accepted = False
        transaction = self.judge(self.maker.content(packets))
        self.assertEqual((transaction.accepted_count, transaction.refused_count), (1, 1))
        refused = transaction.line_ids.filtered(lambda line: line.verdict == "0")
        self.assertEqual((refused.error_code, refused.error_field), ("30", "PHIEN_BAN"))
        self.assertIn("2025", refused.error_description)
        self.assertIn("cv2088-1.0", refused.error_description)

    def test_who_chooses(self):
        formats = self.env["hocba.registry.format"].search([])
        self.assertEqual(set(formats.mapped("name")), set(packet.profile_names()))
        with self.assertRaises(AccessError):
            formats.with_user(self.officer).accepted = False
        with self.assertRaises(ValidationError):
            formats.create({"name": "cv9999"})
