"""The query behind ``hocba.signer``: who has to sign, and the best certificate that each of them has.

Ids are made of the row they come from, so they stay while the need does.
"""

_NOW = "(now() AT TIME ZONE 'UTC')"
_TODAY = "(now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
#: Years whose reports are still to come, and those in which somebody still has to sign.
_YEARS = f"""SELECT y.id, y.company_id, y.packet_profile AS profile,
        y.deadline_school AS school, y.deadline_school_summer AS summer,
        CASE WHEN y.deadline_school > {_TODAY} THEN y.deadline_school ELSE y.deadline_school_summer END AS deadline
   FROM hocba_school_year y WHERE y.active AND (COALESCE(y.deadline_school_summer, y.date_end) > {_TODAY}
     OR EXISTS (SELECT 1 FROM hocba_record r WHERE r.school_year_id = y.id AND r.state = 'draft'))"""
_CLASSES = "JOIN hocba_class c ON c.school_year_id = y.id AND c.active AND c.from_paper IS NOT TRUE"
_ALL = "(SELECT count(*) FROM hocba_class c WHERE c.school_year_id = y.id AND c.active)"

_NEEDS = f"""
 SELECT 1 AS branch, min(c.id) AS base, y.id AS year_id, c.homeroom_id AS user_id, 'gvcn' AS role,
        NULL::int AS mandate_id, count(*) AS class_count
   FROM years y {_CLASSES} WHERE c.homeroom_id IS NOT NULL GROUP BY y.id, c.homeroom_id
 UNION ALL
 SELECT 2, min(a.id), y.id, a.teacher_id, 'gvbm', NULL, count(DISTINCT c.id)
   FROM years y {_CLASSES} JOIN hocba_assignment a ON a.class_id = c.id
  WHERE y.profile = '2025' AND a.teacher_id IS NOT NULL AND a.teacher_id IS DISTINCT FROM c.homeroom_id
  GROUP BY y.id, a.teacher_id
 UNION ALL
 SELECT 3, y.id, y.id, k.hocba_head_id, 'cbql', NULL, {_ALL}
   FROM years y JOIN res_company k ON k.id = y.company_id WHERE k.hocba_head_id IS NOT NULL
 UNION ALL
 SELECT 4, y.id, y.id, NULL, 'seal', NULL, {_ALL}
   FROM years y
 UNION ALL
 SELECT 5, m.id, y.id, m.user_id, m.role, m.id,
        (SELECT count(*) FROM hocba_mandate_class_rel l WHERE l.mandate_id = m.id)
   FROM hocba_mandate m JOIN LATERAL (
        SELECT y.* FROM years y WHERE y.company_id = m.company_id ORDER BY y.deadline LIMIT 1) y ON true
  WHERE m.active AND m.state <> 'draft' AND m.role <> 'seal' AND (m.date_to IS NULL OR m.date_to >= {_TODAY})
    AND (m.revoked_on IS NULL OR m.revoked_on > {_TODAY})
"""


def _ends_before(deadline):
    """The certificate ends before the last moment of the day before the deadline, in Vietnam."""
    return f"h.not_after < ({deadline}::timestamp - interval '7 hours') AND {deadline} > {_TODAY}"


_STATE = f"""CASE WHEN h.revoked_at IS NOT NULL THEN 'revoked'
 WHEN h.not_after <= {_NOW} THEN 'expired'
 WHEN NOT COALESCE(h.has_key, false) THEN 'none'
 WHEN h.kind = 'organisation' AND NOT COALESCE(h.approved, false) THEN COALESCE(
   (SELECT CASE WHEN s.state = 'refused' THEN 'refused'
                WHEN s.state IN ('queued', 'sending', 'unknown', 'received') THEN 'waiting' END
      FROM hocba_submission s WHERE s.certificate_id = h.id AND s.kind = '3' ORDER BY s.id DESC LIMIT 1),
   'unregistered')
 WHEN h.not_before > {_NOW} THEN 'future'
 WHEN {_ends_before("y.school")} THEN 'ends_school'
 WHEN {_ends_before("y.summer")} THEN 'ends_summer'
 ELSE 'valid' END"""
_ORDER = (
    *("none", "revoked", "refused", "expired", "unregistered", "ends_school", "waiting", "future", "ends_summer"),
    "valid",
)
_RANKS = "array_position(ARRAY[" + ", ".join(f"'{state}'" for state in _ORDER) + "]::text[], {state})"


def view_sql() -> str:
    """SELECT of all columns of ``hocba.signer``."""
    best = f"""SELECT h.id, h.not_after, {_STATE} AS state FROM hocba_certificate h
        WHERE h.active AND CASE WHEN n.role = 'seal' THEN h.kind = 'organisation' AND h.company_id = y.company_id
                                ELSE h.kind = 'person' AND h.user_id = n.user_id END
        ORDER BY {_RANKS.format(state=f"({_STATE})")} DESC, h.not_after DESC LIMIT 1"""
    return f"""WITH years AS ({_YEARS}), needs AS ({_NEEDS})
    SELECT n.base::bigint * 8 + n.branch AS id, y.company_id, y.id AS school_year_id, n.user_id, n.role::varchar,
           n.mandate_id, n.class_count::int, h.id AS certificate_id, h.not_after,
           COALESCE(h.state, 'none')::varchar AS state, y.deadline,
           {_RANKS.format(state="COALESCE(h.state, 'none')")} AS priority
      FROM needs n JOIN years y ON y.id = n.year_id LEFT JOIN LATERAL ({best}) h ON true"""
