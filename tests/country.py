"""A school, its department and the ministry on three servers, and who acts on each."""

import time
from concurrent.futures import ThreadPoolExecutor

from flow import PIN, Reporting
from flow.ministry import REPORTER
from hocba_host import RpcError

RECORD = "hocba.registry.record"


class Country:
    """The three sites, and who acts on each."""

    def __init__(self, closing, ministry, server):
        self.closing = closing
        self.department = closing.department
        self.ministry = ministry
        self.server = server
        self.up = Reporting(self.department, ministry, closing.school, closing.site.pki)

    def ask_until(self, call, submissions, state):
        """Send and ask as the schedule does, which does it too, until the transactions stand at ``state``."""
        end = time.monotonic() + 90
        while True:
            call("hocba.submission", "action_send_now", [submissions])
            rows = call("hocba.submission", "read", [submissions], {"fields": ["state", "error"]})
            if {row["state"] for row in rows} == {state}:
                return
            assert time.monotonic() < end, rows
            time.sleep(0.2)

    def recall_from_school(self, uuid, reason):
        """Head asks, clerk sends; (the school's transaction, the department's request)."""
        school = self.closing
        ids = school.clerk("hocba.record", "search", [[("uuid", "=", uuid)]])
        school.head("hocba.record", "action_ask_recall", [ids, reason])
        wizard = school.clerk("hocba.recall.wizard", "create", [{"record_ids": [(6, 0, ids)], "pin": PIN}])
        school.clerk("hocba.recall.wizard", "action_send", [[wizard]])
        found = school.clerk("hocba.recall.wizard", "read", [[wizard]], {"fields": ["submission_ids"]})
        submissions = found[0]["submission_ids"]
        school.clerk("hocba.submission", "action_send_now", [submissions])
        self.department.wait_until_judged()
        waiting = self.department.officer("hocba.registry.recall", "search", [[("state", "=", "waiting")]])
        assert len(waiting) == 1
        return submissions, waiting

    def pass_up(self, recalls):
        """The department approves and asks the ministry; (its transactions, the request there)."""
        self.approve_twice(recalls)
        assert self.read(recalls) == ["upward"]
        submissions = self.up.recall(recalls)
        self.ask_until(self.up.call, submissions, "received")
        self.ministry.wait_until_judged()
        there = self.ministry.officer("hocba.registry.recall", "search", [[("state", "=", "waiting")]])
        assert len(there) == 1
        return submissions, there

    def approve_twice(self, recalls):
        """Two officers press the button at the same moment; one of them is told that it is decided."""

        def approve(session):
            try:
                session("hocba.registry.recall", "action_approve", [recalls])
            except RpcError as error:
                return error.name
            return None

        sessions = [self.department.officer, self.department.session(REPORTER)]
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(approve, sessions))
        assert outcomes.count(None) == 1
        assert set(outcomes) - {None} <= {"odoo.exceptions.UserError", "odoo.exceptions.LockError"}

    def one_of_the_school(self):
        """Look-up code of a record that the school itself has and the ministry holds."""
        name = self.closing.school.name
        return next(iter(self.records(self.ministry, ("school_name", "=", name), ("state", "=", "accepted"))))

    def read(self, recalls):
        """States of the department's requests."""
        rows = self.department.officer("hocba.registry.recall", "read", [recalls], {"fields": ["state"]})
        return [row["state"] for row in rows]

    def records(self, site, *domain):
        """Received records of a site, by look-up code."""
        fields = ["uuid", "digest", "state", "upper_state", "school_name"]
        rows = site.officer(RECORD, "search_read", [list(domain)], {"fields": fields})
        return {row["uuid"]: row for row in rows}
