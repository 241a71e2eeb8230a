"""Machine time of a school's whole year-end closing, import to printed, beside the bare signing of its packets."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from bench_signing import openssl_rates

_REPO = Path(__file__).resolve().parents[1]


def bench_closing(pupils: int = 105) -> dict:
    """The row: seconds of bin/demo --check. Limit: three OpenSSL signatures a record on one core."""
    command = [_REPO / "bin" / "demo", "--check", "--pupils", str(pupils)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    sign_rate, _verify = openssl_rates()
    limit = 3 * figures["locked"] / sign_rate
    return {
        "name": "closing",
        "value": figures["seconds"],
        "unit": "s",
        "limit": round(limit, 3),
        "ratio": round(limit / figures["seconds"], 5),
        "n": figures["locked"],
        "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
    }


def main() -> None:
    """Print the row."""
    print(json.dumps(bench_closing(*map(int, sys.argv[1:2]))))


if __name__ == "__main__":
    main()
