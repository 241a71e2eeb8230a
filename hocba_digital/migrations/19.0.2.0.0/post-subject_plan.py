"""The shipped plan learns since when it holds and which tests are in the middle of a semester (TT 27, Art. 2, 7.1b)."""

_FIRST_YEAR = {"1": "2020-2021", "2": "2021-2022", "3": "2022-2023", "4": "2023-2024", "5": "2024-2025"}


def migrate(cr, version):
    """Fill the new columns of the lines that version 19.0.1 shipped; data of a school is not touched again."""
    for grade, year in _FIRST_YEAR.items():
        cr.execute("UPDATE hocba_subject_grade SET valid_from = %s WHERE grade = %s", [year, grade])
    cr.execute(
        "UPDATE hocba_subject_grade line SET has_mid_test = true FROM hocba_subject subject"
        " WHERE subject.id = line.subject_id AND subject.code IN ('TV', 'TOAN') AND line.grade IN ('4', '5')"
    )
