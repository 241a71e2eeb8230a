import hashlib
import json
import uuid

from .department import PASSWORD, SCHOOL_CODE, DepartmentCase, packet_digest

_SENT = hashlib.sha256(PASSWORD.encode()).hexdigest()


class TestAnswers(DepartmentCase):
    def ask(self, service, request):
        """The answer to JSON (or bytes)."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        return self.env["hocba.registry.intake"]._handle(service, body)

    def token(self, **changes):
        return self.ask("token", {"user_name": SCHOOL_CODE, "password": _SENT, "ma_don_vi": SCHOOL_CODE, **changes})

    def request(self, content=None, messageid="m-1", **changes):
        authentication = {
            "token": self.token()["token"],
            "user_name": SCHOOL_CODE,
            "password": _SENT,
            "ma_don_vi": SCHOOL_CODE,
            "nam_hoc": 2025,
            "messageid": messageid,
            "type": "1",
            "function": "GUI_BAO_CAO",
            **changes,
        }
        return {"authenticationRequest": authentication, **({} if content is None else {"content": content})}

    def test_token(self):
        answer = self.token()
        self.assertEqual((answer["Error"], answer["version"], answer["level"]), ("00", "cv2088-1.0", "so"))
        self.assertGreater(answer["expires_in"], 60)
        self.assertEqual(self.token(password=_SENT.upper())["Error"], "00")

    def test_wrong_account(self):
        for changes in (
            {"password": "0" * 64},
            {"password": hashlib.sha256(b"").hexdigest()},
            {"user_name": "nobody"},
        ):
            with self.subTest(changes):
                self.assertEqual(self.token(**changes)["Error"], "10")
        self.assertEqual(self.token(ma_don_vi="48499999")["Error"], "12")
        self.unit.active = False
        self.assertEqual(self.token()["Error"], "10")

    def test_session_ends(self):
        request = self.request()
        self.assertEqual(self.ask("report_query", request)["Error"], "04")
        for changes in ({"token": "x"}, {"token": None}, {"password": "0" * 64}, {"user_name": "nobody"}):
            wrong = {"authenticationRequest": {**request["authenticationRequest"], **changes}}
            self.assertEqual(self.ask("report_query", wrong)["Error"], "11")
        self.env.cr.execute("UPDATE hocba_registry_token SET expires_at = expires_at - interval '1 hour'")
        self.env.invalidate_all()
        self.assertEqual(self.ask("report_query", request)["Error"], "11")
        request = self.request()
        self.unit.password = "a new one"
        self.assertEqual(self.ask("report_query", request)["Error"], "11")

    def test_other_school_code(self):
        self.assertEqual(self.ask("report_query", self.request(ma_don_vi="48499999"))["Error"], "12")

    def test_report_is_kept_as_it_came(self):
        content = self.maker.content(self.maker.packets(self.maker.data(1)))
        answer = self.ask("report", self.request(content))
        self.assertEqual((answer["Error"], answer["MessageId"]), ("00", "m-1"))
        self.assertEqual(answer["ResponseCode"], packet_digest(content.encode()))
        transaction = self.env["hocba.registry.transaction"].search([("messageid", "=", "m-1")])
        self.assertEqual((transaction.state, transaction.year_name), ("received", "2025-2026"))
        self.assertEqual(transaction._content_text(), content)
        self.assertEqual(self.ask("report_query", self.request())["Error"], "01")

    def test_same_message_again(self):
        content = self.maker.content(self.maker.packets(self.maker.data(1)))
        first = self.ask("report", self.request(content))
        self.assertEqual(self.ask("report", self.request(content)), first)
        self.env["hocba.registry.transaction"].search([])._process_safely()
        self.assertEqual(self.ask("report", self.request(content)), first)
        self.assertEqual(self.ask("report", self.request(content[:-4] + "AAAA"))["Error"], "25")
        self.assertEqual(self.env["hocba.registry.transaction"].search_count([]), 1)

    def test_message_of_another_school(self):
        self.ask("report", self.request(self.maker.content(self.maker.packets(self.maker.data(1)))))
        other = self.unit.create({"name": "Trường Khác", "code": "48499999", "login": "48499999", "password": PASSWORD})
        self.approve(other, self.maker.__class__("Trường Khác", "0409999998").certificate())
        token = self.token(user_name="48499999", ma_don_vi="48499999")["token"]
        theirs = {"token": token, "user_name": "48499999", "ma_don_vi": "48499999"}
        self.assertEqual(self.ask("report", self.request("YQ==", **theirs))["Error"], "25")
        self.assertEqual(self.ask("report_query", self.request(**theirs))["Error"], "04", "nothing is said of others'")

    def test_without_approved_certificate(self):
        content = self.maker.content(self.maker.packets(self.maker.data(1)))
        self.certificate.with_user(self.officer).action_revoke()
        self.ask("report", self.request(content))
        self.env["hocba.registry.transaction"].search([])._process_safely()
        self.assertEqual(self.ask("report_query", self.request())["Error"], "13")
        self.assertEqual(self.ask("report", self.request(content))["Error"], "13", "the same answer for ever")
        self.approve(self.unit, self.maker.__class__(tax_code="0400123457").certificate())
        self.assertEqual(self.ask("report", self.request(content, messageid="m-2"))["Error"], "00")

    def test_verdicts(self):
        data = self.maker.data(1)
        (packet,) = self.maker.packets(data)
        broken = self.maker.packets(self.maker.data(2))[0].replace(b"048318000002", b"048318000009", 1)
        self.ask("report", self.request(self.maker.content([packet, broken])))
        self.env["hocba.registry.transaction"].search([])._process_safely()
        answer = self.ask("report_query", self.request())
        self.assertEqual(answer["Error"], "00")
        good, bad = answer["data"]
        self.assertEqual(
            good,
            {
                "ma_hoc_sinh": data.pupil_code,
                "ten_hoc_sinh": data.pupil_name,
                "so_cccd": data.id_number,
                "ma_tra_cuu_uuid": data.uuid,
                "trang_thai": 1,
                "error": "00",
                "error_field_title": "",
                "error_description": "",
                "digest": packet_digest(packet),
                "trang_thai_chot": 0,
            },
        )
        self.assertEqual((bad["trang_thai"], bad["error"], bad["digest"]), (0, "31", packet_digest(broken)))
        self.close_year()
        (good, bad) = self.ask("report_query", self.request())["data"]
        self.assertEqual((good["trang_thai_chot"], bad["trang_thai_chot"]), (1, 0))
        self.assertTrue(good["ngay_hieu_luc"].endswith("+07:00"))

    def test_never_seen(self):
        answer = self.ask("report_query", self.request(messageid=str(uuid.uuid4())))
        self.assertEqual(answer["Error"], "04")

    def test_nonsense_gets_an_answer(self):
        good = self.request("YQ==")["authenticationRequest"]
        cases = [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"authenticationRequest": []}']
        cases += [
            {"authenticationRequest": {**good, **changes}, "content": "YQ=="}
            for changes in (
                {"messageid": "a\x00b"},
                {"messageid": "\ud800"},
                {"messageid": "x" * 1000},
                {"messageid": 7},
                {"messageid": ""},
                {"nam_hoc": float("inf")},
                {"nam_hoc": "2025a"},
                {"nam_hoc": None},
                {"nam_hoc": 10**400},
                {"nam_hoc": 1},
                {"type": "5"},
                {"type": None},
            )
        ]
        cases += [{"authenticationRequest": good, "content": content} for content in (None, 5, "", [], {})]
        for body in cases:
            with self.subTest(str(body)[:60]):
                self.assertEqual(self.ask("report", body)["Error"], "20")
        for content in ("\ud800", "a\x00é", "ờ"):
            self.assertEqual(self.ask("report", {"authenticationRequest": good, "content": content})["Error"], "22")
        for changes in ({"user_name": "a\x00"}, {"user_name": "\ud800"}, {"password": ["x"]}):
            self.assertEqual(self.token(**changes)["Error"], "20")
        self.assertFalse(self.env["hocba.registry.transaction"].search([]))
