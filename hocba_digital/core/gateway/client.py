"""Client of a gateway: one HTTP session, every failure as a GatewayError that says what may have happened."""

import email.utils
import json
import socket
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
import urllib3

from .errors import CALL_CODES, ERRORS, GatewayError
from .transport import WatchedAdapter, causes, tls_problem
from .wire import VERSIONS, Answer, QueryAnswer, Request, default_paths

_CONNECT_TIMEOUT = 10
_MAX_ANSWER_BYTES = 32 * 1024 * 1024
_MAX_CLOCK_SKEW = 300


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


@dataclass(frozen=True, slots=True)
class Probe:
    """Result of a connection test; ``message`` is Vietnamese and says precisely what is wrong."""

    ok: bool
    code: str
    message: str


class GatewayClient:
    """Use as a context manager: the session's connections and token end with it. One thread uses one client.

    ``clock_skew``: seconds that this machine is ahead of the gateway, by its ``Date`` header; ``version``: what the
    gateway says it speaks. Both None until known.
    """

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = endpoint.verify
        self._adapter = WatchedAdapter()
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)
        self._token = None
        self.clock_skew = None
        self.version = None

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._session.close()

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
        return self._token

    def report(self, messageid, school_year, content):
        """Transaction 1 with frozen ``content``. Returns Answer. Raises GatewayError."""
        request = Request("1", messageid, self.endpoint.unit_code, school_year, content)
        answer = self._parsed(Answer, self._send("report", request, delivers=True), delivers=True)
        if answer.messageid != messageid:
            raise GatewayError("receiver", "FORM", "Cổng trả lời cho một gói tin khác", maybe_received=True)
        return answer

    def query_report(self, messageid, school_year=""):
        """Transaction 2: the verdicts on the records of ``messageid``. Returns QueryAnswer. Raises GatewayError."""
        request = Request("2", messageid, self.endpoint.unit_code, school_year)
        return self._parsed(QueryAnswer, self._send("report_query", request, delivers=False), delivers=False)

    def probe(self):
        """Test name, connection, TLS, paths, account, version and clock. Never raises for a gateway's fault."""
        try:
            self.get_token()
            self.query_report(str(uuid.uuid4()))
        except GatewayError as error:
            return Probe(False, error.code, error.message)
        if self.version not in (None, *VERSIONS):
            message = (
                f"Cổng tiếp nhận dùng phiên bản giao tiếp “{self.version}”; phần mềm này hiểu {', '.join(VERSIONS)}."
            )
            return Probe(False, "VERSION", message)
        if self.clock_skew is not None and abs(self.clock_skew) > _MAX_CLOCK_SKEW:
            direction = "nhanh" if self.clock_skew > 0 else "chậm"
            minutes = round(abs(self.clock_skew) / 60)
            return Probe(False, "CLOCK", f"Đồng hồ của máy này {direction} {minutes} phút so với Cổng tiếp nhận.")
        return Probe(True, "00", "Kết nối tốt: địa chỉ, tài khoản, phiên bản và đồng hồ đều đúng.")

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
        self._adapter.sent = False
        try:
            with self._session.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                self._note_clock(response)
                return self._decoded(response, self._read(response), delivers)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if self._adapter.sent:
                raise _no_answer(error, delivers) from error
            raise _no_connection(error, url) from error

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
            message = "Câu trả lời của Cổng tiếp nhận không đọc được."
            raise GatewayError("receiver", "FORM", message, maybe_received=delivers) from error
        return answer

    def _note_clock(self, response):
        stated = response.headers.get("Date")
        if stated:
            try:
                self.clock_skew = time.time() - email.utils.parsedate_to_datetime(stated).timestamp()
            except (TypeError, ValueError):
                self.clock_skew = None

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
    """The request went out, wholly or in part; what became of it is unknown."""
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
    """Seconds from ``Retry-After``: a number or a date; None when absent or unreadable."""
    stated = response.headers.get("Retry-After", "").strip()
    if stated.isdigit():
        return min(int(stated), 86400)
    try:
        moment = email.utils.parsedate_to_datetime(stated)
        return max(0, min(86400, int((moment - datetime.now(UTC)).total_seconds())))
    except (TypeError, ValueError):
        return None
