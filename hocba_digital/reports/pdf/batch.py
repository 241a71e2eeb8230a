"""Many documents at once: groups for one process each, then split, footers, and a check that nothing is missing.

A document is what one pupil gets: the record of a year, or the whole book. It has parts, each with its own look-up
code: the record has one, the book one for its first pages and one a year.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

import pikepdf

from .engine import Engine, render_html
from .errors import PrintError
from .stamp import CopyMark, Footer, stamp_pages, to_bytes
from .text import page_texts

GROUP_SIZE = 50
PROCESSES = 2
#: The first lines of a cover; no other page begins like this.
COVER_LINES = ("BỘ GIÁO DỤC VÀ ĐÀO TẠO", "HỌC BẠ", "TIỂU HỌC")
#: Words before the look-up code in the last line of a year's pages.
END_WORDS = (
    "Bản in từ học bạ số, mã số tra cứu ",
    "Bản nháp của học bạ số, mã số tra cứu ",
    "Bản điện tử của học bạ số, mã số tra cứu ",
)
_END = re.compile(rf"(?:{'|'.join(map(re.escape, END_WORDS))})([0-9a-f-]{{36}})")
#: Something on the first page of every part is drawn in #010203 (form.css), black to the eye, as both engines write it.
_START_COLOUR = re.compile(rb"\.0039\d* 0?\.0078\d* 0?\.011[78]\d* (?:RG|rg|SCN|scn)")
#: Sides of a sheet on which a part can start.
ANYWHERE, RIGHT, LEFT = "anywhere", "right", "left"


@dataclass(frozen=True, slots=True)
class Part:
    """Pages that belong together. ``html``: the form's fragment. ``side``: where it starts when printed on both sides.

    ``marks``: texts such as headings, that stand in the finished pages in this order. ``cover``: it begins with the
    cover. ``ends``: it ends with the closing line that says the look-up code. ``copy``: what an issued
    copy says of itself; None for a draft.
    """

    uuid: str
    html: str
    lookup_url: str
    draft: bool = False
    digitised: bool = False
    marks: tuple[str, ...] = ()
    side: str = ANYWHERE
    cover: bool = True
    ends: bool = True
    copy: CopyMark | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What one pupil gets. ``key`` names it to the caller, ``label`` to people."""

    key: str
    label: str
    parts: tuple[Part, ...]

    @property
    def uuid(self) -> str:
        """Look-up code of the document: that of its first part."""
        return self.parts[0].uuid

    @property
    def html(self) -> str:
        """The fragments of all parts."""
        return "".join(part.html for part in self.parts)


@dataclass(frozen=True, slots=True)
class Group:
    """Checked pages of several documents in one file. ``counts``: pages of each document."""

    documents: tuple[Document, ...]
    counts: tuple[int, ...]
    content: bytes

    def cut(self) -> dict[str, bytes]:
        """A file for each document, by its key. Raises PrintError("incomplete")."""
        results, start = {}, 0
        with pikepdf.open(BytesIO(self.content)) as source:
            pages = list(source.pages)
            for document, count in zip(self.documents, self.counts, strict=True):
                target = pikepdf.new()
                target.pages.extend(pages[start : start + count])
                target.docinfo["/Title"] = document.label
                target.docinfo["/Subject"] = document.uuid
                if len(target.pages) == count:
                    results[document.key] = to_bytes(target)
                start += count
        _refuse_missing(self.documents, results)
        return results


def render_documents(
    documents: Iterable[Document],
    page: Callable[[str], str],
    engine: Engine,
    *,
    group_size: int = GROUP_SIZE,
    processes: int = PROCESSES,
) -> dict[str, bytes]:
    """One PDF per document, by key: an even number of A4 pages, each with its footer.

    ``page`` makes a whole HTML document of fragments. Documents are taken from the iterable while the engine works.
    Every result was checked to be there and complete; else PrintError("incomplete") names the documents.
    """
    results: dict[str, bytes] = {}
    expected: list[Document] = []
    cut = render_groups(documents, page, engine, group_size=group_size, processes=processes, then=Group.cut)
    for group, files in cut:
        expected += group
        results |= files
    _refuse_missing(expected, results)
    return results


def render_groups(
    documents: Iterable[Document],
    page: Callable[[str], str],
    engine: Engine,
    *,
    group_size: int = GROUP_SIZE,
    processes: int = PROCESSES,
    then: Callable[[Group], object] = lambda group: group.content,
) -> Iterator[tuple[tuple[Document, ...], object]]:
    """The documents in checked groups, in order: (documents, ``then(group)``), by default the group's PDF.

    Raises PrintError as :func:`render_documents`.
    """

    def work(group: tuple[Document, ...], html: str) -> tuple[tuple[Document, ...], object]:
        return group, then(_render_group(group, html, engine))

    with ThreadPoolExecutor(max_workers=processes) as pool:
        pending = [
            pool.submit(work, group, page("".join(item.html for item in group)))
            for group in _groups(documents, group_size)
        ]
        for job in pending:
            yield job.result()


def _groups(documents: Iterable[Document], size: int) -> Iterator[tuple[Document, ...]]:
    group = []
    for document in documents:
        group.append(document)
        if len(group) == size:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _render_group(group: Sequence[Document], html: str, engine: Engine) -> Group:
    rendered = render_html(engine, html)
    with _open(group, rendered) as source:
        sheets, footers, counts = [], [], []
        spans = iter(_spans(group, rendered, source))
        for document in group:
            pages, feet = _impose(document, [next(spans) for _part in document.parts])
            sheets += pages
            footers += feet
            counts.append(len(pages))
        content = to_bytes(stamp_pages(source, sheets, footers))
    check_pages(group, footers, page_texts(content))
    return Group(tuple(group), tuple(counts), content)


def _open(group: Sequence[Document], rendered: bytes) -> pikepdf.Pdf:
    try:
        return pikepdf.open(BytesIO(rendered))
    except pikepdf.PdfError as error:
        keys = tuple(document.key for document in group)
        raise PrintError("engine_failed", f"the PDF cannot be read: {error}", keys) from None


def _impose(document: Document, spans: Sequence[range]) -> tuple[list[int | None], list[Footer]]:
    """Pages of a document for printing on both sides, blank ones put in, and their footers."""
    pages: list[int | None] = []
    owners: list[int] = []
    for number, (part, span) in enumerate(zip(document.parts, spans, strict=True)):
        # Page numbers are odd on the right-hand side.
        starts_right = len(pages) % 2 == 0
        if (part.side == RIGHT and not starts_right) or (part.side == LEFT and starts_right):
            pages.append(None)
            owners.append(max(0, number - 1))
        pages += span
        owners += [number] * len(span)
    if len(pages) % 2:
        pages.append(None)
        owners.append(owners[-1])
    footers = []
    for number, (index, owner) in enumerate(zip(pages, owners, strict=True), start=1):
        part = document.parts[owner]
        footers.append(
            Footer(
                part.uuid,
                number,
                len(pages),
                part.lookup_url,
                draft=part.draft,
                blank=index is None,
                digitised=part.digitised,
                part=owner,
                copy=part.copy,
            )
        )
    return pages, footers


def _spans(group: Sequence[Document], rendered: bytes, source: pikepdf.Pdf) -> list[range]:
    """Pages of each part. First pages are known by a colour on them, which costs next to nothing to look for; where
    that does not give one first page a part, records are found by the text of their covers. ``check_pages`` proves
    either by the text.
    """
    starts = [index for index, page in enumerate(source.pages) if _START_COLOUR.search(_content(page))]
    if len(starts) == sum(len(document.parts) for document in group) and starts[:1] == [0]:
        return [range(start, stop) for start, stop in zip(starts, [*starts[1:], len(source.pages)], strict=True)]
    if any(len(document.parts) > 1 for document in group):
        keys = tuple(document.key for document in group)
        raise PrintError("incomplete", f"{len(starts)} first pages found", keys)
    return split_pages(group, page_texts(rendered))


def _content(page: pikepdf.Page) -> bytes:
    contents = page.obj.get("/Contents")
    if isinstance(contents, pikepdf.Array):
        return b"\n".join(stream.read_bytes() for stream in contents)
    return contents.read_bytes() if contents is not None else b""


def split_pages(group: Sequence[Document], texts: Sequence[str]) -> list[range]:
    """Pages of each document, found by the covers and proved by the look-up codes. Raises PrintError("incomplete")."""
    starts = [index for index, text in enumerate(texts) if _is_cover(text)]
    by_uuid = {document.uuid: document for document in group}
    spans: dict[str, range] = {}
    for start, stop in zip(starts, [*starts[1:], len(texts)], strict=True):
        uuid = _ending(texts[stop - 1])
        if uuid in by_uuid and uuid not in spans:
            spans[uuid] = range(start, stop)
    _refuse_missing(group, {document.key for document in group if document.uuid in spans})
    found = [spans[document.uuid] for document in group]
    if [index for span in found for index in span] != list(range(len(texts))):
        raise PrintError("incomplete", "pages that belong to no record", tuple(document.key for document in group))
    return found


def check_pages(group: Sequence[Document], footers: Sequence[Footer], texts: Sequence[str]) -> None:
    """Refuse the group unless the text of the finished pages proves every document to be there and whole.

    A document begins with its cover, has all marks of its parts in order, and each year ends with the closing line of
    the form; each page carries the look-up code of its part and its own number. Raises PrintError("incomplete").
    """
    if len(texts) != len(footers):
        raise PrintError("incomplete", f"{len(texts)} pages instead of {len(footers)}", tuple(i.key for i in group))
    whole, position = set(), 0
    for document in group:
        count = footers[position].count if position < len(footers) else 0
        feet, pages = footers[position : position + count], texts[position : position + count]
        if _is_whole(document, feet, pages):
            whole.add(document.key)
        position += count
    _refuse_missing(group, whole)
    if position != len(footers):
        raise PrintError("incomplete", "pages that belong to no record", tuple(i.key for i in group))


def check_marks(content: bytes, marks: Sequence[Sequence[str]]) -> None:
    """Refuse a PDF that has not one page for each entry of ``marks`` with all its texts; words may stand apart, as in
    the narrow cells of a table. Raises PrintError("incomplete").
    """
    texts = page_texts(content)
    if len(texts) != len(marks):
        raise PrintError("incomplete", f"{len(texts)} pages instead of {len(marks)}")
    for number, (text, needed) in enumerate(zip(texts, marks, strict=True), start=1):
        joined = "".join(text.split())
        missing = [mark for mark in needed if not all(word in joined for word in mark.split())]
        if missing:
            raise PrintError("incomplete", f"page {number} lacks: {'; '.join(missing)}")


def _refuse_missing(documents: Sequence[Document], present) -> None:
    missing = [document for document in documents if document.key not in present]
    if missing:
        names = "; ".join(f"{document.label} ({document.uuid})" for document in missing)
        raise PrintError(
            "incomplete",
            f"missing or incomplete: {names}",
            tuple(item.key for item in missing),
            tuple(item.label for item in missing),
        )


def _is_cover(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line)[: len(COVER_LINES)] == COVER_LINES


def _is_whole(document: Document, footers: Sequence[Footer], texts: Sequence[str]) -> bool:
    for footer, text in zip(footers, texts, strict=True):
        if footer.uuid not in text or footer.page_label not in text:
            return False
        if footer.copy and footer.copy.spaced_code not in text:
            return False
    for index, part in enumerate(document.parts):
        pages = [text for footer, text in zip(footers, texts, strict=True) if footer.part == index and not footer.blank]
        if not _is_whole_part(part, pages):
            return False
    return True


def _is_whole_part(part: Part, pages: Sequence[str]) -> bool:
    if not pages or [_is_cover(text) for text in pages] != [part.cover] + [False] * (len(pages) - 1):
        return False
    if part.ends and (len(pages) < 1 + part.cover or _ending(pages[-1]) != part.uuid):
        return False
    if part.cover and part.ends and pages[1].count(part.uuid) < 2:
        # The look-up code stands twice where the form and its footer both say it.
        return False
    return _has_marks(part.marks, pages)


def _has_marks(marks: Sequence[str], pages: Sequence[str]) -> bool:
    text, position = " ".join(" ".join(pages).split()), 0
    for mark in marks:
        position = text.find(mark, position)
        if position < 0:
            return False
        position += len(mark)
    return True


def _ending(text: str) -> str | None:
    joined = " ".join(text.split())
    found = _END.findall(joined)
    return found[-1] if found else None
