"""What signing a whole school costs: its packets alone on two cores, and through Odoo with everything it keeps.

``bench_signing_batch.py [RECORDS [RECORDS_IN_ODOO]]``: one JSON row each. The first counts processor time of the slower
of two processes; the second counts the time that a signer waits in Odoo (``hocba.signing.job.process``: rights, locks,
packets, attachments, signatures, audit trail, in PostgreSQL). The limit beside both is what OpenSSL alone does.
"""

import json
import os
import re
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench_signing import openssl_rates, packets_of

_REPO = Path(__file__).resolve().parents[1]
_ROLES = ("gvcn", "cbql", "seal")
_PROCESSES = 2
_PACKET_BYTES = 8_192


def _sign_part(folder: str, packets: list[bytes]) -> tuple[float, int]:
    """(processor seconds, packets with three signatures) of one process, its keys loaded from their files included."""
    from datetime import timedelta

    from hocba_core import signing
    from signing_helpers import AT, IDS, PASSWORD, PROFILE

    start = time.process_time()
    for step, role in enumerate(_ROLES):
        signer = signing.Pkcs12Signer.load((Path(folder) / f"{role}.p12").read_bytes(), PASSWORD)
        at = AT + timedelta(minutes=step)
        packets = signing.sign_packets(packets, role, signer, id_number=IDS[role], at=at, profile=PROFILE)
    signed = sum(packet.count(b"</SignatureValue>") == len(_ROLES) for packet in packets)
    return time.process_time() - start, signed


def bench_sign_school(records: int = 1500) -> dict:
    """Seconds to put three signatures on each of a school's records with two processes."""
    from signing_helpers import School

    rate, _verify = openssl_rates()
    packets = packets_of(_PACKET_BYTES, records)
    with tempfile.TemporaryDirectory() as folder:
        School(Path(folder))
        with ProcessPoolExecutor(_PROCESSES) as pool:
            parts = [packets[start::_PROCESSES] for start in range(_PROCESSES)]
            done = list(pool.map(_sign_part, [folder] * _PROCESSES, parts))
    if sum(signed for _seconds, signed in done) != records:
        raise RuntimeError("not every packet carries its three signatures")
    limit = len(_ROLES) * records / rate / _PROCESSES
    return _row("sign-school", max(seconds for seconds, _signed in done), "s", limit, records, invert=True)


_INSIDE = """
import json, sys, time
from odoo.addons.hocba_digital.tests import common
class Setup(common.SchoolCase):
    pass
Setup.env = env
Setup._set_up_school()
Setup._certify()
records = Setup._records(Setup.class2, %(count)d)
env.cr.commit()
seconds, queries = 0.0, 0
for user in (Setup.homeroom, Setup.head, Setup.clerk):
    job_id = records.with_user(user).action_sign()["params"]["job_id"]
    job = env["hocba.signing.job"].with_user(user).browse(job_id)
    env.cr.commit()
    env.invalidate_all()
    before, start = env.cr.sql_log_count, time.perf_counter()
    while job.process(common.PIN, 100)["waiting"]:
        env.cr.commit()
    env.cr.commit()
    seconds += time.perf_counter() - start
    queries += env.cr.sql_log_count - before
assert set(records.mapped("state")) == {"signed"}
assert {record._verification().result for record in records[:10]} == {"TOTAL_PASSED"}
print(json.dumps({"seconds": seconds, "queries": queries}))
"""


def bench_sign_odoo(records: int = 200) -> dict:
    """Signatures a second through Odoo's batch: one worker, portions of 100, one transaction each."""
    import hocba_host

    rate, _verify = openssl_rates()
    name = hocba_host.create_database(f"bench_sign_{os.getpid()}", ["hocba_digital"])
    try:
        log = hocba_host.run_odoo(name, "shell", "--no-http", stdin=_INSIDE % {"count": records})
    finally:
        hocba_host.drop_database(name)
    found = re.search(r'^\{"seconds": .*\}$', log, re.MULTILINE)
    if not found:
        raise RuntimeError(f"no result:\n{log[-4000:]}")
    figures = json.loads(found[0])
    count = len(_ROLES) * records
    row = _row("sign-odoo", count / figures["seconds"], "signatures/s", rate, records)
    return row | {"queries_per_signature": round(figures["queries"] / count, 2)}


def _row(name: str, value: float, unit: str, limit: float, n: int, invert: bool = False) -> dict:
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    ratio = limit / value if invert else value / limit
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "limit": round(limit, 3),
        "ratio": round(ratio, 3),
        "n": n,
        "peak_mb": round(peak, 1),
    }


def main() -> None:
    """Print the rows."""
    counts = [int(text) for text in sys.argv[1:]]
    print(json.dumps(bench_sign_school(*counts[:1])))
    print(json.dumps(bench_sign_odoo(*counts[1:2])))


if __name__ == "__main__":
    main()
