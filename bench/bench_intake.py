"""The department's intake: records received, verified and stored a second of one core, and with two workers.

``bench_intake.py [RECORDS [WORKERS]]``: one JSON row. A core's second is one of the worker's process and of its
PostgreSQL backend together, so that other work on the machine shows neither in the value nor in the limit. The limit
is OpenSSL's verifications of the three signatures of each record.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from bench_signing import openssl_rates

ACCOUNT = "48491401"
_PASSWORD = "account of the bench"
_LOT = 500
_ROLES = ("gvcn", "cbql", "seal")
_SCHOOL = "Trường Tiểu học Điện Biên Phủ"


def _at():
    from hocba_core import packet

    return datetime.now(packet.VIETNAM_TIME).replace(microsecond=0) - timedelta(hours=1)


def _make(folder: str, start: int, count: int) -> int:
    """Write one transaction of so many records; returns its bytes of packets."""
    import strategies
    from hocba_core import gateway, signing
    from signing_helpers import IDS, PASSWORD, PROFILE

    place = Path(folder)
    signers = {role: signing.Pkcs12Signer.load((place / f"{role}.p12").read_bytes(), PASSWORD) for role in _ROLES}
    packets = [
        PROFILE.build_data(
            strategies.example(
                uuid=str(uuid.uuid4()),
                school_code=ACCOUNT,
                school_name=_SCHOOL,
                school_year="2025-2026",
                pupil_name=f"Nguyễn Thị Học sinh {number}",
                pupil_code=f"48{number:08d}",
                created_at=_at(),
            )
        )
        for number in range(start, start + count)
    ]
    for role in _ROLES:
        packets = signing.sign_packets(packets, role, signers[role], id_number=IDS[role], at=_at(), profile=PROFILE)
    content = gateway.encode_content(signing.sign_list(PROFILE.build_list(packets), signers["seal"], at=_at()))
    (place / f"{start:08d}.content").write_text(content)
    return sum(map(len, packets))


_SET_UP = """
import base64, json
from odoo.tests import new_test_user
pem = {pem!r}
for kind, text in (("root", {root!r}), ("intermediate", {intermediate!r})):
    env["hocba.trust"].create({{"kind": kind, "pem": text}})
env["hocba.registry.year"].create({{"name": "2025-2026"}})
unit = env["hocba.registry.unit"].create(
    {{"name": {school!r}, "code": {code!r}, "login": {code!r}, "password": {password!r}}})
officer = new_test_user(env, login="officer", groups="hocba_registry.group_so_officer")
certificate = env["hocba.registry.certificate"].create({{"unit_id": unit.id, "file": base64.b64encode(pem.encode())}})
certificate.with_user(officer).action_approve()
env.ref("hocba_registry.cron_process").active = False
env.cr.commit()
"""


def _set_up(name: str, school) -> None:
    import hocba_host

    pem = school.pki.holders["seal"].pem().decode()
    text = _SET_UP.format(
        pem=pem,
        root=school.root_pem.read_text(),
        intermediate=school.intermediates_pem.read_text(),
        school=_SCHOOL,
        code=ACCOUNT,
        password=_PASSWORD,
    )
    hocba_host.run_odoo(name, "shell", "--no-http", stdin=text)


def _start(name: str, folder: str, worker: int, workers: int) -> subprocess.Popen:
    from hocba_host.config import write_config
    from hocba_host.database import odoo_command
    from hocba_host.paths import odoo_environment

    account = {
        "user_name": ACCOUNT,
        "password": hashlib.sha256(_PASSWORD.encode()).hexdigest(),
        "ma_don_vi": ACCOUNT,
    }
    plan = {"folder": folder, "worker": worker, "workers": workers, "account": account}
    plan["profile"] = os.environ.get("HOCBA_BENCH_PROFILE")
    config = write_config(f"run_{name}_{worker}", name)
    with open(Path(__file__).with_name("intake_worker.py")) as source:
        return subprocess.Popen(
            odoo_command(config, name, ["shell", "--no-http", "--log-level=warn"]),
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**odoo_environment(), "HOCBA_BENCH_PLAN": json.dumps(plan)},
            text=True,
        )


def _result(worker: subprocess.Popen) -> dict:
    output, _none = worker.communicate()
    found = re.search(r"^hocba:(\{.*\})$", output, re.MULTILINE)
    if not found:
        raise RuntimeError(f"no result:\n{output[-4000:]}")
    return json.loads(found[1])


def bench_intake(records: int = 1500, workers: int = 1) -> dict:
    """The row, with memory of a worker and size of the database and the attachments."""
    import hocba_host
    from hocba_host.database import filestore
    from signing_helpers import School

    name = hocba_host.create_database(f"bench_intake_{os.getpid()}", ["hocba_registry"])
    with tempfile.TemporaryDirectory() as folder:
        try:
            school = School(Path(folder))
            starts = range(0, records, _LOT)
            sizes = [min(_LOT, records - start) for start in starts]
            with ProcessPoolExecutor(2) as pool:
                packet_bytes = sum(pool.map(_make, [folder] * len(sizes), starts, sizes))
            _set_up(name, school)
            _verify = openssl_rates()[1]
            before = _database_bytes(name)
            start = time.perf_counter()
            results = [_result(worker) for worker in [_start(name, folder, item, workers) for item in range(workers)]]
            whole = time.perf_counter() - start
            accepted = int(hocba_host.psql("SELECT count(*) FROM hocba_registry_record", name)[0][0])
            if accepted != records:
                raise RuntimeError(f"{accepted} of {records} records were accepted")
            database_mb = (_database_bytes(name) - before) / 1e6
            files_mb = sum(path.stat().st_size for path in filestore(name).rglob("*") if path.is_file()) / 1e6
        finally:
            hocba_host.drop_database(name)
    core_seconds = sum(sum(result[step][1:]) for result in results for step in ("received", "judged"))
    wall = max(result["received"][0] for result in results) + max(result["judged"][0] for result in results)
    value, limit = records / core_seconds, _verify / len(_ROLES)
    return {
        "name": "intake",
        "value": round(value, 1),
        "unit": "records/s of a core",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 3),
        "n": records,
        "workers": workers,
        "by_the_clock": round(records / wall, 1),
        "python_s": round(sum(r[s][1] for r in results for s in ("received", "judged")), 1),
        "postgresql_s": round(sum(r[s][2] for r in results for s in ("received", "judged")), 1),
        "receive_s": round(sum(sum(r["received"][1:]) for r in results), 1),
        "peak_mb": max(result["peak_mb"] for result in results),
        "packets_mb": round(packet_bytes / 1e6, 1),
        "database_mb": round(database_mb, 1),
        "files_mb": round(files_mb, 1),
        "whole_s": round(whole, 1),
    }


def _database_bytes(name: str) -> int:
    import hocba_host

    return int(hocba_host.psql(f"SELECT pg_database_size('{name}')", name)[0][0])


def main() -> None:
    """Print the row."""
    print(json.dumps(bench_intake(*map(int, sys.argv[1:3]))))


if __name__ == "__main__":
    main()
