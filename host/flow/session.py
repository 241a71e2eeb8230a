"""Signed-in people of one site."""

from hocba_host import Rpc

PASSWORD = "hocba-2026"
PIN = "246810"


class Site:
    """A server and who is signed in there."""

    def __init__(self, url, database):
        self.url = url
        self.database = database
        self._sessions = {}

    def session(self, login, password=PASSWORD):
        """The session of ``login``; signed in once."""
        if login not in self._sessions:
            self._sessions[login] = Rpc(self.url, self.database, login, password, timeout=600)
        return self._sessions[login]

    @property
    def admin(self):
        """The database's administrator."""
        return self.session("admin", "admin")

    def group_ids(self, module, *names):
        """Database ids of groups."""
        rows = self.admin(
            "ir.model.data",
            "search_read",
            [[("module", "=", module), ("name", "in", names)]],
            {"fields": ["res_id"]},
        )
        return [row["res_id"] for row in rows]

    def ensure_user(self, login, values):
        """The user ``login``, made when it is not there yet."""
        found = self.admin("res.users", "search", [[("login", "=", login)]])
        if found:
            return found[0]
        return self.admin("res.users", "create", [{"login": login, "password": PASSWORD, **values}])
