"""Signatures on records: who signs, how it is written, and whether it can be believed."""

from .certificates import Holder, holder_of, holder_of_der
from .errors import SigningError
from .report import (
    INDETERMINATE,
    REASONS,
    TOTAL_FAILED,
    TOTAL_PASSED,
    PacketReport,
    Reason,
    SignatureReport,
)
from .sign import sign_list, sign_packets
from .signer import Pkcs12Signer, Signer
from .trust import TrustStore
from .verify import verify_list, verify_packet
