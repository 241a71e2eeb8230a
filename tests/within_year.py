"""A school year under way: a class of it, and a pupil who has results in it already."""


def next_class(site, grade, teacher):
    """A class of the school year that is under way; returns its id."""
    known = site.admin("hocba.school.year", "search", [[("name", "=", "2026-2027")]])
    year = known[0] if known else site.admin("hocba.school.year", "create", [{"name": "2026-2027"}])
    values = {"name": f"{grade}K", "grade": grade, "school_year_id": year, "homeroom_id": site.users[teacher]}
    return site.admin("hocba.class", "create", [values])


def half_year(old, pupil, grade, teacher):
    """The pupil is in a class of the next year, with results of the middle of semester I; returns the class."""
    class_id = next_class(old, grade, teacher)
    clerk = old.session("vanthu")
    done = {"date_to": "2026-05-31", "end_reason": "year_end"}
    lines = clerk("hocba.enrolment", "search", [[("pupil_id", "=", pupil), ("date_to", "=", False)]])
    clerk("hocba.enrolment", "write", [lines, done])
    line = {"pupil_id": pupil, "class_id": class_id, "date_from": "2026-09-05"}
    clerk("hocba.enrolment", "create", [line])
    session = old.session(teacher)
    (row,) = session("hocba.class", "grid_load", [[class_id], "mid1", "subjects"])["rows"]
    for number in row["lines"].values():
        session("hocba.result", "write", [[number], {"level": "T", "comment": "Em hoàn thành tốt, đọc lưu loát."}])
    session("hocba.assessment", "write", [[row["id"]], {"quality_honesty": "T", "homeroom_comment": "Em chăm ngoan."}])
    clerk("hocba.class", "action_create_records", [[class_id]])
    return class_id
