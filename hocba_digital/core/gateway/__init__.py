"""The wire between a school, the Sở's gateway and the ministry's repository (CV 2088, annex 1, §II.2)."""

from .acknowledgement import (
    AcknowledgedRecord,
    Acknowledgement,
    build_acknowledgement,
    parse_acknowledgement,
)
from .client import Endpoint, GatewayClient
from .errors import ADVICE, CALL_CODES, ERRORS, GatewayError, advice_for
from .forms import (
    AMENDMENT,
    MAX_EVIDENCE_BYTES,
    Recall,
    Registration,
    build_recalls,
    build_registration,
    parse_recalls,
    parse_registration,
)
from .pauses import after_probe, after_try
from .probe import Probe
from .transfers import (
    MAX_ROWS,
    RECEIPT,
    RELEASE,
    REQUEST,
    STATES,
    STEPS,
    STOP,
    TRANSFERS,
    TransferAnswer,
    TransferRow,
)
from .tls import Tls, describe, read_authorities, read_client
from .wire import (
    FUNCTIONS,
    MAX_CONTENT_BYTES,
    MAX_TRANSACTION_BYTES,
    PROVIDERS,
    SIGNATURE_TYPES,
    VERSIONS,
    Answer,
    CertificateAnswer,
    QueryAnswer,
    RecallAnswer,
    RecallVerdict,
    Request,
    Verdict,
    decode_content,
    default_paths,
    encode_content,
)
