"""What the headings of columns mean, in every spelling that is accepted. Headings are compared folded (text.fold)."""

from .text import fold

QUALITIES = {
    "patriotism": "Yêu nước",
    "compassion": "Nhân ái",
    "diligence": "Chăm chỉ",
    "honesty": "Trung thực",
    "responsibility": "Trách nhiệm",
}
GENERAL_COMPETENCES = {
    "autonomy": "Tự chủ và tự học",
    "communication": "Giao tiếp và hợp tác",
    "problem_solving": "Giải quyết vấn đề và sáng tạo",
}
SPECIFIC_COMPETENCES = {
    "language": "Ngôn ngữ",
    "computation": "Tính toán",
    "science": "Khoa học",
    "technology": "Công nghệ",
    "informatics": "Tin học",
    "aesthetics": "Thẩm mĩ",
    "physical": "Thể chất",
}
COMPETENCES = GENERAL_COMPETENCES | SPECIFIC_COMPETENCES
UPPER_GRADE_COMPETENCES = ("technology", "informatics")


def competences(grade: int) -> dict[str, str]:
    """Competences assessed in a grade: technology and informatics from grade 3 on."""
    return {code: name for code, name in COMPETENCES.items() if grade >= 3 or code not in UPPER_GRADE_COMPETENCES}


def table(**spellings: str) -> dict[str, str]:
    """Folded spelling -> key, from ``key="spelling|spelling"``."""
    return {fold(name): key for key, names in spellings.items() for name in names.split("|")}


#: Columns that both kinds of workbook have.
COMMON = table(
    number="STT|TT|Số thứ tự",
    code="Mã học sinh|Mã HS|Mã định danh học sinh|Mã học sinh (*)|Mã học sinh MOET|Mã học sinh Bộ GD",
    name="Họ tên|Họ và tên|Họ và tên học sinh|Họ tên học sinh|Tên học sinh",
    birth_date="Ngày sinh|Ngày tháng năm sinh|Ngày, tháng, năm sinh|Ngày sinh (dd/mm/yyyy)|Ngày sinh dd/mm/yyyy",
    class_name="Mã lớp|Lớp|Tên lớp|Lớp học",
    id_number=(
        "Số định danh cá nhân|Mã định danh cá nhân|Số định danh|Số CCCD|CCCD|Mã số định danh cá nhân|"
        "Mã định danh Bộ Công an|Số CMND/CCCD|Số CCCD/Mã định danh|Số định danh cá nhân/CCCD"
    ),
    note="Ghi chú",
)

PUPIL = COMMON | table(
    gender="Giới tính|Nam/Nữ|Giới tính (Nam/Nữ)",
    status="Trạng thái HS|Trạng thái học sinh|Trạng thái",
    status_date="Ngày nhập trạng thái|Ngày trạng thái|Ngày chuyển trạng thái",
    ethnicity="Dân tộc|Tên dân tộc",
    no_id_reason="Lý do không có số định danh|Lí do không có số định danh|Lý do chưa có số định danh",
    nationality="Quốc tịch|Quốc gia",
    birth_place="Nơi sinh",
    home_town="Quê quán|Nguyên quán",
    address="Nơi ở hiện nay|Chỗ ở hiện nay|Địa chỉ|Chỗ ở hiện tại|Nơi ở",
    father_name="Họ và tên cha|Họ tên cha|Họ tên bố|Tên cha|Họ và tên bố",
    mother_name="Họ và tên mẹ|Họ tên mẹ|Tên mẹ",
    guardian_name="Người giám hộ|Họ và tên người giám hộ|Họ tên người giám hộ|Người giám hộ (nếu có)",
    register_number="Số đăng bộ|Số sổ đăng bộ|Số vào sổ đăng bộ",
    date_from="Ngày nhập học/chuyển đến|Ngày nhập học|Ngày vào lớp|Ngày vào trường|Ngày chuyển đến",
    disability="Loại khuyết tật|Khuyết tật",
)

HISTORY = COMMON | table(
    school_year="Năm học",
    school_name="Tên trường|Trường",
    arrived_on="Ngày nhập học/chuyển đến|Ngày nhập học|Ngày chuyển đến",
)

RESULT_FIELDS = COMMON | table(
    quality_comment="Nhận xét phẩm chất|Nhận xét về phẩm chất|Phẩm chất - Nhận xét|Nhận xét phẩm chất chủ yếu",
    general_comment="Nhận xét năng lực chung|Năng lực chung - Nhận xét|Nhận xét về năng lực chung",
    specific_comment="Nhận xét năng lực đặc thù|Năng lực đặc thù - Nhận xét|Nhận xét về năng lực đặc thù",
    homeroom_comment=(
        "Nhận xét của giáo viên chủ nhiệm|Nhận xét của GVCN|Nhận xét GVCN|Nhận xét chung|"
        "Giáo viên chủ nhiệm - Nhận xét|Nhận xét cuối năm"
    ),
    absences_excused="Số ngày nghỉ có phép|Số buổi nghỉ có phép|Nghỉ có phép|Vắng có phép|Tổng số buổi nghỉ có phép",
    absences_unexcused=(
        "Số ngày nghỉ không phép|Số buổi nghỉ không phép|Nghỉ không phép|Vắng không phép|Tổng số buổi nghỉ không phép"
    ),
    height="Chiều cao|Chiều cao (cm)",
    weight="Cân nặng|Cân nặng (kg)",
    class_completed=(
        "Hoàn thành chương trình lớp học|Hoàn thành chương trình lớp học ('x')|Hoàn thành CT lớp học|HTCTLH"
    ),
    promoted="Lên lớp|Được lên lớp|Lên lớp ('x')",
    overall="Xếp loại|Đánh giá kết quả giáo dục|Kết quả giáo dục|Đánh giá KQGD|Xếp loại kết quả giáo dục",
    award="Khen thưởng|Nội dung khen thưởng|Khen thưởng cuối năm",
    extra_award="Khen thưởng đột xuất|Nội dung khen thưởng đột xuất",
)

PARTS = table(
    level="Mức|Mức đạt được|Mức ĐG|Mức đánh giá|MĐĐ|Mức đạt",
    score="Điểm|Điểm KTĐK|Điểm kiểm tra|Điểm KT|Điểm kiểm tra định kỳ|Điểm kiểm tra định kì|KTĐK|Điểm cuối năm",
    comment="Nhận xét|NX|Nội dung nhận xét",
)

#: Groups above several columns; a trait under one of them is never taken for a subject of the same name.
GROUPS = table(
    subjects="Môn học|Các môn học|Môn học và hoạt động giáo dục|Các môn học và hoạt động giáo dục",
    quality="Phẩm chất|Phẩm chất chủ yếu|Những phẩm chất chủ yếu|Các phẩm chất chủ yếu",
    general="Năng lực chung|Những năng lực chung|NL chung",
    specific="Năng lực đặc thù|Những năng lực đặc thù|NL đặc thù",
    competence="Năng lực|Năng lực cốt lõi|Những năng lực cốt lõi",
)

_TRAIT_NAMES = {
    **{code: (name,) for code, name in (QUALITIES | COMPETENCES).items()},
    "autonomy": ("Tự chủ và tự học", "Tự chủ, tự học", "TCTH", "Tự chủ tự học", "Tự phục vụ, tự quản"),
    "communication": ("Giao tiếp và hợp tác", "Giao tiếp, hợp tác", "GTHT", "Giao tiếp hợp tác"),
    "problem_solving": (
        "Giải quyết vấn đề và sáng tạo",
        "Giải quyết vấn đề, sáng tạo",
        "GQVĐ và sáng tạo",
        "GQVĐST",
        "GQVĐ&ST",
        "Giải quyết vấn đề sáng tạo",
        "GQVĐ, sáng tạo",
    ),
    "aesthetics": ("Thẩm mĩ", "Thẩm mỹ"),
}
TRAITS = {fold(name): code for code, names in _TRAIT_NAMES.items() for name in names}

SUBJECT_NAMES = {
    "TV": ("Tiếng Việt", "TV"),
    "TOAN": ("Toán", "Môn Toán"),
    "NN1": (
        *("Ngoại ngữ 1", "Ngoại ngữ", "Ngoại ngữ 1 (Tiếng Anh)", "Tiếng Anh", "NN1", "NN", "N.Ngữ"),
        *("Tiếng Pháp", "Tiếng Trung", "Tiếng Nhật", "Tiếng Hàn", "Tiếng Đức"),
    ),
    "LSDL": ("Lịch sử và Địa lí", "Lịch sử và Địa lý", "Lịch sử & Địa lí", "LS&ĐL", "LSĐL", "LS và ĐL", "Sử - Địa"),
    "KH": ("Khoa học", "KH"),
    "TH": (
        *("Tin học", "TH-CN (Tin học)", "Tin học và Công nghệ (Tin học)", "TH&CN (Tin học)", "TH-CN(TH)"),
        *("Tin học - Công nghệ (Tin học)", "TH và CN (Tin học)"),
    ),
    "CN": (
        *("Công nghệ", "TH-CN (Công nghệ)", "Tin học và Công nghệ (Công nghệ)", "TH&CN (Công nghệ)"),
        *("Tin học - Công nghệ (Công nghệ)", "TH và CN (Công nghệ)"),
    ),
    "DD": ("Đạo đức", "ĐĐ"),
    "TNXH": ("Tự nhiên và Xã hội", "TN&XH", "TNXH", "Tự nhiên & Xã hội", "TN và XH", "TN-XH"),
    "GDTC": ("Giáo dục thể chất", "GDTC", "Thể dục"),
    "AN": ("Âm nhạc", "Nghệ thuật (Âm nhạc)", "ÂN", "NT (Âm nhạc)", "Nghệ thuật - Âm nhạc"),
    "MT": ("Mĩ thuật", "Mỹ thuật", "Nghệ thuật (Mĩ thuật)", "Nghệ thuật (Mỹ thuật)", "MT", "NT (Mĩ thuật)"),
    "HDTN": ("Hoạt động trải nghiệm", "HĐTN", "HĐ trải nghiệm", "Trải nghiệm"),
    "TDT": ("Tiếng dân tộc", "Tiếng dân tộc (thiểu số)", "Tiếng dân tộc thiểu số", "TDT", "T.Dân tộc"),
}
KNOWN_SUBJECTS = {fold(name): code for code, names in SUBJECT_NAMES.items() for name in names}
SUBJECT_LABELS = {code: names[0] for code, names in SUBJECT_NAMES.items()}

#: Values of the overall result (TT 27/2020 Art. 9.2a) as people and the sector database write them.
OVERALL = table(
    excellent="Hoàn thành xuất sắc|HTXS|Xuất sắc|HT xuất sắc",
    good="Hoàn thành tốt|HTT|HT tốt|Tốt",
    completed="Hoàn thành|HT",
    not_completed="Chưa hoàn thành|CHT",
)
OVERALL_WORDS = {
    "excellent": "Hoàn thành xuất sắc",
    "good": "Hoàn thành tốt",
    "completed": "Hoàn thành",
    "not_completed": "Chưa hoàn thành",
}
