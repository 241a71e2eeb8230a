"""A school with locked records and its department, asked as the public asks; for the tests of look-up and custody."""

import base64
import contextlib
import http.client
from urllib.parse import urlencode, urlsplit

from closing_fixtures import running_pair, seal_all
from hocba_core import packet
from hocba_host import psql

_PUPILS = 36


class Site:
    """The public pages of one server, asked without a session."""

    def __init__(self, server, database):
        self.server, self.database = server, database
        self.host = urlsplit(server.url).netloc

    def get(self, path, **headers):
        return self._ask("GET", path, None, headers)

    def post(self, code, born, digits, **headers):
        body = urlencode({"ngay_sinh": born, "so_cuoi": digits})
        return self._ask(
            "POST", f"/hocba/tra-cuu/{code}", body, {"Content-Type": "application/x-www-form-urlencoded", **headers}
        )

    def _ask(self, method, path, body, headers):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())

    def forget(self):
        """Let the next test start with all its tries."""
        psql("DELETE FROM hocba_lookup_counter", self.database)

    def log(self):
        return psql("SELECT outcome, means, uuid, address FROM hocba_lookup_log ORDER BY id", self.database)


@contextlib.contextmanager
def running_sites(host):
    """{"school", "so": Site; "closing"; "data": contents of the locked records; "hidden": code of a signed record}."""
    with running_pair(host, "lookup", _PUPILS) as (closing, school, so):
        seal_all(closing)
        closing.await_verdicts(closing.send([("class_id.name", "=", closing.school.classes[0].name)]))
        closing.lock()
        pair = {"school": Site(school, closing.site.database), "so": Site(so, closing.department.database)}
        pair["closing"] = closing
        rows = closing.clerk(
            "hocba.record", "search_read", [[("state", "=", "locked")]], {"fields": ["uuid", "packet"]}
        )
        pair["data"] = [packet.get_profile("cv2088-1.0").parse(base64.b64decode(row["packet"])).data for row in rows]
        hidden = closing.clerk("hocba.record", "search_read", [[("state", "=", "signed")]], {"fields": ["uuid"]})
        pair["hidden"] = hidden[0]["uuid"]
        yield pair
