"""From HTML to PDF files of records: every record is there, whole, with its footer - or nothing is printed."""

import re
import subprocess
import unicodedata
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import hocba_print as printing
import pytest
from hocba_print import batch, stamp
from pypdf import PdfReader, PdfWriter

REPO = Path(__file__).resolve().parents[1]
STYLE = (REPO / "hocba_digital" / "static" / "src" / "print" / "form.css").read_text(encoding="utf-8")
LETTERS = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹơưđĐƠƯ ẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
ENGINES = printing.available_engines()


def document(number: int, remark: str = "Em chăm ngoan.", draft: bool = False) -> printing.Document:
    """A record of a cover, the pupil's page and as many pages as the remark fills."""
    uuid = f"4ef748d9-2146-4a82-95a5-{number:012d}"
    lines = "".join(f"<div>{line}</div>" for line in batch.COVER_LINES)
    end = batch.END_WORDS[1] if draft else batch.END_WORDS[0]
    html = (
        f'<div class="record"><div class="sheet cover"><div class="frame">{lines}</div></div>'
        f'<div class="sheet">Học sinh số {number}, mã {uuid}</div>'
        f'<div class="sheet"><h2>Đầu trang kết quả</h2><p>{remark}</p><div class="end">{end}{uuid}</div></div></div>'
    )
    url, marks = f"https://so.example/{uuid}", (f"Học sinh số {number}", "Đầu trang kết quả", end)
    return printing.Document(
        f"key{number}", f"Học sinh {number}", (printing.Part(uuid, html, url, draft, marks=marks),)
    )


def render(documents, engine, **options):
    """The documents' files, on pages such as the add-on makes."""
    return printing.render_documents(documents, lambda body: page(body, engine), engine, **options)


def page(body: str, engine) -> str:
    """A whole HTML document with the style of the form."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"/><style>{STYLE}{engine.page_css()}</style></head>'
        f"<body>{body}</body></html>"
    )


def texts(content: bytes) -> list[str]:
    return printing.page_texts(content)


@pytest.fixture(params=[engine.name for engine in ENGINES])
def engine(request):
    return printing.choose_engine(request.param)


def test_both_engines_are_on_this_machine():
    assert [engine.name for engine in ENGINES] == ["wkhtmltopdf", "chromium"]


def test_every_record_is_a_file_of_its_own(engine):
    documents = [document(number) for number in range(5)]
    files = render(documents, engine, group_size=2)
    assert list(files) == [item.key for item in documents]
    for item in documents:
        pages = texts(files[item.key])
        assert len(pages) == 4
        for number, text in enumerate(pages, start=1):
            assert item.uuid in text
            assert f"Trang {number}/4" in text
            assert not any(other.uuid in text for other in documents if other is not item)
        assert stamp.BLANK_NOTE in pages[3]
        assert not any(stamp.BLANK_NOTE in text for text in pages[:3])


def test_pages_are_a4_and_carry_the_record_in_the_metadata(engine):
    content = render([document(7)], engine)["key7"]
    reader = PdfReader(BytesIO(content))
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in reader.pages} == {(595, 842)}
    assert reader.metadata["/Subject"] == document(7).uuid


def test_long_text_flows_over_pages_without_loss(engine):
    words = [f"nhậnxét{number}" for number in range(2500)]
    pages = texts(render([document(1, " ".join(words)), document(2)], engine)["key1"])
    assert len(pages) > 4 and len(pages) % 2 == 0
    assert re.findall(r"nhậnxét\d+", " ".join(pages)) == words


def test_text_can_be_searched_in_vietnamese(engine):
    content = render([document(1, unicodedata.normalize("NFC", LETTERS))], engine)["key1"]
    assert set(LETTERS) <= set("".join(texts(content)))


def test_fonts_are_embedded_and_of_one_family(engine, tmp_path):
    file = tmp_path / "form.pdf"
    file.write_bytes(render([document(1, f"<b>{LETTERS}</b> <i>{LETTERS}</i> {LETTERS}")], engine)["key1"])
    done = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True)
    rows = done.stdout.splitlines()[2:]
    assert rows
    for row in rows:
        name, embedded = row.split()[0], row.split()[-5]
        assert "LiberationSerif" in name and embedded == "yes", row


def test_draft_is_marked_on_every_page(engine):
    files = render([document(1, draft=True), document(2)], engine)
    for key, marked in (("key1", True), ("key2", False)):
        for drawn in PdfReader(BytesIO(files[key])).pages:
            assert (stamp.DRAFT_MARK in drawn.extract_text()) == marked


def test_files_are_merged_in_order():
    files = render([document(number) for number in range(4)], ENGINES[0])
    merged = printing.merge(list(files.values()))
    pages = texts(merged)
    assert len(pages) == 16
    assert all(document(number // 4).uuid in pages[number] for number in range(16))
    assert len(merged) < sum(map(len, files.values())) * 0.7


@dataclass(frozen=True, slots=True)
class Damaging:
    """A real engine whose output loses, repeats or moves pages before anyone sees it."""

    engine: printing.Engine
    order: tuple[int, ...]
    name: str = "damaging"
    breaks_rows: bool = True

    def page_css(self, paper=printing.UPRIGHT):
        return self.engine.page_css(paper)

    def render(self, html, folder, paper=printing.UPRIGHT):
        pages = PdfReader(BytesIO(self.engine.render(html, folder, paper))).pages
        writer = PdfWriter()
        for index in self.order:
            writer.add_page(pages[index])
        stream = BytesIO()
        writer.write(stream)
        return stream.getvalue()


@pytest.mark.parametrize(
    ("order", "named"),
    [
        pytest.param((0, 1, 2, 6, 7, 8), {"key1"}, id="a record is missing"),
        pytest.param((0, 1, 2, 3, 4, 5), {"key2"}, id="the last record is missing"),
        pytest.param((0, 1, 2, 3, 5, 6, 7, 8), {"key1"}, id="a pupil's page is missing"),
        pytest.param((0, 1, 2, 3, 4, 6, 7, 8), {"key1"}, id="a last page is missing"),
        pytest.param((1, 2, 3, 4, 5, 6, 7, 8), {"key0"}, id="a first cover is missing"),
        pytest.param((0, 1, 2, 4, 5, 6, 7, 8), {"key0"}, id="a cover is missing"),
        pytest.param((3, 4, 5, 0, 1, 2, 6, 7, 8), {"key0", "key1"}, id="two records changed places"),
        pytest.param((0, 1, 2, 3, 4, 5, 3, 4, 5), {"key2"}, id="a record came twice instead of another"),
    ],
)
def test_a_damaged_batch_is_refused_and_the_records_are_named(order, named):
    documents = [document(number) for number in range(3)]
    with pytest.raises(printing.PrintError) as caught:
        render(documents, Damaging(ENGINES[0], order))
    assert caught.value.code == "incomplete"
    assert named <= set(caught.value.keys)
    for item in documents:
        assert (item.key in caught.value.keys) == (item.label in str(caught.value) or "pages" in str(caught.value))


def test_one_bad_group_fails_the_whole_print():
    documents = [document(number) for number in range(3)]
    damaged = documents[2].html.replace(documents[2].uuid, documents[1].uuid)
    part = replace(documents[2].parts[0], html=damaged, marks=())
    documents[2] = replace(documents[2], parts=(part,))
    with pytest.raises(printing.PrintError, match="Học sinh 2"):
        render(documents, ENGINES[0], group_size=1)


def test_finished_pages_are_checked_for_footers():
    item = document(1)
    footers = [stamp.Footer(item.uuid, number, 2, "https://so.example/x") for number in (1, 2)]
    cover = "\n".join((*batch.COVER_LINES, item.uuid, "Trang 1/2"))
    last = f"Học sinh số 1, {item.uuid}\nĐầu trang kết quả\n{batch.END_WORDS[0]}{item.uuid}\n{item.uuid} Trang 2/2"
    batch.check_pages([item], footers, [cover, last])
    for bad in (
        [cover, last.replace("Trang 2/2", "Trang 1/2")],
        [cover.replace(item.uuid, ""), last],
        [cover, last.replace(batch.END_WORDS[0], "")],
        [cover.replace("HỌC BẠ", "BẢNG ĐIỂM"), last],
        [cover],
        [cover, cover],
    ):
        with pytest.raises(printing.PrintError) as caught:
            batch.check_pages([item], footers, bad)
        assert caught.value.keys == (item.key,)


def test_a_program_that_fails_is_reported():
    for engine in (printing.WkHtmlToPdf("wkhtmltopdf", "/bin/false"), printing.WkHtmlToPdf("x", "/nonexistent")):
        with pytest.raises(printing.PrintError) as caught:
            render([document(1)], engine)
        assert caught.value.code == "engine_failed"


def test_a_program_that_writes_nothing_is_reported():
    with pytest.raises(printing.PrintError, match="made no PDF"):
        render([document(1)], printing.WkHtmlToPdf("x", "/bin/true"))


def test_engines_are_chosen_by_name():
    assert printing.choose_engine("chromium").name == "chromium"
    assert printing.choose_engine(None).name == printing.choose_engine("auto").name == "wkhtmltopdf"
    with pytest.raises(printing.PrintError) as caught:
        printing.choose_engine("prince")
    assert caught.value.code == "engine_missing"


def test_nothing_to_print_is_no_error():
    assert render([], ENGINES[0]) == {}


def test_long_addresses_stay_clear_of_the_qr_code():
    item = document(1)
    address = "https://tra-cuu.so-giao-duc-va-dao-tao.thanh-pho-da-nang.example/" + "x" * 120 + "/" + item.uuid
    long = replace(item, parts=(replace(item.parts[0], lookup_url=address),))
    content = render([long], ENGINES[0])[item.key]
    done = subprocess.run(["pdftotext", "-bbox", "-l", "1", "-", "-"], input=content, capture_output=True, check=True)
    rights = [float(value) for value in re.findall(r'xMax="([\d.]+)"[^>]*>https://', done.stdout.decode())]
    left_of_code = stamp.PAGE_SIZE[0] - 18 / 25.4 * 72 - 17 / 25.4 * 72
    assert rights and max(rights) < left_of_code
