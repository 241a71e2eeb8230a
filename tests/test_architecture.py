"""The arrows of the design go one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
FREE_OF_ODOO = [path for part in ("core", "workbook") for path in (REPO / "hocba_digital" / part).rglob("*.py")]
SHIPPED = [path for name in ("hocba_digital", "hocba_registry") for path in (REPO / name).rglob("*.py")]


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


@pytest.mark.parametrize("path", FREE_OF_ODOO, ids=lambda path: str(path.relative_to(REPO)))
def test_core_imports_no_odoo_and_itself_only_relatively(path):
    roots = {name.split(".")[0] for name in _imports(path)}
    assert not roots & {"odoo", "hocba_digital", "hocba_core", "hocba_workbook", "core"}


def test_core_loads_where_there_is_no_odoo():
    code = "import sys; import hocba_core.packet, hocba_core.signing, hocba_core.gateway, hocba_core.rules;"
    code += "sys.exit(any(name.split('.')[0] == 'odoo' for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(REPO / "host" / "lib")}, check=False)
    assert done.returncode == 0


def test_school_does_not_know_the_department():
    for path in (REPO / "hocba_digital").rglob("*.py"):
        assert not any("hocba_registry" in name for name in _imports(path)), path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(REPO)))
def test_days_are_those_of_vietnam(path):
    """A server runs in UTC and a user may have no time zone: between midnight and seven both know yesterday only."""
    of_the_server = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert "context_today" not in of_the_server
    assert "Date.today" not in path.read_text()


def test_files_stay_small():
    long = {
        str(path.relative_to(REPO)): count for path in SHIPPED if (count := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_one_model_a_file():
    for path in SHIPPED:
        if path.parent.name == "models" and path.name != "__init__.py":
            source = ast.parse(path.read_text())
            models = [node for node in source.body if isinstance(node, ast.ClassDef) and _is_new_model(node)]
            assert len(models) <= 1, f"{path} defines {len(models)} models"


def _is_new_model(node):
    return any(
        isinstance(line, ast.Assign) and line.targets[0].id == "_name"
        for line in node.body
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
    )
