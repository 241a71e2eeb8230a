"""Guardians over real HTTP: their own children's locked records and nothing else, share links, change of guardian."""

import base64
import contextlib
import hashlib
import html
import os
import re
import xmlrpc.client

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from browser import PICTURES, chromium
from hocba_core.rules import deadlines
from hocba_host import psql

PASSWORD = "guardian-2026"
MISS = "Không tìm thấy học bạ"


class Family:
    """A pupil with a locked record and the guardian's account."""

    def __init__(self, sites, number):
        self.sites, self.closing = sites, sites["closing"]
        self.data = sites["data"][number]
        self.login = f"me{number}@example.com"
        clerk = self.closing.clerk
        (row,) = clerk(
            "hocba.record", "search_read", [[("uuid", "=", self.data.uuid)]], {"fields": ["pupil_id", "packet"]}
        )
        self.record, self.pupil, self.packet = row["id"], row["pupil_id"][0], base64.b64decode(row["packet"])
        wizard = clerk("hocba.pupil", "action_add_guardian", [[self.pupil]])["res_id"]
        values = {
            "name": f"Lê Thị Mẹ {number}",
            "email": self.login,
            "kind": "mother",
            "basis": "Giấy khai sinh 12/2016",
        }
        clerk("hocba.guardian.wizard", "write", [[wizard], values])
        clerk("hocba.guardian.wizard", "action_confirm", [[wizard]])
        (self.guardian,) = clerk("hocba.guardian", "search", [[("pupil_id", "=", self.pupil)]])
        clerk("hocba.guardian", "action_invite", [[self.guardian]])
        admin = self.closing.site.admin
        (user,) = admin("res.users", "search", [[("login", "=", self.login)]])
        admin("res.users", "write", [[user], {"password": PASSWORD}])
        self.http = self.sign_in()
        self.page_path = f"/my/hoc-ba/{self.pupil}"

    @property
    def url(self):
        return f"http://{self.sites['school'].host}"

    def sign_in(self):
        session = requests.Session()
        params = {"db": self.sites["school"].database, "login": self.login, "password": PASSWORD}
        answer = session.post(f"{self.url}/web/session/authenticate", json={"params": params}, timeout=60).json()
        assert answer["result"]["uid"]
        return session

    def get(self, path):
        return self.http.get(self.url + path, timeout=60)

    def post(self, path, **values):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(self.page_path).text)[1]
        return self.http.post(self.url + path, data={"csrf_token": token, **values}, timeout=60)

    def call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.http.post(f"{self.url}/web/dataset/call_kw", json={"params": params}, timeout=60).json()

    def share(self, recipient="Trường THCS Lê Lợi", purpose="transfer"):
        """(Code of the link, PIN) of a new share link."""
        values = {"recipient": recipient, "purpose": purpose, "days": 7, "agreed": 1, "record_ids": self.record}
        page = html.unescape(self.post(f"{self.page_path}/chia-se", **values).text)
        return re.search(r"chia_se=([0-9A-Z]+)", page)[1], re.search(r'id="share_pin">(\d{6})<', page)[1]

    def look(self, code, pin, uuid=None):
        """What somebody without an account gets for link and PIN."""
        return requests.post(
            f"{self.url}/hocba/tra-cuu/{uuid or self.data.uuid}", data={"chia_se": code, "pin": pin}, timeout=60
        )

    def copies(self, *kinds):
        """(kind, recipient) of this child's copies in the register, the newest first."""
        domain = [("pupil_id", "=", self.pupil), ("kind", "in", kinds)]
        rows = self.closing.clerk(
            "hocba.issuance", "search_read", [domain], {"fields": ["kind", "recipient", "digest"]}
        )
        return [(row["kind"], row["recipient"], row["digest"]) for row in rows]


@pytest.fixture(scope="module")
def families(sites):
    return Family(sites, 0), Family(sites, 1)


@pytest.fixture(autouse=True)
def fresh(sites):
    for side in ("school", "so"):
        sites[side].forget()


def test_guardian_sees_and_takes_the_own_childs_locked_record(families):
    own, other = families
    assert own.data.pupil_name in own.get("/my/hoc-ba").text
    assert other.data.pupil_name not in own.get("/my/hoc-ba").text
    page = own.get(own.page_path)
    assert page.status_code == 200
    assert "năm học đã chốt" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    xml = own.get(f"{own.page_path}/tep/{own.record}.xml")
    assert xml.content == own.packet
    pdf = own.get(f"{own.page_path}/tep/{own.record}.pdf")
    assert pdf.content.startswith(b"%PDF")
    copies = own.copies("xml", "print")
    assert [copy[:2] for copy in copies] == [("print", "Lê Thị Mẹ 0"), ("xml", "Lê Thị Mẹ 0")]
    assert all(copy[2] for copy in copies)
    shown = own.get(f"/hocba/tra-cuu/{own.data.uuid}").text
    assert own.data.pupil_name in shown, "an account with the right needs no second factor"
    assert other.data.pupil_name not in own.get(f"/hocba/tra-cuu/{other.data.uuid}").text


def test_no_other_child_is_reached_by_any_number(families):
    own, other = families
    for path in (
        other.page_path,
        f"{other.page_path}/tep/{other.record}.pdf",
        f"{other.page_path}/tep/{other.record}.xml",
        f"{own.page_path}/tep/{other.record}.xml",
        f"{own.page_path}/tep/{own.record}.zip",
        "/my/hoc-ba/999999",
        f"/hocba/record/{own.record}/evidence",
        f"/web/content/hocba.record/{other.record}/packet",
        f"/web/content/hocba.record/{own.record}/packet",
    ):
        assert own.get(path).status_code == 404, path
    for path in (f"/hocba/record/{other.record}/pdf", f"/hocba/record/{own.record}/page", "/hocba/records/pdf?ids=1-9"):
        assert own.get(path).status_code in (403, 404), path
    assert own.post(f"{other.page_path}/chia-se", recipient="x", record_ids=other.record).status_code == 404
    code, pin = other.share()
    (share,) = psql("SELECT max(id) FROM hocba_share", own.sites["school"].database)[0]
    assert own.post(f"{other.page_path}/thu-hoi/{share}").status_code == 404
    own.post(f"{own.page_path}/thu-hoi/{share}")
    own.post(f"{own.page_path}/chia-se", recipient="x", purpose="other", days=3, agreed=1, record_ids=other.record)
    assert other.look(code, pin).status_code == 200, "nobody else revoked it"
    assert [row[0] for row in own.copies("share")] == []


def test_guardian_reads_no_model_by_rpc(families):
    own, _other = families
    models = ["record", "pupil", "guardian", "share", "issuance", "issuance.line", "lookup.log", "enrolment", "event"]
    for name in (*models, "assessment", "result", "signature", "correction", "legal.text"):
        answer = own.call(f"hocba.{name}", "search_read", [], ["id"])
        assert "AccessError" in answer["error"]["data"]["name"], name
    for model, method, args in (
        ("hocba.record", "_copy_for_guardian", [[own.record], "xml", 1]),
        ("hocba.share", "_share", []),
        ("hocba.share", "create", [{}]),
        ("hocba.guardian", "create", [{}]),
        ("hocba.guardian", "_add", []),
        ("hocba.record", "action_issue_copy", [[own.record]]),
        ("hocba.print.wizard", "create", [{}]),
        ("hocba.lookup", "_find", [own.data.uuid]),
    ):
        assert "error" in own.call(model, method, *args), (model, method)


def test_share_link_and_pin_are_a_second_factor_like_the_other(families, sites):
    own, other = families
    code, pin = own.share()
    first = requests.get(f"{own.url}/hocba/tra-cuu/{own.data.uuid}?chia_se={code}", timeout=60).text
    assert 'name="pin"' in first
    assert own.data.pupil_name not in first
    shown = own.look(code, pin)
    assert shown.status_code == 200
    assert own.data.pupil_name in shown.text
    hidden = (own.data.homeroom_comment, own.data.address, own.data.mother, own.data.father, own.data.id_number)
    assert not [text for text in hidden if text and text in shown.text]
    wrong = f"{(int(pin) + 1) % 10**6:06}"
    for answer in (own.look(code, wrong), own.look("2" * 20, pin), own.look(code, pin, other.data.uuid)):
        assert answer.status_code == 404
        assert MISS in answer.text
    assert own.look(code, pin).status_code == 429, "wrong tries count as for the other factor"
    assert ["record", "share", own.data.uuid, "127.0.0.x"] in sites["school"].log()
    page = own.get(own.page_path).text
    assert "Trường THCS Lê Lợi" in page
    assert "Liên kết chia sẻ và mã PIN" in page
    assert own.copies("share")[0][:2] == ("share", "Trường THCS Lê Lợi")
    stored = psql("SELECT code, pin_digest FROM hocba_share ORDER BY id DESC LIMIT 1", sites["school"].database)[0]
    assert pin not in stored[1]


def test_link_ends_with_its_date_and_when_it_is_revoked(families, sites):
    own, _other = families
    database = sites["school"].database
    for end in ("expire", "revoke"):
        sites["school"].forget()
        code, pin = own.share(recipient=end)
        assert own.look(code, pin).status_code == 200
        (share,) = psql("SELECT max(id) FROM hocba_share", database)[0]
        if end == "revoke":
            own.post(f"{own.page_path}/thu-hoi/{share}")
        else:
            psql(f"UPDATE hocba_share SET expires_at = now() - interval '1 hour' WHERE id = {share}", database)
        assert own.look(code, pin).status_code == 404
    for wrong in ({"days": 999}, {"days": 0}, {"agreed": ""}, {"recipient": " "}, {"purpose": "x"}):
        values = {"recipient": "x", "purpose": "other", "days": 3, "agreed": 1, "record_ids": own.record} | wrong
        page = own.post(f"{own.page_path}/chia-se", **values).text
        assert 'role="alert"' in page, wrong
        assert "share_pin" not in page


class Program:
    """Enrolment software with a key for administrative procedures."""

    def __init__(self, family, name="Cổng tuyển sinh lớp 6"):
        self.url, self.admin = family.url, family.closing.site.admin
        values = {"name": name, "basis": "Thỏa thuận 5/2026"}
        self.client = self.admin("hocba.procedure.client", "create", [values])
        self.key = self.make_key()

    def make_key(self):
        shown = self.admin("hocba.procedure.client", "action_make_key", [[self.client]])["res_id"]
        return self.admin("hocba.procedure.key", "read", [[shown]], {"fields": ["key"]})[0]["key"]

    def ask(self, method, model="hocba.procedure", key=None, **values):
        headers = {"Authorization": f"bearer {key or self.key}"}
        return requests.post(f"{self.url}/json/2/{model}/{method}", json=values, headers=headers, timeout=60)


def test_program_verifies_and_fetches_with_the_guardians_token(families, sites):
    own, other = families
    program = Program(own)
    code, pin = own.share("Cổng tuyển sinh", "procedure")
    token = {"uuid": own.data.uuid.upper(), "share": code, "pin": pin}
    answer = program.ask("verify", **token).json()
    assert answer["status"] == "ok"
    assert (answer["record"]["valid"], answer["record"]["school"]) == (True, own.data.school_name)
    assert own.data.pupil_name not in str(answer)
    assert own.copies("procedure") == []
    fetched = program.ask("fetch_record", reference="HS-2026-15", **token).json()
    assert base64.b64decode(fetched["packet"]) == own.packet
    assert fetched["sha256"] == hashlib.sha256(own.packet).hexdigest()
    assert own.copies("procedure") == [("procedure", "Cổng tuyển sinh lớp 6", fetched["sha256"])]
    copy = requests.get(f"{own.url}/hocba/ban-sao?ma={fetched['copy']['code']}", timeout=60).text
    assert "bản sao còn giá trị" in copy
    assert program.ask("fetch_record", reference=" ", **token).status_code == 422
    only_look, other_pin = own.share("Ông bà", "pupil")
    private = {"uuid": own.data.uuid, "share": only_look, "pin": other_pin}
    assert program.ask("verify", **private).json()["status"] == "ok"
    assert program.ask("fetch_record", reference="x", **private).json() == {"status": "not_found"}, "not given for that"
    wrong = {**token, "pin": f"{(int(pin) + 1) % 10**6:06}"}
    misses = [wrong, {**token, "uuid": other.data.uuid}, {**token, "share": "2" * 20}]
    assert [program.ask("verify", **miss).json() for miss in misses] == [{"status": "not_found"}] * 3
    assert program.ask("verify", **token).json()["status"] == "wait"
    sites["school"].forget()
    assert program.ask("verify", uuid=1, share=None, pin=[]).status_code == 422
    assert "Thủ tục hành chính: Cổng tuyển sinh" in own.get(own.page_path).text


def test_programs_key_opens_nothing_else(families):
    own, _other = families
    program = Program(own, "Cổng dịch vụ công")
    token = {"uuid": own.data.uuid, "share": "2" * 20, "pin": "000000"}
    assert program.ask("verify", key="0" * 40, **token).status_code == 401
    assert requests.post(f"{own.url}/json/2/hocba.procedure/verify", json=token, timeout=60).status_code == 401
    for model, method in (
        ("hocba.record", "search_read"),
        ("hocba.pupil", "search_read"),
        ("hocba.share", "search_read"),
        ("res.partner", "search_read"),
        ("res.users", "search_read"),
        ("hocba.procedure", "_token"),
        ("hocba.procedure", "browse"),
        ("hocba.lookup", "_full"),
    ):
        assert program.ask(method, model).status_code == 403, (model, method)
    server = xmlrpc.client.ServerProxy(f"{own.url}/xmlrpc/2/object")
    (user,) = program.admin("hocba.procedure.client", "read", [[program.client]], {"fields": ["user_id"]})
    call = (own.sites["school"].database, user["user_id"][0], program.key, "hocba.record", "search_read", [[]])
    with pytest.raises(xmlrpc.client.Fault):
        server.execute_kw(*call)
    assert "AccessError" in own.call("hocba.procedure", "verify", *token.values())["error"]["data"]["name"]
    old, program.key = program.key, program.make_key()
    assert program.ask("verify", key=old, **token).status_code == 401
    assert program.ask("verify", **token).json() == {"status": "not_found"}
    program.admin("hocba.procedure.client", "action_drop_key", [[program.client]])
    assert program.ask("verify", **token).status_code == 401


@pytest.mark.parametrize(("name", "width"), [("phone", 360), ("desktop", 1280)])
def test_guardians_pages_can_be_used_by_everybody(families, name, width):
    own, _other = families
    with chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": 780}, locale="vi-VN", bypass_csp=True)
        with contextlib.closing(context):
            context.add_cookies([{"name": "session_id", "value": own.http.cookies["session_id"], "url": own.url}])
            page = context.new_page()
            for step, path in (("children", "/my/hoc-ba"), ("child", own.page_path)):
                page.goto(own.url + path)
                found = Axe().run(page, context="#wrap").response["violations"]
                serious = [
                    (item["id"], item["nodes"][0]["html"])
                    for item in found
                    if item["impact"] in ("serious", "critical")
                ]
                assert serious == []
                assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
                if os.environ.get("HOCBA_PICTURES") == "1":
                    page.screenshot(path=PICTURES / f"guardian-{step}-{name}.png", full_page=True)


def test_change_of_guardian_ends_the_old_ones_access_at_once(families, sites):
    _own, other = families
    code, pin = other.share(recipient="Phường")
    clerk = other.closing.clerk
    wizard = clerk("hocba.guardian", "action_replace", [[other.guardian]])["res_id"]
    values = {"name": "Trần Văn Ông", "email": "ong@example.com", "kind": "guardian", "basis": "Quyết định 3/QĐ-UBND"}
    clerk("hocba.guardian.wizard", "write", [[wizard], values])
    with pytest.raises(Exception, match="bản quét quyết định"):
        clerk("hocba.guardian.wizard", "action_confirm", [[wizard]])
    scan = base64.b64encode(b"%PDF-1.4 decision").decode()
    clerk("hocba.guardian.wizard", "write", [[wizard], {"paper": scan, "paper_name": "qd.pdf"}])
    clerk("hocba.guardian.wizard", "action_confirm", [[wizard]])
    assert other.get(other.page_path).status_code == 404
    assert other.data.pupil_name not in other.get("/my/hoc-ba").text
    assert other.look(code, pin).status_code == 404
    rows = clerk(
        "hocba.guardian",
        "search_read",
        [[("pupil_id", "=", other.pupil)]],
        {"fields": ["state", "end_basis", "end_paper_digest", "date_from"]},
    )
    states = {row["state"]: row for row in rows}
    assert states["ended"]["end_basis"] == "Quyết định 3/QĐ-UBND"
    assert states["ended"]["end_paper_digest"]
    assert states["current"]["date_from"] == deadlines.today().isoformat()
    with pytest.raises(Exception, match="không nhập bằng tay"):
        clerk("hocba.guardian", "write", [[states["ended"]["id"]], {"end_basis": "x"}])
    with pytest.raises(Exception, match=r"(?i)hocba"):
        psql("UPDATE hocba_guardian SET state = 'current' WHERE state = 'ended'", sites["school"].database)
