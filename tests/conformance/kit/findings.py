"""What was seen of each demand, in Vietnamese and English."""

import json
import threading

#: Demand -> (Vietnamese, English, source).
DEMANDS = {
    "token": ("Lấy token trước giao dịch đầu tiên", "Gets a token before the first transaction", "PL3 §3.1"),
    "form": ("Yêu cầu đúng cấu trúc JSON", "Requests have the JSON form of the contract", "§II.2.2"),
    "account": (
        "Tài khoản, SHA-256 của mật khẩu, mã đơn vị và token đúng",
        "Account, SHA-256 of the password, unit code and token are right",
        "§II.2.2",
    ),
    "message": (
        "Mỗi messageid chỉ dùng cho một nội dung",
        "A messageid is never used for other bytes",
        "§II.2.2",
    ),
    "encoding": (
        "content: Base64 của 4 byte độ dài (little-endian) + gzip, không quá 10 MB",
        "content: Base64 of 4 bytes of length (little-endian) + gzip, 10 MB at most",
        "§II.2.2, §II.2.8",
    ),
    "list": ("Danh sách đúng cấu trúc, dạng chính tắc", "The list has its form and is canonical", "§II.2.2"),
    "list_signature": (
        "Chữ ký của tổ chức trên giao dịch hợp lệ",
        "The organisation's signature over the transaction holds",
        "§II.2.2",
    ),
    "record": (
        "Học bạ đúng cấu trúc, dạng chính tắc",
        "Records follow the schema and are canonical",
        "§II.1.5, PL1",
    ),
    "signatures": (
        "Chữ ký trên học bạ hợp lệ (CBQL, KY_PHAT_HANH và chữ ký khác nếu có)",
        "Signatures of records hold (CBQL, KY_PHAT_HANH and others where present)",
        "§II.1.6",
    ),
    "identity": (
        "Mã tra cứu là UUID v4, không dùng lại; mã trường và năm học là của giao dịch",
        "Look-up codes are UUID v4 and never reused; school code and year are the transaction's",
        "§II.1.4",
    ),
    "asks": ("Hỏi kết quả từng giao dịch", "Asks for the verdicts of every transaction", "§II.2.3"),
    "asks_again": (
        "Hỏi lại khi Cổng đang xử lý",
        "Asks again while the gateway is working",
        "§II.2.3",
    ),
    "asks_first": (
        "Mất câu trả lời: hỏi bằng messageid trước khi gửi lại",
        "Lost answer: asks by messageid before it sends again",
        "§II.2.3",
    ),
    "not_twice": (
        "Không gửi lại giao dịch mà Cổng nói đã nhận",
        "Does not send again what the gateway says it has",
        "§II.2.3",
    ),
    "same_bytes": (
        "Gửi lại đúng các byte ấy dưới đúng messageid ấy",
        "Sends the same bytes again under the same messageid",
        "§II.2.2",
    ),
    "waits": ("Chờ đủ thời gian của Retry-After", "Waits as long as Retry-After says", "HTTP 503"),
    "renews": ("Token hết hạn: lấy token mới rồi gửi lại", "Expired token: gets a new one, sends again", "PL3 §3.1"),
    "refused": (
        "Học bạ bị từ chối không được gửi lại nguyên như cũ",
        "A refused record is not sent again unchanged",
        "§II.2.3",
    ),
}
_STATES = {"vi": ("ĐẠT", "KHÔNG ĐẠT", "CHƯA THẤY"), "en": ("PASS", "FAIL", "NOT SEEN")}
_SHOWN = 10


class Findings:
    """Counts and details by demand; safe for several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._good = dict.fromkeys(DEMANDS, 0)
        self._bad = {name: [] for name in DEMANDS}

    def note(self, demand, holds, detail=""):
        """One observation; ``detail`` says what was wrong. Returns ``holds``."""
        with self._lock:
            if holds:
                self._good[demand] += 1
            else:
                self._bad[demand].append(str(detail))
        return holds

    def state(self, demand):
        """pass, fail or unseen."""
        if self._bad[demand]:
            return "fail"
        return "pass" if self._good[demand] else "unseen"

    @property
    def failed(self):
        """Demands that do not hold, with their details."""
        return {name: bad for name, bad in self._bad.items() if bad}

    def as_json(self):
        """The report as JSON text."""
        rows = [
            {"demand": name, "state": self.state(name), "seen": self._good[name], "problems": self._bad[name]}
            for name in DEMANDS
        ]
        return json.dumps({"failed": len(self.failed), "demands": rows}, ensure_ascii=False, indent=1)

    def as_text(self, language="vi"):
        """The report for people."""
        index = ("vi", "en").index(language)
        labels = dict(zip(("pass", "fail", "unseen"), _STATES[language], strict=True))
        lines = []
        for name, texts in DEMANDS.items():
            lines.append(f"{labels[self.state(name)]:10} {texts[index]} [{texts[2]}] ({self._good[name]})")
            lines += [f"{'':10}   - {detail}" for detail in self._bad[name][:_SHOWN]]
            if len(self._bad[name]) > _SHOWN:
                lines.append(f"{'':10}   ... {len(self._bad[name]) - _SHOWN}")
        return "\n".join(lines) + "\n"
