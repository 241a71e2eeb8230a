from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..core.rules.id_number import PROVINCE_CODES
from .common import SchoolCase


@tagged("post_install", "-at_install")
class TestCatalogues(SchoolCase):
    """Provinces by time, ethnic groups, countries: data that a school can follow."""

    def test_63_provinces_before_july_2025_and_34_since(self):
        provinces = self.env["hocba.province"]
        before, since = provinces._on(date(2025, 6, 30)), provinces._on(date(2025, 7, 1))
        self.assertEqual((len(before), len(since)), (63, 34))
        self.assertEqual({f"0{code}" for code in before.mapped("code")}, PROVINCE_CODES)
        self.assertEqual(len(set(since.mapped("code"))), 34)
        self.assertEqual(before.filtered("valid_to").successor_id - since, provinces)
        made_of = {line.name: sorted(line.predecessor_ids.mapped("name")) for line in since}
        self.assertEqual(made_of["Phú Thọ"], ["Hòa Bình", "Phú Thọ", "Vĩnh Phúc"])
        self.assertEqual(made_of["Gia Lai"], ["Bình Định", "Gia Lai"])
        self.assertFalse(made_of["Nghệ An"])
        cities = since.filtered(lambda line: line.full_name.startswith("Thành phố"))
        self.assertEqual(sorted(cities.mapped("code")), ["01", "31", "46", "48", "79", "92"])

    def test_a_code_means_the_province_of_its_time(self):
        of_number = self.env["hocba.province"]._of_number
        self.assertEqual(of_number("015", date(2017, 5, 1)).name, "Yên Bái")
        self.assertEqual(of_number("015", date(2025, 8, 1)).name, "Lào Cai")
        self.assertEqual(of_number("046", None).name, "Huế")
        self.assertFalse(of_number("101", None))

    def test_two_provinces_never_share_a_code_at_a_time(self):
        values = {"code": "01", "name": "Khác", "full_name": "Tỉnh Khác"}
        with self.assertRaises(ValidationError):
            self.env["hocba.province"].create(values)
        self.env["hocba.province"].create({**values, "code": "99"})

    def test_an_id_number_is_read_out(self):
        pupil = self._pupil(self.class2, 5, id_number="048317002681", gender="female", birth_date=date(2017, 5, 17))
        self.assertIn("048 = Đà Nẵng", pupil.id_number_words)
        self.assertIn("2017", pupil.id_number_words)
        self.assertFalse(pupil.id_number_doubt)
        pupil.gender = "male"
        self.assertTrue(pupil.id_number_doubt)
        pupil.id_number = "12"
        self.assertFalse(pupil.id_number_words)

    def test_a_school_chooses_its_province_and_keeps_older_text(self):
        self.assertEqual(self.company.hocba_province, "Thành phố Đà Nẵng")
        self.company.hocba_province_id = self.env.ref("hocba_digital.province_92")
        self.assertEqual(self.company.hocba_province, "Thành phố Cần Thơ")
        self.company.hocba_province_id = False
        self.assertEqual(self.company.hocba_province, "Thành phố Cần Thơ")

    def test_ethnic_groups_and_countries(self):
        groups = self.env["hocba.ethnicity"].search([])
        self.assertEqual(groups.mapped("code"), [f"{number:02d}" for number in range(1, 56)])
        self.assertEqual(self.env.ref("base.vn").with_context(lang="vi_VN")._nationality(), "Việt Nam")
        korea = self.env.ref("base.kr").with_context(lang="vi_VN")
        self.assertEqual(korea._nationality(), "Hàn Quốc")
        record = self._records(self.class2, 1)
        record.pupil_id.nationality_id = korea
        self.assertEqual(record._record_data().nationality, "Hàn Quốc")

    def test_the_administrator_keeps_the_catalogues(self):
        province = self.env.ref("hocba_digital.province_92")
        province.with_user(self.school_admin).write({"active": True})
        self.env.ref("hocba_digital.ethnicity_54").with_user(self.school_admin).active = False
        korea = self.env.ref("base.kr").with_user(self.school_admin)
        korea.hocba_nationality = "Đại Hàn Dân Quốc"
        with self.assertRaises(AccessError):
            korea.write({"name": "x"})
        with self.assertRaises(AccessError):
            province.with_user(self.clerk).write({"name": "x"})
