"""python host/generate FOLDER [--pupils N] [--seed S] [--school-year Y] [--sector]: workbooks of a made-up school."""

import argparse
import sys
from pathlib import Path

_HOST = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_HOST), str(_HOST / "lib")]

from generate import school, write_school  # noqa: E402


def main() -> None:
    """Read the arguments and write the workbooks."""
    parser = argparse.ArgumentParser(prog="generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pupils", type=int, default=105)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--school-year", default="2025-2026")
    parser.add_argument("--sector", action="store_true", help="also the layouts of the sector database")
    arguments = parser.parse_args()
    made = school(arguments.pupils, arguments.seed, arguments.school_year)
    for path in write_school(made, arguments.folder, sector=arguments.sector):
        print(path)


if __name__ == "__main__":
    main()
