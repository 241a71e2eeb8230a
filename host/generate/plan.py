"""Subjects of each grade in the row order of the record (TT 32/2018, QĐ 2904), and its tests (TT 27 Art. 7.1b)."""

from .model import Subject

_NAMES = {
    "TV": "Tiếng Việt",
    "TOAN": "Toán",
    "NN1": "Ngoại ngữ 1 (Tiếng Anh)",
    "LSDL": "Lịch sử và Địa lí",
    "KH": "Khoa học",
    "TH": "Tin học và Công nghệ (Tin học)",
    "CN": "Tin học và Công nghệ (Công nghệ)",
    "DD": "Đạo đức",
    "TNXH": "Tự nhiên và Xã hội",
    "GDTC": "Giáo dục thể chất",
    "AN": "Nghệ thuật (Âm nhạc)",
    "MT": "Nghệ thuật (Mĩ thuật)",
    "HDTN": "Hoạt động trải nghiệm",
}
_TESTED = {"TV", "TOAN", "NN1", "LSDL", "KH", "TH", "CN"}
_FROM = {"LSDL": 4, "KH": 4, "TH": 3, "CN": 3}
_UNTIL = {"TNXH": 3}
#: Taught by a teacher of the subject; the homeroom teacher teaches the others.
SPECIALISTS = {"NN1": "tienganh", "TH": "tinhoc", "CN": "tinhoc", "GDTC": "theduc", "AN": "amnhac", "MT": "mithuat"}


def subjects_of(grade: int) -> tuple[Subject, ...]:
    """Subjects of a grade 1..5; English is taught as an optional subject in grades 1 and 2, without a test."""
    found = []
    for code, name in _NAMES.items():
        if _FROM.get(code, 1) <= grade <= _UNTIL.get(code, 5):
            optional = code == "NN1" and grade < 3
            found.append(
                Subject(code=code, name=name, has_test=code in _TESTED and not optional, required=not optional)
            )
    return tuple(found)
