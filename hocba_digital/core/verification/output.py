"""The report for people, in Vietnamese (QĐ 1789/QĐ-SGDĐT Art. 12; circular 15/2025/TT-BKHCN), and for programs.

For each signature: who signed, whom the certificate is from and its path, when, what was known of the certificate at
that time, and whether the data were changed.
"""

import json
from datetime import UTC, datetime

from cryptography import x509

from ..packet import VIETNAM_TIME
from ..signing import INDETERMINATE, TOTAL_FAILED, TOTAL_PASSED, PacketReport, Reason, SignatureReport
from ..signing.certificates import name_text
from .check import Checked

_WORST_FIRST = (TOTAL_FAILED, INDETERMINATE, TOTAL_PASSED)
_EXIT = {TOTAL_PASSED: 0, TOTAL_FAILED: 1, INDETERMINATE: 3}
_RESULTS = {
    TOTAL_PASSED: "HỢP LỆ",
    TOTAL_FAILED: "KHÔNG HỢP LỆ",
    INDETERMINATE: "CHƯA ĐỦ CĂN CỨ KẾT LUẬN",
}
_KINDS = {
    "packet": "học bạ số (XML)",
    "list": "danh sách học bạ của một giao dịch (XML)",
    "pdf": "bản PDF của học bạ số",
    "unknown": "không nhận ra loại tệp",
}
_ROLES = {
    "gvbm": "Giáo viên bộ môn",
    "gvcn": "Giáo viên chủ nhiệm",
    "cbql": "Hiệu trưởng (cán bộ quản lý)",
    "seal": "Cơ sở giáo dục (ký phát hành)",
    "transaction": "Đơn vị gửi (ký giao dịch)",
}
_REVOCATION = {
    "good": "không bị thu hồi",
    "revoked": "ĐÃ BỊ THU HỒI",
    "revoked_later": "không bị thu hồi tại thời điểm ký; bị thu hồi về sau",
    "unknown": "chưa xác định được (không có dữ liệu thu hồi)",
    "not_checked": "chưa kiểm tra",
}
_PROOFS = {
    "receipt": "thời điểm nhận do người kiểm tra nêu",
    "time_stamp": "dấu thời gian",
    "evidence": "bằng chứng lưu trữ có dấu thời gian",
}
_CHANGED = {"data_changed", "property_changed", "signature_value", "pdf_changed_later"}
_UNREADABLE = {"packet_format", "signature_format", "reference", "certificate_unreadable", "algorithm", "weak_key"}


def worst(results: list[str]) -> str:
    """The worst of several results."""
    return next((name for name in _WORST_FIRST if name in results), INDETERMINATE)


def exit_code(checked: list[Checked]) -> int:
    """0 only when every file passed."""
    return _EXIT[worst([item.report.result for item in checked])]


def as_json(checked: list[Checked]) -> str:
    """``{"result", "reasons", "signatures", "files"}``: the first three over all files, then each file by itself."""
    files = [_file(item) for item in checked]
    reasons = {json.dumps(entry, sort_keys=True): entry for file in files for entry in file["reasons"]}
    whole = {
        "result": worst([item.report.result for item in checked]),
        "reasons": list(reasons.values()),
        "signatures": [entry for file in files for entry in file["signatures"]],
        "files": files,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _file(item: Checked) -> dict:
    report = item.report
    signatures = [_signature(found, item, None) for found in report.signatures]
    signatures += [_signature(found, item, packet) for packet in report.packets for found in packet.signatures]
    return {
        "file": str(item.path),
        "kind": report.kind,
        "result": report.result,
        "sub_indication": report.sub_indication,
        "reasons": [_reason(entry) for entry in report.reasons],
        "records": [_record(packet) for packet in report.packets],
        "signatures": signatures,
    }


def _record(packet: PacketReport) -> dict:
    data = packet.data
    return {
        "result": packet.result,
        "sub_indication": packet.sub_indication,
        "uuid": data and data.uuid,
        "pupil_name": data and data.pupil_name,
        "school_year": data and data.school_year,
        "class_name": data and data.class_name,
        "school_name": data and data.school_name,
    }


def _signature(found: SignatureReport, item: Checked, packet: PacketReport | None) -> dict:
    certificate = _certificate(found)
    return {
        "file": str(item.path),
        "record": packet.data.uuid if packet and packet.data else None,
        "role": found.role,
        "role_vi": _role(found),
        "target": found.target,
        "result": found.result,
        "sub_indication": found.sub_indication,
        "reasons": [_reason(entry) for entry in found.reasons],
        "signer_name": found.signer_name,
        "signer_id": found.signer_id,
        "subject": found.subject,
        "issuer": found.issuer,
        "serial": found.serial,
        "fingerprint": found.fingerprint,
        "valid_from": _iso(certificate and certificate.not_valid_before_utc),
        "valid_until": _iso(certificate and certificate.not_valid_after_utc),
        "path": [name_text(x509.load_der_x509_certificate(der).subject) for der in found.path],
        "signed_at": _iso(found.signed_at),
        "signature_policy": found.policy,
        "proven_at": _iso(found.proven_at),
        "proof": found.proof,
        "proof_authority": found.authority,
        "revocation": found.revocation,
        "revoked_at": _iso(found.revoked_at),
        "data_intact": _intact(found),
    }


def _reason(entry: Reason) -> dict:
    return {
        "code": entry.code,
        "text": entry.text_vi,
        "sub_indication": entry.sub_indication,
        "note": entry.is_note,
        "detail": entry.detail,
    }


def as_text(checked: list[Checked]) -> str:
    """The report for people."""
    lines = [f"BÁO CÁO KIỂM TRA CHỮ KÝ SỐ — lúc {_clock(datetime.now(UTC))}", ""]
    for item in checked:
        lines += [*_file_lines(item), ""]
    if len(checked) > 1:
        result = worst([item.report.result for item in checked])
        passed = sum(item.report.result == TOTAL_PASSED for item in checked)
        lines.append(f"TẤT CẢ: {_RESULTS[result]} ({result}); {passed}/{len(checked)} tệp hợp lệ.")
    return "\n".join(lines).rstrip()


def _file_lines(item: Checked) -> list[str]:
    report = item.report
    lines = [
        f"Tệp: {item.path}",
        f"Loại: {_KINDS[report.kind]}",
        f"KẾT LUẬN: {_RESULTS[report.result]} ({_result(report)})",
        *_reason_lines(report.reasons, "  "),
    ]
    number = 0
    for found in report.signatures:
        number += 1
        lines += _signature_lines(number, found, "của cả tệp")
    for packet in report.packets:
        lines += _packet_lines(packet, several=len(report.packets) > 1)
        for found in packet.signatures:
            number += 1
            lines += _signature_lines(number, found, "của học bạ")
    return lines


def _packet_lines(packet: PacketReport, *, several: bool) -> list[str]:
    data = packet.data
    if data is None:
        return [f"Học bạ: không đọc được dữ liệu tin cậy ({_result(packet)})"]
    lines = [
        f"Học bạ: {data.pupil_name}, lớp {data.class_name}, năm học {data.school_year}, {data.school_name}",
        f"  Mã tra cứu: {data.uuid}",
    ]
    return [*lines, f"  Kết quả: {_RESULTS[packet.result]} ({_result(packet)})"] if several else lines


def _signature_lines(number: int, found: SignatureReport, of_what: str) -> list[str]:
    certificate = _certificate(found)
    lines = [f"Chữ ký {number} ({of_what}): {_role(found)}"]
    if certificate is not None:
        issuer = x509.load_der_x509_certificate(found.certificate_der).issuer
        path = [_common_name(x509.load_der_x509_certificate(der).subject) for der in found.path]
        lines += [
            f"  Người ký: {found.signer_name}" + (f" ({found.signer_id})" if found.signer_id else ""),
            f"  Chứng thư số: {found.serial}, do {_common_name(issuer)} cấp",
            f"  Hiệu lực: {_clock(certificate.not_valid_before_utc)} – {_clock(certificate.not_valid_after_utc)}",
            f"  Đường dẫn tin cậy: {' > '.join(path) or 'không có'}",
        ]
    if found.signed_at:
        lines.append(f"  Thời điểm ký: {_clock(found.signed_at)} ({_proof(found)})")
    if found.policy:
        lines.append(f"  Chính sách ký: {found.policy}")
    state = _REVOCATION.get(found.revocation, found.revocation)
    since = f" (từ {_clock(found.revoked_at)})" if found.revoked_at else ""
    intact = {True: "không bị thay đổi sau khi ký", False: "ĐÃ BỊ THAY ĐỔI", None: "không xác định được"}
    return [
        *lines,
        f"  Trạng thái chứng thư số tại thời điểm ký: {state}{since}",
        f"  Dữ liệu được ký: {intact[_intact(found)]}",
        f"  Kết quả: {_RESULTS[found.result]} ({_result(found)})",
        *_reason_lines(found.reasons, "    "),
    ]


def _role(found: SignatureReport) -> str:
    name = _ROLES.get(found.role, found.role)
    return f"{name} ({found.about})" if found.about else name


def _reason_lines(reasons: tuple[Reason, ...], indent: str) -> list[str]:
    texts = dict.fromkeys((entry.text_vi, entry.is_note) for entry in reasons)
    return [f"{indent}{'Lưu ý' if is_note else 'Lý do'}: {text}" for text, is_note in texts]


def _proof(found: SignatureReport) -> str:
    if found.proof is None:
        return "do người ký khai"
    by = f" của {found.authority}" if found.authority else ""
    return f"chứng minh bằng {_PROOFS[found.proof]}{by}: {_clock(found.proven_at)}"


def _intact(found: SignatureReport) -> bool | None:
    codes = {entry.code for entry in found.reasons}
    if codes & _CHANGED:
        return False
    return None if codes & _UNREADABLE else True


def _result(report) -> str:
    return f"{report.result}/{report.sub_indication}" if report.sub_indication else report.result


def _certificate(found: SignatureReport) -> x509.Certificate | None:
    return x509.load_der_x509_certificate(found.certificate_der) if found.certificate_der else None


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name_text(name)


def _clock(moment: datetime) -> str:
    return moment.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M:%S")


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(VIETNAM_TIME).isoformat() if moment else None
