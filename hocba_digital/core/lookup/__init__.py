"""Look-up by outsiders: the second factor, what it shows, and how many guesses there are."""

from .content import PublicLine, PublicRecord, initials, public_record
from .copies import CopyNumber, new_code, read_code
from .factor import DIGITS, Factor, read_factor
from .limits import FILES, GUESSES, VIEWS, Counter, Decision, Limit, decide, mask_address, network_of

__all__ = [
    "DIGITS",
    "FILES",
    "GUESSES",
    "VIEWS",
    "CopyNumber",
    "Counter",
    "Decision",
    "Factor",
    "Limit",
    "PublicLine",
    "PublicRecord",
    "decide",
    "initials",
    "mask_address",
    "network_of",
    "new_code",
    "public_record",
    "read_code",
    "read_factor",
]
