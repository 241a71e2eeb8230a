"""What is wrong with a workbook, where, and in words."""

from dataclasses import dataclass, field
from typing import Any

from .messages import message

SEVERITIES = ("fatal", "error", "warn")


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``severity``: fatal (nothing is read), error (the row is left out), warn (the row goes in).

    ``row`` is the row number as Excel shows it, ``column`` its letter, ``header`` the text above the column. What does
    not belong to one cell has None there. ``params`` are the values for the sentence of ``code``.
    """

    code: str
    severity: str = "error"
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    header: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, language: str = "vi") -> str:
        """The sentence in Vietnamese ("vi") or English ("en"), without the place."""
        return message(self.code, self.params, language)


class WorkbookError(Exception):
    """The file cannot be read as a workbook at all. ``problem`` says why."""

    def __init__(self, code: str, /, **params: Any) -> None:
        self.problem = Problem(code, "fatal", params=params)
        super().__init__(message(code, params, "en"))
