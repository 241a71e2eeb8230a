"""A deterministic Vietnamese primary school for the demo, the tests and the benchmarks. Free of Odoo.

``host/lib`` and ``host`` must be on ``sys.path``. The same arguments give the same school, byte for byte.
"""

from .model import Enrolled, Person, PupilData, School, SchoolClass, Subject
from .plan import subjects_of
from .school import school
from .write import known_of, plans_of, result_rows, write_class, write_school

__all__ = [
    "Enrolled",
    "Person",
    "PupilData",
    "School",
    "SchoolClass",
    "Subject",
    "known_of",
    "plans_of",
    "result_rows",
    "school",
    "subjects_of",
    "write_class",
    "write_school",
]
