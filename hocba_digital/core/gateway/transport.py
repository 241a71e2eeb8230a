"""HTTP connections that know whether anything of a request may have left this machine, and what broke them."""

import contextlib
import socket
import ssl
import threading

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from .tls import is_client_refusal

# Codes of OpenSSL's certificate verification (X509_V_ERR_*).
_EXPIRED = {9, 10}
_WRONG_NAME = {62, 64}


class WatchedAdapter(HTTPAdapter):
    """``sent`` tells, of the last request, whether a connection was there and bytes were handed to it.

    While it is False the receiver has nothing for certain: the name was not found, the connection was refused or its
    TLS handshake failed. Nothing is ever repeated by itself.
    """

    def __init__(self, context=None):
        self.sent = False
        self.socket = None
        self._late = threading.Event()
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args, **kwargs):
        """As the base class, with connections that report to this object and, if given, use its TLS context."""
        super().init_poolmanager(*args, **kwargs, **({"ssl_context": self._context} if self._context else {}))
        self.poolmanager.pool_classes_by_scheme = {
            "http": _watched(HTTPConnectionPool, HTTPConnection, self),
            "https": _watched(HTTPSConnectionPool, HTTPSConnection, self),
        }

    def cert_verify(self, conn, url, verify, cert):
        """As the base class; a context of our own has its authorities already and takes no others."""
        if not self._context:
            super().cert_verify(conn, url, verify, cert)

    def send(self, request, **kwargs):
        """As the base class."""
        self.sent, self.socket = False, None
        return super().send(request, **kwargs)

    @contextlib.contextmanager
    def deadline(self, seconds):
        """Break the connection if the block takes longer, however busy it is. Raises TimeoutError then.

        A connection that stands only when the time is over sends nothing.
        """
        outer, late = self._late, threading.Event()
        self._late = late
        timer = threading.Timer(seconds, self._break, [late])
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if late.is_set():
                raise TimeoutError("the answer does not come to its end") from error
            raise
        finally:
            timer.cancel()
            self._late = outer

    def begin(self, connection):
        """The first byte of a request is about to go out over ``connection``. Raises TimeoutError if it is too late."""
        if self._late.is_set():
            raise TimeoutError("the connection stood too late")
        self.sent, self.socket = True, connection

    def _break(self, late):
        late.set()
        with contextlib.suppress(OSError, AttributeError):
            self.socket.shutdown(socket.SHUT_RDWR)


def _watched(pool, connection, watcher):
    class Connection(connection):
        """A connection that tells when its first byte goes out."""

        def send(self, data):
            if self.sock is None:
                self.connect()
            watcher.begin(self.sock)
            return super().send(data)

    return type("WatchedPool", (pool,), {"ConnectionCls": Connection})


def causes(error):
    """The exception and everything that led to it, outermost first."""
    waiting, seen = [error], []
    while waiting:
        current = waiting.pop(0)
        if current in seen:
            continue
        seen.append(current)
        inner = [
            *getattr(current, "args", ()),
            getattr(current, "reason", None),
            current.__cause__,
            current.__context__,
        ]
        waiting += [item for item in inner if isinstance(item, BaseException)]
    return seen


def tls_problem(error):
    """What is wrong with a TLS connection, in Vietnamese; None when the error is none of TLS."""
    found = [item for item in causes(error) if isinstance(item, ssl.SSLError)]
    if not found:
        return None
    if any(is_client_refusal(item) for item in found):
        return "Máy chủ đòi chứng thư TLS của bên gửi, hoặc không chấp nhận chứng thư đã cài."
    code = next((item.verify_code for item in found if isinstance(item, ssl.SSLCertVerificationError)), None)
    if code in _EXPIRED:
        return "Chứng thư TLS của máy chủ đã hết hạn hoặc chưa có hiệu lực; kiểm tra cả đồng hồ của máy này."
    if code in _WRONG_NAME:
        return "Chứng thư TLS của máy chủ được cấp cho một tên miền khác."
    if code is not None:
        return "Chứng thư TLS của máy chủ không do tổ chức được tin cậy cấp."
    if any("WRONG_VERSION_NUMBER" in str(item.reason or item) for item in found):
        return "Máy chủ không nói TLS ở cổng này; có thể địa chỉ phải bắt đầu bằng http:// hoặc sai số cổng."
    return "Không thiết lập được kết nối bảo mật (TLS)."
