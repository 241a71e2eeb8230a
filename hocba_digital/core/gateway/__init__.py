"""The wire between a school, the Sở's gateway and the ministry's repository (CV 2088, annex 1, §II.2)."""

from .client import Endpoint, GatewayClient, Probe
from .errors import ADVICE, CALL_CODES, ERRORS, GatewayError, advice_for
from .wire import (
    FUNCTIONS,
    MAX_CONTENT_BYTES,
    MAX_TRANSACTION_BYTES,
    VERSIONS,
    Answer,
    QueryAnswer,
    Request,
    Verdict,
    decode_content,
    default_paths,
    encode_content,
)
