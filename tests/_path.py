"""Makes ``hocba_core`` importable when a test runs without the host's conftest."""

import sys
from pathlib import Path

LIB = str(Path(__file__).resolve().parent.parent / "host" / "lib")
if LIB not in sys.path:
    sys.path.insert(0, LIB)
