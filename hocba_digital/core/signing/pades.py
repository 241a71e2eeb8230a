"""PAdES signatures on a record's soft copy: the packet inside, the head's signature, then the school's.

Three steps, each an incremental update that leaves every earlier byte as it is: ``attach_packet`` puts the packet and
two empty signature fields into the printed form; the head certifies it, after which nothing but filling in the fields
left is allowed (ISO 32000-2 §12.8.2.2); the school's seal fills the last one. The same bytes, signer and time give the
same update, so a signature that is given hours later fits a file that is prepared again. Baseline B-B of ETSI EN 319
142-1, or B-T with a time stamp authority.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from cryptography import x509
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject, DictionaryObject, pdf_date, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject

from ..packet import VIETNAM_TIME
from .cms import CmsWriter
from .errors import SigningError
from .signers import Signer
from .timestamp import TimeStamper
from .xades import SignaturePolicy

#: Role -> name of its signature field, in the order of signing; the names of the packet's signature elements.
FIELDS = {"cbql": "CBQL", "seal": "KY_PHAT_HANH"}
_REASONS = {"cbql": "Xác nhận học bạ số, mã số tra cứu {}", "seal": "Phát hành học bạ số, mã số tra cứu {}"}
#: Finds the look-up code in what a signature says of itself.
NAMED = re.compile(r"mã số tra cứu ([0-9a-f-]{36})$")
_ATTACHED = re.compile(r"hocba-([0-9a-f-]{36})\.xml")
_MIME = "application/xml"
_ROOM_FOR_TIME_STAMP = 16_384

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the signatures stand: the page (from 0) and role -> box in points (left, bottom, right, top)."""

    page: int
    boxes: dict[str, Box]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One file with room for its container."""

    content: bytes = field(repr=False)
    payload: bytes = field(repr=False)
    region: PreparedByteRangeDigest


@dataclass(frozen=True, slots=True)
class PreparedPdfs:
    """Files that wait for signature values only, as ``Prepared`` for packets.

    ``payloads``: DER of the signed attributes, in the order of the files; ``digests``: their SHA-256. The same files,
    role, certificate, appearance and moment always give the same digests.
    """

    _files: tuple[_Waiting, ...] = field(repr=False)
    _cms: CmsWriter = field(repr=False)

    @property
    def payloads(self) -> tuple[bytes, ...]:
        """What is signed, one a file."""
        return tuple(item.payload for item in self._files)

    @property
    def digests(self) -> list[bytes]:
        """What a signer is given: one SHA-256 a file."""
        return [sha256(item.payload).digest() for item in self._files]

    def only(self, positions: Sequence[int]) -> "PreparedPdfs":
        """The same for some of the files, by their positions."""
        return replace(self, _files=tuple(self._files[at] for at in positions))

    def finish(self, values: Sequence[bytes], stamper: TimeStamper | None = None) -> list[bytes]:
        """The signed files, in order. Raises SigningError ``signer`` unless every value verifies, or the stamper's."""
        if len(values) != len(self._files):
            raise SigningError("signer", f"{len(values)} signatures for {len(self._files)} documents")
        return [self._fill(item, value, stamper) for item, value in zip(self._files, values, strict=True)]

    def _fill(self, item: _Waiting, value: bytes, stamper: TimeStamper | None) -> bytes:
        container = self._cms.document(item.region.document_digest, item.payload, value, stamper)
        if 2 * len(container) > item.region.reserved_region_end - item.region.reserved_region_start - 2:
            raise SigningError("signer", "the signature does not fit into the room that was left for it")
        output = BytesIO(item.content)
        item.region.fill_with_cms(output, container)
        return output.getvalue()


def attachment_name(uuid: str) -> str:
    """Name of the packet inside the soft copy."""
    return f"hocba-{uuid}.xml"


def attached_packets(pdf: PdfHandler, limit: int) -> list[tuple[str, bytes]]:
    """(name, bytes) of the XML files inside that carry a packet's name, none larger than ``limit``.

    Raises PdfError, or SigningError("pdf_format") for a larger one.
    """
    found = []
    for name, specification in _attachments(pdf):
        stream = specification["/EF"]["/F"]
        if len(stream.data) > limit:
            raise SigningError("pdf_format", "the attached packet is too large")
        found.append((name, stream.data))
    return found


def attach_packet(pdf: bytes, packet: bytes, *, uuid: str, place: Place, at: datetime) -> bytes:
    """The form with the packet as associated file (ISO 32000-2 §14.13) and one empty signature field a role.

    Raises SigningError("pdf_format") when the file cannot be extended.
    """
    try:
        writer = _Update(pdf, at)
        # In the order of signing, so that the seal lies over the head's signature.
        for role, box in place.boxes.items():
            append_signature_field(writer, SigFieldSpec(FIELDS[role], on_page=place.page, box=box))
        data = embed.EmbeddedFileObject.from_file_data(
            writer,
            data=packet,
            mime_type=_MIME,
            params=embed.EmbeddedFileParams(creation_date=at, modification_date=at),
        )
        name = attachment_name(uuid)
        spec = embed.FileSpec(
            name,
            file_name=name,
            embedded_data=data,
            description="Dữ liệu học bạ số đã ký (XML)",
            af_relationship=pdf_name("/Source"),
        )
        embed.embed_file(writer, spec)
        return writer.output()
    except (PdfError, NotImplementedError, IndexError) as error:
        raise SigningError("pdf_format", f"the PDF cannot be extended: {error}") from error


def prepare_pdfs(
    pdfs: Sequence[bytes],
    role: str,
    certificate: x509.Certificate,
    *,
    chain: Sequence[x509.Certificate] = (),
    at: datetime,
    appearance: bytes,
    with_time_stamp: bool = False,
    policy: SignaturePolicy | None = None,
) -> PreparedPdfs:
    """Put an empty signature of ``role`` into each file, and compute what has to be signed.

    ``chain``: issuing authorities of the certificate, to be put into the file. ``appearance``: a PDF whose first page
    is what people see in the role's box. ``at``: the signing time, aware. ``with_time_stamp``: leave room for one.
    ``policy``: a signature policy to name, where it has an object identifier.
    All or nothing: raises SigningError, with ``index`` where one file is to blame.
    """
    cms = CmsWriter.of(certificate, tuple(chain), at, organisation=role == "seal", policy=policy)
    picture = PdfFileReader(BytesIO(appearance))
    room = 2 * cms.size + (_ROOM_FOR_TIME_STAMP if with_time_stamp else 0)
    waiting = []
    for index, pdf in enumerate(pdfs):
        try:
            waiting.append(_prepare(pdf, role, cms, picture, at, room))
        except SigningError as error:
            raise SigningError(error.code, error.message, index) from None
        except PdfError as error:
            raise SigningError("pdf_format", f"the PDF cannot be read: {error}", index) from error
    return PreparedPdfs(tuple(waiting), cms)


def sign_pdfs(
    pdfs: Sequence[bytes],
    role: str,
    signer: Signer,
    *,
    at: datetime,
    appearance: bytes,
    stamper: TimeStamper | None = None,
    policy: SignaturePolicy | None = None,
) -> list[bytes]:
    """``prepare_pdfs``, one call of the signer, ``finish``: for signers that answer at once."""
    prepared = prepare_pdfs(
        pdfs,
        role,
        signer.certificate,
        chain=signer.chain,
        at=at,
        appearance=appearance,
        with_time_stamp=stamper is not None,
        policy=policy,
    )
    return prepared.finish(signer.sign(prepared.payloads) if pdfs else [], stamper)


def _prepare(pdf: bytes, role: str, cms: CmsWriter, picture: PdfFileReader, at: datetime, room: int) -> _Waiting:
    writer = _Update(pdf, at)
    _check_turn(writer, role)
    embedder = PdfCMSEmbedder().write_cms(FIELDS[role], writer, existing_fields_only=True)
    widget = next(embedder).get_object()
    widget["/AP"] = DictionaryObject({pdf_name("/N"): writer.import_page_as_xobject(picture)})
    signature = SignatureObject(
        timestamp=at.astimezone(VIETNAM_TIME),
        subfilter=SigSeedSubFilter.PADES,
        reason=_REASONS[role].format(_uuid_of(writer)),
        bytes_reserved=room,
    )
    certify = role == next(iter(FIELDS))
    mdp = SigMDPSetup("sha256", certify=True, docmdp_perms=MDPPerm.FILL_FORMS) if certify else None
    embedder.send(SigObjSetup(signature, mdp_setup=mdp))
    region, output = embedder.send(SigIOSetup("sha256"))
    return _Waiting(output.getvalue(), cms.payload(region.document_digest), region)


def _attachments(pdf: PdfHandler):
    try:
        entries = pdf.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except KeyError:
        return
    for position in range(0, len(entries) - 1, 2):
        name = str(entries[position])
        if _ATTACHED.fullmatch(name):
            yield name, entries[position + 1]


def _uuid_of(pdf: PdfHandler) -> str:
    names = [name for name, _specification in _attachments(pdf)]
    if len(names) != 1:
        raise SigningError("pdf_format", f"{len(names)} packets are attached")
    return _ATTACHED.fullmatch(names[0])[1]


def _check_turn(writer: IncrementalPdfFileWriter, role: str) -> None:
    filled = {name: value is not None for name, value, _reference in enumerate_sig_fields(writer)}
    order = list(FIELDS)
    if FIELDS[role] not in filled:
        raise SigningError("pdf_format", f"the PDF has no signature field for {role}")
    if filled[FIELDS[role]]:
        raise SigningError("role_signed", f"{role} has signed already")
    if not all(filled.get(FIELDS[earlier]) for earlier in order[: order.index(role)]):
        raise SigningError("role_order", f"it is not the turn of {role}")


class _Update(IncrementalPdfFileWriter):
    """An incremental update that depends on nothing but the file and a moment: no random number, no clock."""

    def __init__(self, pdf: bytes, at: datetime):
        super().__init__(BytesIO(pdf))
        self._at = at.astimezone(VIETNAM_TIME)

    @classmethod
    def _handle_id(cls, prev):
        second = ByteStringObject(sha256(prev.stream.getvalue()).digest()[:16])
        try:
            first = prev.trailer["/ID"][0]
        except KeyError:
            first = second
        return ArrayObject([first, second])

    def _update_meta(self):
        if self._info is not None:
            self._info.get_object()["/ModDate"] = pdf_date(self._at)
            self.mark_update(self._info)

    def output(self) -> bytes:
        """The file with the update."""
        stream = BytesIO()
        self.write(stream)
        return stream.getvalue()
