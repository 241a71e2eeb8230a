"""A gateway as its callers see it: JSON over HTTP, nothing else."""

import hashlib
import json
import time
import uuid
from dataclasses import dataclass

import requests
from hocba_core.gateway import FUNCTIONS

#: Transaction -> service.
SERVICES = {
    "1": "report",
    "2": "report_query",
    "3": "certificate",
    "4": "certificate_query",
    "5": "recall",
    "6": "recall_query",
    "7": "transfer",
    "8": "transfer_query",
}
_ACCEPTED, _WORKING = "00", "01"
#: Parameters of an answer (§II.2.2) and of a verdict (§II.2.3, §II.2.7) that are mandatory.
ANSWER = ("MessageId", "Error", "ErrorDescription", "ResponseCode", "ResponseDescription")
ROW = (
    "ma_hoc_sinh",
    "ten_hoc_sinh",
    "so_cccd",
    "ma_tra_cuu_uuid",
    "trang_thai",
    "error",
    "error_field_title",
    "error_description",
)
#: §II.2.5.
CERTIFICATE = ("serial_number", "trang_thai_phe_duyet")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: HTTP status, headers, and the JSON object (empty when there is none)."""

    service: str
    status: int
    headers: dict
    answer: dict

    @property
    def code(self):
        """``Error``; the HTTP status of a refusal without one."""
        return str(self.answer.get("Error", self.status if self.status != 200 else ""))

    @property
    def accepted(self):
        """The gateway has the transaction, or has nothing against the question."""
        return self.status == 200 and self.code in (_ACCEPTED, _WORKING)

    @property
    def working(self):
        """There is no verdict yet."""
        return self.status == 200 and self.code == _WORKING

    @property
    def rows(self):
        """Verdicts by look-up code."""
        return {row["ma_tra_cuu_uuid"]: row for row in self.answer.get("data") or []}


class Gateway:
    """The gateway under test. ``judge``: called before each question, to make a gateway of ours judge at once;
    ``watch``: called with every Reply.
    """

    def __init__(self, settings, judge=lambda: None, watch=lambda reply: None):
        self.settings = settings
        self.judge = judge
        self.watch = watch
        self._session = requests.Session()
        self._session.trust_env = False
        self._token = None

    def close(self):
        """End the connections."""
        self._session.close()

    def post(self, service, body, headers=None):
        """Post bytes, or anything that becomes JSON; returns Reply."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = self.settings.url + self.settings.paths[service]
        headers = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        response = self._session.post(url, data=data, headers=headers, timeout=120, allow_redirects=False)
        try:
            answer = response.json()
        except ValueError:
            answer = {}
        reply = Reply(service, response.status_code, dict(response.headers), answer if isinstance(answer, dict) else {})
        self.watch(reply)
        return reply

    def account(self, **changes):
        """The account as the token service wants it."""
        password = hashlib.sha256(self.settings.password.encode()).hexdigest()
        return {
            "user_name": self.settings.account,
            "password": password,
            "ma_don_vi": self.settings.unit,
            **changes,
        }

    def ask_token(self, **changes):
        """Reply of the token service."""
        return self.post("token", self.account(**changes))

    @property
    def token(self):
        """The token of this session."""
        if self._token is None:
            reply = self.ask_token()
            assert reply.accepted, f"no token for the test account: {reply}"
            self._token = reply.answer["token"]
        return self._token

    def authentication(self, kind, messageid, **changes):
        """``authenticationRequest`` (§II.2.2)."""
        return {
            "token": self.token,
            **self.account(),
            "nam_hoc": int(self.settings.year[:4]),
            "messageid": messageid,
            "type": kind,
            "function": FUNCTIONS[kind],
            **changes,
        }

    def deliver(self, kind, content, messageid=None, **changes):
        """(messageid, Reply) of transaction 1, 3, 5 or 7."""
        messageid = messageid or str(uuid.uuid4())
        request = {"authenticationRequest": self.authentication(kind, messageid, **changes), "content": content}
        return messageid, self.post(SERVICES[kind], request)

    def ask(self, kind, messageid, **changes):
        """Reply of transaction 2, 4, 6 or 8."""
        self.judge()
        return self.post(SERVICES[kind], {"authenticationRequest": self.authentication(kind, messageid, **changes)})

    def await_verdict(self, kind, messageid):
        """Ask until there is an answer other than "being processed"; fails after ``settings.wait`` seconds."""
        end = time.monotonic() + self.settings.wait
        while (reply := self.ask(kind, messageid)).working:
            assert time.monotonic() < end, f"{messageid} was not judged in {self.settings.wait} s"
            time.sleep(min(1, self.settings.wait / 20))
        return reply

    def await_closing(self, messageid):
        """Ask until every record of a report is locked (``trang_thai_chot``), at most ``settings.wait`` seconds."""
        end = time.monotonic() + self.settings.wait
        while not all(str(row.get("trang_thai_chot")) == "1" for row in self.ask("2", messageid).rows.values()):
            assert time.monotonic() < end, f"the year was not closed in {self.settings.wait} s"
            time.sleep(min(1, self.settings.wait / 20))

    def report(self, content, messageid=None, **changes):
        """Reply with the verdicts on a report; where the transaction was refused at once, that refusal."""
        messageid, reply = self.deliver("1", content, messageid, **changes)
        return self.await_verdict("2", messageid) if reply.accepted else reply

    def refused(self, reply, *codes):
        """Fail unless the whole was refused; with ``settings.contract`` for one of ``codes``."""
        assert not reply.accepted, f"was not refused: {reply}"
        assert reply.status < 500, f"is an error of the gateway, not a refusal: {reply}"
        if self.settings.contract:
            assert reply.code in codes, reply

    def row_refused(self, row, *codes):
        """Fail unless the record was refused, with a reason; with ``settings.contract`` for one of ``codes``."""
        assert str(row["trang_thai"]) == "0", f"was not refused: {row}"
        assert row["error_description"], f"says no reason: {row}"
        if self.settings.contract:
            assert row["error"] in codes, row
