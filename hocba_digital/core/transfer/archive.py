"""The hand-over file: a zip of the packets exactly as they were signed, what proves them later, and the manifest.

::

    chuyen-giao.xml             manifest, signed by the seal of the school that the pupil leaves
    hoc-ba/UUID.xml             one packet a year
    hoc-ba/UUID.evidence.pem    its evidence (time stamps, certificates, revocation data), where there is some
    dang-hoc/NAM_HOC.xml        results so far of the year under way, signed by the head, where there are some
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from ..packet import DEFAULT_LIMITS, PacketError, RecordData, reading_profile
from .errors import TransferError
from .manifest import Handover, parse_handover
from .results import Results
from .results_reading import MAX_RESULTS_BYTES, parse_results

MANIFEST = "chuyen-giao.xml"
#: Years in one file: a pupil may repeat each of the five grades.
MAX_YEARS = 15
MAX_EVIDENCE_BYTES = 2_000_000
MAX_FILE_BYTES = 20_000_000
_MAX_MANIFEST_BYTES = 256 * 1024
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_YEAR = re.compile(r"[0-9]{4}-[0-9]{4}")
_FIRST, _LAST = b"PK\x03\x04", b"PK\x05\x06"
_LAST_BYTES = 22
# Others are not ours, and some of them ask for memory as large as they like before a byte is read.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class HandoverFile:
    """``manifest``: signed, as it stands in the file; packets and evidence by UUID, their digests compared.

    ``data``: what each packet says; ``results``: what the results of the year under way say, ``sheet`` their bytes as
    signed; None and empty where there are none. No signature is verified yet.
    """

    manifest: bytes
    handover: Handover
    packets: dict[str, bytes]
    evidence: dict[str, bytes]
    data: dict[str, RecordData]
    results: Results | None = None
    sheet: bytes = b""

    @property
    def digest(self) -> str:
        """SHA-256 of the signed manifest, hexadecimal: stands for the whole file, whose digests it holds."""
        return sha256(self.manifest).hexdigest()

    @property
    def newest(self) -> RecordData | Results:
        """What the newest document says of the pupil: the results of the year under way, or the newest packet."""
        return self.results or max(self.data.values(), key=lambda each: each.school_year)


def pack(
    manifest: bytes, packets: Mapping[str, bytes], evidence: Mapping[str, bytes], sheet: tuple[str, bytes] | None = None
) -> bytes:
    """The file of a signed manifest and what it names, always the same bytes. Raises TransferError like unpack.

    ``sheet``: school year and signed bytes of the results so far.
    """
    entries = {MANIFEST: manifest}
    if sheet:
        entries[_results_name(sheet[0])] = sheet[1]
    for uuid, content in packets.items():
        entries[_packet_name(uuid)] = content
        if uuid in evidence:
            entries[_evidence_name(uuid)] = evidence[uuid]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), content, zipfile.ZIP_DEFLATED)
    content = buffer.getvalue()
    unpack(content)
    return content


def unpack(content: bytes) -> HandoverFile:
    """Read a stranger's file without trusting it. Raises TransferError.

    Exactly what the manifest names must be there, each entry once, with its digest, within the limits; every packet
    must be an acceptable one, with the UUID and school year named, of the manifest's pupil; so must the results.
    """
    if len(content) > MAX_FILE_BYTES:
        raise TransferError("too_large")
    # One archive from the first byte to the last: a file that is something else as well is nobody's hand-over.
    if not content.startswith(_FIRST) or content[-_LAST_BYTES:][:4] != _LAST:
        raise TransferError("not_zip")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.infolist() and archive.infolist()[0].header_offset:
                raise TransferError("not_zip")
            return _read(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, OverflowError):
        raise TransferError("not_zip") from None


def _read(archive: zipfile.ZipFile) -> HandoverFile:
    entries = archive.infolist()
    if len(entries) > 2 + 2 * MAX_YEARS:
        raise TransferError("too_many")
    names = [entry.filename for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise TransferError("entry", name)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise TransferError("encrypted")
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise TransferError("not_zip")
    if MANIFEST not in names:
        raise TransferError("missing", MANIFEST)
    manifest = _content(archive, MANIFEST, _MAX_MANIFEST_BYTES)
    handover = parse_handover(manifest)
    _check_names(handover, names)
    packets, evidence, data = {}, {}, {}
    for record in handover.records:
        name = _packet_name(record.uuid)
        packets[record.uuid] = _content(archive, name, DEFAULT_LIMITS.packet_bytes, record.digest)
        data[record.uuid] = _packet_data(packets[record.uuid], record)
        if record.evidence:
            name = _evidence_name(record.uuid)
            evidence[record.uuid] = _content(archive, name, MAX_EVIDENCE_BYTES, record.evidence)
    sheet, results = b"", None
    if handover.results:
        name = _results_name(handover.results.school_year)
        sheet = _content(archive, name, MAX_RESULTS_BYTES, handover.results.digest)
        results = parse_results(sheet)
        _check_results(handover, results)
    _check_pupil(handover, data, results)
    return HandoverFile(manifest, handover, packets, evidence, data, results, sheet)


def _check_names(handover: Handover, names: list[str]) -> None:
    uuids = [record.uuid for record in handover.records]
    years = [record.school_year for record in handover.records]
    if len(uuids) > MAX_YEARS or len(set(uuids)) < len(uuids) or len(set(years)) < len(years):
        raise TransferError("manifest", "each year stands once")
    if not uuids and not handover.results:
        raise TransferError("manifest", "no year is handed over")
    if handover.results and not _YEAR.fullmatch(handover.results.school_year):
        raise TransferError("manifest", "no school year")
    expected = {MANIFEST, *map(_packet_name, uuids)}
    expected |= {_evidence_name(record.uuid) for record in handover.records if record.evidence}
    if handover.results:
        expected.add(_results_name(handover.results.school_year))
    for name in sorted(set(names) - expected):
        raise TransferError("entry", name[:80])
    for name in sorted(expected - set(names)):
        raise TransferError("missing", name)


def _content(archive: zipfile.ZipFile, name: str, limit: int, digest: str | None = None) -> bytes:
    """An entry read up to ``limit`` bytes, whatever size its header claims."""
    with archive.open(name) as entry:
        content = entry.read(limit + 1)
    if len(content) > limit:
        raise TransferError("too_large", name)
    if digest is not None and sha256(content).hexdigest() != digest:
        raise TransferError("digest", name)
    return content


def _packet_data(content: bytes, record) -> RecordData:
    try:
        data = reading_profile(content).parse(content).data
    except PacketError as error:
        raise TransferError("packet", f"{record.uuid}: {error}") from None
    if (data.uuid, data.school_year) != (record.uuid, record.school_year):
        raise TransferError("packet", record.uuid)
    return data


def _check_results(handover: Handover, results: Results) -> None:
    """The results are of the school that hands over, and of a year after every closed one."""
    if results.school_year != handover.results.school_year or results.school.code != handover.source.code:
        raise TransferError("results", "of another year or school than the manifest says")
    if any(record.school_year >= results.school_year for record in handover.records):
        raise TransferError("results", f"{results.school_year} is no year after the closed ones")


def _check_pupil(handover: Handover, data: Mapping[str, RecordData], results: Results | None) -> None:
    """The newest document is of this very pupil; earlier ones have the same ID number, or the code where one lacks it.

    Names, and with a decision birth dates, change in the course of the years; twins share the birth date. The code of
    the sector database (MA_HOC_SINH) never changes.
    """
    pupil = handover.pupil
    ordered = [*sorted(data.values(), key=lambda each: each.school_year), *([results] if results else [])]
    newest = ordered[-1]
    same = (newest.pupil_code, newest.pupil_name, newest.birth_date, newest.id_number or "")
    if same != (pupil.code, pupil.name, pupil.birth_date, pupil.id_number):
        raise TransferError("pupil", getattr(newest, "uuid", newest.school_year))
    for earlier in ordered[:-1]:
        both = earlier.id_number and pupil.id_number
        if (earlier.id_number != pupil.id_number) if both else (earlier.pupil_code != pupil.code):
            raise TransferError("pupil", earlier.uuid)


def _packet_name(uuid: str) -> str:
    return f"hoc-ba/{uuid}.xml"


def _results_name(school_year: str) -> str:
    return f"dang-hoc/{school_year}.xml"


def _evidence_name(uuid: str) -> str:
    return f"hoc-ba/{uuid}.evidence.pem"
