"""Runs inside the school's Odoo (shell): makes a school, then forks workers that live one round and may be killed.

Reads orders, one JSON line each, from the socket named in HOCBA_NURSERY, and answers each with one line. The parent
holds no connection to the database while it forks, so every worker is a process of its own with its own connections.
"""

import hashlib
import json
import os
import signal
import socket
import sys
import traceback
from datetime import timedelta

import odoo.sql_db
from odoo import api
from odoo.addons.hocba_digital.models import submission_sending
from odoo.addons.hocba_digital.tests import common, pki

PIN, ACCOUNT = common.PIN, "account of the faults"
registry = env.registry  # noqa: F821 - the shell's environment


class Setup(common.SchoolCase):
    """The school of the add-on's own tests, without a test around it."""


def set_up(order):
    """A school of so many sealed records, a few of them signed by somebody whom only the school trusts."""
    Setup.env = env  # noqa: F821
    Setup._set_up_school()
    Setup._certify()
    env["hocba.endpoint"].create(  # noqa: F821
        {
            "company_id": Setup.company.id,
            "base_url": order["gateway"],
            "unit_code": "48491401",
            "user_name": "48491401",
            "password": ACCOUNT,
            "timeout": 1,
            "parallel": 8,
        }
    )
    stranger = Setup._user("stranger", "Đỗ Thị Lạ", "group_homeroom", "048179000099", "Giáo viên")
    class3 = Setup._class("3A", "3", stranger)
    foreign = pki.authority("Authority that the department does not know")
    env["hocba.trust"].create({"kind": "root", "pem": foreign.pem().decode()})  # noqa: F821
    key = pki.issue(foreign, pki.person_name("Đỗ Thị Lạ", "048179000099"))
    certificates = env["hocba.certificate"].with_user(stranger).with_company(Setup.company)  # noqa: F821
    certificates._import_pkcs12(key.pkcs12(PIN), PIN, "person")
    numbers = iter(range(1, 10**6))
    for school_class, count in ((Setup.class2, order["good"]), (class3, order["bad"])):
        _seal(school_class, [next(numbers) for _pupil in range(count)])
    env.cr.commit()  # noqa: F821
    env.cr.close()  # noqa: F821
    odoo.sql_db.close_all()
    return {name: Setup.pki[name].pem().decode() for name in ("root", "intermediate", "seal")}


def _seal(school_class, numbers):
    for number in numbers:
        Setup._pupil(school_class, number)
    Setup._assess(school_class)
    school_class.with_user(Setup.clerk).action_create_records()
    records = school_class.record_ids
    for user in (school_class.homeroom_id, Setup.head, Setup.clerk):
        job_id = records.with_user(user).action_sign()["params"]["job_id"]
        job = env["hocba.signing.job"].with_user(user).browse(job_id)  # noqa: F821
        while job.process(PIN, 100)["waiting"]:
            env.cr.commit()  # noqa: F821
    if set(records.mapped("state")) != {"signed"}:
        raise RuntimeError("not every record was signed")


class Killer:
    """Ends this process at the steps that were ordered, and says so just before."""

    def __init__(self, order, report):
        self.kills = order.get("kills", {})
        self.report = report

    def at(self, point, messageid, attempt):
        """Die if this is where."""
        if self.kills.get(messageid, {}).get(str(attempt)) == point:
            os.write(self.report, f"{messageid} {attempt} {point}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


def _armed(order, report):
    """Put the killer and the clock into this process's engine."""
    killer = Killer(order, report)
    engine = registry["hocba.submission"]
    claim, settle, perform = engine._claim, engine._settle, submission_sending.Claim.perform
    ahead = timedelta(seconds=order["ahead"])
    tries = {}

    def claim_or_die(self, *args):
        found, reason = claim(self, *args)
        if found:
            tries[found.attempt_id] = self.tries
            self.env.flush_all()
            killer.at("before_commit", found.messageid, self.tries)
        return found, reason

    def perform_or_die(self):
        attempt = tries[self.attempt_id]
        killer.at("before_call", self.messageid, attempt)
        self.client._session.headers["X-Hocba-Worker"] = str(os.getpid())
        outcome = perform(self)
        killer.at("after_answer", self.messageid, attempt)
        return outcome

    def settle_or_die(self, attempt_id, outcome):
        settle(self, attempt_id, outcome)
        self.env.flush_all()
        killer.at("before_its_commit", self.messageid, tries[attempt_id])

    engine._claim, engine._settle = claim_or_die, settle_or_die
    submission_sending.Claim.perform = perform_or_die
    engine._now = lambda self: self.env.cr.now().replace(microsecond=0) + ahead


def _round(order, report):
    """One run of the schedule."""
    _armed(order, report)
    with registry.cursor() as cr:
        api.Environment(cr, 1, {})["hocba.submission"]._cron_send()


def _queue(order, report):
    """The clerk reports records; with ``die`` the process ends before its commit."""
    with registry.cursor() as cr:
        submissions = api.Environment(cr, Setup.clerk.id, {})["hocba.submission"]
        records = submissions.env["hocba.record"]
        made = [submissions._queue(records.browse(ids), PIN) for ids in order["groups"]]
        submissions.env.flush_all()
        if order.get("die"):
            os.write(report, b"queue 0 before_commit\n")
            os.kill(os.getpid(), signal.SIGKILL)
        names = [submission.messageid for queued in made for submission in queued]
    os.write(report, (json.dumps(names) + "\n").encode())


def _recall(order, report):
    """The head asks for records back, the clerk sends it: one transaction each."""
    names = []
    with registry.cursor() as cr:
        for record_id in order["ids"]:
            record = api.Environment(cr, Setup.head.id, {})["hocba.record"].browse(record_id)
            record.action_ask_recall("Sai điểm môn Toán")
            record = record.with_user(Setup.clerk)
            names.append(record.env["hocba.submission"]._queue_recalls(record, PIN).messageid)
    os.write(report, (json.dumps(names) + "\n").encode())


def _count(_order, report):
    """Digest of the stored bytes of every record that was reported."""
    with registry.cursor() as cr:
        lines = api.Environment(cr, 1, {})["hocba.submission.line"].search([])
        found = {
            record.uuid: [record.state, hashlib.sha256(record._packet_bytes()).hexdigest()]
            for record in lines.record_id
        }
    os.write(report, (json.dumps(found) + "\n").encode())


WORK = {"round": _round, "queue": _queue, "recall": _recall, "count": _count}


def work(order):
    """Fork the workers of one order and wait for their ends."""
    read_end, write_end = os.pipe()
    workers = []
    for _worker in range(order.get("workers", 1)):
        worker = os.fork()
        if not worker:
            os.close(read_end)
            code = 1
            try:
                WORK[order["do"]](order, write_end)
                code = 0
            except BaseException:  # a worker never comes back into the parent's code
                traceback.print_exc()
            os._exit(code)
        workers.append(worker)
    os.close(write_end)
    with os.fdopen(read_end) as reports:
        lines = reports.read().splitlines()
    ends = [os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) for worker in workers]
    return {"lines": lines, "killed": ends.count(-signal.SIGKILL), "failed": sum(end > 0 for end in ends)}


def serve():
    """Take orders until the other side hangs up."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ["HOCBA_NURSERY"])
        stream = line.makefile("rw")
        for text in stream:
            order = json.loads(text)
            answer = set_up(order) if order["do"] == "set_up" else work(order)
            stream.write(json.dumps(answer) + "\n")
            stream.flush()
    sys.stdout.flush()


serve()
