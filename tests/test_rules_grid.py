"""Order of pupils and what a cell of the class grid may hold."""

import itertools

import pytest
from hocba_core import packet
from hocba_core.rules import cells, names


def test_pupils_stand_by_given_name_in_vietnamese_order():
    ordered = [
        *("Lê Thị An", "Trần Văn An", "Phạm Ánh", "Lê Văn Ân", "Võ Thị Bình", "Lê Dũng", "Lê Đạt", "Lê Đức"),
        *("Lê Oanh", "Lê Ổn", "Lê Ơn", "Lê Tú", "Lê Tư", "Lê Uyên", "Lê Vy", "Lê Yến"),
    ]
    for shift in (3, 7):
        mixed = ordered[shift:] + ordered[:shift]
        assert sorted(mixed, key=names.sort_key) == ordered


def test_tones_decide_between_equal_letters_only():
    assert sorted(["Mạ", "Má", "Mã", "Mả", "Mà", "Ma", "Mai"], key=names.sort_key) == [
        *("Ma", "Mà", "Mả", "Mã", "Má", "Mạ", "Mai"),
    ]


def test_names_that_are_unusual():
    assert names.given_name("H'Hen Niê") == "Niê"
    assert names.given_name(" Y  Thị ") == "Thị"
    assert names.given_name("") == ""
    keys = [names.sort_key(name) for name in ("", "Kim Min-Jun", "Đỗ", "O'Neill 2", "Nguyễn (Bé)")]
    for one, other in itertools.permutations(keys, 2):
        assert (one < other) != (other < one)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("level", ["T", "H", "C", "M"], ["t", "D", 1, "TT"]),
        ("trait", ["T", "D", "C"], ["Đ", "H", "M"]),
        ("score", ["0", "10"], ["11", "9.5", 9, "-1"]),
        ("height", [50, 125.5, 220], [49.9, 220.1, "125", True]),
        ("weight", [8, 24.5, 150], [7, 151]),
        ("count", [0, 366], [-1, 1.5, 367, True]),
        ("text", ["Em ngoan.", "Hai\ndòng"], ["x" * 11, "\u200b", 5]),
    ],
)
def test_values_of_cells(kind, good, bad):
    assert cells.problem(kind, None, 10) is None
    assert [cells.problem(kind, value, 10) for value in good] == [None] * len(good)
    assert all(cells.problem(kind, value, 10) for value in bad)


def test_length_of_texts_is_what_the_packet_takes():
    profile = packet.get_profile("cv2088-1.0")
    assert profile.text_limit("subjects.comment") == 1000
    assert profile.text_limit("quality_comment") == 2000
    assert profile.text_limit("homeroom_comment") == 20000
    assert profile.text_limit("weight") is None
    assert profile.text_limit("unknown") is None
