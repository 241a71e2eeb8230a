"""How many soft copies a second are signed by head and school, beside what OpenSSL and pyHanko do.

Figures are for two cores: two processes at once, each counting its own processor time, so that other work on the
machine shows neither in the value nor in the limit. ``value``: finished PDFs (packet attached, two signatures, two
visible appearances); ``signatures_per_s``: single signatures. ``limit``: OpenSSL's RSA-2048 signatures, two a PDF.
``pyhanko_per_s``: PDFs by pyHanko's ``PdfSigner`` with a key that is loaded once, without any appearance.
"""

import json
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / "host" / "lib"), str(_REPO / "host"), str(_REPO / "tests")]

import pdf_helpers  # noqa: E402
import strategies  # noqa: E402
from asn1crypto import x509  # noqa: E402
from bench_signing import openssl_rates  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding  # noqa: E402
from hocba_core import signing  # noqa: E402
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: E402
from pyhanko.sign.fields import SigSeedSubFilter  # noqa: E402
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner  # noqa: E402
from pyhanko.sign.signers.pdf_cms import Signer  # noqa: E402
from signing_helpers import PROFILE, School  # noqa: E402

CORES = 2
_ROLES = ("cbql", "seal")


class _CachedKey(Signer):
    """pyHanko's signer over a key in memory."""

    def __init__(self, port: signing.Signer):
        super().__init__(signing_cert=x509.Certificate.load(port.certificate.public_bytes(Encoding.DER)))
        self._port = port

    async def async_sign_raw(self, data, digest_algorithm, dry_run=False):
        return bytes(256) if dry_run else self._port.sign([data])[0]


def _files(folder: str, count: int) -> tuple[School, list[tuple[bytes, bytes]]]:
    school = School(Path(folder))
    packet = school.sign([PROFILE.build_data(strategies.example())])[0]
    uuid = strategies.example().uuid
    return school, [(pdf_helpers.form(f"{uuid} {number}"), packet) for number in range(count)]


def _with_ours(count: int) -> float:
    """Seconds for ``count`` soft copies, from printed form to sealed file."""
    uuid = strategies.example().uuid
    with tempfile.TemporaryDirectory() as folder:
        school, files = _files(folder, count)
        pdf_helpers.appearances()
        start = time.process_time()
        pdfs = [pdf_helpers.with_packet(packet, uuid, form) for form, packet in files]
        for minutes, role in enumerate(_ROLES):
            pdfs = pdf_helpers.sign(school, pdfs, role, minutes=minutes)
        elapsed = time.process_time() - start
        if len(pdfs) != count or signing.pdf_report(pdfs[-1], school.trust).result != signing.TOTAL_PASSED:
            raise RuntimeError("a sealed file does not hold")
    return elapsed


def _with_stock(count: int) -> float:
    """Seconds for the same two signatures by pyHanko's own way of signing."""
    uuid = strategies.example().uuid
    with tempfile.TemporaryDirectory() as folder:
        school, files = _files(folder, count)
        signers = {role: _CachedKey(school.signers[role]) for role in _ROLES}
        start = time.process_time()
        for form, packet in files:
            content = pdf_helpers.with_packet(packet, uuid, form)
            for role in _ROLES:
                metadata = PdfSignatureMetadata(
                    field_name=signing.pades.FIELDS[role], md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
                )
                writer = IncrementalPdfFileWriter(BytesIO(content))
                content = PdfSigner(metadata, signers[role]).sign_pdf(writer).getvalue()
        return time.process_time() - start


def bench_seal(count: int = 300) -> dict:
    """Sealed PDFs a second on two cores."""
    share = count // CORES
    with ProcessPoolExecutor(CORES) as pool:
        ours = max(pool.map(_with_ours, [share] * CORES))
        stock = max(pool.map(_with_stock, [max(1, share // 5)] * CORES)) * share / max(1, share // 5)
    value, limit = share * CORES / ours, openssl_rates()[0] * CORES / len(_ROLES)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    return {
        "name": "seal",
        "value": round(value, 1),
        "unit": "PDFs/s",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 3),
        "n": share * CORES,
        "peak_mb": round(peak, 1),
        "signatures_per_s": round(len(_ROLES) * value, 1),
        "pyhanko_per_s": round(share * CORES / stock, 1),
    }


def main() -> None:
    """Print the row."""
    print(json.dumps(bench_seal(*map(int, sys.argv[1:2]))))


if __name__ == "__main__":
    main()
