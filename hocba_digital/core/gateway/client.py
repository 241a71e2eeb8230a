"""Client of a gateway: one HTTP session, every failure as a GatewayError that says what may have happened."""

import email.utils
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
import urllib3

from .errors import ERRORS, GatewayError
from .wire import Answer, QueryAnswer, Request, default_paths

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
    """Use as a context manager: the session's connections and token end with it."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = endpoint.verify
        self._token = None
        self.clock_skew = None

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
            if answer.get("Error") != "00" or not answer.get("token"):
                raise _refusal(answer)
            self._token = answer["token"]
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
        """Connection test: name, connection, TLS, account, clock. Never raises for a gateway's fault."""
        try:
            self.get_token()
        except GatewayError as error:
            return Probe(False, error.code, error.message)
        if self.clock_skew is not None and abs(self.clock_skew) > _MAX_CLOCK_SKEW:
            minutes = round(abs(self.clock_skew) / 60)
            return Probe(False, "CLOCK", f"Đồng hồ của máy chủ lệch {minutes} phút so với Cổng tiếp nhận.")
        return Probe(True, "00", "Kết nối tốt: địa chỉ, tài khoản và đồng hồ đều đúng.")

    def _send(self, path, request, *, delivers):
        account = {"user_name": self.endpoint.user_name, "password_sha256": self.endpoint.password_sha256}
        answer = self._post(path, request.body(token=self.get_token(), **account), delivers=delivers)
        if answer.get("Error") == "11":  # the token ran out: the receiver has looked at nothing else
            self._token = None
            answer = self._post(path, request.body(token=self.get_token(), **account), delivers=delivers)
        if answer.get("Error") in ERRORS and ERRORS[answer["Error"]][0] in ("authorisation", "receiver"):
            raise _refusal(answer)
        return answer

    def _post(self, path, body, *, delivers):
        url = self.endpoint.base_url.rstrip("/") + self.endpoint.paths[path]
        try:
            response = self._session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=(_CONNECT_TIMEOUT, self.endpoint.timeout),
                allow_redirects=False,
                stream=True,
            )
            self._note_clock(response)
            content = response.raw.read(_MAX_ANSWER_BYTES + 1, decode_content=True)
        except requests.exceptions.SSLError as error:
            raise GatewayError("transport", "TLS", f"Kết nối bảo mật (TLS) thất bại: {error}") from error
        except requests.exceptions.ConnectTimeout as error:
            raise GatewayError("transport", "CONNECT", "Không kết nối được: hết thời gian chờ.") from error
        except requests.exceptions.ConnectionError as error:
            raise _no_connection(error, url, delivers) from error
        except (requests.exceptions.RequestException, OSError) as error:
            message = "Cổng tiếp nhận không trả lời kịp hoặc ngắt giữa chừng."
            raise GatewayError("transport", "ANSWER", message, maybe_received=delivers) from error
        except urllib3.exceptions.HTTPError as error:
            message = "Câu trả lời của Cổng tiếp nhận bị ngắt giữa chừng."
            raise GatewayError("transport", "ANSWER", message, maybe_received=delivers) from error
        return self._decoded(response, content, delivers)

    def _decoded(self, response, content, delivers):
        status = response.status_code
        if status in (429, 503):
            message = f"Cổng tiếp nhận đang bận (HTTP {status})."
            raise GatewayError("receiver", str(status), message, retry_after=_retry_after(response))
        if status in (401, 403):
            raise GatewayError("authorisation", str(status), f"Cổng tiếp nhận từ chối truy cập (HTTP {status}).")
        if status == 413:
            raise GatewayError("data", "21", ERRORS["21"][1])
        if 300 <= status < 500:
            message = f"Địa chỉ hoặc đường dẫn của Cổng tiếp nhận không đúng (HTTP {status})."
            raise GatewayError("authorisation", str(status), message)
        if status != 200:
            message = f"Cổng tiếp nhận báo lỗi (HTTP {status})."
            raise GatewayError("receiver", str(status), message, maybe_received=delivers)
        try:
            if len(content) > _MAX_ANSWER_BYTES:
                raise ValueError("too long")
            answer = json.loads(content)
            if not isinstance(answer, dict):
                raise ValueError("no object")
        except ValueError as error:
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


def _no_connection(error, url, delivers):
    """Whether a broken connection may have delivered something: only when it was open already."""
    reason = str(error)
    host = urlsplit(url).hostname
    if "NameResolutionError" in reason or "getaddrinfo" in reason or "Name or service" in reason:
        return GatewayError("transport", "NAME", f"Không tìm thấy máy chủ “{host}”. Kiểm tra địa chỉ.")
    if "NewConnectionError" in reason or "Connection refused" in reason:
        return GatewayError("transport", "CONNECT", f"Máy chủ “{host}” không nhận kết nối.")
    return GatewayError("transport", "RESET", "Kết nối bị ngắt giữa chừng.", maybe_received=delivers)


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
