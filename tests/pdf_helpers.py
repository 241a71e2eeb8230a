"""Soft copies to sign and verify, and what poppler says of them."""

import re
import subprocess
import tempfile
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import hocba_print as printing
from hocba_core import signing
from reportlab.pdfgen.canvas import Canvas
from signing_helpers import AT, School

BOXES = {"cbql": printing.place.HEAD_BOX, "seal": printing.place.SEAL_BOX}
LINES = (("Ký bởi", "Nguyễn Thị Hồng Vân"), ("Thời gian ký", "30/05/2026 10:00:00 +07:00"))


def form(text: str) -> bytes:
    """Two pages such as a printed form has."""
    stream = BytesIO()
    canvas = Canvas(stream)
    for page in ("first", "second"):
        canvas.drawString(100, 700, f"{text}, {page} page")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


@lru_cache(maxsize=1)
def appearances() -> dict[str, bytes]:
    """Role -> what people see."""
    return {
        "cbql": printing.head_appearance(printing.Face("Nguyễn Thị Hồng Vân", LINES)),
        "seal": printing.seal_appearance(printing.Face("Trường Tiểu học Điện Biên Phủ", LINES)),
    }


def with_packet(packet: bytes, uuid: str, pdf: bytes | None = None) -> bytes:
    """An unsigned soft copy."""
    place = signing.Place(1, BOXES)
    return signing.attach_packet(pdf or form(uuid), packet, uuid=uuid, place=place, at=AT)


def sign(school: School, pdfs, role: str, *, minutes: int = 10, **options) -> list[bytes]:
    """The files with one role's signature."""
    signer = options.pop("signer", school.signers[role])
    at = AT + timedelta(minutes=minutes)
    return signing.sign_pdfs(pdfs, role, signer, at=at, appearance=appearances()[role], **options)


def seal(school: School, packet: bytes, uuid: str, **options) -> bytes:
    """A soft copy with both signatures."""
    signed = sign(school, [with_packet(packet, uuid)], "cbql", **options)
    return sign(school, signed, "seal", minutes=11, **options)[0]


def pdfsig(pdf: bytes) -> list[tuple[str, bool, bool]]:
    """(field, whether it is valid, whether it covers the whole file) of each signature, as poppler sees it."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        done = subprocess.run(["pdfsig", "-nocert", file.name], capture_output=True, text=True, check=False)
    blocks = re.split(r"^Signature #\d+:$", done.stdout, flags=re.MULTILINE)[1:]
    return [
        (
            re.search(r"Field Name: (.+)", block)[1],
            "Signature is Valid." in block,
            "- Total document signed" in block,
        )
        for block in blocks
        if "field is not signed" not in block
    ]


def pdfdetach(pdf: bytes) -> dict[str, bytes]:
    """Attached files as poppler takes them out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.pdf"
        path.write_bytes(pdf)
        out = Path(folder) / "out"
        out.mkdir()
        subprocess.run(["pdfdetach", "-saveall", "-o", str(out), str(path)], check=True, capture_output=True)
        return {item.name: item.read_bytes() for item in out.iterdir()}
