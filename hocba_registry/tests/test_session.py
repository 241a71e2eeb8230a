import hashlib
import json
import uuid
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields

from ..models import guess
from ..models.token import LIFETIME
from .department import PASSWORD, SCHOOL_CODE, DepartmentCase

_SENT = hashlib.sha256(PASSWORD.encode()).hexdigest()


class TestSession(DepartmentCase):
    """Tokens end, and passwords cannot be guessed."""

    def token(self, address="192.0.2.1", login=SCHOOL_CODE, password=_SENT, code=SCHOOL_CODE):
        request = {"user_name": login, "password": password, "ma_don_vi": code}
        return self.env["hocba.registry.intake"]._handle("token", json.dumps(request).encode(), address)

    def query(self, token, password=_SENT):
        authentication = {"token": token, "user_name": SCHOOL_CODE, "password": password, "ma_don_vi": SCHOOL_CODE}
        request = {"authenticationRequest": {**authentication, "messageid": str(uuid.uuid4())}}
        return self.env["hocba.registry.intake"]._handle("report_query", json.dumps(request).encode())["Error"]

    def later(self, delta):
        return freeze_time(fields.Datetime.now() + delta)

    def test_token_ends(self):
        token = self.token()["token"]
        self.assertEqual(self.query(token), "04")
        with self.later(LIFETIME - timedelta(minutes=1)):
            self.assertEqual(self.query(token), "04")
        with self.later(LIFETIME + timedelta(seconds=1)):
            self.assertEqual(self.query(token), "11")

    def test_whoever_has_only_the_token_guesses_a_few_times(self):
        token = self.token()["token"]
        self.assertEqual(self.query(token, "0" * 64), "11")
        self.assertEqual(self.query(token), "04")
        for number in range(20):
            self.assertEqual(self.query(token, f"{number:064x}"), "11")
        self.assertEqual(self.query(token), "11")

    def test_limits_are_the_departments(self):
        self.env["ir.config_parameter"].set_param("hocba_registry.guess_limits", "1,10,10")
        self.token(password="0" * 64)
        self.assertEqual(self.token()["Error"], "14")
        self.env["ir.config_parameter"].set_param("hocba_registry.guess_limits", "none")
        self.assertEqual(self.token()["Error"], "00")

    def test_new_password_ends_the_sessions(self):
        token = self.token()["token"]
        self.unit.password = "another"
        self.assertEqual(self.query(token), "11")

    def test_guesses_of_an_account_from_one_address(self):
        for _guess in range(guess.PER_BOTH):
            self.assertEqual(self.token(password="0" * 64)["Error"], "10")
        answer = self.token()
        self.assertEqual(answer["Error"], "14", "the right one is not looked at either")
        self.assertLessEqual(answer["retry_after"], guess.WINDOW.total_seconds())
        self.assertEqual(self.token(address="192.0.2.2")["Error"], "00", "the school itself, elsewhere")
        with self.later(timedelta(seconds=answer["retry_after"])):
            self.assertEqual(self.token()["Error"], "00")

    def test_guesses_of_many_accounts_from_one_address(self):
        for number in range(guess.PER_ADDRESS):
            self.assertEqual(self.token(login=f"4800{number}", address="2001:db8::1")["Error"], "10")
        self.assertEqual(self.token(address="2001:db8::2")["Error"], "14", "the same network of one user")
        self.assertEqual(self.token(address="2001:db8:1::1")["Error"], "00")

    def test_guesses_of_an_account_from_many_addresses(self):
        for number in range(guess.PER_ACCOUNT):
            self.env["hocba.registry.guess"]._note(SCHOOL_CODE, f"198.51.100.{number}")
        self.assertEqual(self.token()["Error"], "14")

    def test_right_password_with_a_wrong_unit_is_no_guess(self):
        for _time in range(guess.PER_BOTH + 1):
            self.assertEqual(self.token(code="99999999")["Error"], "12")
        self.assertEqual(self.token()["Error"], "00")

    def test_file_of_a_request_has_no_address(self):
        self.assertEqual(self.token(address=None)["Error"], "00")
        for _guess in range(guess.PER_BOTH):
            self.token(address=None, password="0" * 64)
        self.assertEqual(self.token(address=None)["Error"], "14")

    def test_unknown_account_costs_as_much_as_a_known_one(self):
        """Counted, not timed: the same stretching of the password."""
        calls = []
        original = hashlib.pbkdf2_hmac

        def counting(*arguments):
            calls.append(arguments[3])
            return original(*arguments)

        self.patch(hashlib, "pbkdf2_hmac", counting)
        self.token(password="0" * 64)
        self.token(login="nobody")
        self.assertEqual(len(calls), 2)
        self.assertEqual(calls[0], calls[1])

    def test_old_guesses_go(self):
        self.env["hocba.registry.guess"]._note("x", "192.0.2.1")
        with self.later(guess.WINDOW + timedelta(minutes=1)):
            self.env["hocba.registry.guess"]._drop_old()
            self.assertFalse(self.env["hocba.registry.guess"].search([]))
