"""Fields of a record <-> XML of a record, one profile a format; limits and safe parsing."""

from .data import (
    COMPETENCES,
    CONDUCT_LEVELS,
    DIGITISED_NOTE,
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
    MOST_SIGNERS,
    ParsedPacket,
    Part,
    Profile,
    SignerInfo,
    SignerTag,
    default_profile,
    get_profile,
    profile_names,
    profile_of,
    reading_profile,
    register,
)
from .schemas import validate_signature
from .sheet import build_sheet, element, given, leaf, open_sheet
from .xml import canonical, safe_parse
from . import cv2088, profile2025

register(cv2088.PROFILE)
register(profile2025.PROFILE)
