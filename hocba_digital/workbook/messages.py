"""Sentences of all findings: English for translation by the caller, Vietnamese for use without one."""
# Outside Odoo there is no env to translate with: see _ below.
# pylint: disable=prefer-env-translation

from collections.abc import Mapping
from typing import Any

from .messages_file import FILE_MESSAGES


def _(text: str) -> str:
    """Mark a text for translation; who shows it to a person translates it."""
    return text


#: code -> (English, Vietnamese); both use the same placeholders.
MESSAGES: dict[str, tuple[str, str]] = {
    **FILE_MESSAGES,
    "missing_column": (
        _("The column “%(header)s” is missing."),
        "Thiếu cột “%(header)s”.",
    ),
    "ambiguous_header": (
        _("Columns %(first)s and %(second)s both mean “%(header)s”. Keep one of them or say more in the heading."),
        "Cột %(first)s và cột %(second)s đều được hiểu là “%(header)s”. Hãy bỏ một cột hoặc ghi tiêu đề rõ hơn.",
    ),
    "no_rows": (
        _("There is no row with a pupil under the heading."),
        "Không có dòng học sinh nào dưới dòng tiêu đề.",
    ),
    "formula": (
        _("The cell holds a formula. Formulas are not calculated here: paste the value instead."),
        "Ô chứa công thức. Phần mềm không tính công thức: hãy dán giá trị thay cho công thức.",
    ),
    "cell_error": (
        _("The cell shows the Excel error %(value)s."),
        "Ô đang báo lỗi Excel %(value)s.",
    ),
    "merged_cell": (
        _("The cell is part of the merged range %(range)s. Unmerge it: each pupil needs an own row."),
        "Ô nằm trong vùng gộp %(range)s. Hãy bỏ gộp ô: mỗi học sinh phải có dòng riêng.",
    ),
    "hidden_row": (
        _("The row is hidden in Excel. Show it or delete it, so that nothing comes in unseen."),
        "Dòng đang bị ẩn trong Excel. Hãy bỏ ẩn hoặc xóa dòng để không nhập dữ liệu mà không ai nhìn thấy.",
    ),
    "missing_code": (
        _("The pupil code is missing."),
        "Thiếu mã học sinh.",
    ),
    "missing_name": (
        _("The pupil's name is missing."),
        "Thiếu họ và tên học sinh.",
    ),
    "row_without_pupil": (
        _("The row has values but neither a pupil code nor a name."),
        "Dòng có dữ liệu nhưng không có mã học sinh và họ tên.",
    ),
    "code_form": (
        _("“%(value)s” is no pupil code: letters and digits, at most 20."),
        "“%(value)s” không phải mã học sinh: chỉ gồm chữ và số, tối đa 20 ký tự.",
    ),
    "code_lost_zero": (
        _("The code %(value)s lost its leading zero because the cell is a number. It should be %(expected)s."),
        "Mã %(value)s bị mất số 0 ở đầu vì ô ở dạng số. Mã đúng là %(expected)s.",
    ),
    "unknown_code": (
        _("No pupil has the code %(value)s."),
        "Không có học sinh nào mang mã %(value)s.",
    ),
    "unknown_code_suggest": (
        _("No pupil has the code %(value)s. Is %(suggestion)s meant?"),
        "Không có học sinh nào mang mã %(value)s. Có phải là %(suggestion)s?",
    ),
    "not_in_class": (
        _("Pupil %(name)s is not in class %(wanted)s but in %(found)s."),
        "Học sinh %(name)s không thuộc lớp %(wanted)s mà thuộc %(found)s.",
    ),
    "no_class": (
        _("Pupil %(name)s is in no class this school year."),
        "Học sinh %(name)s chưa được xếp lớp trong năm học này.",
    ),
    "name_mismatch": (
        _("Code %(code)s belongs to %(known)s, but the row says %(value)s. Are the rows shifted?"),
        "Mã %(code)s là của %(known)s nhưng dòng này ghi %(value)s. Có phải dòng bị lệch?",
    ),
    "birth_date_mismatch": (
        _("The date of birth differs from the one on file (%(known)s)."),
        "Ngày sinh khác với hồ sơ (%(known)s).",
    ),
    "identity_held": (
        _(
            "“%(stored)s” stays: the pupil has a signed record, so it changes by a decision on civil status only "
            "(“Correct civil status” on the pupil's page)."
        ),
        "Giữ nguyên “%(stored)s”: học sinh đã có học bạ được ký nên chỉ sửa theo quyết định (“Cải chính hộ tịch” trên "
        "trang học sinh).",
    ),
    "identity_conflict": (
        _("Code %(code)s belongs to %(known)s, born %(known_birth)s. Name and date of birth both differ: wrong code?"),
        "Mã %(code)s là của %(known)s, sinh %(known_birth)s. Cả họ tên và ngày sinh đều khác: có phải sai mã?",
    ),
    "duplicate_row": (
        _("The pupil stands in row %(other)s as well. Keep one row."),
        "Học sinh này đã có ở dòng %(other)s. Chỉ giữ lại một dòng.",
    ),
    "duplicate_id": (
        _("The ID number %(value)s also stands in row %(other)s."),
        "Số định danh %(value)s trùng với dòng %(other)s.",
    ),
    "id_taken": (
        _("The ID number %(value)s already belongs to the pupil with code %(code)s."),
        "Số định danh %(value)s đã thuộc về học sinh có mã %(code)s.",
    ),
    "id_form": (
        _("“%(value)s” is no personal ID number: it has exactly 12 digits."),
        "“%(value)s” không phải số định danh cá nhân: phải có đúng 12 chữ số.",
    ),
    "id_lost_zero": (
        _("The ID number lost its leading zero because the cell is a number (%(value)s). It should be %(expected)s."),
        "Số định danh bị mất số 0 ở đầu vì ô ở dạng số (%(value)s). Số đúng có thể là %(expected)s.",
    ),
    "id_disagrees": (
        _("The ID number %(value)s does not fit the sex or the date of birth. Please check."),
        "Số định danh %(value)s không khớp với giới tính hoặc ngày sinh. Hãy kiểm tra lại.",
    ),
    "date_form": (
        _("“%(value)s” is no date. Write day/month/year with four digits for the year, for example 17/05/2017."),
        "“%(value)s” không phải ngày. Hãy ghi ngày/tháng/năm với năm 4 chữ số, ví dụ 17/05/2017.",
    ),
    "date_number": (
        _("The cell holds the number %(value)s instead of a date. Format it as a date or write it as 17/05/2017."),
        "Ô chứa số %(value)s thay vì ngày. Hãy định dạng ô là ngày hoặc ghi dạng 17/05/2017.",
    ),
    "impossible_date": (
        _("The date “%(value)s” does not exist."),
        "Ngày “%(value)s” không tồn tại.",
    ),
    "birth_date_range": (
        _("The date of birth %(value)s cannot be that of a primary-school pupil."),
        "Ngày sinh %(value)s không thể là của học sinh tiểu học.",
    ),
    "date_range": (
        _("The date %(value)s is outside what can be meant here."),
        "Ngày %(value)s nằm ngoài khoảng hợp lý.",
    ),
    "choice": (
        _("“%(value)s” is not one of the values: %(choices)s."),
        "“%(value)s” không thuộc các giá trị được dùng: %(choices)s.",
    ),
    "choice_suggest": (
        _("“%(value)s” is not one of the values: %(choices)s. Is “%(suggestion)s” meant?"),
        "“%(value)s” không thuộc các giá trị được dùng: %(choices)s. Có phải là “%(suggestion)s”?",
    ),
    "level": (
        _("“%(value)s” is no level. Allowed: %(choices)s."),
        "“%(value)s” không phải mức đánh giá. Chỉ dùng: %(choices)s.",
    ),
    "level_suggest": (
        _("“%(value)s” is no level. Allowed: %(choices)s. Is “%(suggestion)s” meant?"),
        "“%(value)s” không phải mức đánh giá. Chỉ dùng: %(choices)s. Có phải là “%(suggestion)s”?",
    ),
    "decimal_score": (
        _("The score %(value)s is a decimal. TT 27/2020 allows whole numbers from 0 to 10 only."),
        "Điểm %(value)s là điểm thập phân. Thông tư 27/2020 chỉ cho điểm nguyên từ 0 đến 10.",
    ),
    "score_range": (
        _("The score %(value)s is not between 0 and 10."),
        "Điểm %(value)s không nằm trong khoảng từ 0 đến 10.",
    ),
    "score_form": (
        _("“%(value)s” is no score: a whole number from 0 to 10."),
        "“%(value)s” không phải điểm: phải là số nguyên từ 0 đến 10.",
    ),
    "score_without_test": (
        _("%(subject)s has no test in grade %(grade)s at this time, so there can be no score."),
        "Môn %(subject)s không có bài kiểm tra trong kì này ở lớp %(grade)s nên không có điểm.",
    ),
    "score_exempt": (
        _("A pupil exempt from %(subject)s (M) has no score."),
        "Học sinh miễn môn %(subject)s (M) thì không có điểm.",
    ),
    "subject_not_in_grade": (
        _("%(subject)s is not taught in grade %(grade)s; the column must be empty."),
        "Môn %(subject)s không có ở lớp %(grade)s; cột này phải để trống.",
    ),
    "trait_not_in_grade": (
        _("This competence is not assessed in grade %(grade)s; the column must be empty."),
        "Năng lực này không đánh giá ở lớp %(grade)s; cột này phải để trống.",
    ),
    "whole_number": (
        _("“%(value)s” is no whole number of days from 0 to 366."),
        "“%(value)s” không phải số nguyên từ 0 đến 366.",
    ),
    "number_form": (
        _("“%(value)s” is no number."),
        "“%(value)s” không phải số.",
    ),
    "number_range": (
        _("%(value)s is outside %(low)s to %(high)s. Is the unit right?"),
        "%(value)s nằm ngoài khoảng %(low)s đến %(high)s. Hãy kiểm tra đơn vị đo.",
    ),
    "too_long": (
        _("The text has %(count)s characters; at most %(limit)s are possible."),
        "Nội dung có %(count)s ký tự; tối đa %(limit)s ký tự.",
    ),
    "text_form": (
        _("A text is expected here, not “%(value)s”."),
        "Ô này phải là chữ, không phải “%(value)s”.",
    ),
    "unknown_class": (
        _("There is no class “%(value)s” in school year %(year)s."),
        "Không có lớp “%(value)s” trong năm học %(year)s.",
    ),
    "class_missing": (
        _("The row does not say which class the pupil is in. Choose a class or fill in the column “Lớp”."),
        "Dòng không ghi lớp của học sinh. Hãy chọn lớp hoặc điền cột “Lớp”.",
    ),
    "other_class": (
        _("The row is for class %(found)s, but class %(wanted)s is being imported."),
        "Dòng này thuộc lớp %(found)s nhưng đang nhập cho lớp %(wanted)s.",
    ),
    "already_in_class": (
        _("The pupil is already in class %(found)s this year. End that enrolment first."),
        "Học sinh đang ở lớp %(found)s trong năm học này. Hãy kết thúc việc học ở lớp đó trước.",
    ),
    "status_left": (
        _("Status “%(value)s”: the pupil is not at the school, so the row is left out."),
        "Trạng thái “%(value)s”: học sinh không còn học tại trường nên dòng không được nhập.",
    ),
    "no_id_reason_missing": (
        _("There is no ID number and no reason why. The record cannot be issued without one of them."),
        "Không có số định danh và cũng không ghi lý do. Chưa thể phát hành học bạ khi thiếu cả hai.",
    ),
    "record_closed": (
        _("The record of %(name)s is already signed. The head has to reopen it before results can change."),
        "Học bạ của %(name)s đã được ký. Hiệu trưởng phải mở lại trước khi sửa kết quả.",
    ),
    "column_not_yours": (
        _("The column differs from what is stored but is not yours to fill in; it was ignored."),
        "Cột có giá trị khác với dữ liệu hiện có nhưng không thuộc phần việc của thầy cô nên được bỏ qua.",
    ),
    "no_permission": (
        _("You may not enter the results of class %(class_name)s."),
        "Thầy cô không được nhập kết quả của lớp %(class_name)s.",
    ),
    "history_unknown_pupil": (
        _("The former school year belongs to code %(value)s, which the list of pupils does not have."),
        "Dòng quá trình học tập mang mã %(value)s không có trong danh sách học sinh.",
    ),
    "history_year": (
        _("“%(value)s” is no school year. Write it as 2024-2025."),
        "“%(value)s” không phải năm học. Hãy ghi dạng 2024-2025.",
    ),
    "history_missing": (
        _("A former school year needs its year, class, school and date."),
        "Mỗi dòng quá trình học tập cần có năm học, lớp, trường và ngày nhập học.",
    ),
    "overall_differs": (
        _("The file says “%(value)s”; by TT 27/2020 the levels and scores give “%(computed)s”."),
        "Tệp ghi “%(value)s”; theo Thông tư 27/2020, các mức và điểm cho kết quả “%(computed)s”.",
    ),
    "mark_contradicts": (
        _("The mark contradicts the result “%(computed)s” that the levels and scores give; it was ignored."),
        "Dấu ghi ở ô này trái với kết quả “%(computed)s” theo các mức và điểm nên được bỏ qua.",
    ),
}


def english(code: str) -> str:
    """The English sentence of a code with its ``%(name)s`` placeholders. Raises KeyError for an unknown code."""
    return MESSAGES[code][0]


def message(code: str, params: Mapping[str, Any] | None = None, language: str = "vi") -> str:
    """The finished sentence of a code in Vietnamese ("vi") or English (anything else)."""
    return MESSAGES[code][1 if language.startswith("vi") else 0] % dict(params or {})
