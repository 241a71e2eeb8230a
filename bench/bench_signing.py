"""How many signatures, and verified packets, one core does a second, beside what OpenSSL alone does.

Prints one JSON row a figure. Times are processor time of this process, so that other work on the machine shows
neither in the value nor in the limit; ``openssl speed`` counts the same way.
"""

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_REPO / "host" / "lib"), str(_REPO / "host"), str(_REPO / "tests")]

import strategies  # noqa: E402
from hocba_core import signing  # noqa: E402
from signing_helpers import AT, IDS, PROFILE, PROFILE_2025, School  # noqa: E402

_PACKET_BYTES = 16_384


def openssl_rates() -> tuple[float, float]:
    """RSA-2048 signatures and verifications a second of OpenSSL on one core."""
    done = subprocess.run(["openssl", "speed", "-seconds", "2", "rsa2048"], capture_output=True, text=True, check=True)
    sign, verify = re.search(r"^rsa\s+2048 bits.*?([\d.]+)\s+([\d.]+)\s*$", done.stdout, re.MULTILINE).groups()
    return float(sign), float(verify)


def packets_of(size: int, count: int) -> list[bytes]:
    """Unsigned packets of about ``size`` bytes, all different."""
    plain = len(PROFILE.build_data(strategies.example(homeroom_comment="x")))
    comment = "a" * max(1, size - plain)
    return [
        PROFILE.build_data(strategies.example(pupil_name=f"Học sinh {number}", homeroom_comment=comment))
        for number in range(count)
    ]


def bench_sign(n: int = 1000) -> dict:
    """Signatures a second on packets of 16 KB: parsed, checked, digested, signed, the value checked, spliced in."""
    limit, _verify = openssl_rates()
    with tempfile.TemporaryDirectory() as folder:
        signer = School(Path(folder)).signers["cbql"]
    packets = packets_of(_PACKET_BYTES, n)
    start = time.process_time()
    signing.sign_packets(packets, "cbql", signer, id_number=IDS["cbql"], at=AT, profile=PROFILE)
    return _row("sign", n / (time.process_time() - start), "signatures/s", limit, n)


def bench_verify(n: int = 1000) -> dict:
    """Packets with three signatures verified a second; the limit is OpenSSL's verifications divided by three."""
    _sign, limit = openssl_rates()
    with tempfile.TemporaryDirectory() as folder:
        school = School(Path(folder))
        documents = school.sign(packets_of(_PACKET_BYTES - 9_500, n))
    start = time.process_time()
    passed = sum(school.verify(document).result == signing.TOTAL_PASSED for document in documents)
    elapsed = time.process_time() - start
    if passed != n:
        raise RuntimeError(f"{n - passed} of {n} packets did not pass")
    return _row("verify", n / elapsed, "packets/s", limit / 3, n)


def bench_verify_2025(n: int = 600) -> dict:
    """The same of profile 2025, with three subject teachers' signatures more: six a packet."""
    _sign, limit = openssl_rates()
    with tempfile.TemporaryDirectory() as folder:
        school = School(Path(folder))
        comment = "a" * 2000
        documents = [
            school.sign_2025(strategies.example(pupil_name=f"Học sinh {number}", homeroom_comment=comment))
            for number in range(n)
        ]
    start = time.process_time()
    reports = [signing.verify_packet(document, school.trust, profile=PROFILE_2025) for document in documents]
    elapsed = time.process_time() - start
    if any(report.result != signing.TOTAL_PASSED or len(report.signatures) != 6 for report in reports):
        raise RuntimeError("not every packet passed with six signatures")
    return _row("verify-2025", n / elapsed, "packets/s", limit / 6, n)


def _row(name: str, value: float, unit: str, limit: float, n: int) -> dict:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "limit": round(limit, 1),
        "ratio": round(value / limit, 3),
        "n": n,
        "peak_mb": round(peak, 1),
    }


def main() -> None:
    """Print the rows."""
    for bench in (bench_sign, bench_verify):
        print(json.dumps(bench()))


if __name__ == "__main__":
    main()
