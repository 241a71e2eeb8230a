"""bin/verify, and the same as one file, on a machine without Odoo."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import authority
import pdf_helpers
import pki
import pytest
import strategies
from hocba_core import signing
from hocba_core.signing import evidence as archive
from signing_helpers import AT, IDS, PROFILE, PROFILE_2025, replaced

REPO = Path(__file__).parents[1]
DAY = timedelta(days=1)
TEACHER = {"common-name": "Đỗ Thị Thu", "user-id": "CCCD:048190001111"}
TEACHER_ID = "048190001111"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files as a receiving school gets them: packets good and bad, a list, CRLs, roots, evidence."""
    place = tmp_path_factory.mktemp("verify")
    revoked = {"late": (AT + 30 * DAY).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")}
    people = authority.PEOPLE | {"late": authority.PEOPLE["cbql"], "gvbm": TEACHER}
    ca = authority.Authority(place, people, revoked=revoked)
    plain = sign(ca, "cbql")
    late = sign(ca, "late")
    (place / "stamped.xml").write_bytes(sign(ca, "cbql", ca.stamper(AT + DAY)))
    (place / "plain.xml").write_bytes(plain)
    (place / "late.xml").write_bytes(late)
    (place / "proven.xml").write_bytes(late)
    (place / "changed.xml").write_bytes(replaced(plain, "Trương Phương Anh", "Trương Phương Ánh"))
    (place / "list.xml").write_bytes(signing.sign_list(PROFILE.build_list([plain]), ca.signer("seal"), at=AT))
    seals = SimpleNamespace(signers={role: ca.signer(role) for role in ("cbql", "seal")})
    sealed = pdf_helpers.seal(seals, plain, strategies.example().uuid)
    (place / "sealed.pdf").write_bytes(sealed)
    (place / "changed.pdf").write_bytes(replaced(sealed, b"ReportLab Generated", b"ReportLab generated"))
    subjects = sign_2025(ca)
    (place / "subjects.xml").write_bytes(subjects)
    (place / "subjects.pdf").write_bytes(pdf_helpers.seal(seals, subjects, strategies.example().uuid))
    for name, forged in forgeries(subjects).items():
        (place / f"{name}.xml").write_bytes(forged)
    root, ways = archive.hash_tree([[archive.sha256(late).digest()], [archive.sha256(b"another").digest()]])
    token = ca.stamper(AT + 2 * DAY).stamp_digest(root)
    record = archive.evidence_record([archive.archive_time_stamp(ways[0], token)])
    (place / "proven.xml.evidence.pem").write_bytes(signing.Evidence(records=(record,)).to_pem())
    pem = pki.serialization.Encoding.PEM
    roots = [ca.certificate(label).public_bytes(pem) for label in ("root", "interm")]
    (place / "roots.pem").write_bytes(b"".join(roots))
    for name, crl in zip(("root", "interm"), ca.crls(datetime.now(UTC)), strict=True):
        (place / f"{name}.crl").write_bytes(crl)
    return place


def sign(ca, head, stamper=None):
    document = PROFILE.build_data(strategies.example())
    for step, (role, label) in enumerate((("gvcn", "gvcn"), ("cbql", head), ("seal", "seal"))):
        options = {"id_number": IDS[role], "at": AT + timedelta(minutes=step), "profile": PROFILE}
        document = signing.sign_packets([document], role, ca.signer(label), **options)[0]
        if stamper:
            document = signing.stamp_packets([document], role, stamper, profile=PROFILE)[0]
    return document


def sign_2025(ca):
    """A packet of format 2025: one teacher signed two subjects, the other lines are the homeroom teacher's."""
    data = strategies.example()
    signer = ca.signer("gvbm")
    options = {"id_number": TEACHER_ID, "at": AT, "profile": PROFILE_2025}
    prepared = signing.prepare_parts(PROFILE_2025.parts(data)[:2], signer.certificate, **options)
    parts = prepared.finish(signer.sign(prepared.payloads))
    document = PROFILE_2025.with_parts(PROFILE_2025.build_data(data), parts)
    for step, role in enumerate(("gvcn", "cbql", "seal"), 1):
        options = {"id_number": IDS[role], "at": AT + timedelta(minutes=step), "profile": PROFILE_2025}
        document = signing.sign_packets([document], role, ca.signer(role), **options)[0]
    return document


def forgeries(packet):
    """Name -> a packet of format 2025 that somebody has worked on."""
    first, second = re.findall(rb"<GVBM>.*?</GVBM>", packet, re.DOTALL)
    ones, twos = (
        PROFILE_2025.subject_target(strategies.example(), line.code) for line in strategies.example().subjects[:2]
    )
    homeroom, head = (re.search(rb"<%s>.*?</%s>" % (tag, tag), packet, re.DOTALL)[0] for tag in (b"GVCN", b"CBQL"))
    inner = homeroom[len(b"<GVCN>") : -len(b"</GVCN>")]
    return {
        "other-subject": replaced(packet, f'URI="#{ones}"', f'URI="#{twos}"'),
        "renamed": replaced(packet, first, first.replace(ones.encode(), twos.encode())).replace(second, b""),
        "twice": replaced(packet, first, first + first),
        "one-id": replaced(packet, f'Id="{twos}"', f'Id="{ones}"'),
        "wrong-role": replaced(packet, homeroom, b"<GVCN>" + first[len(b"<GVBM>") : -len(b"</GVBM>")] + b"</GVCN>"),
        "homeroom-as-teacher": replaced(packet, first, b"<GVBM>" + inner + b"</GVBM>"),
        "swapped": packet.replace(homeroom, b"<GVCN>" + head[len(b"<CBQL>") : -len(b"</CBQL>")] + b"</GVCN>"),
        "other-number": replaced(packet, first, replaced(first, TEACHER_ID, IDS["gvcn"])),
        "other-time": replaced(packet, first, replaced(first, b"<NGAY_KY>2026", b"<NGAY_KY>2025")),
        "unsealed": re.sub(rb"<KY_PHAT_HANH>.*</KY_PHAT_HANH>", b"", packet, flags=re.DOTALL),
        "one-fewer": replaced(packet, first, b""),
    }


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The one-file command in an environment that has lxml and cryptography and nothing else."""
    target = tmp_path_factory.mktemp("zipapp") / "verify.pyz"
    subprocess.run([REPO / "bin" / "verify", "--zipapp", target], check=True)
    libraries = target.parent / "libraries"
    libraries.mkdir()
    for name in ("lxml", "cryptography", "cffi", "_cffi_backend"):
        origin = Path(find_spec(name).origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (libraries / origin.name).symlink_to(origin)
    return [sys.executable, "-S", "-s", str(target)], {"PATH": os.environ["PATH"], "PYTHONPATH": str(libraries)}


def run(folder, *arguments, command=(str(REPO / "bin" / "verify"),), environment=None):
    done = subprocess.run(
        [*command, *arguments], cwd=folder, capture_output=True, text=True, env=environment, check=False, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


TRUSTED = ("--trust", "roots.pem", "--crl", "root.crl", "interm.crl")


@pytest.mark.parametrize(
    ("files", "result", "code"),
    [
        (["plain.xml"], "TOTAL_PASSED", 0),
        (["stamped.xml"], "TOTAL_PASSED", 0),
        (["list.xml"], "TOTAL_PASSED", 0),
        (["late.xml"], "INDETERMINATE", 3),
        (["proven.xml"], "TOTAL_PASSED", 0),
        (["changed.xml"], "TOTAL_FAILED", 1),
        (["sealed.pdf"], "TOTAL_PASSED", 0),
        (["changed.pdf"], "TOTAL_FAILED", 1),
        (["roots.pem"], "TOTAL_FAILED", 1),
        (["subjects.xml"], "TOTAL_PASSED", 0),
        (["subjects.pdf"], "TOTAL_PASSED", 0),
        (["plain.xml", "late.xml"], "INDETERMINATE", 3),
        (["late.xml", "changed.xml", "plain.xml"], "TOTAL_FAILED", 1),
    ],
)
def test_results_and_exit_codes(folder, files, result, code):
    done = run(folder, *TRUSTED, "--json", *files)
    report = json.loads(done.stdout)
    assert (report["result"], done.returncode) == (result, code)
    assert {"result", "reasons", "signatures"} <= report.keys()
    assert [entry["file"] for entry in report["files"]] == files


def test_forged_signatures_of_subject_teachers(folder):
    """Nothing that was moved, exchanged, doubled or restated passes; only what was taken out altogether is not seen."""
    names = sorted(forgeries((folder / "subjects.xml").read_bytes()))
    report = json.loads(run(folder, *TRUSTED, "--json", *(f"{name}.xml" for name in names)).stdout)
    found = {entry["file"].removesuffix(".xml"): entry for entry in report["files"]}
    assert list(found) == names
    # Which subjects had to be signed is not in the data (decision 74); the report names those that were.
    left = found.pop("one-fewer")
    assert left["result"] == "TOTAL_PASSED"
    assert [row["role"] for row in left["signatures"]] == ["gvbm", "gvcn", "cbql", "seal"]
    # What contradicts the rules of the format, but no digest, is undecided (EN 319 102-1: SIG_CONSTRAINTS_FAILURE).
    undecided = dict.fromkeys(("other-number", "other-time", "unsealed"), "INDETERMINATE")
    expected = dict.fromkeys(found, "TOTAL_FAILED") | undecided
    assert {name: entry["result"] for name, entry in found.items()} == expected


def test_report_names_the_subjects(folder):
    done = run(folder, *TRUSTED, "subjects.xml")
    names = [line.name for line in strategies.example().subjects[:2]]
    for name in names:
        assert f"Giáo viên bộ môn ({name})" in done.stdout or f"Giáo viên bộ môn: {name}" in done.stdout, done.stdout
    assert done.stdout.count("Đỗ Thị Thu (048190001111)") == 2
    rows = json.loads(run(folder, *TRUSTED, "--json", "subjects.xml").stdout)["signatures"]
    assert [row["role"] for row in rows] == ["gvbm", "gvbm", "gvcn", "cbql", "seal"]
    assert all(name in row["role_vi"] for name, row in zip(names, rows, strict=False))


def test_without_roots_or_crls_nothing_passes(folder):
    alone = json.loads(run(folder, "--json", "plain.xml").stdout)
    assert alone["result"] == "INDETERMINATE"
    assert {"NO_CERTIFICATE_CHAIN_FOUND"} == {entry["sub_indication"] for entry in alone["reasons"]} - {None}
    rooted = run(folder, "--json", "--trust", "roots.pem", "--", "plain.xml")
    assert {"TRY_LATER"} == {entry["sub_indication"] for entry in json.loads(rooted.stdout)["reasons"]} - {None}
    lenient = run(folder, "--lenient", "--trust", "roots.pem", "--", "plain.xml")
    assert lenient.returncode == 0
    assert "Lưu ý" in lenient.stdout


def test_report_for_people(folder):
    done = run(folder, *TRUSTED, "--at", "2026-06-01T00:00:00+07:00", "late.xml", "changed.xml")
    for text in (
        "Nguyễn Thị Hồng Vân (048175001234)",
        "Gốc thử nghiệm > CA thử nghiệm > Nguyễn Thị Hồng Vân",
        "bị thu hồi về sau (từ 29/06/2026 10:00:00)",
        "Thời điểm ký: 30/05/2026 10:01:00 (chứng minh bằng thời điểm nhận",
        "Dữ liệu được ký: ĐÃ BỊ THAY ĐỔI",
        "KẾT LUẬN: HỢP LỆ (TOTAL_PASSED)",
        "KẾT LUẬN: KHÔNG HỢP LỆ (TOTAL_FAILED/HASH_FAILURE)",
        "TẤT CẢ: KHÔNG HỢP LỆ",
    ):
        assert text in done.stdout, done.stdout


def test_one_file_says_the_same(folder, program):
    command, environment = program
    arguments = (*TRUSTED, "--json", "stamped.xml", "proven.xml", "changed.xml", "list.xml", "sealed.pdf")
    arguments += ("subjects.xml", "subjects.pdf", "other-subject.xml")
    alone = run(folder, *arguments, command=command, environment=environment)
    assert alone.stdout == run(folder, *arguments).stdout
    assert alone.returncode == 1
    here = run(folder, *TRUSTED, "--json", "plain.xml", command=command, environment=environment)
    assert here.returncode == 0, here.stderr


def test_one_file_names_what_is_missing(folder, program):
    command, environment = program
    bare = run(folder, "plain.xml", command=command, environment={"PATH": environment["PATH"]})
    assert bare.returncode == 2
    assert "lxml, cryptography" in bare.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nowhere.xml"],
        ["--trust", "plain.xml", "--", "plain.xml"],
        ["--crl", "roots.pem", "--", "plain.xml"],
        ["--evidence", "roots.crl", "--", "plain.xml"],
        ["--at", "2026-06-01", "plain.xml"],
        ["--policy", "plain.xml", "plain.xml"],
    ],
)
def test_unusable_input_is_named(folder, arguments):
    done = run(folder, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("Lỗi: ")
    assert not done.stdout
