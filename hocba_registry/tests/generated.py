"""A province's records by the hundred thousand, written by PostgreSQL: to see how they are found, not what they are."""

from odoo.tools import SQL

_SCHOOLS, _YEARS, _TRANSACTIONS = 300, 10, 2000

_PARENTS = """
INSERT INTO hocba_registry_unit (name, code, login, commune, active, expected_count)
SELECT 'Trường Tiểu học ' || n, 'G' || n, 'G' || n, 'Phường ' || n %% 100, true, 350
  FROM generate_series(1, %(schools)s) n;
INSERT INTO hocba_registry_transaction (messageid, unit_id, kind, year_name, digest, size, state, received_at)
SELECT 'G' || n, unit.id, '1', '2040-2041', md5(n::text), 1, 'processed', now() AT TIME ZONE 'UTC'
  FROM generate_series(1, %(transactions)s) n
  JOIN hocba_registry_unit unit ON unit.code = 'G' || 1 + n %% %(schools)s;
"""

_RECORDS = """
WITH name AS (
    SELECT ARRAY['nguyen','tran','le','pham','hoang','huynh','phan','vu','vo','dang','bui','do','ho','ngo','duong','ly']
               AS family,
           ARRAY['thi','van','minh','ngoc','thanh','gia','bao','phuong','khanh','quoc','duc','hai','thu','mai','anh']
               AS middle,
           ARRAY['an','anh','binh','chau','chi','dung','giang','ha','hieu','hoa','hung','huong','khoa','lan','linh',
                 'long','mai','minh','nam','nga','ngoc','nhi','phuc','quan','quynh','son','tam','thao','trang','tuan',
                 'vy','yen'] AS given
), unit AS (SELECT array_agg(id ORDER BY id) AS ids FROM hocba_registry_unit WHERE code LIKE 'G%%'),
year AS (SELECT array_agg(id ORDER BY name) AS ids FROM hocba_registry_year WHERE name >= '2040'),
message AS (SELECT array_agg(id ORDER BY id) AS ids FROM hocba_registry_transaction WHERE messageid LIKE 'G%%')
INSERT INTO hocba_registry_record (uuid, unit_id, year_id, grade, class_name, pupil_name, search_name, pupil_code,
    id_number, overall, profile, packet_start, packet_size, digest, transaction_id, received_at, state, commune)
SELECT md5(n::text)::uuid::text, unit.ids[school], year.ids[1 + n %% %(years)s], (1 + n %% 5)::text,
       1 + n %% 5 || chr(65 + n / 7 %% 6), initcap(pupil), pupil, lpad(n::text, 10, '0'), lpad((n * 7)::text, 12, '0'),
       (ARRAY['excellent', 'good', 'completed', 'not_completed'])[1 + n / 11 %% 4], 'cv2088-1.0', 1, 1,
       md5(n::text), message.ids[1 + n %% %(transactions)s],
       now() AT TIME ZONE 'UTC' - (n %% 3650) * interval '1 day',
       CASE WHEN n %% 997 = 0 THEN 'recalled' WHEN n %% %(years)s = 0 THEN 'accepted' ELSE 'locked' END,
       'Phường ' || school %% 100
  FROM generate_series(%(start)s, %(end)s) n, name, unit, year, message,
       LATERAL (SELECT 1 + n / %(years)s %% %(schools)s AS school,
                       family[1 + n %% 16] || ' ' || middle[1 + n / 16 %% 15] || ' ' || middle[1 + n / 240 %% 15] || ' '
                       || given[1 + n / 3600 %% 32] AS pupil) made;
"""

_LINES = """
INSERT INTO hocba_registry_line (transaction_id, unit_id, received_at, record_id, uuid, pupil_name, pupil_code, verdict,
    error_code, error_title, digest)
SELECT transaction_id, unit_id, received_at, CASE WHEN id %% 50 = 0 THEN NULL ELSE id END, uuid, pupil_name, pupil_code,
       CASE WHEN id %% 50 = 0 THEN '0' ELSE '1' END, CASE WHEN id %% 50 = 0 THEN '31' ELSE '00' END, 'x', digest
  FROM hocba_registry_record WHERE uuid IN (SELECT md5(n::text)::uuid::text FROM generate_series(%(start)s, %(end)s) n);
"""

_STATISTICS = ("hocba_registry_record", "hocba_registry_line", "hocba_registry_transaction", "hocba_registry_tally")


def fill(env, count, start=1, lot=100_000, progress=None):
    """Write records ``start`` to ``count`` with their verdicts, the first time also schools, years and transactions.

    ``progress``: called after each lot, for instance to commit. PostgreSQL then knows how the values are spread.
    """
    sizes = {"schools": _SCHOOLS, "years": _YEARS, "transactions": _TRANSACTIONS}
    if start == 1:
        years = [{"name": f"{first}-{first + 1}"} for first in range(2040, 2040 + _YEARS)]
        env["hocba.registry.year"].create(years)
        env.flush_all()
        env.cr.execute(SQL(_PARENTS, **sizes))
    for first in range(start, count + 1, lot):
        span = {"start": first, "end": min(first + lot - 1, count)}
        env.cr.execute(SQL(_RECORDS, **sizes, **span))
        env.cr.execute(SQL(_LINES, **span))
        if progress:
            progress()
    for table in _STATISTICS:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all()
