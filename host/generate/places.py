"""Places of the two-level administration since July 2025 (34 provinces, no districts)."""

from random import Random

PROVINCE = "thành phố Đà Nẵng"
WARDS = (
    "Hải Châu",
    "Hòa Cường",
    "Thanh Khê",
    "An Khê",
    "An Hải",
    "Sơn Trà",
    "Ngũ Hành Sơn",
    "Cẩm Lệ",
    "Hòa Xuân",
    "Liên Chiểu",
)
_STREETS = (
    *(
        "Lê Duẩn",
        "Điện Biên Phủ",
        "Nguyễn Văn Linh",
        "Trần Cao Vân",
        "Hải Phòng",
        "Hoàng Diệu",
        "Núi Thành",
        "Ông Ích Khiêm",
    ),
    *("Nguyễn Hữu Thọ", "Cách Mạng Tháng Tám", "Lê Đình Lý", "Phan Châu Trinh", "Trưng Nữ Vương", "2 Tháng 9"),
)
HOSPITALS = (
    *("Bệnh viện Phụ sản - Nhi Đà Nẵng", "Bệnh viện Đà Nẵng", "Bệnh viện Hoàn Mỹ Đà Nẵng", "Bệnh viện 199"),
    *("Trung tâm Y tế Hải Châu", "Bệnh viện Gia đình Đà Nẵng"),
)
#: (three-digit code in ID numbers as issued, place as written today)
HOME_TOWNS = (
    *(("048", "phường Hải Châu, thành phố Đà Nẵng"), ("048", "phường Thanh Khê, thành phố Đà Nẵng")),
    *(("048", "xã Hòa Vang, thành phố Đà Nẵng"), ("048", "phường Cẩm Lệ, thành phố Đà Nẵng")),
    *(("049", "phường Tam Kỳ, thành phố Đà Nẵng"), ("049", "xã Duy Xuyên, thành phố Đà Nẵng")),
    *(("051", "phường Nghĩa Lộ, tỉnh Quảng Ngãi"), ("046", "phường Thuận Hóa, thành phố Huế")),
    *(("045", "phường Nam Đông Hà, tỉnh Quảng Trị"), ("040", "phường Thành Vinh, tỉnh Nghệ An")),
    *(("042", "phường Thành Sen, tỉnh Hà Tĩnh"), ("052", "phường Quy Nhơn, tỉnh Gia Lai")),
    *(("001", "phường Hoàn Kiếm, thành phố Hà Nội"), ("079", "phường Bến Thành, Thành phố Hồ Chí Minh")),
)
OTHER_SCHOOLS = (
    *("Trường Tiểu học Trần Quốc Toản, thành phố Huế", "Trường Tiểu học Nguyễn Trãi, tỉnh Quảng Ngãi"),
    *("Trường Tiểu học Kim Đồng, phường Tam Kỳ", "Trường Tiểu học Lê Lợi, tỉnh Gia Lai", "Trường Tiểu học Võ Thị Sáu"),
)


def address(random: Random) -> str:
    """A present address in the city."""
    house = f"{random.randint(1, 480)}"
    if random.random() < 0.3:
        house = f"K{random.randint(1, 400)}/{random.randint(1, 60)}"
    return f"{house} đường {random.choice(_STREETS)}, phường {random.choice(WARDS)}, {PROVINCE}"
