"""Style and the rules of Odoo's community for all sources."""

import subprocess
from pathlib import Path

import hocba_host
import pytest

REPO = Path(__file__).resolve().parents[1]
BIN = hocba_host.PYTHON.parent


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def test_ruff_finds_nothing():
    _run(str(BIN / "ruff"), "check", "--no-cache", ".")


def test_sources_are_formatted():
    _run(str(BIN / "ruff"), "format", "--no-cache", "--check", ".")


# A model may be spread over several files by subject, and the manuals are in docs/ and not one README a module.
NOT_OURS = "--disable=missing-readme,consider-merging-classes-inherited"


@pytest.mark.parametrize("addon", ["hocba_digital", "hocba_registry"])
def test_pylint_odoo_finds_nothing(addon):
    _run(str(BIN / "python"), "-m", "pylint", "--rcfile=.pylintrc", NOT_OURS, addon)


def test_core_does_not_know_odoo():
    """core/ also runs on a machine without Odoo (bin/verify), so it may not even name it in an import."""
    program = (
        "import sys, pkgutil, importlib; sys.modules['odoo'] = None; import hocba_core\n"
        "for module in pkgutil.walk_packages(hocba_core.__path__, 'hocba_core.'):\n"
        "    importlib.import_module(module.name)\n"
    )
    done = subprocess.run(
        [BIN / "python", "-c", program],
        cwd="/",
        env={"PYTHONPATH": str(REPO / "host" / "lib")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
