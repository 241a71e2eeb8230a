"""Fields of a record <-> XML of a record, one profile a format; limits and safe parsing."""

from .data import (
    COMPETENCES,
    CONDUCT_LEVELS,
    GENDERS,
    GENERAL_COMPETENCES,
    OVERALL_RESULTS,
    QUALITIES,
    SPECIFIC_COMPETENCES,
    SUBJECT_LEVELS,
    UPPER_GRADE_COMPETENCES,
    VIETNAM_TIME,
    HistoryLine,
    RecordData,
    SubjectLine,
    clean_text,
    find_forbidden,
    normalise,
)
from .errors import PacketError
from .limits import DEFAULT_LIMITS, Limits
from .listing import ListContent, batches
from .profile import (
    DATA_ID,
    LIST_ID,
    ParsedPacket,
    Profile,
    SignerInfo,
    SignerTag,
    get_profile,
    profile_names,
    register,
)
from .schemas import validate_signature
from .xml import canonical, safe_parse
from . import cv2088

register(cv2088.PROFILE)
