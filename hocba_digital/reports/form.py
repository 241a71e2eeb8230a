"""What stands where on the official form of one year (CV 2088 annex 2): record data -> texts ready to print.

Every text the form shows is decided here, in the form's own Vietnamese words; the template only places them.
Works for a finished record (``RecordData``) and for one with gaps (``RecordDraft``): a gap is a dotted line.
"""

import re
import unicodedata
from base64 import b64decode
from dataclasses import dataclass
from datetime import date, datetime

from ..core import packet, signing
from ..core.rules import assessment as rules

SIGNATURE_NS = "{http://www.w3.org/2000/09/xmldsig#}"

#: Rows of table 1 in the order of annex 2: code and the label of a row that the pupil has no result for.
SUBJECT_ROWS = (
    ("TV", "Tiếng Việt"),
    ("TOAN", "Toán"),
    ("NN1", "Ngoại ngữ 1"),
    ("LSDL", "Lịch sử và Địa lí"),
    ("KH", "Khoa học"),
    ("TH", "Tin học và Công nghệ (Tin học)"),
    ("CN", "Tin học và Công nghệ (Công nghệ)"),
    ("DD", "Đạo đức"),
    ("TNXH", "Tự nhiên và Xã hội"),
    ("GDTC", "Giáo dục thể chất"),
    ("AN", "Nghệ thuật (Âm nhạc)"),
    ("MT", "Nghệ thuật (Mĩ thuật)"),
    ("HDTN", "Hoạt động trải nghiệm"),
    ("TDT", "Tiếng dân tộc"),
)
#: Headings of the form in their order. A printed record that lacks one has lost a page.
HEADINGS = (
    "BỘ GIÁO DỤC VÀ ĐÀO TẠO",
    "Mã số tra cứu học bạ (UUID)",
    "QUÁ TRÌNH HỌC TẬP",
    "1. Kết quả các môn học và hoạt động giáo dục",
    "2. Nhận xét những phẩm chất chủ yếu",
    "3. Những năng lực cốt lõi",
    "3.1. Những năng lực chung",
    "3.2. Những năng lực đặc thù",
    "4. Đánh giá kết quả giáo dục:",
    "5. Khen thưởng:",
    "6. Hoàn thành chương trình lớp học/chương trình tiểu học:",
    "Giáo viên chủ nhiệm",
)
QUALITY_LABELS = {
    "patriotism": "Yêu nước",
    "compassion": "Nhân ái",
    "diligence": "Chăm chỉ",
    "honesty": "Trung thực",
    "responsibility": "Trách nhiệm",
}
COMPETENCE_LABELS = {
    "autonomy": "Tự chủ và tự học",
    "communication": "Giao tiếp và hợp tác",
    "problem_solving": "Giải quyết vấn đề và sáng tạo",
    "language": "Ngôn ngữ",
    "computation": "Tính toán",
    "science": "Khoa học",
    "technology": "Công nghệ",
    "informatics": "Tin học",
    "aesthetics": "Thẩm mĩ",
    "physical": "Thể chất",
}


@dataclass(frozen=True, slots=True)
class SignatureBox:
    """One digital signature as the page names it; ``issuer`` is the authority that issued the certificate."""

    role: str
    name: str
    title: str | None
    signed_at: datetime
    issuer: str

    @property
    def when(self) -> str:
        """Signing time, to the second, with the offset of Vietnam."""
        return f"{self.signed_at.astimezone(packet.VIETNAM_TIME):%d/%m/%Y %H:%M:%S} +07:00"


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One row of table 1."""

    label: str
    level: str
    score: str
    comment: str


@dataclass(frozen=True, slots=True)
class Form:
    """The page's content besides the plain fields of ``data``. ``signatures``: role -> box.

    ``digitised``: the record was entered from a paper one; cover and foot say so. ``soft_copy``: head and school sign
    the PDF itself; the form leaves room for what that shows. ``annotation``: what came after the signatures and is no
    part of the packet, such as a correction of civil status. ``issuer``: the school that issued the record, where
    another school prints it from the packet that it received.
    """

    data: object
    draft: bool
    signatures: dict[str, SignatureBox]
    subjects: tuple[SubjectRow, ...]
    qualities: tuple[tuple[str, str], ...]
    general: tuple[tuple[str, str], ...]
    specific: tuple[tuple[str, str], ...]
    award: str
    completion: str
    digitised: bool = False
    soft_copy: bool = False
    annotation: str = ""
    issuer: str = ""

    @property
    def cover_lines(self) -> tuple[tuple[str, str | None], ...]:
        """What the cover says of pupil and school: (label, text). The district only where the packet has one: there
        are none since 1 July 2025."""
        data = self.data
        district = (("Huyện (Thành phố, Quận, Thị xã)", data.district),) if data.district else ()
        return (
            ("Họ và tên học sinh", data.pupil_name),
            ("Lớp", data.class_name),
            ("Trường", self.school_label),
            ("Năm học", self.school_year),
            ("Xã (Phường, Thị trấn)", data.commune),
            *district,
            ("Tỉnh (Thành phố)", data.province),
        )

    @property
    def identity_lines(self) -> tuple[tuple[str, str | None], ...]:
        """What the pupil's page says down to the guardian: (label, text)."""
        data = self.data
        return (
            ("Họ và tên học sinh", data.pupil_name),
            ("Giới tính", self.gender),
            ("Ngày, tháng, năm sinh", day(data.birth_date)),
            ("Dân tộc", data.ethnicity),
            ("Quốc tịch", data.nationality),
            ("Mã số định danh cá nhân", data.id_number),
            ("Nơi sinh", data.birth_place),
            ("Quê quán", data.home_town),
            ("Nơi ở hiện nay", data.address),
            ("Họ và tên cha", data.father),
            ("Họ và tên mẹ", data.mother),
            ("Người giám hộ (nếu có)", data.guardian),
        )

    @property
    def issue_lines(self) -> tuple[tuple[str, str | None], ...]:
        """Who signed the record for the school, and when: (label, text)."""
        return (
            ("Người ký học bạ", self.data.head_name),
            ("Chức vụ của người ký học bạ", self.data.head_title),
            ("Ngày ký học bạ", self.signed_on),
        )

    @property
    def acting(self) -> tuple[str, str] | None:
        """Lines above the signature of who signs for the head (decree 30/2020, annex I, II.7a); None for the head."""
        title = self.data.head_title or ""
        plain = _plain(title)
        if plain.startswith("pho"):
            return "KT. HIỆU TRƯỞNG", title.upper()
        if title and "hieutruong" not in plain:
            return "TUQ. HIỆU TRƯỞNG", title.upper()
        return None

    @property
    def gender(self) -> str:
        """Nam or Nữ."""
        return packet.GENDERS.get(self.data.gender, "")

    @property
    def overall(self) -> str:
        """One of the four phrases of item 4."""
        return packet.OVERALL_RESULTS.get(self.data.overall, "")

    @property
    def school_year(self) -> str:
        """The year as annex 2 writes it: 2025 – 2026."""
        return spaced_year(self.data.school_year)

    @property
    def school_label(self) -> str:
        """School's name after the label "Trường": the word is not said twice."""
        return re.sub(r"^trường\s+", "", self.data.school_name or "", flags=re.IGNORECASE) or ""

    @property
    def signed_on(self) -> str:
        """Date of the head's signature, as printed beside "Ngày ký học bạ"."""
        box = self.signatures.get("cbql")
        return day(box.signed_at.astimezone(packet.VIETNAM_TIME).date()) if box else ""

    @property
    def place_and_date(self) -> str:
        """Place and date of issue in words: "Đà Nẵng, ngày 30 tháng 5 năm 2026"."""
        issued = self.data.issued_on
        if not issued:
            return f"{self.data.issue_place or '……………'}, ngày …… tháng …… năm ………"
        # As official papers write it: days under 10 and the months January and February with two digits.
        month = f"{issued.month:02d}" if issued.month < 3 else str(issued.month)
        return f"{self.data.issue_place or '……………'}, ngày {issued.day:02d} tháng {month} năm {issued.year}"


def form_of_packet(
    content: bytes,
    *,
    draft: bool = False,
    soft_copy: bool = False,
) -> Form:
    """The form of a packet, signatures included. Raises PacketError when the bytes are no packet."""
    profile = packet.reading_profile(content)
    parsed = profile.parse(content)
    boxes = {}
    holders = [holder for _signer, holder in profile.signature_holders(parsed.root)]
    for signer, element in zip(parsed.signers, holders, strict=True):
        der = b64decode(element.findtext(f".//{SIGNATURE_NS}X509Certificate"))
        boxes[signer.role] = _box(parsed.data, signer, der)
    return form_of_data(parsed.data, signatures=boxes, draft=draft, soft_copy=soft_copy)


def form_of_data(
    data,
    *,
    signatures: dict[str, SignatureBox] | None = None,
    draft: bool = True,
    soft_copy: bool = False,
) -> Form:
    """The form of ``RecordData`` or ``RecordDraft``; without signatures it is a draft."""
    comments = _comments(data)
    return Form(
        data=data,
        draft=draft,
        signatures=dict(signatures or {}),
        subjects=_subject_rows(data, comments),
        qualities=_rows(data.qualities, QUALITY_LABELS, packet.QUALITIES),
        general=_rows(data.competences, COMPETENCE_LABELS, packet.GENERAL_COMPETENCES),
        specific=_rows(data.competences, COMPETENCE_LABELS, packet.SPECIFIC_COMPETENCES),
        award="; ".join(text.strip().rstrip(";.") for text in (data.award, data.extra_award) if text),
        completion=_completion(data),
        digitised=bool(data.digitised) or packet.DIGITISED_NOTE in (data.homeroom_comment or ""),
        soft_copy=soft_copy,
    )


def day(value: date | None) -> str:
    """A date as dd/mm/yyyy; empty for None."""
    return f"{value:%d/%m/%Y}" if value else ""


def spaced_year(year: str | None) -> str:
    """A school year with blanks around the dash, as annex 2 writes it."""
    return (year or "").replace("-", " – ")


def number(value) -> str:
    """A measure with the decimal comma of Vietnamese; empty for None."""
    if value is None:
        return ""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _box(data, signer, der: bytes) -> SignatureBox:
    holder = signing.holder_of_der(der)
    titles = {"gvcn": "Giáo viên chủ nhiệm", "cbql": data.head_title}
    return SignatureBox(signer.role, holder.name, titles.get(signer.role), signer.signed_on, _issuer_name(holder))


def _issuer_name(holder) -> str:
    names = [str(item.value) for item in holder.certificate.issuer if item.oid.dotted_string == "2.5.4.3"]
    return names[0] if names else holder.issuer


def _subject_rows(data, comments: dict) -> tuple[SubjectRow, ...]:
    """All rows of annex 2, those without a result left empty; subjects the form does not know come after them."""
    lines = {row_code(line): line for line in data.subjects}
    more = [(code, line.name) for code, line in lines.items() if code not in dict(SUBJECT_ROWS)]
    rows = []
    for code, label in (*SUBJECT_ROWS, *more):
        line = lines.get(code)
        if line is None:
            rows.append(SubjectRow(label, "", "", ""))
            continue
        level = packet.SUBJECT_LEVELS.get(line.level, "")
        score = "" if line.score is None else str(line.score)
        rows.append(SubjectRow(line.name or label, level, score, comments.get(line.name) or ""))
    return tuple(rows)


def row_code(line) -> str:
    """Code of the form's row for a subject: by its code, else by its name (schools report with other codes too)."""
    codes = dict(SUBJECT_ROWS)
    if line.code in codes:
        return line.code
    name = _plain(line.name)
    by_name = {_plain(label): code for code, label in SUBJECT_ROWS}
    if name.startswith(_plain(codes["NN1"])):
        return "NN1"
    return by_name.get(name, line.code)


def _plain(text: str | None) -> str:
    decomposed = unicodedata.normalize("NFD", (text or "").casefold())
    return re.sub(r"[^a-z0-9]", "", decomposed.replace("đ", "d"))


def _comments(data) -> dict[str, str]:
    """Remark of each subject by name. Strict packets carry them in the homeroom remark: "... | Toán: ..."."""
    own = {line.name: line.comment for line in data.subjects if line.comment}
    if own or not data.homeroom_comment:
        return own
    names = {line.name for line in data.subjects}
    found = {}
    for part in data.homeroom_comment.split(" | "):
        name, separator, text = part.partition(": ")
        if separator and name in names:
            found.setdefault(name, text)
    return found


def _rows(pairs, labels: dict[str, str], order) -> tuple[tuple[str, str], ...]:
    levels = dict(pairs)
    return tuple((labels[code], packet.CONDUCT_LEVELS.get(levels.get(code), "")) for code in order)


def _completion(data) -> str:
    if data.completion_text:
        return data.completion_text
    if data.grade is None or data.class_completed is None or data.promoted is None:
        return ""
    return rules.completion_text(data.grade, data.class_completed, data.promoted)
