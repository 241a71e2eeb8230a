"""Subject teachers sign their results (format 2025) on real servers: two at once, a server that is killed, the screens.

The tests follow one another; each specialist of the class signs the results of the own subject, the last one at the
screen, before the homeroom teacher, the head and the clerk sign there and the records go to the department.
"""

import base64
import contextlib
import ssl
import threading

import pki
import pytest
import verifiers
from browser import chromium
from browser_fixtures import Stage
from closing_fixtures import running_pair
from flow import PIN
from hocba_core import packet, signing
from playwright.sync_api import expect
from ready_sites import warm_up

_PUPILS = 36
PROFILE = packet.get_profile("2025")
SIGNED_TAGS = {"gvbm": "DIEM_TONG_KET", "gvcn": "THONG_TIN_HOC_BA", "cbql": "DU_LIEU_HOC_BA", "seal": "DU_LIEU_HOC_BA"}


class Story:
    """The closing, the class of the story with its specialists (login -> person), and the school's server."""

    def __init__(self, closing, server):
        self.closing = closing
        self.server = server
        self.school_class = next(line for line in closing.school.classes if "TH" in line.assignments)
        self.class_id = closing.site.classes[self.school_class.name]
        homeroom = self.school_class.homeroom
        people = [person for person in self.school_class.assignments.values() if person != homeroom]
        self.teachers = {person.login: person for person in people}
        self.last = self.school_class.assignments["TH"].login
        self.others = [login for login in self.teachers if login != self.last]
        self.parts = len(people)

    def session(self, login):
        """The session of a teacher."""
        return self.closing.site.session(login)

    def job(self, login):
        """A signing of all results of a teacher in the class."""
        return self.session(login)("hocba.class", "action_sign_my_results", [[self.class_id]])["params"]["job_id"]

    def process(self, login, job, portion=100):
        """Sign until nothing waits; returns the last progress."""
        progress = {"waiting": 1}
        while progress["waiting"]:
            progress = self.session(login)("hocba.signing.job", "process", [[job], PIN, portion])
        return progress

    def signed(self, login):
        """How many signatures of a teacher on results are in force."""
        domain = [("role", "=", "gvbm"), ("valid", "=", True), ("user_id.login", "=", login)]
        return self.closing.clerk("hocba.signature", "search_count", [domain])


@pytest.fixture(scope="module")
def story(host, tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    with running_pair(host, "bomon", _PUPILS) as (closing, server, _so):
        site = closing.site
        site.admin("hocba.school.year", "write", [[site.year_id], {"packet_profile": "2025"}])
        story = Story(closing, server)
        for person in story.teachers.values():
            issued = pki.issue(site.pki.intermediate, pki.person_name(person.name, person.id_number))
            path = folder / f"{person.login}.p12"
            path.write_bytes(issued.pkcs12(PIN))
            site.upload_key(person.login, path, "person")
        closing.import_class(story.school_class)
        closing.create_records([story.class_id])
        yield story


@pytest.fixture(scope="module")
def stage(story):
    """The screens; opened after the server was killed."""
    warm_up(story.server)
    with chromium() as browser:
        yield Stage(story.closing, browser)


def test_two_teachers_sign_one_class_at_once(story):
    jobs = {login: story.job(login) for login in story.others[:2]}
    done = {}
    workers = [
        threading.Thread(target=lambda login=login, job=job: done.update({login: story.process(login, job, 3)}))
        for login, job in jobs.items()
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for login in jobs:
        assert (done[login]["left_out"], done[login]["done"]) == (0, story.signed(login))
        assert story.signed(login) == done[login]["total"] > 5


def test_a_killed_server_signs_nothing_twice_and_loses_nothing(story):
    login = story.others[2]
    job = story.job(login)
    session = story.session(login)
    total = session("hocba.signing.job", "process", [[job], PIN, 2])["total"]

    def go_on():
        with contextlib.suppress(OSError):  # the connection breaks with the server
            while True:
                session("hocba.signing.job", "process", [[job], PIN, 2])

    worker = threading.Thread(target=go_on)
    worker.start()
    while story.signed(login) < 4:
        pass
    story.server.kill()
    worker.join()
    story.server.start()
    progress = story.process(login, job)
    assert (progress["done"], progress["left_out"], story.signed(login)) == (total, 0, total)
    for rest in story.others[3:]:
        story.process(rest, story.job(rest))


def _records(story, *domain):
    return story.closing.clerk("hocba.record", "search", [[("class_id", "=", story.class_id), *domain]])


def test_homeroom_teacher_and_head_see_who_is_missing(story, stage):
    teacher = story.teachers[story.last]
    record = _records(story, ("waiting_for", "=", "gvbm"))[0]
    screen = stage.screen(story.school_class.homeroom.login)
    screen.open(f"/odoo/hocba.record/{record}")
    expect(screen.page.locator('[name="sign_hint"]').first).to_contain_text(teacher.name)
    signed = screen.page.locator(".o_hocba_signatures .o_kanban_record:not(.o_kanban_ghost)")
    missing = [code for code, person in story.school_class.assignments.items() if person == teacher]
    expect(signed).to_have_count(story.parts - len(missing))
    screen.picture("record-waits-for-teachers")
    head = stage.screen(stage.school.head.login)
    head.open(f"/odoo/hocba.class/{story.class_id}")
    head.page.locator('.o_notebook_headers a[name="assignments"]').click()
    expect(head.page.locator(".o_hocba_missing_signers")).to_contain_text(teacher.name)
    head.page.locator(".o_hocba_missing_signers").scroll_into_view_if_needed()
    head.picture("class-waits-for-teachers")
    stage.check()


def test_subject_teacher_signs_the_own_results(story, stage):
    screen = stage.screen(story.last)
    card = screen.card(story.school_class.name)
    screen.picture("my-subjects-to-sign")
    card.locator('a[name="action_sign_my_results"]').click()
    expect(screen.signing).to_be_visible()
    screen.picture("subject-signing")
    count = screen.sign(PIN)
    screen.close_signing()
    assert count == story.signed(story.last) > 5
    expect(screen.card(story.school_class.name).locator('a[name="action_sign_my_results"]')).to_have_count(0)
    screen.picture("my-subjects-signed")
    stage.check()


def test_homeroom_teacher_head_and_clerk_sign_the_whole(story, stage):
    ready = len(_records(story, ("waiting_for", "=", "gvcn")))
    people = (story.school_class.homeroom, stage.school.head, stage.school.clerk)
    for person, following in zip(people, ("cbql", "seal", "sending"), strict=True):
        screen = stage.screen(person.login)
        screen.open(f"/odoo/hocba.class/{story.class_id}")
        screen.press("action_sign_waiting")
        assert screen.sign(PIN) == ready
        screen.close_signing()
        assert len(_records(story, ("waiting_for", "=", following))) == ready
    stage.check()


def test_the_department_accepts_them_and_every_verifier_every_signature(story, stage, tmp_path):
    closing = story.closing
    records = _records(story, ("state", "=", "signed"))
    assert len(records) > 5
    closing.await_verdicts(closing.send())
    accepted = _records(story, ("id", "in", records), ("state", "=", "submitted"))
    assert accepted == records
    files = {"root_pem": tmp_path / "root.pem", "intermediates_pem": tmp_path / "intermediates.pem"}
    files["root_pem"].write_bytes(closing.site.pki.root.pem())
    files["intermediates_pem"].write_bytes(closing.site.pki.intermediate.pem())
    document = base64.b64decode(
        closing.clerk("hocba.record", "read", [records[:1]], {"fields": ["packet"]})[0]["packet"]
    )
    trust = signing.TrustStore.from_pem(*(path.read_bytes() for path in files.values()))
    report = signing.verify_packet(document, trust, profile=PROFILE)
    assert report.result == signing.TOTAL_PASSED, report.reasons
    assert [found.role for found in report.signatures] == ["gvbm"] * story.parts + ["gvcn", "cbql", "seal"]
    root = PROFILE.parse(document, signed=True).root
    holders = PROFILE.signature_holders(root)
    for (signer, holder), found in zip(holders, report.signatures, strict=True):
        place = root.getroottree().getelementpath(holder)
        xpath = f"/HOC_BA/{place}/*[local-name()='Signature']"
        assert verifiers.xmlsec_accepts(document, xpath=xpath, signed_tag=SIGNED_TAGS[signer.role], **files), place
        signed = verifiers.signxml_signed(
            document, location=f"./{place}/", certificate_pem=ssl.DER_cert_to_PEM_cert(found.certificate_der)
        )
        assert PROFILE.signed_bytes(document, found.target) in signed, place
    screen = stage.screen(story.school_class.homeroom.login)
    screen.open(f"/odoo/hocba.record/{records[0]}")
    screen.expect_state("submitted")
    expect(screen.page.locator(".o_hocba_signatures .o_kanban_record:not(.o_kanban_ghost)")).to_have_count(len(holders))
    screen.picture("record-2025-signed")
    stage.check()
