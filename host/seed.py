"""Fills a new demo: a school with a year's data at different stages, and its department. Prints who can log in."""

import argparse
import sys
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / name) for name in ("host", "host/lib")]

import generate  # noqa: E402
from flow import PASSWORD, PIN, Closing, Department, SchoolSite  # noqa: E402
from flow.department import OFFICER  # noqa: E402
from flow.neighbours import add_neighbours  # noqa: E402
from flow.school import make_keys  # noqa: E402
from hocba_host.paths import STATE  # noqa: E402
from pki import make_pki  # noqa: E402

_ACCOUNT = "gateway-account-2026"
_PUPILS = 105


def seed(site, department):
    """Three classes: one reported and accepted, one waiting for the head, one with its records just created."""
    closing = Closing(site, department)
    reported, waiting, _created = site.school.classes
    for school_class in site.school.classes:
        closing.import_class(school_class)
    closing.create_records(list(site.classes.values()))
    for school_class in (reported, waiting):
        closing.sign_as_homeroom(school_class)
    only_reported = [("class_id", "=", site.classes[reported.name])]
    closing.sign_as_head(only_reported)
    closing.seal(only_reported)
    closing.await_verdicts(closing.send(only_reported))


def logins(site, department):
    """One line per role."""
    school = site.school
    teacher = next(person for person in school.teachers if person.role == "subject")
    homeroom = school.classes[1].homeroom
    rows = [
        ("school", "Hiệu trưởng", school.head.login),
        ("school", "Văn thư, học vụ", school.clerk.login),
        ("school", f"GVCN lớp {school.classes[1].name}", homeroom.login),
        ("school", f"GVCN lớp {school.classes[2].name}", school.classes[2].homeroom.login),
        ("school", "GV bộ môn", teacher.login),
        ("school", "Quản trị nhà trường", "quantri"),
        ("Sở", "Chuyên viên Sở", OFFICER),
    ]
    lines = [f"  {side:7} {role:22} {login:16} {PASSWORD}" for side, role, login in rows]
    lines.append(f"  {'both':7} {'Odoo administrator':22} {'admin':16} admin")
    lines.append(f"  PIN of every key file: {PIN}")
    return "\n".join(["Logins (side, role, login, password):", *lines])


def main():
    """Read the arguments, fill both sides, print the logins."""
    parser = argparse.ArgumentParser(prog="seed", description=__doc__)
    for name in ("school-url", "so-url", "school-db", "so-db"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    school = generate.school(_PUPILS)
    department = Department(arguments.so_url, arguments.so_db)
    site = SchoolSite(arguments.school_url, arguments.school_db, school, None)
    if site.admin("hocba.class", "search_count", [[]]):
        raise SystemExit("these databases were filled before, but not to the end: run bin/demo --reset")
    site.pki = make_keys(STATE / "demo-keys", school, make_pki)
    department.set_up(school, site.pki, _ACCOUNT)
    site.set_up(arguments.so_url, _ACCOUNT)
    seed(site, department)
    add_neighbours(department, school, site.pki)
    print(logins(site, department))


if __name__ == "__main__":
    main()
