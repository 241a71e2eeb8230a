"""The wire between a school, the Sở's gateway and the ministry's repository (CV 2088, annex 1, §II.2)."""

from .client import Endpoint, GatewayClient, Probe
from .errors import ERRORS, GatewayError
from .wire import (
    FUNCTIONS,
    MAX_TRANSACTION_BYTES,
    Answer,
    QueryAnswer,
    Request,
    Verdict,
    default_paths,
)
