"""How fast records get done, and when the rest will be: measured, or not said at all."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from math import ceil


def rate(done: Mapping[date, int], today: date, window: int) -> float | None:
    """Records a day over the last ``window`` days, today included; None when none was done in them.

    Counted from the first day on which something was done, so that a school that began yesterday is not measured
    against a week in which nobody worked.
    """
    first = today - timedelta(days=window - 1)
    counts = {day: count for day, count in done.items() if first <= day <= today and count}
    if not counts:
        return None
    return sum(counts.values()) / ((today - min(counts)).days + 1)


def finish(remaining: int, pace: float | None, today: date) -> date | None:
    """The day on which ``remaining`` records are done at this pace: today when none is left, None without a pace."""
    if not remaining:
        return today
    return today + timedelta(days=ceil(remaining / pace)) if pace else None


def projected(steps: Iterable[tuple[int, float | None]], today: date) -> date | None:
    """The latest end of several (remaining, pace); None as soon as one of them cannot be said."""
    ends = [finish(remaining, pace, today) for remaining, pace in steps]
    return None if None in ends else max(ends, default=today)


def risk(remaining: int, left: int, end: date | None, last_day: date, thresholds: tuple[int, ...]) -> str:
    """How a deadline stands: done, overdue, late (at the measured pace), soon (a warning was reached) or ok."""
    if not remaining:
        return "done"
    if left < 0:
        return "overdue"
    if end and end > last_day:
        return "late"
    return "soon" if thresholds and left <= max(thresholds) else "ok"
