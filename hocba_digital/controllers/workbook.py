from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request

from .. import workbook
from ..models.assessment import COMPETENCE_FIELDS, QUALITY_FIELDS
from ..models.pupil import WORKBOOK_FIELDS

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RESULT = (
    *QUALITY_FIELDS,
    *COMPETENCE_FIELDS,
    *("quality_comment", "general_comment", "specific_comment", "homeroom_comment", "height", "weight"),
    *("class_completed", "promoted", "award", "extra_award"),
)


class WorkbookController(http.Controller):
    """Download of the workbooks of a class, filled in with what is known."""

    @http.route(
        "/hocba/workbook/<string:kind>/<int:class_id>", type="http", auth="user", readonly=True, methods=["GET"]
    )
    def template(self, kind, class_id, **_options):
        """Workbook of kind ``pupils`` (clerk) or ``results`` (clerk, teachers of the class)."""
        school_class = self._class(kind, class_id)
        info = workbook.ClassInfo(
            name=school_class.name,
            grade=int(school_class.grade),
            school_year=school_class.school_year_id.name,
            school_name=school_class.company_id.name,
            homeroom_name=school_class.homeroom_id.name or "",
        )
        content = self._pupils(info, school_class) if kind == "pupils" else self._results(info, school_class)
        name = f"{'hoc-sinh' if kind == 'pupils' else 'ket-qua-cuoi-nam'}-{school_class.name}-{info.school_year}.xlsx"
        headers = [
            ("Content-Type", _TYPE),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(content, headers)

    def _class(self, kind, class_id):
        user = request.env.user
        if kind not in ("pupils", "results"):
            raise request.not_found()
        groups = ["group_clerk"] if kind == "pupils" else ["group_clerk", "group_subject_teacher"]
        school_class = request.env["hocba.class"].browse(class_id)
        try:
            school_class.check_access("read")
            school_class.fetch(["name"])
        except (AccessError, MissingError):
            raise request.not_found() from None
        if not any(user.has_group(f"hocba_digital.{group}") for group in groups):
            raise request.not_found()
        return school_class

    def _enrolments(self, school_class):
        return school_class.enrolment_ids.filtered("is_current").sorted(
            lambda line: ((line.pupil_id.name or "").split()[-1:], line.pupil_id.name, line.pupil_id.code)
        )

    def _pupils(self, info, school_class):
        rows = []
        for number, enrolment in enumerate(self._enrolments(school_class), start=2):
            pupil = enrolment.pupil_id
            values = {name: pupil[name] for name in WORKBOOK_FIELDS if pupil[name]}
            values |= {"date_from": enrolment.date_from, "class_name": school_class.name}
            if pupil.ethnicity_id:
                values["ethnicity"] = pupil.ethnicity_id.name
            if pupil.nationality_id:
                values["nationality"] = pupil.nationality_id.with_context(lang="vi_VN").name
            history = [
                workbook.HistoryRow(
                    school_year=line.school_year_name,
                    class_name=line.class_name,
                    school_name=line.school_name,
                    arrived_on=line.date_from,
                )
                for line in pupil.enrolment_ids - enrolment
            ]
            rows.append(workbook.PupilRow(sheet="", row=number, code=pupil.code, values=values, history=history))
        ethnicities = request.env["hocba.ethnicity"].search([("code", "!=", False)]).mapped("name")
        countries = (
            request.env["res.country"].sudo().with_context(lang="vi_VN").search([("code", "!=", False)]).mapped("name")
        )
        return workbook.pupils_workbook(info, rows, ethnicities=ethnicities, nationalities=sorted(countries))

    def _results(self, info, school_class):
        wizard = request.env["hocba.import.wizard"].new({"kind": "results", "class_id": school_class.id})
        assessments = wizard._assessments(school_class)
        rows, identities = [], {}
        for number, enrolment in enumerate(self._enrolments(school_class), start=2):
            pupil = enrolment.pupil_id
            identities[pupil.code] = (pupil.name, pupil.birth_date or None)
            rows.append(self._result_row(number, pupil.code, assessments.get(pupil.code)))
        return workbook.results_workbook(info, wizard._subject_plans(school_class), rows, identities)

    def _result_row(self, number, code, assessment):
        row = workbook.ResultRow(sheet="", row=number, code=code, values={}, subjects={})
        if assessment:
            row.values = {name: assessment[name] for name in _RESULT if assessment[name]}
            if assessment.has_attendance:
                row.values |= {name: assessment[name] for name in ("absences_excused", "absences_unexcused")}
            for line in assessment.result_ids:
                row.subjects[line.subject_id.code] = workbook.SubjectValues(
                    level=line.level or None,
                    score=int(line.score) if line.score else None,
                    comment=line.comment or None,
                )
        return row
