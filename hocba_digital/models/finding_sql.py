"""The query behind ``hocba.finding``. Ids are made of the row they come from, so they stay while the finding does."""

_COLUMNS = (
    *("id", "company_id", "school_year_id", "class_id", "pupil_id", "record_id", "assessment_id", "result_id"),
    *("subject_id", "severity", "reason", "responsible", "teacher_id"),
    *("code", "model", "field", "entry", "detail", "affected"),
)


def _branch(source, where="", number=0, base="0", **columns):
    """One SELECT; columns that are not given are NULL, ids of different branches never meet."""
    columns.setdefault("id", f"({base})::bigint * 16 + {number}")
    types = {"affected": "int", "id": "bigint"}
    ids = [name for name in _COLUMNS if name.endswith("_id")]
    parts = [
        f"({columns.get(name, 'NULL')})::{types.get(name) or ('int' if name in ids else 'varchar')} AS {name}"
        for name in _COLUMNS
    ]
    return f"SELECT {', '.join(parts)} FROM {source}" + (f" WHERE {where}" if where else "")


_OF_RECORD = """hocba_record r
 CROSS JOIN LATERAL jsonb_array_elements(r.findings) WITH ORDINALITY AS f(line, n)
 JOIN hocba_class c ON c.id = r.class_id
 LEFT JOIN hocba_result s ON s.id = (f.line->>'r')::int"""
_DRAFT = "r.state = 'draft' AND r.findings IS NOT NULL"
_LINE = {
    "severity": "f.line->>'s'",
    "reason": "f.line->>'g'",
    "code": "f.line->>'c'",
    "model": "f.line->>'m'",
    "field": "f.line->>'e'",
    "entry": "f.line->>'l'",
    "detail": "f.line->>'t'",
}
_WHOSE = """CASE WHEN f.line->>'m' = 'hocba.result' THEN CASE WHEN s.teacher_id = c.homeroom_id THEN 'homeroom'
 ELSE 'subject' END WHEN f.line->>'m' IN ('hocba.assessment', 'hocba.record') THEN 'homeroom' ELSE 'clerk' END"""
_TEACHER = """CASE WHEN f.line->>'m' = 'hocba.result' THEN COALESCE(s.teacher_id, c.homeroom_id)
 WHEN f.line->>'m' = 'hocba.assessment' THEN c.homeroom_id END"""

#: Classes in which somebody still has to sign.
_OPEN_CLASS = """c.active AND EXISTS (SELECT 1 FROM hocba_enrolment e WHERE e.class_id = c.id AND e.is_current
 AND NOT EXISTS (SELECT 1 FROM hocba_record r WHERE r.enrolment_id = e.id
 AND r.state IN ('signed', 'submitted', 'locked', 'transferred')))"""
_CLASS = {"company_id": "c.company_id", "school_year_id": "c.school_year_id", "class_id": "c.id"}
_SCHOOL_AT_WORK = f"EXISTS (SELECT 1 FROM hocba_class c WHERE c.company_id = k.id AND {_OPEN_CLASS})"


def _certificates(condition, order="max(h.not_after)"):
    return f"""(SELECT {order} FROM hocba_certificate h WHERE h.active AND h.not_after > now() AT TIME ZONE 'UTC'
 AND (h.not_before IS NULL OR h.not_before <= now() AT TIME ZONE 'UTC') AND {condition})"""


_SOON = "< (now() AT TIME ZONE 'UTC') + interval '60 days'"
_HOMEROOM_KEY = _certificates("h.kind = 'person' AND h.user_id = c.homeroom_id")
_HEAD_KEY = _certificates("h.kind = 'person' AND h.user_id = k.hocba_head_id")
_SEAL = _certificates("h.kind = 'organisation' AND h.company_id = k.id")
_APPROVED_SEAL = _certificates("h.kind = 'organisation' AND h.company_id = k.id AND h.approved")
_MISSING_SETTING = " OR ".join(
    f"COALESCE(k.{name}, '') = ''"
    for name in (
        *("hocba_school_code", "hocba_authority_code", "hocba_authority_name"),
        *("hocba_commune", "hocba_province", "hocba_issue_place"),
    )
)


def _shared(scope, key, number, responsible, more=""):
    """What many records lack alike is one finding, with the number of pupils it concerns."""
    inner = f"""SELECT DISTINCT ON ({key}, f.line->>'c', f.line->>'e') r.*, f.line, f.n,
 count(*) OVER (PARTITION BY {key}, f.line->>'c', f.line->>'e') AS records
 FROM hocba_record r CROSS JOIN LATERAL jsonb_array_elements(r.findings) WITH ORDINALITY AS f(line, n)
 WHERE {_DRAFT} AND f.line->>'o' = '{scope}' {more} ORDER BY {key}, f.line->>'c', f.line->>'e', r.id"""
    columns = {name: value.replace("f.line", "x.line") for name, value in _LINE.items()}
    return _branch(
        f"({inner}) x",
        number=number,
        base="x.id::bigint * 1000 + x.n",
        company_id="x.company_id",
        school_year_id="x.school_year_id",
        class_id="x.class_id" if scope == "class" else "NULL",
        responsible=f"'{responsible}'",
        affected="x.records",
        **columns,
    )


def _literal(code, severity, reason, responsible, model, teacher="NULL"):
    given = {"code": code, "severity": severity, "reason": reason, "responsible": responsible, "model": model}
    return {name: f"'{value}'" for name, value in given.items()} | {"teacher_id": teacher}


VIEW = " UNION ALL ".join(
    (
        _branch(
            _OF_RECORD,
            f"{_DRAFT} AND f.line->>'o' = 'record'",
            base="r.id::bigint * 1000 + f.n",
            company_id="r.company_id",
            school_year_id="r.school_year_id",
            class_id="r.class_id",
            pupil_id="r.pupil_id",
            record_id="r.id",
            assessment_id="r.assessment_id",
            result_id="s.id",
            subject_id="s.subject_id",
            responsible=_WHOSE,
            teacher_id=_TEACHER,
            affected="1",
            **_LINE,
        ),
        _shared("class", "r.class_id", 1, "admin"),
        # Empty settings are one finding below, whether there are records or not.
        _shared(
            "school", "r.company_id", 2, "admin", "AND NOT (f.line->>'m' = 'res.company' AND f.line->>'c' = 'required')"
        ),
        _branch(
            "hocba_enrolment e JOIN hocba_class c ON c.id = e.class_id",
            "e.is_current AND c.active AND NOT EXISTS (SELECT 1 FROM hocba_assessment a"
            " WHERE a.enrolment_id = e.id AND a.period = 'year')",
            number=3,
            base="e.id",
            **_CLASS,
            pupil_id="e.pupil_id",
            affected="1",
            **_literal("no_assessment", "block", "assessment", "homeroom", "hocba.class", "c.homeroom_id"),
        ),
        _branch(
            """(SELECT e.class_id, count(*) AS pupils FROM hocba_enrolment e
 JOIN hocba_assessment a ON a.enrolment_id = e.id AND a.period = 'year'
 WHERE e.is_current AND NOT EXISTS (SELECT 1 FROM hocba_record r WHERE r.enrolment_id = e.id AND r.state != 'recalled')
 GROUP BY e.class_id) e JOIN hocba_class c ON c.id = e.class_id AND c.active""",
            number=4,
            base="c.id",
            **_CLASS,
            affected="e.pupils",
            **_literal("no_record", "block", "record", "clerk", "hocba.class"),
        ),
        _branch(
            "hocba_class c",
            f"c.homeroom_id IS NULL AND {_OPEN_CLASS}",
            number=5,
            base="c.id",
            **_CLASS,
            **_literal("no_homeroom", "block", "people", "clerk", "hocba.class"),
        ),
        _branch(
            "hocba_class c",
            f"c.homeroom_id IS NOT NULL AND {_HOMEROOM_KEY} IS NULL AND {_OPEN_CLASS}",
            number=6,
            base="c.id",
            **_CLASS,
            **_literal("certificate_missing", "block", "certificate", "homeroom", "hocba.certificate", "c.homeroom_id"),
        ),
        _branch(
            "hocba_class c",
            f"{_HOMEROOM_KEY} {_SOON} AND {_OPEN_CLASS}",
            number=7,
            base="c.id",
            **_CLASS,
            **_literal("certificate_expires", "warn", "certificate", "homeroom", "hocba.certificate", "c.homeroom_id"),
        ),
        _branch(
            "hocba_class c JOIN res_users u ON u.id = c.homeroom_id",
            f"COALESCE(u.hocba_id_number, '') = '' AND {_OPEN_CLASS}",
            number=8,
            base="c.id",
            **_CLASS,
            **_literal("signer_number", "block", "people", "admin", "res.users", "c.homeroom_id"),
        ),
        _branch(
            "res_company k",
            f"k.hocba_head_id IS NOT NULL AND {_HEAD_KEY} IS NULL AND {_SCHOOL_AT_WORK}",
            number=9,
            base="k.id",
            company_id="k.id",
            **_literal("certificate_missing", "block", "certificate", "head", "hocba.certificate", "k.hocba_head_id"),
        ),
        _branch(
            "res_company k",
            f"{_HEAD_KEY} {_SOON} AND {_SCHOOL_AT_WORK}",
            number=10,
            base="k.id",
            company_id="k.id",
            **_literal("certificate_expires", "warn", "certificate", "head", "hocba.certificate", "k.hocba_head_id"),
        ),
        _branch(
            "res_company k",
            f"{_SEAL} IS NULL AND {_SCHOOL_AT_WORK}",
            number=11,
            base="k.id",
            company_id="k.id",
            **_literal("seal_missing", "block", "certificate", "clerk", "hocba.certificate"),
        ),
        _branch(
            "res_company k",
            f"{_SEAL} IS NOT NULL AND {_APPROVED_SEAL} IS NULL AND {_SCHOOL_AT_WORK}",
            number=12,
            base="k.id",
            company_id="k.id",
            **_literal("seal_not_approved", "block", "certificate", "clerk", "hocba.certificate"),
        ),
        _branch(
            "res_company k",
            f"{_APPROVED_SEAL} {_SOON} AND {_SCHOOL_AT_WORK}",
            number=13,
            base="k.id",
            company_id="k.id",
            **_literal("seal_expires", "warn", "certificate", "clerk", "hocba.certificate"),
        ),
        _branch(
            "res_company k",
            f"(k.hocba_head_id IS NULL OR {_MISSING_SETTING}) AND {_SCHOOL_AT_WORK}",
            number=14,
            base="k.id",
            company_id="k.id",
            **_literal("school_data", "block", "school", "admin", "res.company"),
        ),
    )
)
