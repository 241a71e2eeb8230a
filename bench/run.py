"""bench/run [sign verify print closing ...] [--json]: one row a figure, with the limit measured in the same run."""

import argparse
import json

from bench_closing import bench_closing
from bench_print import bench_print
from bench_signing import bench_sign, bench_verify

BENCHES = {"sign": bench_sign, "verify": bench_verify, "print": bench_print, "closing": bench_closing}


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which figures (default: all)")
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - BENCHES.keys()
    if unknown:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    for name in arguments.names or BENCHES:
        row = BENCHES[name]()
        if arguments.json:
            print(json.dumps(row), flush=True)
        else:
            print(
                f"{row['name']:10} {row['value']:>12} {row['unit']:12} limit {row['limit']} (n={row['n']})", flush=True
            )


if __name__ == "__main__":
    main()
