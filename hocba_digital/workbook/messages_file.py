"""Sentences about a file as a whole and its kind; the same form as in messages."""
# Outside Odoo there is no env to translate with: see _ below.
# pylint: disable=prefer-env-translation


def _(text: str) -> str:
    """Mark a text for translation; who shows it to a person translates it."""
    return text


FILE_MESSAGES: dict[str, tuple[str, str]] = {
    "not_workbook": (
        _("The file is no Excel workbook (.xlsx). Open it in Excel and save it as “Excel Workbook (*.xlsx)”."),
        "Tệp không phải là sổ Excel (.xlsx). Hãy mở tệp bằng Excel rồi lưu dưới dạng “Excel Workbook (*.xlsx)”.",
    ),
    "old_format": (
        _("The file is in the old Excel format (.xls). Open it in Excel and save it as “Excel Workbook (*.xlsx)”."),
        "Tệp ở định dạng Excel cũ (.xls). Hãy mở tệp bằng Excel rồi lưu dưới dạng “Excel Workbook (*.xlsx)”.",
    ),
    "encrypted": (
        _("The workbook is protected by a password. Remove the password in Excel and save it again."),
        "Sổ Excel có mật khẩu. Hãy bỏ mật khẩu trong Excel rồi lưu lại.",
    ),
    "file_too_large": (
        _("The file is larger than %(limit)s MB. Split it into one file a class."),
        "Tệp lớn hơn %(limit)s MB. Hãy tách thành mỗi lớp một tệp.",
    ),
    "suspicious_file": (
        _("The file is built in a way no spreadsheet program does (%(detail)s) and was not opened."),
        "Tệp có cấu tạo bất thường (%(detail)s) nên không được mở.",
    ),
    "too_many_rows": (
        _("The sheet has %(count)s rows with content; at most %(limit)s are read at a time. Split the file."),
        "Trang tính có %(count)s dòng có dữ liệu; mỗi lần chỉ đọc tối đa %(limit)s dòng. Hãy tách tệp.",
    ),
    "too_many_columns": (
        _("The sheet has %(count)s columns with content; at most %(limit)s are read."),
        "Trang tính có %(count)s cột có dữ liệu; chỉ đọc tối đa %(limit)s cột.",
    ),
    "no_table": (
        _("No sheet has a heading with “Mã học sinh” and “Họ và tên”. Download the template and compare."),
        "Không trang tính nào có dòng tiêu đề gồm “Mã học sinh” và “Họ và tên”. Hãy tải tệp mẫu về để đối chiếu.",
    ),
    "wrong_kind_results": (
        _("This is a workbook of results, not of pupils. Import it under “Results by period”."),
        "Đây là tệp kết quả đánh giá, không phải danh sách học sinh. Hãy nhập ở mục “Kết quả đánh giá”.",
    ),
    "wrong_kind_pupils": (
        _("This is a workbook of pupils, not of results. Import it under “Pupils”."),
        "Đây là tệp danh sách học sinh, không phải kết quả đánh giá. Hãy nhập ở mục “Học sinh”.",
    ),
    "wrong_class": (
        _("The workbook was made for class %(found)s, not for class %(wanted)s."),
        "Tệp được lập cho lớp %(found)s, không phải lớp %(wanted)s.",
    ),
    "wrong_year": (
        _("The workbook was made for school year %(found)s, not for %(wanted)s."),
        "Tệp được lập cho năm học %(found)s, không phải năm học %(wanted)s.",
    ),
    "wrong_kind_staff": (
        _("This is a workbook of classes and teaching assignments. Import it under “Classes and teachers”."),
        "Đây là tệp lớp học và phân công giảng dạy. Hãy nhập ở mục “Lớp và phân công giảng dạy”.",
    ),
    "no_staff_table": (
        _("No sheet has a heading with “Lớp” and “Giáo viên” or “Khối”. Download the template and compare."),
        "Không trang tính nào có dòng tiêu đề gồm “Lớp” và “Giáo viên” hoặc “Khối”. Hãy tải tệp mẫu để đối chiếu.",
    ),
    "class_name_missing": (
        _("The class is missing."),
        "Thiếu tên lớp.",
    ),
    "class_new_without_grade": (
        _("There is no class “%(value)s” yet. To create it, state its grade."),
        "Chưa có lớp “%(value)s”. Muốn tạo lớp mới, hãy ghi khối.",
    ),
    "grade_differs": (
        _("Class %(class_name)s is of grade %(known)s, not %(value)s."),
        "Lớp %(class_name)s thuộc khối %(known)s, không phải khối %(value)s.",
    ),
    "subject_unknown": (
        _("“%(value)s” is no subject of grade %(grade)s."),
        "“%(value)s” không phải môn học của khối %(grade)s.",
    ),
    "teacher_unknown": (
        _("No user of the school is called “%(value)s”, neither by login nor by name."),
        "Không có người dùng nào của trường có tài khoản hoặc họ tên là “%(value)s”.",
    ),
    "teacher_several": (
        _("Several users are called “%(value)s”. Write the login instead."),
        "Có nhiều người dùng tên “%(value)s”. Hãy ghi tài khoản thay cho họ tên.",
    ),
    "teacher_twice": (
        _("Row %(other)s names another teacher for the same class and subject."),
        "Dòng %(other)s ghi giáo viên khác cho cùng lớp và môn học.",
    ),
    "encoding_unknown": (
        _("The file is no text in UTF-8, UTF-16 or Windows-1258. Save it as Excel Workbook (.xlsx) or CSV UTF-8."),
        "Tệp không phải văn bản UTF-8, UTF-16 hoặc Windows-1258. Hãy lưu lại dạng Excel (.xlsx) hoặc CSV UTF-8.",
    ),
    "html_file": (
        _("The file is a web page although its name says otherwise. Open it in Excel and save it as “Excel Workbook”."),
        "Tệp thực chất là trang web (HTML/XML). Hãy mở bằng Excel rồi lưu dưới dạng “Excel Workbook (*.xlsx)”.",
    ),
    "not_delimited": (
        _("The file has one column only. Columns are separated by commas, semicolons, tabs or bars."),
        "Tệp chỉ có một cột. Các cột phải cách nhau bằng dấu phẩy, chấm phẩy, tab hoặc dấu gạch đứng.",
    ),
    "empty_file": (
        _("The file has no content."),
        "Tệp không có nội dung.",
    ),
    "mapped_twice": (
        _("Columns %(first)s and %(second)s are both read as the same field. Keep one of them."),
        "Cột %(first)s và cột %(second)s cùng được ghép vào một mục. Chỉ giữ lại một cột.",
    ),
    "pupil_unknown": (
        _("No pupil with this name and date of birth: %(name)s."),
        "Không tìm thấy học sinh có họ tên và ngày sinh này: %(name)s.",
    ),
    "pupil_several": (
        _("Several pupils are called %(name)s. Add the pupil code, the ID number or the date of birth."),
        "Có nhiều học sinh tên %(name)s. Hãy bổ sung mã học sinh, số định danh hoặc ngày sinh.",
    ),
    "wrong_period": (
        _("The workbook holds the results of %(found)s, not of %(wanted)s. Choose the right period."),
        "Tệp chứa kết quả %(found)s, không phải %(wanted)s. Hãy chọn đúng kì đánh giá.",
    ),
    "not_in_period": (
        _("Overall result, promotion and awards belong to the end of the year; the cell was ignored."),
        "Xếp loại, lên lớp và khen thưởng chỉ có ở cuối năm học; ô này được bỏ qua.",
    ),
    "conflict_kept": (
        _("Both were changed: the software now has “%(stored)s” (“%(old)s” at export), the file has “%(new)s”."),
        "Cả hai nơi đều đã sửa: phần mềm đang có “%(stored)s” (lúc xuất tệp là “%(old)s”), tệp ghi “%(new)s”.",
    ),
    "cleared_cell": (
        _("The cell was emptied in the file; the software has “%(stored)s”."),
        "Ô đã bị xóa trắng trong tệp; phần mềm đang có “%(stored)s”.",
    ),
}
