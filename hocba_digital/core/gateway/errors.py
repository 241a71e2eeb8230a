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
    "14": ("authorisation", "Sai mật khẩu quá nhiều lần, tạm khóa"),
    "20": ("data", "Yêu cầu không đúng định dạng"),
    "21": ("data", "Dung lượng giao dịch vượt quá 10 MB"),
    "22": ("data", "Không giải nén được nội dung"),
    "23": ("data", "Danh sách học bạ không đúng cấu trúc"),
    "24": ("data", "Chữ ký số của giao dịch không hợp lệ"),
    "25": ("data", "Mã gói tin đã dùng cho nội dung khác"),
    "26": ("data", "Năm học đã chốt hoặc không tồn tại"),
    "27": ("data", "Thông tin đăng ký chứng thư số không đúng"),
    "28": ("data", "Chứng thư số đã đăng ký cho đơn vị khác"),
    "30": ("data", "Học bạ không đúng cấu trúc"),
    "31": ("data", "Chữ ký số trên học bạ không hợp lệ"),
    "32": ("data", "Chứng thư số phát hành chưa được phê duyệt"),
    "33": ("data", "Mã trường không phải của đơn vị gửi"),
    "34": ("data", "Năm học của học bạ không phải năm học của giao dịch"),
    "35": ("data", "Mã tra cứu đã dùng cho học bạ khác"),
    "36": ("data", "Học sinh đã có học bạ có hiệu lực trong năm học"),
    "37": ("data", "Năm học đã chốt, không tiếp nhận thêm"),
    "38": ("data", "Học sinh đã được chuyển giao sang trường khác"),
    "40": ("data", "Cổng tiếp nhận không có học bạ này của trường"),
    "41": ("data", "Học bạ đã chốt, không thu hồi được"),
    "42": ("data", "Học bạ đã được thu hồi"),
    "43": ("data", "Cổng tiếp nhận không cho chỉnh lý học bạ đã chốt"),
    "44": ("data", "Học bạ chưa chốt: thu hồi, không chỉnh lý"),
    "45": ("data", "Học bạ đã được thay thế bởi học bạ khác"),
    "50": ("data", "Không có học sinh với thông tin này"),
    "51": ("data", "Học sinh đang thuộc trường này"),
    "52": ("data", "Trường khác đang yêu cầu học sinh này"),
    "53": ("data", "Học sinh đã được chuyển giao theo mã khác"),
    "54": ("data", "Trường nhận đã tiếp nhận học sinh"),
    "55": ("data", "Chuyển trường đã bị từ chối hoặc đã rút"),
    "56": ("data", "Tệp chuyển giao không đúng với yêu cầu"),
    "57": ("data", "Học bạ trong tệp khác với học bạ ở Cổng tiếp nhận"),
    "58": ("data", "Không có chuyển trường này của đơn vị"),
    "59": ("data", "Hỏi sai thông tin học sinh quá nhiều lần"),
    "90": ("receiver", "Lỗi hệ thống tiếp nhận"),
    "91": ("receiver", "Hệ thống tiếp nhận đang quá tải"),
}

#: Answers that are about the call: nothing of the transaction was looked at, so they say nothing about its fate.
#: Every other code is the receiver's answer to the transaction itself.
CALL_CODES = frozenset({"10", "11", "12", "14", "90", "91"})

#: Kind -> advice for the person at the school, in Vietnamese.
ADVICE = {
    "data": "Xem lỗi của từng học bạ, sửa dữ liệu ở trường rồi lập và gửi học bạ thay thế.",
    "authorisation": "Kiểm tra tài khoản, mật khẩu và chứng thư số đã đăng ký với Sở; sửa xong hệ thống tự gửi tiếp.",
    "transport": "Không cần làm gì: hệ thống tự gửi lại. Nếu kéo dài, kiểm tra mạng và địa chỉ Cổng tiếp nhận.",
    "receiver": "Không cần làm gì: hệ thống tự hỏi lại Cổng tiếp nhận trước khi gửi lại đúng gói tin này.",
}

#: Code -> advice where the kind's is too general.
_ADVICE_OF_CODE = {
    "00": "Không cần làm gì.",
    "01": "Không cần làm gì: hỏi lại sau bằng giao dịch truy vấn.",
    "04": "Không cần làm gì: hệ thống hỏi lại lần nữa rồi mới gửi đúng gói tin này.",
    "10": "Kiểm tra tài khoản, mật khẩu và mã đơn vị mà Sở đã cấp; sửa xong hệ thống tự gửi tiếp.",
    "11": "Không cần làm gì: hệ thống tự xin mã phiên mới. Nếu lặp lại, kiểm tra mật khẩu và hỏi Sở về tài khoản.",
    "12": "Kiểm tra mã trường trong phần cài đặt: phải đúng mã đơn vị mà Sở đã cấp tài khoản.",
    "13": "Gửi chứng thư số của trường cho Sở phê duyệt, sau đó gửi các học bạ này trong một giao dịch mới.",
    "14": "Kiểm tra lại mật khẩu với Sở; 15 phút sau lần sai cuối Cổng tiếp nhận mới xem lại tài khoản này.",
    "20": "Báo nhà cung cấp phần mềm: yêu cầu gửi đi thiếu trường hoặc sai kiểu dữ liệu.",
    "21": "Giảm số học bạ trong một giao dịch ở phần cài đặt Cổng tiếp nhận rồi gửi lại.",
    "22": "Kiểm tra thiết lập cách mã hóa nội dung (escape quote) với Sở, rồi gửi lại trong một giao dịch mới.",
    "23": "Báo nhà cung cấp phần mềm: danh sách gửi đi sai cấu trúc, có quá 5.000 học bạ hoặc chứa thẻ lạ.",
    "24": "Kiểm tra chứng thư số dùng để ký giao dịch (còn hạn, đúng của trường, đã được Sở phê duyệt) rồi gửi lại.",
    "25": "Không gửi lại. Gọi cho Sở, cho biết mã gói tin để hai bên đối chiếu nội dung.",
    "26": "Hỏi Sở: năm học chưa được mở hoặc đã chốt trên Cổng tiếp nhận.",
    "27": "Kiểm tra tệp chứng thư số, loại chữ ký và nhà cung cấp đã khai rồi đăng ký lại.",
    "28": "Liên hệ Sở: chứng thư số này đang đứng tên đơn vị khác.",
    "30": "Sửa trường dữ liệu được nêu, lập học bạ thay thế, ký và gửi lại.",
    "31": "Xem chữ ký nào không hợp lệ: dữ liệu đổi sau khi ký hoặc chứng thư hết hạn thì lập học bạ thay thế.",
    "32": "Đăng ký chứng thư số đã đóng dấu học bạ với Sở, hoặc lập học bạ thay thế, đóng dấu bằng chứng thư đã duyệt.",
    "33": "Sửa mã trường trong phần cài đặt cho đúng mã Sở đã cấp, lập học bạ thay thế và gửi lại.",
    "34": "Gửi học bạ trong giao dịch của đúng năm học ghi trên học bạ.",
    "35": "Không sửa mã tra cứu: lập học bạ thay thế, học bạ mới có mã tra cứu mới.",
    "36": "Nếu học bạ đã nộp bị sai, đề nghị Sở cho thu hồi rồi nộp học bạ thay thế; nếu đúng thì không cần làm gì.",
    "37": "Năm học đã chốt; muốn bổ sung phải đề nghị Sở.",
    "38": "Theo Cổng tiếp nhận, học sinh đã chuyển sang trường khác. Nếu em trở về, gửi yêu cầu chuyển trường; nếu đã "
    "tiếp nhận em bằng tệp, đề nghị Sở ghi nhận.",
    "40": "Kiểm tra mã tra cứu: học bạ này chưa nộp lên Cổng hoặc thuộc trường khác.",
    "41": "Sau khi chốt chỉ còn cách đề nghị Sở cho chỉnh lý học bạ.",
    "42": "Không cần làm gì: học bạ đã thu hồi; nộp học bạ thay thế nếu chưa nộp.",
    "43": "Sở chưa mở chức năng chỉnh lý trên Cổng tiếp nhận: liên hệ Sở.",
    "44": "Học bạ chưa chốt: dùng nút “Đề nghị thu hồi”, không chỉnh lý.",
    "45": "Không cần làm gì: học bạ này đã có học bạ khác thay thế; muốn sửa thì chỉnh lý học bạ mới.",
    "50": "Kiểm tra mã học sinh, họ tên, ngày sinh và số định danh trên giấy tờ của gia đình "
    "rồi gửi yêu cầu mới; nếu đều đúng, học bạ của em chưa có ở Cổng tiếp nhận: xin tệp chuyển giao của trường cũ.",
    "51": "Không cần yêu cầu: theo Cổng tiếp nhận, học bạ của em do chính trường này quản lý.",
    "52": "Hỏi gia đình xem em chuyển đến trường nào; Sở đã thấy hai yêu cầu và sẽ liên hệ.",
    "53": "Lập yêu cầu mới: từ khi lập yêu cầu này, học sinh đã được chuyển giao sang trường khác.",
    "54": "Không dừng được nữa: trường mới đã tiếp nhận học bạ. Nếu em trở về, trường này gửi yêu cầu mới.",
    "55": "Không cần làm gì với mã này; muốn chuyển tiếp thì lập yêu cầu mới.",
    "56": "Kiểm tra mã chuyển giao, học sinh và trường nhận ghi trong tệp: phải đúng với yêu cầu.",
    "57": "Báo Sở kèm mã chuyển giao: tệp phải có đúng các học bạ đã chốt mà Cổng tiếp nhận đang lưu.",
    "58": "Kiểm tra mã chuyển giao: Cổng tiếp nhận không có, hoặc đó là việc của trường khác.",
    "59": "Kiểm tra giấy tờ của gia đình; 15 phút sau hãy gửi yêu cầu mới.",
    "90": "Không cần làm gì: hệ thống tự hỏi lại; nếu kéo dài, báo Sở kèm mã gói tin.",
    "91": "Không cần làm gì: hệ thống tự gửi lại sau ít phút.",
    "DIGEST": "Không gửi lại. Gọi cho Sở, cho biết mã tra cứu và mã gói tin để hai bên đối chiếu nội dung; "
    "khi Sở đã xử lý xong, bấm “Thử lại”: hệ thống hỏi lại trước.",
    "URL": "Sửa địa chỉ Cổng tiếp nhận trong phần cài đặt; sửa xong hệ thống tự gửi tiếp.",
    "PATH": "Sửa địa chỉ và đường dẫn của Cổng tiếp nhận trong phần cài đặt; sửa xong hệ thống tự gửi tiếp.",
    "TLS": "Báo người quản trị kiểm tra địa chỉ và chứng thư TLS của Cổng tiếp nhận. Hệ thống tự gửi lại.",
    "VERSION": "Cập nhật phần mềm của trường, hoặc hỏi Sở Cổng tiếp nhận dùng phiên bản nào.",
    "CLOCK": "Chỉnh đồng hồ của máy chủ (bật đồng bộ giờ qua mạng): thời điểm ký phải đúng.",
    "FORM": "Hệ thống tự hỏi lại trước khi gửi lại. Nếu kéo dài, kiểm tra địa chỉ và đường dẫn: có thể đó là một "
    "trang web, không phải dịch vụ của Cổng tiếp nhận.",
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
