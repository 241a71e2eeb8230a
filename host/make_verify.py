"""Writes bin/verify as one file: our code and the libraries in pure Python; lxml and cryptography have to be there.

``python host/make_verify.py OUT``. The file unpacks itself to a temporary folder when it runs, since libxml2 reads the
schemas from files.
"""

import sys
import tempfile
import zipapp
from importlib.metadata import files
from pathlib import Path

_CORE = Path(__file__).resolve().parents[1] / "hocba_digital" / "core"
_PACKAGES = ("packet", "signing", "verification")
_KINDS = {".py", ".xsd", ".json"}
# In pure Python, or able to do without their compiled parts (pyHanko imports aiohttp, though nothing here uses it).
_LIBRARIES = (
    "pyHanko",
    "pyhanko-certvalidator",
    "asn1crypto",
    "oscrypto",
    "uritools",
    "tzlocal",
    "requests",
    "urllib3",
    "idna",
    "certifi",
    "typing_extensions",
    "aiohttp",
    "aiohappyeyeballs",
    "aiosignal",
    "attrs",
    "frozenlist",
    "multidict",
    "propcache",
    "yarl",
)
_MAIN = """\
import importlib.util
import os
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

missing = [name for name in ("lxml", "cryptography") if importlib.util.find_spec(name) is None]
if sys.version_info < (3, 11):
    sys.exit("Cần Python 3.11 trở lên.")
if missing:
    print("Thiếu thư viện Python: %s." % ", ".join(missing), file=sys.stderr)
    print("Cài đặt bằng lệnh: python3 -m pip install lxml cryptography", file=sys.stderr)
    sys.exit(2)
for name in ("AIOHTTP", "FROZENLIST", "MULTIDICT", "PROPCACHE", "YARL"):
    os.environ[name + "_NO_EXTENSIONS"] = "1"
with tempfile.TemporaryDirectory(prefix="verify-") as folder:
    with zipfile.ZipFile(Path(sys.argv[0])) as archive:
        archive.extractall(folder)
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    # requests warns that it has nothing to guess encodings with; nothing here needs it.
    warnings.simplefilter("ignore")
    from hocba_core.verification.command import main

    code = main()
sys.exit(code)
"""


def build(target: Path) -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for package in _PACKAGES:
            for path in sorted((_CORE / package).rglob("*")):
                if path.suffix in _KINDS and "__pycache__" not in path.parts:
                    _copy(path, folder / "hocba_core" / path.relative_to(_CORE))
        _copy(_CORE / "__init__.py", folder / "hocba_core" / "__init__.py")
        for library in _LIBRARIES:
            for file in files(library) or ():
                if "__pycache__" not in file.parts and ".." not in file.parts and file.suffix != ".so":
                    _copy(Path(file.locate()), folder / file)
        (folder / "__main__.py").write_text(_MAIN, encoding="utf-8")
        zipapp.create_archive(folder, target, interpreter="/usr/bin/env python3", compressed=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_verify.py OUT")
    build(Path(sys.argv[1]))
