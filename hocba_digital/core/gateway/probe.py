"""The connection test: one step after the other, until one says precisely what is wrong."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from .errors import GatewayError, advice_for
from .tls import Tls, common_names, demands_certificate, server_certificate
from .wire import VERSIONS

_MAX_CLOCK_SKEW = 300
#: Seconds an answer may take before the test says that the gateway is slow.
_SLOW = 10
#: Paths that can be tried without delivering anything: the query of a message that was never sent.
_QUERIES = (
    ("2", "report_query", "truy vấn báo cáo"),
    ("4", "certificate_query", "truy vấn chứng thư số"),
    ("6", "recall_query", "truy vấn thu hồi"),
)

#: What the administrator who tests can do where the advice for a clerk is "wait".
_ADVICE = {
    "NAME": "Kiểm tra tên máy chủ trong địa chỉ, máy chủ tên miền (DNS) và kết nối Internet của trường.",
    "CONNECT": "Kiểm tra địa chỉ, số cổng, tường lửa và mạng của trường; nếu đều đúng, hỏi Sở xem cổng có đang mở "
    "không.",
    "TLS": "Kiểm tra địa chỉ và phần “Bảo mật (TLS)”; nếu chứng thư của máy chủ có lỗi, báo Sở.",
    "ANSWER": "Tăng thời gian chờ hoặc thử lại sau; nếu vẫn chậm, báo Sở.",
    "RESET": "Thử lại; nếu vẫn bị ngắt, kiểm tra tường lửa, proxy và số cổng.",
    "FORM": "Kiểm tra địa chỉ và đường dẫn: có thể đó là một trang web, không phải dịch vụ của Cổng tiếp nhận.",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """Result of a connection test; ``message`` is Vietnamese and says precisely what is wrong, ``advice`` what to do.

    ``steps``: what was found in order, (whether it is right, text); the last one is the one that failed.
    """

    ok: bool
    code: str
    message: str
    advice: str = ""
    steps: tuple[tuple[bool, str], ...] = ()


def probe(client):
    """Test the gateway of a ``GatewayClient`` as ``Probe``. Never raises for a gateway's fault."""
    steps = []
    try:
        for step in (_account, _clock, _version, *(_query_step(*query) for query in _QUERIES)):
            steps.append((True, step(client)))
    except GatewayError as error:
        code, message = _explained(client, error)
        return Probe(False, code, message, _advice(code, error.kind), (*steps, (False, message)))
    slowest = client.slowest_answer
    if slowest > _SLOW:
        message = f"Cổng tiếp nhận trả lời đúng nhưng rất chậm: {slowest:.0f} giây một lần."
        advice = "Báo Sở; tăng thời gian chờ hoặc giảm số học bạ trong một giao dịch."
        return Probe(False, "SLOW", message, advice, (*steps, (False, message)))
    message = "Kết nối tốt: địa chỉ, tài khoản, phiên bản và đồng hồ đều đúng."
    return Probe(True, "00", message, "", tuple(steps))


def _advice(code, kind):
    if code in _ADVICE:
        return _ADVICE[code]
    return (
        "Cổng tiếp nhận báo lỗi của chính nó: thử lại sau hoặc báo Sở."
        if kind == "receiver"
        else advice_for(code, kind)
    )


def _account(client):
    client.get_token()
    parts = urlsplit(client.endpoint.base_url)
    secure = "có bảo mật (TLS)" if parts.scheme == "https" else "KHÔNG bảo mật (http)"
    return f"Kết nối {secure} tới “{parts.hostname}”; tài khoản và mã đơn vị được chấp nhận."


def _clock(client):
    skew = client.clock_skew
    if skew is None:
        return "Cổng tiếp nhận không cho biết giờ của mình; không so được đồng hồ."
    if abs(skew) > _MAX_CLOCK_SKEW:
        direction = "nhanh" if skew > 0 else "chậm"
        minutes = round(abs(skew) / 60)
        raise GatewayError(
            "transport", "CLOCK", f"Đồng hồ của máy này {direction} {minutes} phút so với Cổng tiếp nhận."
        )
    return f"Đồng hồ lệch {abs(skew):.0f} giây."


def _version(client):
    if client.version is None:
        return "Cổng tiếp nhận không nêu phiên bản giao tiếp."
    if client.version not in VERSIONS:
        raise GatewayError(
            "authorisation",
            "VERSION",
            f"Cổng tiếp nhận dùng phiên bản giao tiếp “{client.version}”; phần mềm này hiểu {', '.join(VERSIONS)}.",
        )
    return f"Phiên bản giao tiếp {client.version}."


def _query_step(kind, path, name):
    def step(client):
        try:
            client.ask(kind, str(uuid.uuid4()))
        except GatewayError as error:
            if error.code == "PATH":
                raise _wrong_path(client, path, error) from error
            raise
        return f"Đường dẫn {name} trả lời đúng."

    return step


def _wrong_path(client, path, error):
    return GatewayError(error.kind, error.code, f"{error.message} Đường dẫn: {client.endpoint.paths[path]}")


def _explained(client, error):
    """(code, message) of an error, with what a closer look at the server adds."""
    endpoint = client.endpoint
    parts = urlsplit(endpoint.base_url)
    if error.code == "PATH" and "Đường dẫn:" not in error.message:
        return error.code, f"{error.message} Đường dẫn: {endpoint.paths['token']}"
    if error.code == "ANSWER":
        return error.code, f"Cổng tiếp nhận không trả lời trong {endpoint.timeout:g} giây."
    if parts.scheme != "https" or error.code not in ("TLS", "RESET"):
        return error.code, error.message
    place = parts.hostname, parts.port or 443
    timeout = min(endpoint.timeout, 10)
    if demands_certificate(*place, endpoint.tls or Tls(), timeout):
        if endpoint.tls and endpoint.tls.certificate:
            text = "Máy chủ không chấp nhận chứng thư TLS của bên gửi đã cài ở đây (hết hạn, sai hoặc chưa đăng ký)."
        else:
            text = "Máy chủ đòi chứng thư TLS của bên gửi; ở đây chưa cài."
        return "TLS", text
    return error.code, error.message + _seen(error, *place, timeout)


def _seen(error, host, port, timeout):
    """What the certificate of the server says, when it is the problem."""
    certificate = server_certificate(host, port, timeout) if error.code == "TLS" else None
    if certificate is None:
        return ""
    names, issuer = common_names(certificate)
    ends = certificate.not_valid_after_utc
    state = "đã hết hạn" if ends < datetime.now(UTC) else "hạn"
    return f" Chứng thư của máy chủ: cấp cho {names}; do {issuer} cấp; {state} {ends:%d/%m/%Y}."
