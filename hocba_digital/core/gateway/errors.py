"""What can go wrong on the wire: four kinds, each with what to do. ``docs/wire.md`` shows these tables to people."""

#: Code -> (kind, ErrorDescription). The texts go over the wire, so they are Vietnamese.
ERRORS = {
    "00": ("none", "Thành công"),
    "01": ("none", "Đang xử lý"),
    "04": ("none", "Chưa từng nhận gói tin này"),
    "10": ("authorisation", "Sai tài khoản hoặc mật khẩu"),
    "11": ("authorisation", "Mã xác thực phiên (token) không hợp lệ hoặc đã hết hạn"),
    "12": ("authorisation", "Đơn vị không được báo cáo cho trường này"),
    "13": ("authorisation", "Đơn vị chưa có chứng thư số được phê duyệt"),
    "20": ("data", "Yêu cầu không đúng định dạng"),
    "21": ("data", "Dung lượng giao dịch vượt quá 10 MB"),
    "22": ("data", "Không giải nén được nội dung"),
    "23": ("data", "Danh sách học bạ không đúng cấu trúc"),
    "24": ("data", "Chữ ký số của giao dịch không hợp lệ"),
    "25": ("data", "Mã gói tin đã dùng cho nội dung khác"),
    "26": ("data", "Năm học đã chốt hoặc không tồn tại"),
    "30": ("data", "Học bạ không đúng cấu trúc"),
    "31": ("data", "Chữ ký số trên học bạ không hợp lệ"),
    "32": ("data", "Chứng thư số phát hành chưa được phê duyệt"),
    "33": ("data", "Mã trường không phải của đơn vị gửi"),
    "34": ("data", "Năm học của học bạ không phải năm học của giao dịch"),
    "35": ("data", "Mã tra cứu đã dùng cho học bạ khác"),
    "36": ("data", "Học sinh đã có học bạ có hiệu lực trong năm học"),
    "37": ("data", "Năm học đã chốt, không tiếp nhận thêm"),
    "90": ("receiver", "Lỗi hệ thống tiếp nhận"),
    "91": ("receiver", "Hệ thống tiếp nhận đang quá tải"),
}

#: Answers that are about the call: nothing of the transaction was looked at, so they say nothing about its fate.
#: Every other code is the receiver's answer to the transaction itself.
CALL_CODES = frozenset({"10", "11", "12", "90", "91"})

#: Kind -> advice for the person at the school, in Vietnamese.
ADVICE = {
    "data": "Xem lỗi của từng học bạ, sửa dữ liệu ở trường rồi lập và gửi học bạ thay thế.",
    "authorisation": "Kiểm tra tài khoản, mật khẩu và chứng thư số đã đăng ký với Sở, sau đó bấm “Thử lại”.",
    "transport": "Không cần làm gì: hệ thống tự gửi lại. Nếu kéo dài, kiểm tra mạng và địa chỉ Cổng tiếp nhận.",
    "receiver": "Không cần làm gì: hệ thống tự hỏi lại Cổng tiếp nhận trước khi gửi lại đúng gói tin này.",
}

#: Code -> advice where the kind's is too general.
_ADVICE_OF_CODE = {
    "12": "Kiểm tra mã trường trong phần cài đặt: phải đúng mã đơn vị mà Sở đã cấp tài khoản.",
    "13": "Gửi chứng thư số của trường cho Sở phê duyệt, sau đó gửi các học bạ này trong một giao dịch mới.",
    "21": "Giảm số học bạ trong một giao dịch ở phần cài đặt Cổng tiếp nhận rồi gửi lại.",
    "26": "Hỏi Sở: năm học chưa được mở hoặc đã chốt trên Cổng tiếp nhận.",
    "37": "Năm học đã chốt; muốn bổ sung phải đề nghị Sở.",
    "URL": "Sửa địa chỉ Cổng tiếp nhận trong phần cài đặt rồi bấm “Thử lại”.",
    "PATH": "Sửa địa chỉ và đường dẫn của Cổng tiếp nhận trong phần cài đặt rồi bấm “Thử lại”.",
    "TLS": "Báo người quản trị kiểm tra địa chỉ và chứng thư TLS của Cổng tiếp nhận. Hệ thống tự gửi lại.",
    "NAME": "Kiểm tra địa chỉ Cổng tiếp nhận và kết nối Internet của trường. Hệ thống tự gửi lại.",
}


class GatewayError(Exception):
    """A call that gave no usable answer.

    ``kind``: data, authorisation, transport or receiver. ``code``: one of ``ERRORS``, an HTTP status, or, found on this
    side: URL, PATH, NAME, CONNECT, TLS (nothing was sent), RESET, ANSWER, FORM (the answer was lost or is none).
    ``maybe_received``: the receiver may have the transaction, so its ``messageid`` has to be asked for before anything
    is sent again. ``retry_after``: seconds that the receiver asked to wait.
    """

    def __init__(self, kind, code, message, *, maybe_received=False, retry_after=None):
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.message = message
        self.maybe_received = maybe_received
        self.retry_after = retry_after

    @property
    def advice(self):
        """What the person at the school can do, in Vietnamese."""
        return advice_for(self.code, self.kind)


def advice_for(code, kind=None):
    """Advice for a code, in Vietnamese; ``kind`` is taken where the code is not one of ``ERRORS``."""
    known = ERRORS.get(code, (kind or "receiver",))[0]
    return _ADVICE_OF_CODE.get(code) or ADVICE.get(kind or known, ADVICE["receiver"])
