"""bench/run [sign sign-school sign-odoo verify verify-2025 seal ...] [--json]: a row a figure, and its limit."""

import argparse
import json

from bench_closing import bench_closing
from bench_grid import bench_grid, bench_grid_load, bench_grid_save
from bench_intake import bench_intake
from bench_lookup import bench_lookup
from bench_print import bench_print
from bench_registry_scale import bench_registry_scale
from bench_seal import bench_seal
from bench_signing import bench_sign, bench_verify, bench_verify_2025
from bench_signing_batch import bench_sign_odoo, bench_sign_school

BENCHES = {
    "sign": bench_sign,
    "sign-school": bench_sign_school,
    "sign-odoo": bench_sign_odoo,
    "verify": bench_verify,
    "verify-2025": bench_verify_2025,
    "seal": bench_seal,
    "print": bench_print,
    "grid": bench_grid,
    "grid-save": bench_grid_save,
    "grid-load": bench_grid_load,
    "closing": bench_closing,
    "intake": bench_intake,
    "lookup": bench_lookup,
    "registry_scale": bench_registry_scale,
}


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
                f"{row['name']:12} {row['value']:>12} {row['unit']:12} limit {row['limit']} (n={row['n']})", flush=True
            )


if __name__ == "__main__":
    main()
