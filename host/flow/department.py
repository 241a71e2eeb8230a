"""The department (Sở): accounts, certificates, closing."""

import base64
import time

from .school import trust_authorities
from .session import PIN, Site

OFFICER = "chuyenvien"


class Department(Site):
    """The department's server."""

    def set_up(self, school, pki, account_password):
        """An officer, the school's account and approved certificate, the school year, trusted authorities."""
        company = self.admin("res.company", "search", [[]], {"limit": 1})[0]
        self.admin("res.company", "write", [[company], {"name": school.authority_name}])
        self.ensure_user(
            OFFICER,
            {
                "name": "Chuyên viên Sở GDĐT",
                "lang": "vi_VN",
                "tz": "Asia/Ho_Chi_Minh",
                "group_ids": [(6, 0, self.group_ids("hocba_registry", "group_so_officer"))],
            },
        )
        trust_authorities(self.admin, pki)
        if self.admin("hocba.registry.unit", "search", [[("code", "=", school.school_code)]]):
            return
        unit = self.admin(
            "hocba.registry.unit",
            "create",
            [
                {
                    "name": school.name,
                    "code": school.school_code,
                    "login": school.school_code,
                    "password": account_password,
                    "commune": school.commune,
                    "province": school.province,
                }
            ],
        )
        self.year_id = self.admin(
            "hocba.registry.year",
            "create",
            [{"name": school.school_year, "deadline": f"{school.school_year[5:]}-06-30"}],
        )
        pem = base64.b64encode(pki.holders["seal"].pem()).decode()
        certificate = self.admin("hocba.registry.certificate", "create", [{"unit_id": unit, "file": pem}])
        self.officer("hocba.registry.certificate", "action_approve", [[certificate]])
        content = base64.b64encode(pki.files["so"].read_bytes()).decode()
        self.admin("hocba.registry.seal", "create", [{"key_file": content, "password": PIN}])

    def moved(self, url, database):
        """This site on a copy of its database."""
        site = Department(url, database)
        site.year_id = self.year_id
        return site

    @property
    def officer(self):
        """The officer's session."""
        return self.session(OFFICER)

    def wait_until_judged(self, seconds=600):
        """Wait until no transaction waits for its verdict."""
        end = time.monotonic() + seconds
        while self.officer("hocba.registry.transaction", "search_count", [[("state", "=", "received")]]):
            if time.monotonic() > end:
                raise TimeoutError("the department did not judge all transactions in time")
            time.sleep(0.2)

    def close_year(self, name):
        """Chốt năm học, with the typed confirmation."""
        year = self.officer("hocba.registry.year", "search", [[("name", "=", name)]])[0]
        wizard = self.officer("hocba.registry.closing.wizard", "create", [{"year_id": year, "confirmation": name}])
        self.officer("hocba.registry.closing.wizard", "action_close", [[wizard]])
