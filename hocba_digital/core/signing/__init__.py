"""Signatures on records: who signs, how it is written, and whether it can be believed."""

from .certificates import Holder, holder_of, holder_of_der
from .collect import Collected, checked_ocsp, collect
from .document import document_report
from .document_report import DocumentReport
from .errors import SigningError
from .evidence import Evidence, archive_time_stamp, check_record, evidence_record, hash_tree
from .pades import Place, PreparedPdfs, attach_packet, prepare_pdfs, sign_pdfs
from .pdf_verify import pdf_report
from .policy import VerificationPolicy, default_policy
from .revocation import Revocation, revocation_of
from .report import (
    INDETERMINATE,
    REASONS,
    TOTAL_FAILED,
    TOTAL_PASSED,
    PacketReport,
    Reason,
    SignatureReport,
)
from .sign import Prepared, prepare_list, prepare_packets, prepare_parts, sign_list, sign_packets
from .signers import Answer, Pkcs12Signer, Signer
from .stamping import stamp_packets
from .timestamp import HttpTimeStamper, TimeStamper, check_stamp, digest_of, read_stamp
from .transaction import OpenedList, open_list
from .trust import TrustStore, chain_of
from .xades import SignaturePolicy
from .verify import verify_list, verify_packet, verify_part
