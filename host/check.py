"""bin/demo --check: the whole year-end closing without a person, counted afterwards; ends with one line of JSON."""

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / name) for name in ("host", "host/lib", "tests")]

import generate  # noqa: E402
from flow import Closing, Department, SchoolSite  # noqa: E402
from flow.school import make_keys  # noqa: E402
from hocba_host import OdooServer  # noqa: E402
from pki import make_pki  # noqa: E402
from verifiers import ROLE_TAGS, xmlsec_accepts_role  # noqa: E402

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ACCOUNT = "gateway-account-2026"
_PORTION = 200


_START = time.monotonic()


def say(text):
    """Progress with the seconds gone, apart from the result on standard output."""
    print(f"check: {time.monotonic() - _START:6.1f} s  {text}", file=sys.stderr, flush=True)


def run(closing):
    """Every step from import to locked; returns the rows that imports left out."""
    school = closing.school
    left_out = 0
    for number, school_class in enumerate(school.classes, start=1):
        say(f"import {school_class.name} ({number}/{len(school.classes)})")
        left_out += closing.import_class(school_class)
    closing.create_records(list(closing.site.classes.values()))
    for school_class in school.classes:
        closing.sign_as_homeroom(school_class)
    say("signed by the homeroom teachers")
    closing.sign_as_head()
    closing.seal()
    say("signed by head and seal")
    submissions = closing.send()
    closing.await_verdicts(submissions)
    say("accepted by the department")
    closing.lock()
    say("locked")
    return left_out


def count(closing):
    """Figures from the school's database after the fact."""
    head = closing.head

    def number(model, *domain):
        return head(model, "search_count", [list(domain)])

    return {
        "imported": number("hocba.pupil"),
        "records": number("hocba.record"),
        "signatures": number("hocba.signature", ("valid", "=", True)),
        "submitted": number("hocba.submission.line"),
        "accepted": number("hocba.submission.line", ("verdict", "=", "accepted")),
        "locked": number("hocba.record", ("state", "=", "locked")),
        "blocked": number("hocba.record", ("state", "=", "draft"), ("waiting_for", "=", "data")),
    }


def locked_packets(closing):
    """UUID -> bytes of every locked packet, as the school stores them and the same as the department's."""
    packets = _kept_at_school(closing.head)
    received = _kept_at_department(closing.department.officer)
    if packets != received:
        raise SystemExit("the department's stored bytes are not the school's")
    return packets


def _kept_at_school(session):
    packets = {}
    ids = session("hocba.record", "search", [[("state", "=", "locked")]])
    for start in range(0, len(ids), _PORTION):
        fields = ["uuid", "packet", "packet_digest"]
        for row in session("hocba.record", "read", [ids[start : start + _PORTION]], {"fields": fields}):
            packets[row["uuid"]] = _checked(base64.b64decode(row["packet"]), row["uuid"], row["packet_digest"])
    return packets


def _kept_at_department(session):
    """The department hands packets out one by one and notes who took them."""
    fields = ["uuid", "digest"]
    rows = session("hocba.registry.record", "search_read", [[("state", "=", "locked")]], {"fields": fields})
    return {
        row["uuid"]: _checked(session.get(f"/hocba/registry/record/{row['id']}/xml"), row["uuid"], row["digest"])
        for row in rows
    }


def _checked(content, uuid, digest):
    if hashlib.sha256(content).hexdigest() != digest:
        raise SystemExit(f"{uuid}: stored bytes and digest differ")
    return content


def printed_forms(closing, uuids):
    """UUID -> PDF for every locked record whose form is complete: its UUID on every page, an even number of pages."""
    complete = {}
    with ThreadPoolExecutor(2) as pool:
        for school_class in closing.school.classes:
            say(f"print {school_class.name}")
            contents = list(closing.print_class(school_class).values())
            for content, pages in zip(contents, pool.map(_pages, contents), strict=True):
                found = set(_UUID.findall(pages[0])) & uuids
                if len(found) == 1 and len(pages) % 2 == 0 and all(found <= set(_UUID.findall(page)) for page in pages):
                    complete[found.pop()] = content
    return complete


def _pages(content):
    """Text of each page of a PDF, read by poppler, which has no part in making it."""
    done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def verified_signatures(packets, folder):
    """How many of the packets' signatures xmlsec1 accepts with the trust root."""

    def verify(item):
        packet, role = item
        return xmlsec_accepts_role(
            packet, role, root_pem=folder / "root.pem", intermediates_pem=folder / "intermediates.pem"
        )

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(verify, [(packet, role) for packet in packets.values() for role in ROLE_TAGS]))


def write_out(folder, closing, packets, forms, keys):
    """Everything a third party needs to check for himself."""
    folder.mkdir(parents=True, exist_ok=True)
    for uuid, content in packets.items():
        (folder / f"{uuid}.xml").write_bytes(content)
    for uuid, content in forms.items():
        (folder / f"{uuid}.pdf").write_bytes(content)
    for name in ("root.pem", "intermediates.pem"):
        (folder / name).write_bytes((keys / name).read_bytes())
    officer = closing.department.officer
    rows = officer(
        "hocba.registry.transaction", "search_read", [[]], {"fields": ["messageid", "kind", "year_name", "content"]}
    )
    for row in rows:
        # The account's password and the session's token are the only things left out of what was sent.
        authentication = {
            "token": "",
            "user_name": closing.school.school_code,
            "password": "",
            "ma_don_vi": closing.school.school_code,
            "nam_hoc": int(row["year_name"][:4]),
            "messageid": row["messageid"],
            "type": row["kind"],
            "function": "GUI_BAO_CAO",
        }
        request = {"authenticationRequest": authentication, "content": base64.b64decode(row["content"]).decode()}
        (folder / f"{row['messageid']}.json").write_text(json.dumps(request, ensure_ascii=False))


def main():
    """Read the arguments, do the job, print the figures."""
    parser = argparse.ArgumentParser(prog="check", description=__doc__)
    parser.add_argument("--school-db", required=True)
    parser.add_argument("--so-db", required=True)
    parser.add_argument("--pupils", type=int, default=105)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    school = generate.school(arguments.pupils)
    with tempfile.TemporaryDirectory() as temporary:
        keys = Path(temporary)
        pki = make_keys(keys, school, make_pki)
        with (
            OdooServer(arguments.school_db, host="localhost") as school_server,
            OdooServer(arguments.so_db) as so_server,
        ):
            department = Department(so_server.url, arguments.so_db)
            department.set_up(school, pki, _ACCOUNT)
            site = SchoolSite(school_server.url, arguments.school_db, school, pki)
            site.set_up(so_server.url, _ACCOUNT)
            closing = Closing(site, department)
            run(closing)
            figures = count(closing)
            packets = locked_packets(closing)
            forms = printed_forms(closing, set(packets))
            figures["pdf_records"] = len(forms)
            figures["xmlsec1_verified"] = verified_signatures(packets, keys)
            if arguments.out:
                write_out(arguments.out, closing, packets, forms, keys)
    figures["seconds"] = round(time.monotonic() - _START, 1)
    print(json.dumps(figures))
    good = (
        figures["accepted"] == figures["submitted"]
        and figures["locked"] == figures["accepted"] > 0
        and figures["pdf_records"] == figures["locked"]
        and figures["xmlsec1_verified"] == 3 * figures["locked"]
    )
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
