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
_FAILURES = frozenset({"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "NOT_YET_VALID", "REVOKED"})

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
    "certificate_substituted": (
        "SIG_CONSTRAINTS_FAILURE",
        "Chứng thư số kèm theo không phải chứng thư số mà người ký đã dùng để ký.",
    ),
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
    "algorithm_expired": (
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "Loại khóa hoặc thuật toán của chữ ký không còn được coi là an toàn tại thời điểm chứng minh được.",
    ),
    "revoked": ("REVOKED", "Chứng thư số đã bị thu hồi trước thời điểm ký."),
    "revoked_no_poe": (
        "REVOKED_NO_POE",
        "Chứng thư số đã bị thu hồi, chưa có bằng chứng chữ ký được tạo trước thời điểm thu hồi.",
    ),
    "ca_revoked": ("REVOKED_CA_NO_POE", "Chứng thư số của tổ chức chứng thực đã bị thu hồi."),
    "revocation_missing": (
        "TRY_LATER",
        "Thiếu dữ liệu thu hồi (CRL, OCSP) còn hiệu lực để kết luận chứng thư số có bị thu hồi hay không.",
    ),
    "stamp_broken": ("SIG_CONSTRAINTS_FAILURE", "Dấu thời gian kèm theo chữ ký bị hỏng hoặc không thuộc chữ ký này."),
    "stamp_untrusted": (None, "Dấu thời gian không do tổ chức cấp dấu thời gian tin cậy cấp, nên không được dùng."),
    "evidence_broken": (None, "Tệp bằng chứng lưu trữ bị hỏng hoặc không thuộc học bạ này, nên không được dùng."),
    "evidence_untrusted": (
        None,
        "Dấu thời gian lưu trữ không do tổ chức tin cậy cấp hoặc đã hết hạn, nên không được dùng.",
    ),
    "revoked_later": (None, "Chứng thư số bị thu hồi sau thời điểm ký; chữ ký đã có từ trước đó nên vẫn có giá trị."),
    "revocation_unknown": (None, "Chưa kiểm tra được việc thu hồi chứng thư số: không có dữ liệu thu hồi (CRL, OCSP)."),
    "policy_differs": (
        "POLICY_PROCESSING_ERROR",
        "Chính sách ký mà chữ ký viện dẫn có nội dung khác với văn bản chính sách ký đã biết.",
    ),
    "policy_unknown": (None, "Chữ ký viện dẫn một chính sách ký mà nơi kiểm tra không có văn bản để đối chiếu."),
    "no_xades": (None, "Chữ ký chỉ theo chuẩn XMLDSig, không có thuộc tính XAdES."),
    "time_not_proven": (None, "Thời điểm ký do người ký khai, chưa có bằng chứng về thời gian."),
    "no_id_in_certificate": (None, "Chứng thư số không ghi số định danh của người ký hoặc mã của tổ chức."),
    "seal_name_differs": (None, "Tên tổ chức trong chứng thư số viết khác tên trường trong học bạ."),
    "file_unknown": ("FORMAT_FAILURE", "Tệp không phải học bạ số: cần tệp XML hoặc PDF của học bạ số."),
    "file_too_large": ("FORMAT_FAILURE", "Tệp quá lớn so với một học bạ số."),
    "pdf_format": ("FORMAT_FAILURE", "Tệp PDF bị hỏng hoặc không đúng cấu trúc."),
    "pdf_changed_later": ("HASH_FAILURE", "Tệp PDF bị thêm hoặc sửa nội dung sau khi ký."),
    "packet_missing": ("SIG_CONSTRAINTS_FAILURE", "Tệp PDF không kèm dữ liệu học bạ số (XML) đã ký."),
    "packet_not_shown": ("FORMAT_FAILURE", "Dữ liệu kèm theo không phải của học bạ ghi trên bản PDF."),
    "pdf_seal_differs": (
        "SIG_CONSTRAINTS_FAILURE",
        "Cơ quan ký bản PDF không phải cơ quan đã phát hành học bạ kèm theo.",
    ),
    "pdf_head_differs": (None, "Người ký bản PDF khác với người đã ký học bạ kèm theo."),
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
    """Outcome for one signature. ``role``: a role of the profile, or ``transaction``. ``target``: Id of what had to be
    signed, and ``about`` its name, where a role has several signatures: the subject.

    What was read from a certificate stands there even if the result is not TOTAL_PASSED: show it as a claim only.
    ``signer_id``: citizen number or organisation code of the certificate; ``serial``: hexadecimal; ``fingerprint``:
    SHA-256 of the certificate, hexadecimal; ``signed_at``: the signed time, aware; ``path``: certificates (DER, root
    first) of the chain that was found. ``revocation``: good, revoked (before signing, or no proof of the contrary),
    revoked_later, unknown (no data), not_checked (no chain); ``revoked_at`` where it was. ``proven_at``: earliest
    moment at which the signature provably existed, by ``proof`` (receipt, time_stamp, evidence); ``authority``: who
    stamped. ``policy``: identifier
    of the signature policy that the signer commits to.
    """

    role: str
    result: str
    sub_indication: str | None
    reasons: tuple[Reason, ...]
    target: str | None = None
    about: str | None = None
    signer_name: str | None = None
    signer_id: str | None = None
    serial: str | None = None
    subject: str | None = None
    issuer: str | None = None
    signed_at: datetime | None = None
    policy: str | None = None
    certificate_der: bytes | None = None
    fingerprint: str | None = None
    path: tuple[bytes, ...] = ()
    revocation: str = NOT_CHECKED
    revoked_at: datetime | None = None
    proven_at: datetime | None = None
    proof: str | None = None
    authority: str | None = None


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

    def signature(self, role: str, target: str | None = None) -> SignatureReport | None:
        """The report on a role's signature (on the element with the Id ``target``); None when the packet has none."""
        return next((item for item in self.signatures if item.role == role and target in (None, item.target)), None)


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
