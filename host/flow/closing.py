"""The steps of the year-end closing, each by the person whose step it is."""

import base64
import io
import time
import zipfile

from generate import write_class

from .session import PIN

_PORTION = 50


class Closing:
    """Import -> record -> signed -> submitted -> locked -> printed, for a set-up school."""

    def __init__(self, site, department):
        self.site = site
        self.department = department
        self.school = site.school

    @property
    def clerk(self):
        """Session of the clerk."""
        return self.site.session(self.school.clerk.login)

    @property
    def head(self):
        """Session of the head."""
        return self.site.session(self.school.head.login)

    def import_class(self, school_class):
        """Clerk imports the pupils, homeroom teacher the results; returns the rows left out."""
        files = write_class(self.school, school_class)
        class_id = self.site.classes[school_class.name]
        homeroom = self.site.session(school_class.homeroom.login)
        left_out = self.import_pupils(school_class, files)
        left_out += self._import(homeroom, "results", class_id, files[f"ket-qua-{school_class.name}.xlsx"])
        self._decide_exemptions(class_id)
        self._decide_awards(homeroom, class_id)
        return left_out

    def import_pupils(self, school_class, files=None):
        """Clerk imports the pupils alone; returns the rows left out."""
        files = files or write_class(self.school, school_class)
        class_id = self.site.classes[school_class.name]
        return self._import(self.clerk, "pupils", class_id, files[f"hoc-sinh-{school_class.name}.xlsx"])

    def _decide_awards(self, homeroom, class_id):
        """The titles of the year: proposed by the homeroom teacher, recognised by the class, decided by the head."""
        titled = [("class_id", "=", class_id), ("period", "=", "year"), ("award", "ilike", "danh hiệu")]
        titled.append(("overall", "in", ("excellent", "good")))
        pupils = homeroom("hocba.assessment", "search_read", [titled], {"fields": ["overall"]})
        if not pupils:
            return
        subject = homeroom("hocba.subject", "search", [[("code", "=", "TOAN")]])[0]
        ground = {"excellent": {"kind": "excellent"}, "good": {"kind": "exemplary", "subject_id": subject}}
        values = [{"assessment_id": pupil["id"], **ground[pupil["overall"]]} for pupil in pupils]
        awards = homeroom("hocba.award", "create", [values])
        exemplary = homeroom("hocba.award", "search", [[("id", "in", awards), ("kind", "=", "exemplary")]])
        if exemplary:
            step = {"mode": "recognise", "award_ids": [(6, 0, exemplary)], "note": "Cả lớp nhất trí"}
            wizard = homeroom("hocba.award.wizard", "create", [step])
            homeroom("hocba.award.wizard", "action_confirm", [[wizard]])
        self.head("hocba.award", "action_decide", [awards])

    def _decide_exemptions(self, class_id):
        """The head enters why pupils are exempt from a subject."""
        exempt = [("class_id", "=", class_id), ("period", "=", "year"), ("level", "=", "M")]
        for line in self.head("hocba.result", "search_read", [exempt], {"fields": ["assessment_id", "subject_id"]}):
            assessment = self.head("hocba.assessment", "read", [line["assessment_id"][0]], {"fields": ["enrolment_id"]})
            values = {"enrolment_id": assessment[0]["enrolment_id"][0], "subject_id": line["subject_id"][0]}
            values |= {"reason": "Bệnh tim bẩm sinh, theo giấy chứng nhận của bệnh viện", "decision": "12/QĐ-TH"}
            self.head("hocba.exemption", "create", [values])

    def _import(self, session, kind, class_id, content):
        values = {"kind": kind, "class_id": class_id, "file": base64.b64encode(content).decode()}
        values["school_year_id"] = self.site.year_id
        wizard = session("hocba.import.wizard", "create", [values])
        session("hocba.import.wizard", "action_check", [[wizard]])
        session("hocba.import.wizard", "action_import", [[wizard]])
        done = session("hocba.import.wizard", "read", [[wizard]], {"fields": ["state", "error_count", "summary"]})[0]
        if done["state"] != "done":
            raise RuntimeError(f"import of {kind} was not done: {done['summary']}")
        return done["error_count"]

    def create_records(self, class_ids):
        """Clerk creates the records of the classes."""
        self.clerk("hocba.class", "action_create_records", [class_ids])

    def sign(self, session, domain):
        """Sign every record of ``domain`` that waits for this person; returns the last progress."""
        ids = session("hocba.record", "search", [domain])
        if not ids:
            return None
        action = session("hocba.record", "action_sign", [ids])
        job = action["params"]["job_id"]
        progress = {"waiting": 1}
        while progress["waiting"]:
            progress = session("hocba.signing.job", "process", [[job], PIN, _PORTION])
        return progress

    def sign_as_homeroom(self, school_class):
        """The homeroom teacher signs the own class."""
        session = self.site.session(school_class.homeroom.login)
        class_id = self.site.classes[school_class.name]
        return self.sign(session, [("class_id", "=", class_id), ("waiting_for", "=", "gvcn")])

    def sign_as_head(self, domain=()):
        """The head signs what waits for a head."""
        return self.sign(self.head, [("waiting_for", "=", "cbql"), *domain])

    def seal(self, domain=()):
        """The clerk puts the school's seal on what waits for it."""
        return self.sign(self.clerk, [("waiting_for", "=", "seal"), *domain])

    def send(self, domain=()):
        """The clerk hands over what is sealed and sends it now; returns the submissions' ids."""
        ids = self.clerk("hocba.record", "search", [[("waiting_for", "=", "sending"), *domain]])
        wizard = self.clerk("hocba.send.wizard", "create", [{"record_ids": [(6, 0, ids)], "pin": PIN}])
        self.clerk("hocba.send.wizard", "action_send", [[wizard]])
        submissions = self.clerk("hocba.send.wizard", "read", [[wizard]], {"fields": ["submission_ids"]})
        ids = submissions[0]["submission_ids"]
        self.clerk("hocba.submission", "action_send_now", [ids])
        return ids

    def await_verdicts(self, submissions, seconds=600):
        """Ask for the verdicts until every submission is decided."""
        end = time.monotonic() + seconds
        while True:
            self.department.wait_until_judged()
            open_ids = self.clerk(
                "hocba.submission",
                "search",
                [[("id", "in", submissions), ("state", "in", ("queued", "sending", "unknown", "received"))]],
            )
            if not open_ids:
                return
            if time.monotonic() > end:
                raise TimeoutError(f"submissions {open_ids} were not decided in time")
            self.clerk("hocba.submission", "action_query", [open_ids])
            time.sleep(0.2)

    def lock(self):
        """The department closes the year; the school asks and locks."""
        self.department.close_year(self.school.school_year)
        self.ask_for_closing()

    def ask_for_closing(self):
        """The school asks whether the year was closed, and locks."""
        ids = self.clerk("hocba.submission", "search", [[("state", "in", ("accepted", "partly"))]])
        self.clerk("hocba.submission", "action_check_closing", [ids])

    def print_class(self, school_class):
        """The official forms of a class: file name -> PDF."""
        class_id = self.site.classes[school_class.name]
        content = self.clerk.get(f"/hocba/class/{class_id}/pdf?archive=zip")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
