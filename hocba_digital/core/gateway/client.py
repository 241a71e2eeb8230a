"""Client of a gateway: one HTTP session, every failure as a GatewayError that says what may have happened."""

import email.utils
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
import urllib3

from .errors import CALL_CODES, ERRORS, GatewayError
from .probe import probe
from .tls import Tls, is_client_refusal
from .transfers import TransferAnswer
from .transport import WatchedAdapter, causes, tls_problem
from .wire import Answer, CertificateAnswer, QueryAnswer, RecallAnswer, Request, default_paths

_CONNECT_TIMEOUT = 10
#: Bytes a second of the slowest line that a transaction is still sent over; the time-out is for the answer.
_SLOWEST_UPLOAD = 64 * 1024
_MAX_ANSWER_BYTES = 32 * 1024 * 1024
#: Transaction -> path of its service; a query also with the form of its answer.
_DELIVERIES = {"1": "report", "3": "certificate", "5": "recall", "7": "transfer"}
_QUERIES = {
    "2": ("report_query", QueryAnswer),
    "4": ("certificate_query", CertificateAnswer),
    "6": ("recall_query", RecallAnswer),
    "8": ("transfer_query", TransferAnswer),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to reach a gateway. ``timeout`` in seconds; ``password_sha256`` in hexadecimal."""

    base_url: str
    user_name: str
    password_sha256: str = field(repr=False)
    unit_code: str
    paths: dict = field(default_factory=default_paths)
    timeout: float = 60
    escape_quote: str = "none"
    verify: bool | str = True
    tls: Tls | None = None

    def longest_call(self, size=0):
        """Seconds after which a call that sends ``size`` bytes has ended, whatever the gateway does."""
        return _CONNECT_TIMEOUT + self.timeout + size / _SLOWEST_UPLOAD

    def longest_step(self, size=0):
        """Seconds for a session of one token and one call that sends ``size`` bytes."""
        return self.longest_call() + self.longest_call(size)


class GatewayClient:
    """Use as a context manager: the session's connections and token end with it. One thread uses one client.

    ``clock_skew``: seconds that this machine is ahead of the gateway, by its ``Date`` header; ``version``: what the
    gateway says it speaks. Both None until known. ``extensions``: what it offers beside the six transactions, as it
    says with the token. ``slowest_answer``: seconds.
    """

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self._ends = None
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = endpoint.verify
        self._adapter = WatchedAdapter(endpoint.tls.context() if endpoint.tls else None)
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)
        self._token = None
        self.clock_skew = None
        self.version = None
        self.extensions = ()
        self.slowest_answer = 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._session.close()

    def within(self, seconds):
        """This client; in so many seconds from now no call begins and those under way are broken off.

        Whoever holds a lease on a transaction gives less than the lease: no byte goes out when somebody else has it.
        """
        self._ends = time.monotonic() + seconds
        return self

    def get_token(self):
        """Token of the session (annex 3, §3.1). Raises GatewayError; nothing is ever received by this call."""
        if self._token is None:
            request = {
                "user_name": self.endpoint.user_name,
                "password": self.endpoint.password_sha256,
                "ma_don_vi": self.endpoint.unit_code,
            }
            answer = self._post("token", json.dumps(request).encode(), delivers=False)
            if str(answer.get("Error")) != "00" or not isinstance(answer.get("token"), str):
                raise _refusal(answer)
            self._token = answer["token"]
            self.version = answer.get("version")
            offered = answer.get("extensions")
            self.extensions = tuple(map(str, offered)) if isinstance(offered, list) else ()
        return self._token

    def deliver(self, kind, messageid, school_year, content, extra=()):
        """Transaction 1, 3, 5 or 7 with frozen ``content``; ``extra``: parameters of 3 and 7. Returns Answer.

        Raises GatewayError; with ``maybe_received`` the transaction's query has to come before anything is sent again.
        """
        request = Request(kind, messageid, self.endpoint.unit_code, school_year, content, tuple(extra))
        answer = self._parsed(Answer, self._send(_DELIVERIES[kind], request, delivers=True), delivers=True)
        if answer.messageid != messageid:
            raise GatewayError("receiver", "FORM", "Cổng trả lời cho một gói tin khác", maybe_received=True)
        return answer

    def ask(self, kind, messageid, school_year="", extra=()):
        """Transaction 2, 4, 6 or 8: what became of ``messageid``; ``extra``: parameters of transaction 8.

        Returns QueryAnswer, CertificateAnswer, RecallAnswer or TransferAnswer. Raises GatewayError.
        """
        path, answer_kind = _QUERIES[kind]
        request = Request(kind, messageid, self.endpoint.unit_code, school_year, extra=tuple(extra))
        answer = self._send(path, request, delivers=False)
        if str(answer.get("MessageId") or "-") not in ("-", messageid):
            raise GatewayError("receiver", "FORM", "Cổng trả lời cho một gói tin khác")
        return self._parsed(answer_kind, answer, delivers=False)

    def report(self, messageid, school_year, content):
        """Transaction 1 with frozen ``content``. Returns Answer. Raises GatewayError."""
        return self.deliver("1", messageid, school_year, content)

    def query_report(self, messageid, school_year=""):
        """Transaction 2: the verdicts on the records of ``messageid``. Returns QueryAnswer. Raises GatewayError."""
        return self.ask("2", messageid, school_year)

    def probe(self):
        """Test name, connection, TLS, account, version, clock and paths. Never raises for a gateway's fault."""
        return probe(self)

    def _send(self, path, request, *, delivers):
        account = {"user_name": self.endpoint.user_name, "password_sha256": self.endpoint.password_sha256}
        answer = self._post(path, request.body(token=self.get_token(), **account), delivers=delivers)
        if str(answer.get("Error")) == "11":  # the token ran out: the receiver has looked at nothing else
            self._token = None
            answer = self._post(path, request.body(token=self.get_token(), **account), delivers=delivers)
        if str(answer.get("Error")) in CALL_CODES:
            raise _refusal(answer)
        return answer

    def _post(self, path, body, *, delivers):
        url = _checked(self.endpoint.base_url.rstrip("/") + self.endpoint.paths[path])
        headers = {"Content-Type": "application/json; charset=utf-8"}
        timeout = (_CONNECT_TIMEOUT, self.endpoint.timeout)
        seconds = self._seconds_for(body)
        self._adapter.sent = False
        began = time.monotonic()
        try:
            with (
                self._adapter.deadline(seconds),
                self._session.post(
                    url, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True
                ) as response,
            ):
                self._note_clock(response)
                content = self._read(response)
                self.slowest_answer = max(self.slowest_answer, time.monotonic() - began)
                return self._decoded(response, content, delivers)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if self._adapter.sent:
                raise _no_answer(error, delivers) from error
            raise _no_connection(error, url) from error

    def _seconds_for(self, body):
        """How long the next call may take. Raises GatewayError when the session's time is over: nothing was sent."""
        seconds = self.endpoint.longest_call(len(body))
        if self._ends is not None:
            seconds = min(seconds, self._ends - time.monotonic())
        if seconds <= 0:
            raise GatewayError("transport", "LATE", "Máy chủ của trường bận, chưa kịp gọi Cổng tiếp nhận.")
        return seconds

    def _read(self, response):
        """The body, within the time-out as a whole and not for each piece of it."""
        content = b""
        with self._adapter.deadline(self.endpoint.timeout):
            while len(content) <= _MAX_ANSWER_BYTES and (piece := response.raw.read(1 << 20, decode_content=True)):
                content += piece
        return content

    def _decoded(self, response, content, delivers):
        status = response.status_code
        if status != 200:
            raise _status_error(response, delivers)
        try:
            if len(content) > _MAX_ANSWER_BYTES:
                raise ValueError("too long")
            answer = json.loads(content)
            if not isinstance(answer, dict):
                raise ValueError("no object")
        except (ValueError, RecursionError) as error:
            shown = response.headers.get("Content-Type", "không rõ")[:60]
            message = f"Câu trả lời của Cổng tiếp nhận không đọc được: không phải JSON (Content-Type: {shown})."
            raise GatewayError("receiver", "FORM", message, maybe_received=delivers) from error
        return answer

    def _note_clock(self, response):
        stated = response.headers.get("Date")
        if stated:
            moment = _date(stated)
            self.clock_skew = time.time() - moment.timestamp() if moment else None

    @staticmethod
    def _parsed(kind, answer, *, delivers):
        try:
            return kind.parse(answer)
        except (ValueError, AttributeError, TypeError) as error:
            message = "Câu trả lời của Cổng tiếp nhận không đúng định dạng."
            raise GatewayError("receiver", "FORM", message, maybe_received=delivers) from error


def _refusal(answer):
    code = str(answer.get("Error") or "FORM")
    kind, text = ERRORS.get(code, ("receiver", ""))
    description = str(answer.get("ErrorDescription") or text or "Cổng tiếp nhận từ chối.")
    return GatewayError("receiver" if kind == "none" else kind, code, description)


def _checked(url):
    """``url``, when it can be one of a gateway. Raises GatewayError."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(letter.isspace() for letter in url):
        raise _bad_address(url)
    return url


def _bad_address(url):
    return GatewayError("authorisation", "URL", f"“{url}” không phải một địa chỉ http:// hoặc https:// đúng.")


def _no_connection(error, url):
    """No byte of the request went out."""
    host = urlsplit(url).hostname
    found = causes(error)
    if any(isinstance(item, requests.exceptions.InvalidURL | urllib3.exceptions.LocationParseError) for item in found):
        return _bad_address(url)
    if any(isinstance(item, socket.gaierror) for item in found):
        return GatewayError("transport", "NAME", f"Không tìm thấy máy chủ “{host}”. Kiểm tra địa chỉ.")
    problem = tls_problem(error)
    if problem:
        return GatewayError("transport", "TLS", problem)
    # Not urllib3's ConnectTimeoutError: its error for a refused connection is one as well.
    if any(isinstance(item, requests.exceptions.ConnectTimeout | TimeoutError) for item in found):
        return GatewayError("transport", "CONNECT", f"Không kết nối được “{host}”: hết thời gian chờ.")
    return GatewayError("transport", "CONNECT", f"Máy chủ “{host}” không nhận kết nối.")


def _no_answer(error, delivers):
    """The request went out, wholly or in part; what became of it is unknown.

    Known is only that a server which turned the client's certificate away read none of it.
    """
    if any(isinstance(item, ssl.SSLError) and is_client_refusal(item) for item in causes(error)):
        return GatewayError("transport", "TLS", tls_problem(error))
    late = (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError)
    if any(isinstance(item, late) for item in causes(error)):
        message = "Cổng tiếp nhận không trả lời kịp."
        return GatewayError("transport", "ANSWER", message, maybe_received=delivers)
    message = "Kết nối bị ngắt trước khi nhận được trọn câu trả lời."
    return GatewayError("transport", "RESET", message, maybe_received=delivers)


def _status_error(response, delivers):
    """The GatewayError for an HTTP status other than 200."""
    status = response.status_code
    pause = _retry_after(response)
    if status == 429 or (status == 503 and pause is not None):
        # It says "come back later", so it has not taken the request. A bare 503 may come from a proxy after the fact.
        return GatewayError("receiver", str(status), f"Cổng tiếp nhận đang bận (HTTP {status}).", retry_after=pause)
    if status in (401, 403):
        return GatewayError("authorisation", str(status), f"Cổng tiếp nhận từ chối truy cập (HTTP {status}).")
    if status == 413:
        return GatewayError("data", "21", ERRORS["21"][1])
    if status in (408, 425):
        message = f"Cổng tiếp nhận không nhận trọn yêu cầu (HTTP {status})."
        return GatewayError("transport", str(status), message, maybe_received=delivers, retry_after=pause)
    if 300 <= status < 500:
        message = f"Địa chỉ hoặc đường dẫn của Cổng tiếp nhận không đúng (HTTP {status})."
        return GatewayError("authorisation", "PATH", message)
    message = f"Cổng tiếp nhận báo lỗi (HTTP {status})."
    return GatewayError("receiver", str(status), message, maybe_received=delivers, retry_after=pause)


def _retry_after(response):
    """Seconds from ``Retry-After``: a number or a date; None when absent or unreadable.

    A date is one of the gateway's clock, so it is compared with that clock where the answer shows it.
    """
    stated = response.headers.get("Retry-After", "").strip()
    if stated.isdigit():
        return min(int(stated), 86400)
    moment = _date(stated)
    if moment is None:
        return None
    its_now = _date(response.headers.get("Date", "")) or datetime.now(UTC)
    return max(0, min(86400, int((moment - its_now).total_seconds())))


def _date(text):
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)
