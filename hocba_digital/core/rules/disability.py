"""What is demanded of a pupil with a disability (TT 27/2020/TT-BGDĐT Art. 8) as pure functions.

Art. 8 names three ways of education; the decision which one holds is the school's, with the individual education
plan, and never follows from the results.
"""

from collections.abc import Collection
from dataclasses import dataclass

#: inclusive: the common demands, adjusted to the disability (Art. 8.1). individual: those of the individual education
#: plan (Art. 8.1, 8.2). special: those of special education (Art. 8.2). class: a class for disabled pupils (Art. 8.3).
KINDS = ("inclusive", "individual", "special", "class")
#: Art. 8.3: the only subjects whose periodic assessment counts in a class for disabled pupils.
CLASS_SUBJECTS = frozenset({"TV", "TOAN"})


@dataclass(frozen=True, slots=True)
class Demands:
    """``assessed``: whether a result is due at all. ``subjects``: codes to which the demand for level and score is
    limited; None: the whole plan of the grade.
    """

    assessed: bool = True
    subjects: frozenset[str] | None = None

    def wants(self, code: str) -> bool:
        """Whether level and test of that subject are demanded."""
        return self.assessed and (self.subjects is None or code in self.subjects)

    def of(self, codes: Collection[str]) -> frozenset[str]:
        """Those of ``codes`` that are demanded."""
        return frozenset(code for code in codes if self.wants(code))


def demands(kind: str | None = None, *, not_assessed: bool = False) -> Demands:
    """What is demanded. ``kind``: one of KINDS, None for a pupil without a disability. ``not_assessed``: the flag
    coKhuyetTatKhongDanhGia of the national schema, by a decision of the school. Raises ValueError.

    Levels are demanded of the first three kinds alike: the demands behind a level change, the scale does not. A
    subject that the plan leaves out is an exemption (level M).
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of education for disabled pupils")
    if not_assessed and kind is None:
        raise ValueError("only a pupil with a disability can be left without assessment")
    if not_assessed:
        return Demands(assessed=False)
    return Demands(subjects=CLASS_SUBJECTS) if kind == "class" else Demands()
