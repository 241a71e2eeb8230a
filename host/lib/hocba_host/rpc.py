"""A signed-in session with an Odoo server, speaking JSON-RPC over HTTP as the web client does."""

import itertools
import json
import urllib.request
from http.cookiejar import CookieJar


class RpcError(RuntimeError):
    """The server answered with an error; `name` is the exception's class there, `debug` its trace."""

    def __init__(self, error: dict):
        data = error.get("data") or {}
        super().__init__(data.get("message") or error.get("message") or "unknown error")
        self.name: str = data.get("name", "")
        self.debug: str = data.get("debug", "")


class Rpc:
    """One user's session: `rpc("res.partner", "search_read", [domain], {"fields": [...]})`."""

    def __init__(self, url: str, database: str, login: str, password: str, timeout: float = 120):
        self.url = url
        self.timeout = timeout
        self._ids = itertools.count(1)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.info = self.post("/web/session/authenticate", {"db": database, "login": login, "password": password})
        self.uid: int = self.info["uid"]

    def post(self, path: str, params: dict) -> object:
        """Call a JSON-RPC route and return its result. Raises RpcError."""
        body = {"jsonrpc": "2.0", "method": "call", "id": next(self._ids), "params": params}
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), headers={"Content-Type": "application/json"}
        )
        with self._opener.open(request, timeout=self.timeout) as response:
            answer = json.load(response)
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer.get("result")

    def get(self, path: str) -> bytes:
        """Return the body of a page or a file, fetched with this session."""
        with self._opener.open(self.url + path, timeout=self.timeout) as response:
            return response.read()

    def __call__(self, model: str, method: str, args: list | tuple = (), kwargs: dict | None = None) -> object:
        # The web client sends the person's language and time zone with every call.
        kwargs = {**(kwargs or {})}
        kwargs["context"] = {**(self.info.get("user_context") or {}), **kwargs.get("context", {})}
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", params)
