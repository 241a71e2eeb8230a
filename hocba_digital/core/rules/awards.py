"""Titles at year end by Circular 27/2020/TT-BGDĐT Art. 13.1a. The words are those of the certificate."""

EXCELLENT_TITLE = "Học sinh Xuất sắc"
EXEMPLARY_TITLE = "Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện"


def possible_title(overall: str | None) -> str | None:
    """The title that a result opens: the first is due by the result alone, the second needs the school's choice."""
    return {"excellent": EXCELLENT_TITLE, "good": EXEMPLARY_TITLE}.get(overall)


def award_title(
    overall: str | None,
    *,
    outstanding_subject: bool = False,
    marked_progress: bool = False,
    accepted_by_class: bool = False,
) -> str | None:
    """The title due. "Tiêu biểu" needs the result "good", an outstanding achievement in a subject or marked
    progress in a quality or competence, and the recognition of the class.
    """
    if overall == "good" and not ((outstanding_subject or marked_progress) and accepted_by_class):
        return None
    return possible_title(overall)


def award_phrase(title: str | None) -> str | None:
    """How the record words a title in item 5 (guide of annex 1): "Đạt danh hiệu …"."""
    return f"Đạt danh hiệu {title}" if title else None


def contradicts(award: str | None, overall: str | None) -> bool:
    """Whether the text of item 5 claims a title that the result does not open."""
    text = (award or "").casefold()
    if EXCELLENT_TITLE.casefold() in text:
        return overall != "excellent"
    return "học sinh tiêu biểu hoàn thành tốt" in text and overall != "good"
