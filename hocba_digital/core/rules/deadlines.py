"""Time and deadlines of the reporting of records (plan 213/KH-BGDĐT, annex §2.1), in Vietnam's time."""

import re
from datetime import date, datetime, time, timedelta

from ..packet.data import VIETNAM_TIME


def now() -> datetime:
    """The present moment at +07:00, whole seconds."""
    return datetime.now(VIETNAM_TIME).replace(microsecond=0)


def today() -> date:
    """The calendar day in Vietnam now, whatever the time zone of server or user."""
    return now().date()


def local(moment: datetime) -> datetime:
    """A moment in Vietnam's time. A naive one is taken as UTC, as Odoo stores it."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=VIETNAM_TIME) + timedelta(hours=7)
    return moment.astimezone(VIETNAM_TIME)


def local_date(moment: datetime) -> date:
    """The calendar day of a moment in Vietnam."""
    return local(moment).date()


def iso(moment: datetime) -> str:
    """YYYY-MM-DDThh:mm:ss+07:00."""
    return local(moment).replace(microsecond=0).isoformat()


def last_moment(day: date, *, inclusive: bool = False) -> datetime:
    """Last second in time for a deadline "before ``day``" ("trước 30/6": 29/6 23:59:59 +07:00).

    ``inclusive``: the practice of authorities that accept reports on the day itself.
    """
    return datetime.combine(day if inclusive else day - timedelta(days=1), time(23, 59, 59), VIETNAM_TIME)


def is_past(day: date, moment: datetime, *, inclusive: bool = False) -> bool:
    """Whether the deadline has passed at that moment."""
    return local(moment).replace(microsecond=0) > last_moment(day, inclusive=inclusive)


def days_left(day: date, moment: datetime, *, inclusive: bool = False) -> int:
    """Calendar days from the moment's day to the last day in time: 0 on that day, negative after it."""
    return (last_moment(day, inclusive=inclusive).date() - local_date(moment)).days


def default_deadlines(school_year: str) -> dict[str, date]:
    """The four official dates of a school year "2025-2026". Keys as in hocba.school.year:
    deadline_school (before 30/6), deadline_authority (10/7), deadline_school_summer (15/8),
    deadline_authority_summer (25/8).
    """
    _first, year = school_years(school_year)
    return {
        "deadline_school": date(year, 6, 30),
        "deadline_authority": date(year, 7, 10),
        "deadline_school_summer": date(year, 8, 15),
        "deadline_authority_summer": date(year, 8, 25),
    }


def warning_days(text: str) -> tuple[int, ...]:
    """(14, 7, 3, 1) of "14, 7, 3, 1": days before a deadline at which people are told, largest first.

    Raises ValueError for anything but whole days from 0 to 365.
    """
    days = {int(part) for part in re.split(r"[,;\s]+", (text or "").strip()) if part}
    if not days or not all(0 <= day <= 365 for day in days):
        raise ValueError(f"{text!r} is no list of days such as 14, 7, 3, 1")
    return tuple(sorted(days, reverse=True))


def warning_reached(left: int, thresholds: tuple[int, ...]) -> int | None:
    """The smallest threshold that ``left`` days have come down to; -1 after the deadline, None before the first."""
    if left < 0:
        return -1
    return min((day for day in thresholds if left <= day), default=None)


def school_years(name: str) -> tuple[int, int]:
    """(2025, 2026) of "2025-2026". Raises ValueError."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{4})", name or "")
    if not match or int(match[2]) != int(match[1]) + 1:
        raise ValueError(f"{name!r} is not a school year such as 2025-2026")
    return int(match[1]), int(match[2])
