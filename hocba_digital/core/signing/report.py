"""The three-valued outcome of a verification, in the terms of ETSI EN 319 102-1, with reasons to show to people.

Reason texts are Vietnamese literals: Art. 12 of the HCMC regulation (QĐ 1789/QĐ-SGDĐT) and circular 15/2025/TT-BKHCN
ask verifying software to say in Vietnamese who signed, when, and what is wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..packet import RecordData

TOTAL_PASSED = "TOTAL_PASSED"
INDETERMINATE = "INDETERMINATE"
TOTAL_FAILED = "TOTAL_FAILED"
NOT_CHECKED = "not_checked"

# Sub-indications that mean "certainly not valid"; every other one leaves the question open.
_FAILURES = frozenset({"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "NOT_YET_VALID"})

REASONS: dict[str, tuple[str | None, str]] = {
    "packet_format": ("FORMAT_FAILURE", "Tệp học bạ không đúng cấu trúc quy định."),
    "list_format": ("FORMAT_FAILURE", "Danh sách học bạ không đúng cấu trúc quy định."),
    "signature_format": ("FORMAT_FAILURE", "Chữ ký số không đúng cấu trúc quy định."),
    "reference": ("FORMAT_FAILURE", "Chữ ký số không trỏ đúng vào phần dữ liệu phải ký."),
    "data_changed": ("HASH_FAILURE", "Dữ liệu đã bị thay đổi sau khi ký."),
    "property_changed": ("HASH_FAILURE", "Thời điểm ký đã bị thay đổi sau khi ký."),
    "signature_value": ("SIG_CRYPTO_FAILURE", "Giá trị chữ ký không khớp với chứng thư số của người ký."),
    "certificate_not_yet_valid": ("NOT_YET_VALID", "Thời điểm ký trước khi chứng thư số có hiệu lực."),
    "certificate_expired": ("OUT_OF_BOUNDS_NO_POE", "Chứng thư số đã hết hạn tại thời điểm kiểm tra hoặc ký."),
    "ca_out_of_bounds": (
        "OUT_OF_BOUNDS_NO_POE",
        "Chứng thư số của tổ chức chứng thực không còn hoặc chưa có hiệu lực tại thời điểm ký.",
    ),
    "algorithm": ("CRYPTO_CONSTRAINTS_FAILURE", "Thuật toán ký hoặc băm không được chấp nhận."),
    "weak_key": ("CRYPTO_CONSTRAINTS_FAILURE", "Khóa của người ký quá yếu hoặc thuộc loại không được chấp nhận."),
    "certificate_unreadable": ("NO_SIGNING_CERTIFICATE_FOUND", "Không đọc được chứng thư số của người ký."),
    "no_chain": ("NO_CERTIFICATE_CHAIN_FOUND", "Chứng thư số không do tổ chức chứng thực tin cậy cấp."),
    "chain_constraints": ("CHAIN_CONSTRAINTS_FAILURE", "Chuỗi chứng thư số không hợp lệ."),
    "key_usage": ("CHAIN_CONSTRAINTS_FAILURE", "Chứng thư số không được cấp để ký số."),
    "signature_missing": ("SIG_CONSTRAINTS_FAILURE", "Thiếu chữ ký số bắt buộc."),
    "subject_name": ("SIG_CONSTRAINTS_FAILURE", "Tên người ký ghi kèm chữ ký khác với tên trong chứng thư số."),
    "signing_time_differs": ("SIG_CONSTRAINTS_FAILURE", "Ngày ký ghi trong học bạ khác với thời điểm ký đã được ký."),
    "signing_time_unreadable": ("SIG_CONSTRAINTS_FAILURE", "Không đọc được thời điểm ký."),
    "signed_in_future": ("SIG_CONSTRAINTS_FAILURE", "Thời điểm ký sau thời điểm kiểm tra."),
    "order": ("SIG_CONSTRAINTS_FAILURE", "Các chữ ký không theo đúng thứ tự ký."),
    "signer_id_differs": ("SIG_CONSTRAINTS_FAILURE", "Số CCCD của người ký khác với số ghi trong dữ liệu học bạ."),
    "certificate_id_differs": ("SIG_CONSTRAINTS_FAILURE", "Số CCCD của người ký khác với số trong chứng thư số."),
    "not_person": ("SIG_CONSTRAINTS_FAILURE", "Chữ ký của cá nhân lại dùng chứng thư số của tổ chức."),
    "not_organisation": ("SIG_CONSTRAINTS_FAILURE", "Chữ ký của tổ chức lại dùng chứng thư số của cá nhân."),
    "seal_not_approved": ("SIG_CONSTRAINTS_FAILURE", "Chứng thư số của tổ chức chưa được cấp quản lý phê duyệt."),
    "revocation_not_checked": (None, "Chưa kiểm tra thu hồi chứng thư số."),
    "time_not_proven": (None, "Thời điểm ký do người ký khai, chưa có bằng chứng về thời gian."),
    "no_id_in_certificate": (None, "Chứng thư số không ghi số định danh của người ký hoặc mã của tổ chức."),
    "seal_name_differs": (None, "Tên tổ chức trong chứng thư số viết khác tên trường trong học bạ."),
}
"""Reason code -> (sub-indication, text). Without a sub-indication it is a note that leaves the result alone."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding. ``detail`` is English and for developers; it may quote hostile input."""

    code: str
    text_vi: str
    sub_indication: str | None = None
    detail: str | None = None

    @property
    def is_note(self) -> bool:
        """Whether it only informs."""
        return self.sub_indication is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """Outcome for one signature. ``role``: a role of the profile, or ``transaction``.

    What was read from a certificate stands there even if the result is not TOTAL_PASSED: show it as a claim only.
    ``signer_id``: citizen number or organisation code of the certificate; ``serial``: hexadecimal; ``fingerprint``:
    SHA-256 of the certificate, hexadecimal; ``signed_at``: the signed time, aware; ``path``: certificates (DER, root
    first) of the chain that was found; ``revocation``: always ``not_checked`` here.
    """

    role: str
    result: str
    sub_indication: str | None
    reasons: tuple[Reason, ...]
    signer_name: str | None = None
    signer_id: str | None = None
    serial: str | None = None
    subject: str | None = None
    issuer: str | None = None
    signed_at: datetime | None = None
    certificate_der: bytes | None = None
    fingerprint: str | None = None
    path: tuple[bytes, ...] = ()
    revocation: str = NOT_CHECKED


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketReport:
    """Outcome for one packet; ``signatures`` in the order of the profile's roles.

    ``data`` was read from the very element whose digest the signatures were checked against. It is None unless at
    least one signature is cryptographically intact and nothing failed for certain. Only TOTAL_PASSED means valid.
    """

    result: str
    sub_indication: str | None
    reasons: tuple[Reason, ...]
    signatures: tuple[SignatureReport, ...] = ()
    data: RecordData | None = None

    def signature(self, role: str) -> SignatureReport | None:
        """The report on a role's signature, or None when the packet has none."""
        return next((item for item in self.signatures if item.role == role), None)


def reason(code: str, detail: str | None = None) -> Reason:
    """The table's entry for a code."""
    sub_indication, text = REASONS[code]
    return Reason(code, text, sub_indication, detail)


def verdict(reasons: Iterable[Reason]) -> tuple[str, str | None]:
    """Result and sub-indication of findings: the first certain failure, else the first open question, else passed."""
    found = [item.sub_indication for item in reasons if item.sub_indication]
    failure = next((name for name in found if name in _FAILURES), None)
    if failure:
        return TOTAL_FAILED, failure
    return (INDETERMINATE, found[0]) if found else (TOTAL_PASSED, None)
