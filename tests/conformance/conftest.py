"""The gateway under test: one that is named by options, else the project's own registry, started here."""

import base64
import sys
from dataclasses import replace
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO / "host" / "lib"), str(REPO / "host"), str(Path(__file__).parent)]

from kit import keys  # noqa: E402
from kit.gateway import Gateway  # noqa: E402
from kit.records import School  # noqa: E402
from kit.settings import Settings, add_options, stated  # noqa: E402
from kit.transfers import Party, is_offered  # noqa: E402

_UNIT, _SECOND, _PASSWORD = "48499901", "48499903", "mật khẩu thử nghiệm"
_YEAR, _CLOSING_YEAR = "2025-2026", "2023-2024"
_PUPILS = 24


def pytest_addoption(parser):
    add_options(parser)


@pytest.fixture(scope="session")
def gateway_settings(request, tmp_path_factory):
    """Settings of the gateway under test."""
    return stated(request.config) or _own_settings(request, tmp_path_factory.mktemp("conformance"))


def _own_settings(request, folder):
    """An account at the project's own registry, its authority trusted, its certificate not registered yet."""
    server = request.getfixturevalue("so_server")
    made = keys.make(folder, _UNIT, _SECOND)
    admin = _session(server, "admin", "admin")
    # Generated requests are thousands of wrong passwords from one address.
    admin("ir.config_parameter", "set_param", ["hocba_registry.guess_limits", "100000,100000,100000"])
    for kind, issued in (("root", made.root), ("intermediate", made.intermediate)):
        admin("hocba.trust", "create", [{"kind": kind, "pem": issued.pem().decode()}])
    for name, code in ((keys.SCHOOL, _UNIT), (keys.SECOND_SCHOOL, _SECOND)):
        admin("hocba.registry.unit", "create", [{"name": name, "code": code, "login": code, "password": _PASSWORD}])
    for year in (_YEAR, _CLOSING_YEAR):
        if not admin("hocba.registry.year", "search_count", [[("name", "=", year)]]):
            admin("hocba.registry.year", "create", [{"name": year}])
    return Settings(
        server.url,
        _UNIT,
        _PASSWORD,
        _UNIT,
        _YEAR,
        folder,
        keys.PIN,
        contract=True,
        closing_year=_CLOSING_YEAR,
        second=(_SECOND, _PASSWORD, _SECOND),
    )


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
    connection = _connected(gateway_settings, registry_officer, contract)
    yield connection
    connection.close()


def _connected(settings, officer, contract):
    options = {"judge": lambda: officer("hocba.registry.transaction", "action_process", [[]])} if officer else {}
    if settings.contract:
        options["watch"] = contract.check_reply
    return Gateway(settings, **options)


@pytest.fixture(scope="session")
def gateway(connection, school, registry_officer):
    """The gateway under test, ready for reports: the school's certificate is registered and approved.

    At somebody else's gateway its people approve it meanwhile, within ``--gateway-wait`` seconds.
    """
    _register(connection, school, registry_officer)
    return connection


def _register(connection, school, officer):
    content, extra = school.registration()
    messageid, reply = connection.deliver("3", content, **extra)
    assert reply.accepted, f"the certificate could not be registered: {reply}"
    if officer:
        connection.judge()
        waiting = officer("hocba.registry.certificate", "search", [[("state", "=", "submitted")]])
        officer("hocba.registry.certificate", "action_approve", [waiting])
    answer = connection.await_verdict("4", messageid)
    assert str(answer.answer.get("trang_thai_phe_duyet")) == "1", f"the certificate is not approved: {answer}"


@pytest.fixture(scope="session")
def transfers_offered(connection, registry_officer):
    """The gateway announces changes of school; ours always does, another that does not has nothing to be tested."""
    if is_offered(connection.ask_token()):
        return
    assert registry_officer is None, "the registry does not announce changes of school"
    pytest.skip("NOT OFFERED / CỔNG KHÔNG CÓ: changes of school (chuyen-truong-1)")


@pytest.fixture(scope="session")
def old_school(transfers_offered, gateway_settings, gateway, school):
    """The school that pupils leave."""
    if not (gateway_settings.second and gateway_settings.closing_year):
        pytest.skip("NOT TESTED / CHƯA KIỂM TRA: --gateway-second-... and --gateway-closing-year are not named")
    return Party(gateway, school)


@pytest.fixture(scope="session")
def new_school(old_school, gateway_settings, registry_officer, contract):
    """The school that they come to, its certificate approved."""
    account, password, unit = gateway_settings.second
    settings = replace(gateway_settings, account=account, password=password, unit=unit)
    school = School(settings, keys.SECOND_SCHOOL, keys.SECOND)
    connection = _connected(settings, registry_officer, contract)
    _register(connection, school, registry_officer)
    yield Party(connection, school)
    connection.close()


@pytest.fixture(scope="session")
def _closed_pupils(old_school, gateway_settings, registry_officer):
    """(data, packet) of pupils whose year the department has closed.

    At somebody else's gateway its people close it meanwhile, within ``--gateway-wait`` seconds.
    """
    gateway, school, year = old_school.gateway, old_school.school, gateway_settings.closing_year
    datas = [school.data(school_year=year) for _number in range(_PUPILS)]
    packets = school.packets(*datas)
    messageid, reply = gateway.deliver("1", school.content(packets), nam_hoc=int(year[:4]))
    assert reply.accepted, reply
    rows = gateway.await_verdict("2", messageid).rows
    assert {str(row["trang_thai"]) for row in rows.values()} == {"1"}, rows
    if registry_officer:
        _close(registry_officer, year, old_school.code)
    gateway.await_closing(messageid)
    return iter(list(zip(datas, packets, strict=True)))


def _close(officer, year, unit):
    (year_id,) = officer("hocba.registry.year", "search", [[("name", "=", year)]])
    (unit_id,) = officer("hocba.registry.unit", "search", [[("code", "=", unit)]])
    values = {"year_id": year_id, "unit_id": unit_id, "confirmation": year}
    wizard = officer("hocba.registry.closing.wizard", "create", [values])
    officer("hocba.registry.closing.wizard", "action_close", [[wizard]])


@pytest.fixture
def pupil(_closed_pupils):
    """(data, packet) of a pupil whom no other test has."""
    return next(_closed_pupils)


def encoded(content):
    """Base64 text."""
    return base64.b64encode(content).decode()
