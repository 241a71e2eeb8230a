"""The gateway under test: one that is named by options, else the project's own registry, started here."""

import base64
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO / "host" / "lib"), str(REPO / "host"), str(Path(__file__).parent)]

from kit import keys  # noqa: E402
from kit.gateway import Gateway  # noqa: E402
from kit.records import School  # noqa: E402
from kit.settings import Settings, add_options, stated  # noqa: E402

_UNIT, _PASSWORD, _YEAR = "48499901", "mật khẩu thử nghiệm", "2025-2026"


def pytest_addoption(parser):
    add_options(parser)


@pytest.fixture(scope="session")
def gateway_settings(request, tmp_path_factory):
    """Settings of the gateway under test."""
    return stated(request.config) or _own_settings(request, tmp_path_factory.mktemp("conformance"))


def _own_settings(request, folder):
    """An account at the project's own registry, its authority trusted, its certificate not registered yet."""
    server = request.getfixturevalue("so_server")
    made = keys.make(folder, _UNIT)
    admin = _session(server, "admin", "admin")
    # Generated requests are thousands of wrong passwords from one address.
    admin("ir.config_parameter", "set_param", ["hocba_registry.guess_limits", "100000,100000,100000"])
    for kind, issued in (("root", made.root), ("intermediate", made.intermediate)):
        admin("hocba.trust", "create", [{"kind": kind, "pem": issued.pem().decode()}])
    admin(
        "hocba.registry.unit",
        "create",
        [{"name": keys.SCHOOL, "code": _UNIT, "login": _UNIT, "password": _PASSWORD}],
    )
    if not admin("hocba.registry.year", "search_count", [[("name", "=", _YEAR)]]):
        admin("hocba.registry.year", "create", [{"name": _YEAR}])
    return Settings(server.url, _UNIT, _PASSWORD, _UNIT, _YEAR, folder, keys.PIN, contract=True)


def _session(server, login, password):
    from hocba_host import Rpc

    return Rpc(server.url, server.database, login, password)


@pytest.fixture(scope="session")
def registry_officer(request, gateway_settings):
    """An officer of the project's own registry; None at somebody else's gateway."""
    if stated(request.config):
        return None
    server = request.getfixturevalue("so_server")
    admin = _session(server, "admin", "admin")
    group = admin("ir.model.data", "search_read", [[("name", "=", "group_so_officer")]], {"fields": ["res_id"]})
    values = {"name": "Chuyên viên", "login": "conformance", "password": "conformance-2026", "lang": "vi_VN"}
    admin("res.users", "create", [{**values, "group_ids": [(4, row["res_id"]) for row in group]}])
    return _session(server, "conformance", "conformance-2026")


@pytest.fixture(scope="session")
def school(gateway_settings):
    """The school that reports."""
    return School(gateway_settings)


@pytest.fixture(scope="session")
def contract(gateway_settings):
    """The OpenAPI document."""
    from kit.contract import Contract

    return Contract.load()


@pytest.fixture(scope="session")
def connection(gateway_settings, registry_officer, contract):
    """The gateway under test before its account has an approved certificate."""

    def judge():
        registry_officer("hocba.registry.transaction", "action_process", [[]])

    options = {"judge": judge} if registry_officer else {}
    if gateway_settings.contract:
        options["watch"] = contract.check_reply
    connection = Gateway(gateway_settings, **options)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def gateway(connection, school, registry_officer):
    """The gateway under test, ready for reports: the school's certificate is registered and approved.

    At somebody else's gateway its people approve it meanwhile, within ``--gateway-wait`` seconds.
    """
    content, extra = school.registration()
    messageid, reply = connection.deliver("3", content, **extra)
    assert reply.accepted, f"the certificate could not be registered: {reply}"
    if registry_officer:
        connection.judge()
        waiting = registry_officer("hocba.registry.certificate", "search", [[("state", "=", "submitted")]])
        registry_officer("hocba.registry.certificate", "action_approve", [waiting])
    answer = connection.await_verdict("4", messageid)
    assert str(answer.answer.get("trang_thai_phe_duyet")) == "1", f"the certificate is not approved: {answer}"
    return connection


def encoded(content):
    """Base64 text."""
    return base64.b64encode(content).decode()
