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


#: Kinds of praise: the two titles and the praise for an achievement during the year are the head's certificates (Art.
#: 13.1); a recommendation asks a higher authority for one (Art. 13.2); a letter praises an effort (Art. 13.3).
KINDS = ("excellent", "exemplary", "sudden", "recommend", "letter")


def problem(
    kind: str,
    overall: str | None,
    *,
    outstanding_subject: bool = False,
    marked_progress: bool = False,
    accepted_by_class: bool = False,
    achievement: str | None = None,
) -> str | None:
    """Why praise of ``kind`` cannot be given: result, ground, class or achievement; None: nothing stands against it.

    result: the overall result does not open the title. ground: no outstanding subject and no marked progress is named.
    class: the class has not recognised it. achievement: praise without a title says what it is for.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of praise")
    if kind == "excellent":
        return None if overall == "excellent" else "result"
    if kind == "exemplary":
        if overall != "good":
            return "result"
        if not (outstanding_subject or marked_progress):
            return "ground"
        return None if accepted_by_class else "class"
    return None if (achievement or "").strip() else "achievement"


def joined(text: str | None, phrase: str) -> str:
    """Item 5 with ``phrase`` in it, once, what stood there kept: the prizes of the year follow each other with "; "."""
    parts = _parts(text)
    return "; ".join(parts if phrase in parts else [phrase, *parts])


def without(text: str | None, phrase: str) -> str | None:
    """Item 5 without ``phrase``; None when nothing is left."""
    return "; ".join(part for part in _parts(text) if part != phrase) or None


def titles_in(text: str | None) -> frozenset[str]:
    """Kinds of titles that the text of item 5 claims: excellent, exemplary."""
    words = (text or "").casefold()
    claims = {"excellent": EXCELLENT_TITLE.casefold(), "exemplary": "học sinh tiêu biểu hoàn thành tốt"}
    return frozenset(kind for kind, title in claims.items() if title in words)


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def title_of(kind: str) -> str:
    """The words of a title: kind excellent or exemplary."""
    return {"excellent": EXCELLENT_TITLE, "exemplary": EXEMPLARY_TITLE}[kind]


def award_phrase(title: str | None) -> str | None:
    """How the record words a title in item 5 (guide of annex 1): "Đạt danh hiệu …"."""
    return f"Đạt danh hiệu {title}" if title else None


def contradicts(award: str | None, overall: str | None) -> bool:
    """Whether the text of item 5 claims a title that the result does not open."""
    text = (award or "").casefold()
    if EXCELLENT_TITLE.casefold() in text:
        return overall != "excellent"
    return "học sinh tiêu biểu hoàn thành tốt" in text and overall != "good"
