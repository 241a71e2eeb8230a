"""Setting up the school: what its administrator and its people do once."""

import base64

from .session import PASSWORD, PIN, Site

GROUPS = {
    "head": ("group_head",),
    "clerk": ("group_clerk",),
    "homeroom": ("group_homeroom",),
    "subject": ("group_subject_teacher",),
}


class SchoolSite(Site):
    """The school's server, set up for ``school`` (``generate.School``) with the keys of ``pki`` (``pki.Pki``)."""

    def __init__(self, url, database, school, pki):
        super().__init__(url, database)
        self.school = school
        self.pki = pki
        self.users = {}
        self.classes = {}

    def set_up(self, gateway_url, account_password):
        """School data, people, classes, trusted authorities, keys, gateway."""
        self.set_up_school()
        self.connect(gateway_url, account_password)

    def set_up_school(self):
        """All but the gateway."""
        self._set_up_company()
        self._set_up_people()
        self._set_up_year()
        self._set_up_classes()
        self.trust(self.pki)
        self._upload_keys()

    def moved(self, url, database, school):
        """This site on a copy of its database; ``school`` is the same school, with other pupils perhaps."""
        site = SchoolSite(url, database, school, self.pki)
        site.company_id, site.year_id = self.company_id, self.year_id
        site.users, site.classes = dict(self.users), dict(self.classes)
        return site

    def _set_up_company(self):
        school = self.school
        self.company_id = self.admin("res.company", "search", [[]], {"limit": 1})[0]
        vietnam = self.admin("res.country", "search", [[("code", "=", "VN")]])[0]
        self.admin(
            "res.company",
            "write",
            [
                [self.company_id],
                {
                    "name": school.name,
                    "street": school.street,
                    "phone": school.phone,
                    "country_id": vietnam,
                    "hocba_school_code": school.school_code,
                    "hocba_authority_code": school.authority_code,
                    "hocba_authority_name": school.authority_name,
                    "hocba_commune": school.commune,
                    "hocba_province": school.province,
                    "hocba_issue_place": school.issue_place,
                },
            ],
        )

    def _set_up_people(self):
        for person in self.school.people:
            self.users[person.login] = self.ensure_user(
                person.login,
                {
                    "name": person.name,
                    "hocba_id_number": person.id_number,
                    "hocba_title": person.title,
                    "lang": "vi_VN",
                    "tz": "Asia/Ho_Chi_Minh",
                    "group_ids": [(6, 0, self.group_ids("hocba_digital", *GROUPS[person.role]))],
                },
            )
        self.ensure_user(
            "quantri",
            {
                "name": "Quản trị nhà trường",
                "lang": "vi_VN",
                "tz": "Asia/Ho_Chi_Minh",
                "group_ids": [(6, 0, self.group_ids("hocba_digital", "group_school_admin"))],
            },
        )
        head = self.users[self.school.head.login]
        self.admin("res.company", "write", [[self.company_id], {"hocba_head_id": head}])

    def _set_up_year(self):
        name = self.school.school_year
        found = self.admin("hocba.school.year", "search", [[("name", "=", name)]])
        self.year_id = found[0] if found else self.admin("hocba.school.year", "create", [{"name": name}])

    def _set_up_classes(self):
        subjects = self.admin("hocba.subject", "search_read", [[]], {"fields": ["code"]})
        subject_ids = {row["code"]: row["id"] for row in subjects}
        known = self.admin("hocba.class", "search_read", [[]], {"fields": ["name"]})
        self.classes = {row["name"]: row["id"] for row in known}
        missing = [line for line in self.school.classes if line.name not in self.classes]
        values = [
            {
                "name": line.name,
                "grade": str(line.grade),
                "school_year_id": self.year_id,
                "homeroom_id": self.users[line.homeroom.login],
                "assignment_ids": [
                    (0, 0, {"subject_id": subject_ids[code], "teacher_id": self.users[person.login]})
                    for code, person in line.assignments.items()
                ],
            }
            for line in missing
        ]
        created = self.admin("hocba.class", "create", [values]) if values else []
        self.classes.update({line.name: class_id for line, class_id in zip(missing, created, strict=True)})

    def connect(self, gateway_url, account_password):
        """Enter the gateway, unless there is one already."""
        if self.admin("hocba.endpoint", "search", [[]]):
            return
        self.admin(
            "hocba.endpoint",
            "create",
            [
                {
                    "name": "Cổng tiếp nhận học bạ số",
                    "base_url": gateway_url,
                    "unit_code": self.school.school_code,
                    "user_name": self.school.school_code,
                    "password": account_password,
                }
            ],
        )

    def trust(self, pki):
        """Trust the authorities of ``pki``."""
        trust_authorities(self.admin, pki)

    def _upload_keys(self):
        signers = {line.homeroom.login for line in self.school.classes} | {self.school.head.login}
        for login in sorted(signers):
            self.upload_key(login, self.pki.files[login], "person")
        certificate = self.upload_key(self.school.clerk.login, self.pki.files["seal"], "organisation")
        paper = ("Công văn phê duyệt của Sở GDĐT", base64.b64encode(b"%PDF-1.4 cong van").decode())
        head = self.session(self.school.head.login)
        if not head("hocba.certificate", "read", [[certificate]], {"fields": ["approved"]})[0]["approved"]:
            head("hocba.certificate", "action_approve_on_paper", [[certificate], *paper])

    def upload_key(self, login, path, kind):
        """Upload a key file as its holder does; returns the certificate's id."""
        session = self.session(login)
        wizard = session(
            "hocba.certificate.wizard",
            "create",
            [{"kind": kind, "content": base64.b64encode(path.read_bytes()).decode(), "pin": PIN}],
        )
        return session("hocba.certificate.wizard", "action_import", [[wizard]])["res_id"]


def trust_authorities(admin, pki):
    """Enter root and intermediate of ``pki`` as trusted, unless they are already."""
    for kind, holder in (("root", pki.root), ("intermediate", pki.intermediate)):
        pem = holder.pem().decode()
        if not admin("hocba.trust", "search", [[("pem", "=", pem)]]):
            admin("hocba.trust", "create", [{"kind": kind, "pem": pem}])


def make_keys(folder, school, make_pki):
    """Test keys for everyone who signs at ``school``, and its seal."""
    signers = {line.homeroom.login: line.homeroom for line in school.classes}
    signers[school.head.login] = school.head
    people = [(person.login, person.name, person.id_number, person.title) for person in signers.values()]
    organisations = [
        ("seal", school.name, f"{school.school_code:0>10}"),
        ("so", school.authority_name, f"{school.authority_code:0>10}"),
    ]
    return make_pki(folder, people, organisations, password=PIN)


__all__ = ["PASSWORD", "SchoolSite", "make_keys", "trust_authorities"]
