"""Profile 2025: the layout that packets carried in 2025, with subject teachers' signatures on their own results.

No official text describes it; what is known comes from packets and tools of the field (the names DANH_SACH_GVBM, GVBM,
PHAT_HANH_HOC_BA, thongtinhocba, and that a signature lies outside the element it refers to). The data are those of
cv2088-1.0 inside THONG_TIN_HOC_BA Id="thongtinhocba"; each DIEM_TONG_KET carries an Id. A subject teacher (GVBM) signs
own DIEM_TONG_KET, the homeroom teacher ``thongtinhocba``, head and seal ``data``. The line itself names neither pupil
nor year, so its Id ends with the record's look-up code: a signature on it fits no other record.
"""

from dataclasses import replace

from . import cv2088
from .layout import Section, write_line
from .profile import Part, SignerTag
from .values import constant

VERSION = "2025"
RECORD_ID = "thongtinhocba"
SUBJECT_ID_PREFIX = "mon"
_ISSUE = "PHAT_HANH_HOC_BA"

GENERAL = replace(
    cv2088.GENERAL,
    nodes=(replace(cv2088.GENERAL.nodes[0], kind=constant(VERSION)), *cv2088.GENERAL.nodes[1:]),
)
SUBJECTS = replace(cv2088.SUBJECTS, id_prefix=SUBJECT_ID_PREFIX, id_owner="uuid")
SUMMARY = replace(
    cv2088.SUMMARY,
    nodes=tuple(SUBJECTS if node is cv2088.SUBJECTS else node for node in cv2088.SUMMARY.nodes),
)


class Profile2025(cv2088.Cv2088):
    """Five kinds of signers, the subject teachers each with a target of their own."""

    def targets(self, signer, root):
        """Lines of results for a subject teacher, the one fixed element for everyone else."""
        if signer.role != "gvbm":
            return super().targets(signer, root)
        return tuple(line.get("Id") for line in root.iter(SUBJECTS.line_tag))

    def parts(self, data):
        """The lines of results that are complete, each as it stands in the packet."""
        found = []
        for index, line in enumerate(data.subjects):
            problems = []
            text = write_line(SUBJECTS, index, data, problems)
            if not problems and data.uuid:
                found.append(Part(line.code, SUBJECTS.line_id(index, data.uuid), text.encode()))
        return found

    def part_label(self, data, target):
        """Name of the subject."""
        names = {SUBJECTS.line_id(index, data.uuid): line.name for index, line in enumerate(data.subjects)}
        return names.get(target)

    def subject_target(self, data, code: str) -> str | None:
        """Id of the line of results of a subject, by its code; None when the record has no such line."""
        codes = [line.code for line in data.subjects]
        return SUBJECTS.line_id(codes.index(code), data.uuid) if code in codes else None


PROFILE = Profile2025(
    name="2025",
    layout=Section("DU_LIEU_HOC_BA", (Section("THONG_TIN_HOC_BA", (GENERAL, cv2088.HISTORY, SUMMARY), RECORD_ID),)),
    signers=(
        SignerTag("gvbm", "GVBM", has_id_number=True, required=False, inner_tag="DANH_SACH_GVBM"),
        SignerTag("gvcn", "GVCN", has_id_number=True, required=False, target=RECORD_ID),
        SignerTag("cbql", "CBQL", has_id_number=True, required=True, list_tag=_ISSUE),
        SignerTag("seal", "KY_PHAT_HANH", has_id_number=False, required=True, list_tag=_ISSUE),
    ),
    root_tag="HOC_BA",
    signatures_tag="DANH_SACH_THONG_TIN_KY",
    list_tag="DANH_SACH_HOC_BA",
)
