"""Dates that were typed into a school year become documents; later ones than the law's give way to it."""

from odoo import SUPERUSER_ID, api

KINDS = ("deadline_school", "deadline_school_summer", "deadline_authority", "deadline_authority_summer")

#: What stands as the document; the version before asked for none.
SOURCE = "Nhập từ phiên bản trước, chưa ghi văn bản"


def migrate(cr, version):
    """One document for every date that is earlier than the law's; then the dates of years and classes follow."""
    env = api.Environment(cr, SUPERUSER_ID, {"lang": "vi_VN"})
    years = env["hocba.school.year"].with_context(active_test=False).search([])
    cr.execute(f"SELECT id, {', '.join(KINDS)} FROM hocba_school_year")  # pylint: disable=sql-injection
    stored = {row[0]: dict(zip(KINDS, row[1:], strict=True)) for row in cr.fetchall()}
    values = []
    for year in years:
        for kind, day in stored[year.id].items():
            law_day = year._law_deadline(kind)
            if day and law_day and year.date_start < day < law_day:
                values.append(
                    {
                        "school_year_id": year.id,
                        "kind": kind,
                        "day": day,
                        "source": SOURCE,
                    }
                )
    env["hocba.deadline"].create(values)
    for kind in KINDS:
        env.add_to_compute(years._fields[kind], years)
    classes = env["hocba.class"].with_context(active_test=False).search([])
    for name in ("deadline", "deadline_summer"):
        env.add_to_compute(classes._fields[name], classes)
    env.flush_all()
