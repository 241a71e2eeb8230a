"""bin/verify: kiểm tra học bạ số (XML, danh sách, PDF) mà không cần Odoo hay mạng.

Exit code 0 only when every file is TOTAL_PASSED; 1 when one is TOTAL_FAILED, 3 when one is INDETERMINATE and none
failed, 2 when nothing could be checked (usage, unreadable file, missing library).
"""

import argparse
import importlib.util
import sys
from pathlib import Path

# What the checks need, as Python names them; and how they are installed.
NEEDED = ("lxml", "cryptography", "asn1crypto", "pyhanko", "pyhanko_certvalidator", "requests")
_USAGE_ERROR = 2

DESCRIPTION = "Kiểm tra chữ ký số trên tệp học bạ số: XML của một học bạ, danh sách của một giao dịch, hoặc PDF."
EPILOG = (
    "Mã thoát: 0 nếu mọi tệp đều hợp lệ (TOTAL_PASSED); 1 nếu có tệp không hợp lệ (TOTAL_FAILED); "
    "3 nếu chưa đủ căn cứ kết luận (INDETERMINATE); 2 nếu không kiểm tra được. "
    "Tệp TÊN.evidence.pem đứng cạnh tệp TÊN được dùng làm bằng chứng lưu trữ."
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"Thiếu thư viện Python: {', '.join(missing)}.\n"
            "Cài đặt bằng lệnh: python3 -m pip install lxml cryptography pyhanko requests",
            file=sys.stderr,
        )
        return _USAGE_ERROR
    options = _parser().parse_args(arguments)
    from .check import InputError, run_checks
    from .output import as_json, as_text, exit_code

    try:
        checked = run_checks(options)
    except InputError as error:
        print(f"Lỗi: {error}", file=sys.stderr)
        return _USAGE_ERROR
    print(as_json(checked) if options.json else as_text(checked))
    return exit_code(checked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify", description=DESCRIPTION, epilog=EPILOG)
    add = parser.add_argument
    add("files", nargs="*", type=Path, metavar="FILE", help="tệp XML hoặc PDF cần kiểm tra")
    add("--trust", nargs="+", action="extend", default=[], type=Path, metavar="ROOTS.pem", help=_TRUST)
    add("--tsa-trust", nargs="+", action="extend", type=Path, metavar="ROOTS.pem", help=_TSA_TRUST)
    add("--crl", nargs="+", action="extend", default=[], type=Path, metavar="FILE", help="CRL hoặc OCSP (DER, PEM)")
    add("--evidence", nargs="+", action="extend", default=[], type=Path, metavar="FILE", help="tệp bằng chứng (PEM)")
    add("--at", metavar="MOMENT", help="thời điểm (ISO 8601, có múi giờ) mà bạn chắc chắn tệp đã tồn tại")
    add("--lenient", action="store_true", help=_LENIENT)
    add("--policy", type=Path, metavar="FILE", help="chính sách kiểm tra (JSON); mặc định: chặt chẽ")
    add("--online", action="store_true", help="được phép tải CRL, OCSP qua mạng")
    add("--json", action="store_true", help="in kết quả dạng JSON")
    return parser


_TRUST = "chứng thư số gốc (và trung gian) mà bạn tin cậy, PEM; không có gốc nào kèm sẵn"
_LENIENT = "không bắt buộc có dữ liệu thu hồi; tin thời điểm ký do người ký khai (kết quả có lưu ý)"
_TSA_TRUST = "chứng thư số gốc của tổ chức cấp dấu thời gian, PEM; mặc định: như --trust"
