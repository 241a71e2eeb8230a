"""Evidence beside a packet: certificates, CRLs, OCSP responses, and evidence records (RFC 4998) over all of it.

What is learned after the packet was frozen never goes into its bytes. One RFC 3161 time stamp over a tree of hashes
serves thousands of packets; each keeps the few hashes that lead from its own to the root. When the stamp's certificate
nears its end the stamp itself is stamped again, and the record grows into a chain.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import algos, cms, core, pem

from .timestamp import check_imprint, time_of
from .trust import TrustStore

_LABELS = {
    "EVIDENCE RECORD": "records",
    "CERTIFICATE": "certificates",
    "X509 CRL": "crls",
    "OCSP RESPONSE": "ocsps",
}
_SHA256 = {"algorithm": "sha256"}


class PartialHashtree(core.SequenceOf):
    """Hashes with one father (RFC 4998 §4.1)."""

    _child_spec = core.OctetString


class PartialHashtrees(core.SequenceOf):
    """From the leaf to the root."""

    _child_spec = PartialHashtree


class Attributes(core.SetOf):
    """Not used here."""

    _child_spec = cms.CMSAttribute


class ArchiveTimeStamp(core.Sequence):
    """RFC 4998 §4.1."""

    _fields = [
        ("digest_algorithm", algos.DigestAlgorithm, {"implicit": 0, "optional": True}),
        ("attributes", Attributes, {"implicit": 1, "optional": True}),
        ("reduced_hashtree", PartialHashtrees, {"implicit": 2, "optional": True}),
        ("time_stamp", cms.ContentInfo),
    ]


class ArchiveTimeStampChain(core.SequenceOf):
    """Each stamp but the first is over the one before it (RFC 4998 §5.1)."""

    _child_spec = ArchiveTimeStamp


class ArchiveTimeStampSequence(core.SequenceOf):
    """One chain a hash algorithm."""

    _child_spec = ArchiveTimeStampChain


class DigestAlgorithms(core.SequenceOf):
    """All hash algorithms in the record."""

    _child_spec = algos.DigestAlgorithm


class CryptoInfos(core.SequenceOf):
    """Not used here: what validation needs stands beside the record."""

    _child_spec = cms.CMSAttribute


class EncryptionInfo(core.Sequence):
    """Not used here: records are not encrypted."""

    _fields = [("encryption_info_type", core.ObjectIdentifier), ("encryption_info_value", core.Any)]


class EvidenceRecord(core.Sequence):
    """RFC 4998 §3.1."""

    _fields = [
        ("version", core.Integer),
        ("digest_algorithms", DigestAlgorithms),
        ("crypto_infos", CryptoInfos, {"implicit": 0, "optional": True}),
        ("encryption_info", EncryptionInfo, {"implicit": 1, "optional": True}),
        ("archive_time_stamp_sequence", ArchiveTimeStampSequence),
    ]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything beside one packet, as DER; ``records`` are evidence records that cover its digest."""

    records: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def to_pem(self) -> bytes:
        """The evidence file: PEM blocks, one after the other."""
        parts = [pem.armor(label, der) for label, name in _LABELS.items() for der in getattr(self, name)]
        return b"".join(parts)

    @classmethod
    def from_pem(cls, data: bytes) -> "Evidence":
        """Read an evidence file. Raises ValueError when it is none."""
        found: dict[str, list[bytes]] = {name: [] for name in _LABELS.values()}
        if b"-----BEGIN " not in data:
            raise ValueError("not an evidence file")
        for label, _headers, der in pem.unarmor(data, multiple=True):
            if label not in _LABELS:
                raise ValueError(f"unknown part {label!r} in an evidence file")
            found[_LABELS[label]].append(der)
        return cls(**{name: tuple(items) for name, items in found.items()})

    @staticmethod
    def way_text(way: Sequence[Sequence[bytes]]) -> str:
        """A way of ``hash_tree`` as text: hashes in hexadecimal, lists one a line."""
        return "\n".join(" ".join(item.hex() for item in hashes) for hashes in way)

    @staticmethod
    def way_of(text: str | None) -> tuple[tuple[bytes, ...], ...]:
        """The way back from ``way_text``."""
        return tuple(tuple(bytes.fromhex(item) for item in line.split()) for line in (text or "").splitlines())

    def digests(self) -> list[bytes]:
        """SHA-256 of every certificate, CRL and OCSP response: what is stamped together with the packet."""
        return [sha256(der).digest() for der in (*self.certificates, *self.crls, *self.ocsps)]


def hash_tree(groups: Sequence[Sequence[bytes]]) -> tuple[bytes, list[tuple[tuple[bytes, ...], ...]]]:
    """(root, the way from each group to it) of a tree over groups of SHA-256 digests (RFC 4998 §4.2).

    A way is a list of lists of hashes: the group itself where it has several members, then, level by level, the hashes
    with the same father. Raises ValueError without groups.
    """
    if not groups:
        raise ValueError("a tree needs a leaf")
    ways: list[list[tuple[bytes, ...]]] = [[tuple(group)] if len(group) > 1 else [] for group in groups]
    level = [(_father(group) if len(group) > 1 else group[0], [index]) for index, group in enumerate(groups)]
    while len(level) > 1:
        above = []
        for at in range(0, len(level), 2):
            pair = level[at : at + 2]
            members = [member for _value, below in pair for member in below]
            if len(pair) == 1:
                above.append(pair[0])
                continue
            for (_value, below), (other, _below) in (pair, pair[::-1]):
                for member in below:
                    single = not ways[member] and len(groups[member]) == 1
                    ways[member].append((groups[member][0], other) if single else (other,))
            above.append((_father([value for value, _below in pair]), members))
        level = above
    return level[0][0], [tuple(way) for way in ways]


def archive_time_stamp(way: Sequence[Sequence[bytes]], token: bytes) -> bytes:
    """One ArchiveTimeStamp (DER): the way from a leaf to the root that the token is over."""
    fields = {"digest_algorithm": _SHA256, "time_stamp": cms.ContentInfo.load(token)}
    if way:
        fields["reduced_hashtree"] = [list(hashes) for hashes in way]
    return ArchiveTimeStamp(fields).dump()


def evidence_record(chain: Iterable[bytes]) -> bytes:
    """An evidence record (DER) of one chain of ArchiveTimeStamps, oldest first."""
    stamps = [ArchiveTimeStamp.load(der) for der in chain]
    return EvidenceRecord(
        {"version": 1, "digest_algorithms": [_SHA256], "archive_time_stamp_sequence": [stamps]}
    ).dump()


@dataclass(frozen=True, slots=True)
class RecordStatus:
    """``time``: since when what is covered provably exists; None when ``failure`` (a reason code) says why not."""

    failure: str | None
    time: datetime | None = None
    authority: str | None = None
    valid_until: datetime | None = None
    detail: str | None = None


def check_record(record: bytes, digest: bytes, trust: TrustStore, at: datetime) -> RecordStatus:
    """Whether an evidence record proves that data with this SHA-256 existed, and since when (RFC 4998 §3.3, §4.3).

    Each stamp must have been good when the next one was made over it, the last one as of ``at``.
    """
    try:
        found = EvidenceRecord.load(record, strict=True)
        (chain,) = found["archive_time_stamp_sequence"]
        stamps = list(chain)
        tokens = [stamp["time_stamp"].dump() for stamp in stamps]
        times = [time_of(token) for token in tokens]
        if not stamps or None in times:
            raise ValueError("no time stamp")
        first = None
        covered = digest
        for index, (stamp, token) in enumerate(zip(stamps, tokens, strict=True)):
            root = _root(covered, stamp["reduced_hashtree"])
            moment = times[index + 1] if index + 1 < len(stamps) else at
            status = check_imprint(token, lambda name, root=root: _only_sha256(name, root), trust, moment)
            if status.failure:
                return RecordStatus(
                    "evidence_broken" if status.failure == "stamp_broken" else "evidence_untrusted",
                    detail=status.detail,
                )
            first = first or status
            covered = sha256(token).digest()
    except (ValueError, TypeError, KeyError) as error:
        return RecordStatus("evidence_broken", detail=f"{type(error).__name__}: {error}")
    return RecordStatus(None, first.time, first.authority, status.valid_until)


def _root(covered: bytes, way) -> bytes:
    lists = [[item.native for item in hashes] for hashes in way] if way else []
    if not lists:
        return covered
    if covered not in lists[0]:
        raise ValueError("the record does not cover these data")
    value = _father(lists[0])
    for hashes in lists[1:]:
        value = _father([value, *hashes])
    return value


def _father(hashes: Sequence[bytes]) -> bytes:
    return sha256(b"".join(sorted(hashes))).digest()


def _only_sha256(name: str, value: bytes) -> bytes:
    if name != "sha256":
        raise ValueError(f"hash algorithm {name} is not accepted")
    return value
