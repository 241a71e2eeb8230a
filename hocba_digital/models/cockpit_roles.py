"""Whom a record can wait for: the one table to extend when another role signs."""

from typing import NamedTuple

from .finding_sql import _TEACHER, _WHOSE


class Role(NamedTuple):
    """One role. ``person``: SQL of the user it is, over ``c`` (class), ``k`` (school) and ``r`` (record); NULL where
    the role is an office of several people. ``people``: SQL of a table (role, user_id) when several people of the
    role are waited for at once. ``group``: who belongs to the office."""

    code: str
    label: str
    person: str = "NULL::int"
    people: str = ""
    group: str = ""
    signs: bool = False


#: Teachers of the class who have not signed their own subjects of this record.
_OWES_SUBJECT = """hocba_assignment t WHERE t.class_id = c.id AND NOT EXISTS (SELECT 1 FROM hocba_signature g
 WHERE g.record_id = r.id AND g.role = 'gvbm' AND g.user_id = t.teacher_id AND g.valid)"""

#: Who is named in the record on a mandate, else the person in the own right.
_IN_PLACE = "COALESCE((SELECT d.user_id FROM hocba_mandate d WHERE d.id = r.{}), {})"

#: In the order in which they act; the position is part of the rows' ids.
ROLES = (
    Role("nobody", "Nobody"),
    Role("admin", "School administrator", group="hocba_digital.group_school_admin"),
    Role("clerk", "Clerk", group="hocba_digital.group_clerk"),
    Role(
        "gvbm",
        "Subject teacher",
        f"(SELECT t.teacher_id FROM {_OWES_SUBJECT} ORDER BY t.id LIMIT 1)",
        f"SELECT DISTINCT 'gvbm', t.teacher_id FROM {_OWES_SUBJECT}",
        "hocba_digital.group_subject_teacher",
        signs=True,
    ),
    Role(
        "gvcn",
        "Homeroom teacher",
        _IN_PLACE.format("homeroom_mandate_id", "c.homeroom_id"),
        group="hocba_digital.group_homeroom",
        signs=True,
    ),
    Role(
        "cbql",
        "Head",
        _IN_PLACE.format("head_mandate_id", "k.hocba_head_id"),
        group="hocba_digital.group_head",
        signs=True,
    ),
    Role("seal", "School's seal", group="hocba_digital.group_clerk", signs=True),
    Role("department", "Approving body"),
)
SIGNING = tuple(role.code for role in ROLES if role.signs)

#: How the review calls these roles.
_OF_FINDING = {"subject": "gvbm", "homeroom": "gvcn", "clerk": "clerk", "head": "cbql", "admin": "admin"}


def _of_finding(column):
    cases = " ".join(f"WHEN '{finding}' THEN '{role}'" for finding, role in _OF_FINDING.items())
    return f"CASE {column} {cases} END"


_LINES = f"""SELECT f.n, CASE WHEN f.line->>'o' = 'record' THEN {_of_finding(f"({_WHOSE})")} ELSE 'admin' END AS role,
 CASE WHEN f.line->>'o' = 'record' THEN {_TEACHER} END AS user_id
 FROM jsonb_array_elements(r.findings) WITH ORDINALITY AS f(line, n)
 LEFT JOIN hocba_result s ON s.id = (f.line->>'r')::int WHERE f.line->>'s' = 'block'"""
#: Whose turn the first missing entry of a record is, and everybody's turn.
FIRST_MISSING = f"SELECT m.role, m.user_id FROM ({_LINES}) m ORDER BY m.n LIMIT 1"
ALL_MISSING = f"SELECT DISTINCT m.role, m.user_id FROM ({_LINES}) m"
#: SQL of the user behind ``w.role``.
PERSON = "CASE w.role " + " ".join(f"WHEN '{role.code}' THEN {role.person}" for role in ROLES) + " END"
