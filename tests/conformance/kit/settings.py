"""Which gateway is tested, and as whom."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from hocba_core.gateway import default_paths

#: Option of pytest without its dashes -> (default, what it is). Each is also read from the environment,
#: as HOCBA_GATEWAY_URL for --gateway-url.
OPTIONS = {
    "gateway-url": (None, "address of the gateway under test; without it the project's own registry is started"),
    "gateway-account": (None, "user_name of the test account"),
    "gateway-password": (None, "password of the test account, in clear"),
    "gateway-unit": (None, "ma_don_vi and MA_TRUONG of the test account"),
    "gateway-year": ("2025-2026", "a school year that is open at the gateway"),
    "gateway-keys": (None, "folder of gvcn.p12, cbql.p12 and seal.p12 (made by `python -m kit.keys`)"),
    "gateway-pin": ("246810", "PIN of the key files"),
    "gateway-quote": ("none", "escape quote of the gateway: none or backslash"),
    "gateway-wait": ("120", "seconds to wait for a verdict or for the approval of the certificate"),
    "gateway-second-account": (
        "",
        "user_name of a second school, to which pupils change; without it no change is tested",
    ),
    "gateway-second-password": ("", "its password, in clear"),
    "gateway-second-unit": ("", "its ma_don_vi"),
    "gateway-closing-year": ("", "a school year that the department closes for the test account while the kit waits"),
    "gateway-contract": ("no", "yes: hold the gateway to the whole OpenAPI document, extensions and codes included"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The gateway under test. ``contract``: whether codes and extensions of our own document are demanded too;
    ``second``: user_name, password and ma_don_vi of the school that pupils change to; empty: none is named.
    """

    url: str
    account: str
    password: str = field(repr=False)
    unit: str
    year: str
    keys: Path
    pin: str = field(repr=False)
    quote: str = "none"
    wait: float = 120
    contract: bool = False
    closing_year: str = ""
    second: tuple = field(default=(), repr=False)
    paths: dict = field(default_factory=default_paths)


def add_options(parser):
    """Tell pytest about ``OPTIONS``."""
    group = parser.getgroup("gateway", "conformance of a gateway")
    for name, (_default, text) in OPTIONS.items():
        group.addoption(f"--{name}", default=None, help=text)


def stated(config):
    """Settings from options and environment; None when no gateway is named. Raises ValueError for what is missing."""
    values = {name: _value(config, name, default) for name, (default, _text) in OPTIONS.items()}
    if not values["gateway-url"]:
        return None
    missing = [f"--{name}" for name, value in values.items() if value is None]
    if missing:
        raise ValueError(f"missing: {', '.join(missing)}")
    paths = {
        service: os.environ.get(f"HOCBA_GATEWAY_PATH_{service.upper()}", path)
        for service, path in default_paths().items()
    }
    second = tuple(values[f"gateway-second-{name}"] for name in ("account", "password", "unit"))
    return Settings(
        url=values["gateway-url"].rstrip("/"),
        account=values["gateway-account"],
        password=values["gateway-password"],
        unit=values["gateway-unit"],
        year=values["gateway-year"],
        keys=Path(values["gateway-keys"]),
        pin=values["gateway-pin"],
        quote=values["gateway-quote"],
        wait=float(values["gateway-wait"]),
        contract=values["gateway-contract"] == "yes",
        closing_year=values["gateway-closing-year"],
        second=second if all(second) else (),
        paths=paths,
    )


def _value(config, name, default):
    option = config.getoption(f"--{name}", None)
    return option or os.environ.get(f"HOCBA_{name.upper().replace('-', '_')}") or default
