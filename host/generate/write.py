"""The school's workbooks, made with the add-on's own writers."""

from collections.abc import Iterable
from pathlib import Path

import hocba_workbook as workbook

from .model import PupilData, School, SchoolClass

ETHNICITIES = ("Kinh", "Tày", "Thái", "Hoa", "Khơ-me", "Mường", "Nùng", "HMông", "Dao", "Gia-rai", "Ê-đê", "Ba-na")
OFFERED = (*ETHNICITIES, "Ra-glai", "Cơ-tu", "Người nước ngoài")


def info_of(school: School, school_class: SchoolClass) -> workbook.ClassInfo:
    """What a workbook says of its class."""
    return workbook.ClassInfo(
        name=school_class.name,
        grade=school_class.grade,
        school_year=school.school_year,
        school_name=school.name,
        homeroom_name=school_class.homeroom.name,
    )


def plans_of(school_class: SchoolClass) -> tuple[workbook.SubjectPlan, ...]:
    """The class's subjects in the words of the workbook."""
    return tuple(
        workbook.SubjectPlan(code=line.code, name=line.name, has_test=line.has_test, required=line.required)
        for line in school_class.subjects
    )


def known_of(school: School, school_class: SchoolClass, pupils: Iterable[PupilData] | None = None) -> workbook.Known:
    """What a database that has this class knows."""
    found = school_class.pupils if pupils is None else pupils
    return workbook.Known(
        pupils=tuple(
            workbook.KnownPupil(
                code=pupil.code,
                name=pupil.name,
                id_number=pupil.id_number,
                birth_date=pupil.birth_date,
                class_name=school_class.name,
                no_id_reason=pupil.no_id_reason,
            )
            for pupil in found
        ),
        class_name=school_class.name,
        classes=tuple(line.name for line in school.classes),
        school_year=school.school_year,
    )


def pupil_rows(pupils: Iterable[PupilData], class_name: str) -> list[workbook.PupilRow]:
    """Pupils as rows of the workbook."""
    names = [
        "code",
        "name",
        "gender",
        "birth_date",
        "id_number",
        "no_id_reason",
        "ethnicity",
        "nationality",
        "birth_place",
        "home_town",
        "address",
        "father_name",
        "mother_name",
        "guardian_name",
        "register_number",
        "date_from",
    ]
    return [
        workbook.PupilRow(
            sheet="Học sinh",
            row=number,
            code=pupil.code,
            values={
                **{name: getattr(pupil, name) for name in names if getattr(pupil, name) is not None},
                "class_name": class_name,
            },
            history=[
                workbook.HistoryRow(
                    school_year=line.school_year,
                    class_name=line.class_name,
                    school_name=line.school_name,
                    arrived_on=line.arrived_on,
                )
                for line in pupil.history
            ],
        )
        for number, pupil in enumerate(pupils, start=2)
    ]


def result_rows(pupils: Iterable[PupilData], class_name: str) -> list[workbook.ResultRow]:
    """Year-end results as rows of the workbook."""
    return [_result_row(pupil, number, class_name) for number, pupil in enumerate(pupils, start=2)]


def _result_row(pupil: PupilData, number: int, class_name: str) -> workbook.ResultRow:
    results = pupil.results
    plain = [
        "quality_comment",
        "general_comment",
        "specific_comment",
        "homeroom_comment",
        "absences_excused",
        "absences_unexcused",
        "height",
        "weight",
        "class_completed",
        "promoted",
        "overall",
        "award",
        "extra_award",
    ]
    values = {name: getattr(results, name) for name in plain if getattr(results, name) is not None}
    values |= {f"quality_{code}": level for code, level in results.qualities.items()}
    values |= {f"competence_{code}": level for code, level in results.competences.items()}
    subjects = {
        code: workbook.SubjectValues(level=line.level, score=line.score, comment=line.comment)
        for code, line in results.subjects.items()
    }
    return workbook.ResultRow(
        sheet="Kết quả cuối năm", row=number, code=pupil.code, values=values, subjects=subjects, class_name=class_name
    )


def write_class(school: School, school_class: SchoolClass) -> dict[str, bytes]:
    """File name -> bytes: the class's pupils and results, in our layout and in those of the sector database."""
    info, pupils, plans = info_of(school, school_class), school_class.fresh_pupils(), plans_of(school_class)
    rows, results = pupil_rows(pupils, school_class.name), result_rows(pupils, school_class.name)
    identities = {pupil.code: (pupil.name, pupil.birth_date) for pupil in pupils}
    nationalities = ("Việt Nam", "Hàn Quốc")
    name = school_class.name
    return {
        f"hoc-sinh-{name}.xlsx": workbook.pupils_workbook(info, rows, ethnicities=OFFERED, nationalities=nationalities),
        f"ket-qua-{name}.xlsx": workbook.results_workbook(info, plans, results, identities),
        f"csdl-C1-HocSinh-{name}.xlsx": workbook.sector_pupils_workbook(info, rows),
        f"csdl-KetQua-{name}.xlsx": workbook.sector_results_workbook(info, plans, results, identities),
    }


def write_school(school: School, folder: Path, *, sector: bool = False) -> list[Path]:
    """Write the workbooks of every class into a folder; with ``sector`` those of the sector database too."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for school_class in school.classes:
        for name, content in write_class(school, school_class).items():
            if sector or not name.startswith("csdl-"):
                path = folder / name
                path.write_bytes(content)
                written.append(path)
    return written
