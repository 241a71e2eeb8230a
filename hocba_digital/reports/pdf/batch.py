"""Many records at once: groups for one process each, then split, footers, and a check that nothing is missing."""

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from .engine import Engine, render_html
from .errors import PrintError
from .stamp import Footer, stamp_pages, to_bytes
from .text import page_texts

GROUP_SIZE = 50
PROCESSES = 2
#: The first lines of a record's cover; no other page begins like this.
COVER_LINES = ("BỘ GIÁO DỤC VÀ ĐÀO TẠO", "HỌC BẠ", "TIỂU HỌC")
#: Words before the look-up code in the last line of a record.
END_WORDS = ("Bản in từ học bạ số, mã số tra cứu ", "Bản nháp của học bạ số, mã số tra cứu ")
_END = re.compile(rf"(?:{'|'.join(map(re.escape, END_WORDS))})([0-9a-f-]{{36}})")
#: The frame of the cover is drawn in #010203 (form.css), black to the eye, as both engines write it.
_COVER_COLOUR = re.compile(rb"0?\.0039\d* 0?\.0078\d* 0?\.0117\d* (?:RG|rg|SCN|scn)")


@dataclass(frozen=True, slots=True)
class Document:
    """One record to print. ``key`` names it to the caller, ``label`` to people; ``html`` is the form's fragment.

    ``marks``: texts of the form, such as its headings, that stand in the finished pages in this order.
    """

    key: str
    label: str
    uuid: str
    html: str
    lookup_url: str
    draft: bool = False
    marks: tuple[str, ...] = ()


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
    Every result was checked to be there and complete; else PrintError("incomplete") names the records.
    """
    results: dict[str, bytes] = {}
    expected = []
    with ThreadPoolExecutor(max_workers=processes) as pool:
        pending = []
        for group in _groups(documents, group_size):
            expected += group
            pending.append(pool.submit(_render_group, group, page("".join(item.html for item in group)), engine))
        for job in pending:
            results |= job.result()
    _refuse_missing(expected, results)
    return results


def _groups(documents: Iterable[Document], size: int) -> Iterable[list[Document]]:
    group = []
    for document in documents:
        group.append(document)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _render_group(group: Sequence[Document], html: str, engine: Engine) -> dict[str, bytes]:
    rendered = render_html(engine, html)
    pages = _read(rendered)
    sheets, footers = [], []
    for document, span in zip(group, _spans(group, rendered, pages), strict=True):
        count = len(span) + len(span) % 2
        sheets += [pages[index] for index in span] + [None] * (count - len(span))
        footers += [
            Footer(document.uuid, number, count, document.lookup_url, document.draft, number > len(span))
            for number in range(1, count + 1)
        ]
    stamped = stamp_pages(sheets, footers)
    check_pages(group, footers, page_texts(to_bytes(stamped)))
    return _cut(group, footers, list(stamped.pages))


def _read(rendered: bytes) -> list[PageObject]:
    try:
        return list(PdfReader(BytesIO(rendered)).pages)
    except PyPdfError as error:
        raise PrintError("engine_failed", f"the PDF cannot be read: {error}") from None


def _spans(group: Sequence[Document], rendered: bytes, pages: Sequence[PageObject]) -> list[range]:
    """Pages of each document. Covers are known by the colour of their frame, which costs next to nothing to look for;
    where that does not give one cover a document, by their text. ``check_pages`` proves either by the text.
    """
    starts = [index for index, page in enumerate(pages) if _COVER_COLOUR.search(page.get_contents().get_data())]
    if len(starts) != len(group) or starts[:1] != [0]:
        return split_pages(group, page_texts(rendered))
    return [range(start, stop) for start, stop in zip(starts, [*starts[1:], len(pages)], strict=True)]


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
    """Refuse the group unless the text of the finished pages proves every record to be there and whole.

    A record begins with its cover, says its look-up code on the pupil's page, has all its marks in order and ends with
    the closing line of the form; each of its pages carries the look-up code and its own number.
    Raises PrintError("incomplete").
    """
    if len(texts) != len(footers):
        raise PrintError("incomplete", f"{len(texts)} pages instead of {len(footers)}", tuple(i.key for i in group))
    pages: dict[str, list[str]] = {document.uuid: [] for document in group}
    complete = {document.uuid for document in group}
    for footer, text in zip(footers, texts, strict=True):
        if footer.uuid not in text or footer.page_label not in text:
            complete.discard(footer.uuid)
        if not footer.blank:
            pages[footer.uuid].append(text)
    whole = {item.key for item in group if item.uuid in complete and _is_whole(item, pages[item.uuid])}
    _refuse_missing(group, whole)


def _cut(group: Sequence[Document], footers: Sequence[Footer], pages: Sequence[PageObject]) -> dict[str, bytes]:
    results, start = {}, 0
    for document in group:
        writer = PdfWriter()
        count = footers[start].count
        for page in pages[start : start + count]:
            writer.add_page(page)
        writer.add_metadata({"/Title": document.label, "/Subject": document.uuid})
        if len(writer.pages) == count:
            results[document.key] = to_bytes(writer)
        start += count
    _refuse_missing(group, results)
    return results


def _refuse_missing(documents: Sequence[Document], present) -> None:
    missing = [document for document in documents if document.key not in present]
    if missing:
        names = "; ".join(f"{document.label} ({document.uuid})" for document in missing)
        raise PrintError("incomplete", f"missing or incomplete: {names}", tuple(item.key for item in missing))


def _is_cover(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line)[: len(COVER_LINES)] == COVER_LINES


def _is_whole(document: Document, pages: Sequence[str]) -> bool:
    covers = [_is_cover(text) for text in pages]
    if len(pages) < 2 or covers != [True] + [False] * (len(pages) - 1):
        return False
    # The look-up code stands twice where the form and its footer both say it.
    if pages[1].count(document.uuid) < 2 or _ending(pages[-1]) != document.uuid:
        return False
    return _has_marks(document.marks, pages)


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
