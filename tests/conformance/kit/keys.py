"""Keys of schools that do not exist: teacher, head and seal of one, the seal of another, one authority for both.

``python -m kit.keys FOLDER UNIT_CODE [UNIT_CODE_OF_THE_SECOND]``. The gateway under test has to trust ``root.pem`` and
``intermediates.pem``.
"""

import sys
from pathlib import Path

from hocba_core.signing import Pkcs12Signer
from pki import make_pki

PIN = "246810"
SCHOOL = "Trường Tiểu học Kiểm Thử"
TEACHER, TEACHER_ID = "Lê Thị Mai", "048185004321"
HEAD, HEAD_ID, HEAD_TITLE = "Nguyễn Thị Hồng Vân", "048175001234", "Hiệu trưởng"
SEAL = "seal"
#: The seal of a second school, to which pupils change.
SECOND, SECOND_SCHOOL = "second", "Trường Tiểu học Tiếp Nhận"
#: Somebody else's seal, under the same authority.
STRANGER = "stranger"


def make(folder, unit_code, second="0409999998", pin=PIN):
    """Write the key files and the authorities into ``folder``; returns the Pki. ``second``: unit of SECOND_SCHOOL."""
    people = [("gvcn", TEACHER, TEACHER_ID, "Giáo viên"), ("cbql", HEAD, HEAD_ID, HEAD_TITLE)]
    organisations = [
        (SEAL, SCHOOL, f"{unit_code:0>10}"),
        (SECOND, SECOND_SCHOOL, f"{second:0>10}"),
        (STRANGER, "Trường Tiểu học Khác", "0409999999"),
    ]
    return make_pki(folder, people, organisations, password=pin, key_kind="ec")


def load(folder, pin):
    """Role -> signer."""
    return {path.stem: Pkcs12Signer.load(path.read_bytes(), pin) for path in Path(folder).glob("*.p12")}


if __name__ == "__main__":
    make(*sys.argv[1:4])
    print(f"{sys.argv[1]}: gvcn, cbql, seal, second, stranger (.p12); root.pem, intermediates.pem. PIN: {PIN}")
