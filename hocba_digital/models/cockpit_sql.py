"""The query behind ``hocba.cockpit``: where every pupil's record of a year stands, counted by class and person."""

from .cockpit_roles import ALL_MISSING, FIRST_MISSING, PERSON, ROLES, SIGNING

#: Stages in the order of a record's life; the position is part of the rows' ids.
STAGES = [
    ("none", "No record yet"),
    ("blocked", "Data missing"),
    ("signing", "Being signed"),
    ("signed", "To be sent"),
    ("sent", "Sent, no verdict yet"),
    ("unknown", "Outcome unknown"),
    ("failed", "Sending failed"),
    ("refused", "Refused"),
    ("accepted", "Accepted"),
    ("locked", "Locked"),
]
DONE = ("accepted", "locked")
#: How the states of a transaction read here; every other one is "sent".
STAGE_OF_SUBMISSION = {"unknown": "unknown", "failed": "failed"}
#: Events that moved a record to the step in which it is now.
_STEPS = ("created", "signed", "voided", "frozen", "reopened", "returned", "queued", "accepted", "refused", "locked")
_PLACE = {code: place for place, (code, _label) in enumerate(STAGES)}
_ROLE_PLACE = {role.code: place for place, role in enumerate(ROLES)}


def _cases(column, values, default):
    return (
        f"CASE {column} " + " ".join(f"WHEN '{key}' THEN {value}" for key, value in values.items()) + f" {default} END"
    )


def quoted(names):
    """Names of ours as the inside of an SQL list."""
    return ", ".join(f"'{name}'" for name in names)


#: Pupils who have not completed the grade are assessed again and reported after summer (plan 213, annex §2.1).
SUMMER = "COALESCE(a.class_completed = 'no' OR a.promoted = 'summer' OR a.reassessment_count > 0, FALSE)"
_STAGE = f"""CASE WHEN r.id IS NULL THEN 'none' WHEN r.state IN ('locked', 'transferred') THEN 'locked'
 WHEN r.state = 'submitted' THEN 'accepted'
 WHEN s.state IS NOT NULL THEN {_cases("s.state", {k: f"'{v}'" for k, v in STAGE_OF_SUBMISSION.items()}, "ELSE 'sent'")}
 WHEN r.state = 'signed' THEN CASE WHEN COALESCE(r.refusal, '') != '' THEN 'refused' ELSE 'signed' END
 WHEN r.waiting_for = 'data' THEN 'blocked' ELSE 'signing' END"""
_ROLE = """CASE g.stage WHEN 'none' THEN CASE WHEN a.id IS NULL THEN 'gvcn' ELSE 'clerk' END
 WHEN 'blocked' THEN COALESCE(m.role, 'gvcn') WHEN 'signing' THEN r.waiting_for WHEN 'sent' THEN 'department'
 WHEN 'accepted' THEN 'department' WHEN 'locked' THEN 'nobody' ELSE 'clerk' END"""

#: One row a pupil and school year: class, deadline, stage, role and person it waits for, since when.
PUPILS = f"""SELECT c.company_id, c.school_year_id, c.id AS class_id, c.grade, e.pupil_id, r.id AS record_id,
 CASE WHEN {SUMMER} THEN 'deadline_school_summer' ELSE 'deadline_school' END AS kind,
 CASE WHEN {SUMMER} THEN c.deadline_summer ELSE c.deadline END AS deadline, g.stage, w.role,
 CASE WHEN g.stage = 'blocked' THEN COALESCE(m.user_id, CASE WHEN m.role IS NULL THEN c.homeroom_id END)
 ELSE {PERSON} END AS user_id,
 CASE WHEN g.stage != 'locked' THEN (SELECT max(v.at) FROM hocba_event v WHERE v.record_id = r.id
 AND v.kind IN ({quoted(_STEPS)})) END AS since
 FROM hocba_class c JOIN res_company k ON k.id = c.company_id JOIN hocba_enrolment e ON e.class_id = c.id
 LEFT JOIN hocba_record r ON r.pupil_id = e.pupil_id AND r.school_year_id = c.school_year_id AND r.state != 'recalled'
 LEFT JOIN hocba_assessment a ON a.enrolment_id = e.id AND a.period = 'year'
 LEFT JOIN LATERAL (SELECT t.state FROM hocba_submission_line l JOIN hocba_submission t ON t.id = l.submission_id
 AND t.kind = '1' WHERE l.record_id = r.id AND l.verdict = 'pending' ORDER BY l.id DESC LIMIT 1) s ON r.state = 'signed'
 CROSS JOIN LATERAL (SELECT {_STAGE} AS stage) g
 LEFT JOIN LATERAL ({FIRST_MISSING}) m ON g.stage = 'blocked'
 CROSS JOIN LATERAL (SELECT {_ROLE} AS role) w
 WHERE c.active AND c.from_paper IS NOT TRUE AND (r.enrolment_id = e.id OR (r.id IS NULL AND e.is_current))
 AND NOT (COALESCE(e.not_assessed, FALSE) AND (r.id IS NULL OR r.waiting_for = 'data'))"""

#: The same pupils, one row for each person that their record waits for.
PEOPLE = f"""SELECT p.company_id, p.school_year_id, p.class_id, p.kind, p.deadline, p.stage, o.role, o.user_id,
 p.pupil_id, p.since FROM ({
    PUPILS
}) p JOIN hocba_class c ON c.id = p.class_id LEFT JOIN hocba_record r ON r.id = p.record_id
 CROSS JOIN LATERAL (
 SELECT p.role, p.user_id WHERE NOT (p.stage = 'blocked' AND r.findings IS NOT NULL)
 AND NOT (p.stage = 'signing' AND p.role IN ({quoted(role.code for role in ROLES if role.people)}))
 UNION ALL SELECT b.role, b.user_id FROM ({ALL_MISSING}) b WHERE p.stage = 'blocked'
 {
    " ".join(
        f"UNION ALL SELECT x.role, x.user_id FROM ({role.people}) x(role, user_id) WHERE p.stage = 'signing'"
        f" AND p.role = '{role.code}'"
        for role in ROLES
        if role.people
    )
} ) o"""

_ID = f"""((p.class_id::bigint * 4194304 + COALESCE(p.user_id, 0)) * 2
 + CASE p.kind WHEN 'deadline_school' THEN 0 ELSE 1 END) * 256
 + {_cases("p.stage", _PLACE, "ELSE 15")} * 16 + {_cases("p.role", _ROLE_PLACE, "ELSE 15")}"""
VIEW = f"""SELECT {_ID} AS id, p.company_id, p.school_year_id, p.class_id, p.grade, p.kind, p.deadline, p.stage,
 p.role, p.user_id, count(*)::int AS pupils, min(p.since) AS since
 FROM ({PUPILS}) p
 GROUP BY p.company_id, p.school_year_id, p.class_id, p.grade, p.kind, p.deadline, p.stage, p.role, p.user_id"""

#: Records issued and accepted a day in Vietnam, by class.
PACE = """SELECT r.class_id, v.kind, (v.at + interval '7 hours')::date AS day, count(*)
 FROM hocba_event v JOIN hocba_record r ON r.id = v.record_id
 WHERE v.kind IN ('frozen', 'accepted') AND v.at >= %s AND r.class_id = ANY(%s)
 GROUP BY r.class_id, v.kind, day"""
__all__ = ["DONE", "PACE", "PEOPLE", "SIGNING", "STAGES", "SUMMER", "VIEW", "quoted"]
