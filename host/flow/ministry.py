"""The ministry (Bộ): its own server of the same add-on, where the department reports."""

import base64

from .department import OFFICER, Department
from .school import trust_authorities
from .session import PIN

REPORTER = "baocaobo"


class Ministry(Department):
    """The ministry's server."""

    def set_up(self, school, pki, account_password):
        """An officer, the department's account, the school year, trusted authorities. The certificate comes by wire."""
        company = self.admin("res.company", "search", [[]], {"limit": 1})[0]
        self.admin("res.company", "write", [[company], {"name": "Bộ Giáo dục và Đào tạo"}])
        self.admin("ir.config_parameter", "set_param", ["hocba_registry.level", "bo"])
        groups = self.group_ids("hocba_registry", "group_so_officer")
        values = {"name": "Chuyên viên Bộ GDĐT", "lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh"}
        self.ensure_user(OFFICER, {**values, "group_ids": [(6, 0, groups)]})
        trust_authorities(self.admin, pki)
        if self.admin("hocba.registry.unit", "search", [[("code", "=", school.authority_code)]]):
            return
        code = school.authority_code
        unit = {"name": school.authority_name, "code": code, "login": code, "password": account_password}
        self.admin("hocba.registry.unit", "create", [{**unit, "province": school.province}])
        self.admin("hocba.registry.year", "create", [{"name": school.school_year}])


class Reporting:
    """What the department does towards the ministry, by the person who reports there."""

    def __init__(self, department, ministry, school, pki):
        self.department = department
        self.ministry = ministry
        self.school = school
        self.pki = pki

    def set_up(self, url, account_password):
        """A person who reports, the ministry's address, the department's certificate."""
        admin = self.department.admin
        groups = self.department.group_ids("hocba_registry", "group_so_reporter")
        values = {"name": "Cán bộ báo cáo Bộ", "lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh"}
        self.department.ensure_user(REPORTER, {**values, "group_ids": [(6, 0, groups)]})
        if admin("hocba.endpoint", "search", [[]]):
            return
        code = self.school.authority_code
        account = {"unit_code": code, "user_name": code, "password": account_password}
        admin("hocba.endpoint", "create", [{"name": "Kho học bạ số của Bộ", "base_url": url, **account}])
        content = base64.b64encode(self.pki.files["so"].read_bytes()).decode()
        wizard = self.call(
            "hocba.certificate.wizard", "create", [{"kind": "organisation", "content": content, "pin": PIN}]
        )
        self.call("hocba.certificate.wizard", "action_import", [[wizard]])

    def call(self, model, method, args=(), kwargs=None):
        """A call by the person who reports."""
        return self.department.session(REPORTER)(model, method, args, kwargs)

    def register(self):
        """Register the department's certificate with the ministry (transaction 3); returns the transaction."""
        (certificate,) = self.call("hocba.certificate", "search", [[("kind", "=", "organisation")]])
        values = {"certificate_id": certificate, "pin": PIN}
        submission = self._with_pin("hocba.registration.wizard", values, "action_register", "submission_id")
        return submission[0]

    def report(self):
        """Freeze what waits to be reported; returns the transactions, not sent yet."""
        (year,) = self.call("hocba.registry.year", "search", [[("name", "=", self.school.school_year)]])
        return self._with_pin(
            "hocba.registry.upward.wizard", {"year_id": year, "pin": PIN}, "action_report", "submission_ids"
        )

    def recall(self, recalls):
        """Pass recalls on (transaction 5); returns the transactions, not sent yet."""
        values = {"recall_ids": [(6, 0, recalls)], "pin": PIN}
        return self._with_pin("hocba.registry.recall.upward", values, "action_send", "submission_ids")

    def _with_pin(self, model, values, button, result):
        wizard = self.call(model, "create", [values])
        self.call(model, button, [[wizard]])
        return self.call(model, "read", [[wizard]], {"fields": [result]})[0][result]
