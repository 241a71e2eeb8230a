"""What can go wrong on the wire: four kinds, each with what to do."""

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

#: Kind -> advice for the person at the school, in Vietnamese.
ADVICE = {
    "data": "Xem lỗi của từng học bạ, sửa dữ liệu ở trường rồi lập và gửi học bạ thay thế.",
    "authorisation": "Kiểm tra tài khoản, mật khẩu và chứng thư số đã đăng ký với Sở, sau đó bấm “Thử lại”.",
    "transport": "Không cần làm gì: hệ thống tự gửi lại. Nếu kéo dài, kiểm tra mạng và địa chỉ Cổng tiếp nhận.",
    "receiver": "Không cần làm gì: hệ thống tự hỏi lại Cổng tiếp nhận trước khi gửi lại đúng gói tin này.",
}


class GatewayError(Exception):
    """A call that gave no usable answer.

    ``kind``: data, authorisation, transport or receiver. ``maybe_received``: the receiver may have
    the transaction, so its ``messageid`` has to be asked for before anything is sent again.
    ``retry_after``: seconds that the receiver asked to wait.
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
        return ADVICE[self.kind]
