"""Which subjects a grade has and which of them are tested (TT 27/2020 Art. 7.1b; programme of TT 32/2018).

Codes in the row order of the form: TV TOAN NN1 LSDL KH TH CN DD TNXH GDTC AN MT HDTN TDT. Schools keep their own
table of subjects; this one is the official default.
"""

ALL = ("TV", "TOAN", "NN1", "LSDL", "KH", "TH", "CN", "DD", "TNXH", "GDTC", "AN", "MT", "HDTN", "TDT")
GRADES = (1, 2, 3, 4, 5)

#: Languages that "Ngoại ngữ 1" may be (programmes of TT 32/2018 and QĐ 712/QĐ-BGDĐT of 2021), as the record names them.
FOREIGN_LANGUAGES = {
    "en": "Tiếng Anh",
    "fr": "Tiếng Pháp",
    "ru": "Tiếng Nga",
    "zh": "Tiếng Trung Quốc",
    "ja": "Tiếng Nhật",
    "ko": "Tiếng Hàn",
    "de": "Tiếng Đức",
}

_EVERY_GRADE = frozenset({"TV", "TOAN", "DD", "GDTC", "AN", "MT", "HDTN"})
_FROM_GRADE_3 = frozenset({"NN1", "TH", "CN"})
_FROM_GRADE_4 = frozenset({"LSDL", "KH"})
_TESTED = frozenset({"TV", "TOAN", "NN1", "LSDL", "KH", "TH", "CN"})


def required_subjects(grade: int) -> frozenset[str]:
    """Compulsory subjects and activities of a grade 1..5. Raises ValueError for another grade."""
    _check(grade)
    found = _EVERY_GRADE
    if grade >= 3:
        found |= _FROM_GRADE_3
    return found | (_FROM_GRADE_4 if grade >= 4 else {"TNXH"})


def optional_subjects(grade: int) -> frozenset[str]:
    """Subjects that a school may offer: a foreign language in grades 1 and 2, an ethnic minority language."""
    _check(grade)
    return frozenset({"TDT", "NN1"} if grade <= 2 else {"TDT"})


def year_end_tests(grade: int) -> frozenset[str]:
    """Subjects with a test at the end of term 1 and of the year: those of Art. 7.1b compulsory in the grade."""
    return _TESTED & required_subjects(grade)


def mid_term_tests(grade: int) -> frozenset[str]:
    """Subjects with an extra test in the middle of each term: Vietnamese and mathematics in grades 4 and 5."""
    _check(grade)
    return frozenset({"TV", "TOAN"}) if grade >= 4 else frozenset()


def tests(grade: int, period: str) -> frozenset[str]:
    """Subjects tested in a period: mid1, end1, mid2 or year."""
    if period not in ("mid1", "end1", "mid2", "year"):
        raise ValueError(f"{period!r} is not mid1, end1, mid2 or year")
    return mid_term_tests(grade) if period.startswith("mid") else year_end_tests(grade)


def competences(grade: int) -> tuple[str, ...]:
    """Competences assessed in a grade, in the order of the form: technology and informatics from grade 3 on."""
    from ..packet.data import COMPETENCES, UPPER_GRADE_COMPETENCES

    _check(grade)
    return tuple(code for code in COMPETENCES if grade >= 3 or code not in UPPER_GRADE_COMPETENCES)


def printed_name(code: str | None, name: str, language: str | None) -> str:
    """Name of a subject on the record: "Ngoại ngữ 1" names its language (annex 1; a key of FOREIGN_LANGUAGES)."""
    if code != "NN1" or language not in FOREIGN_LANGUAGES:
        return name
    return f"{name.partition(' (')[0]} ({FOREIGN_LANGUAGES[language]})"


def _check(grade: int) -> None:
    if grade not in GRADES:
        raise ValueError(f"grade {grade!r} is not 1..5")
