"""What the texts above the columns of a table of results mean."""

from . import headings
from .model import SubjectPlan
from .text import fold


class Headings:
    """Meaning of the texts above a column, for one grade and its subjects."""

    def __init__(self, grade: int, subjects: tuple[SubjectPlan, ...]) -> None:
        self.grade = grade
        self.subjects = dict(headings.KNOWN_SUBJECTS)
        for plan in subjects:
            for name in (plan.name, plan.short_name, *plan.other_names, *headings.SUBJECT_NAMES.get(plan.code, ())):
                if name:
                    self.subjects[fold(name)] = plan.code
        self.taught = {plan.code for plan in subjects} or set(headings.SUBJECT_NAMES)
        # The longest first: "Tin học và Công nghệ (Tin học)" begins like others.
        self.names = sorted(self.subjects, key=len, reverse=True)

    def resolve(self, path: list[str]) -> str | None:
        """Key of a column: a field, ``<subject>.<part>``, ``quality_<code>``, ``competence_<code>``, ``+<part>``."""
        tokens = [fold(text) for text in path]
        tokens = [token for token in tokens if token]
        if not tokens:
            return None
        for token in (tokens[-1], "".join(tokens[-2:]), "".join(tokens)):
            if token in headings.RESULT_FIELDS:
                return headings.RESULT_FIELDS[token]
        group = next((headings.GROUPS[token] for token in reversed(tokens) if token in headings.GROUPS), None)
        return self._comment(group, tokens) or self._trait(group, tokens) or self._subject(tokens)

    def _comment(self, group: str | None, tokens: list[str]) -> str | None:
        if headings.PARTS.get(tokens[-1]) == "comment" and group in ("quality", "general", "specific"):
            return f"{group}_comment"
        return None

    def _trait(self, group: str | None, tokens: list[str]) -> str | None:
        names = [token for token in tokens if token not in headings.PARTS and token not in headings.GROUPS]
        last = names[-1] if names else ""
        for prefix, meant in (
            ("nangluc", "competence"),
            ("nl", "competence"),
            ("phamchat", "quality"),
            ("pc", "quality"),
        ):
            if (
                last.startswith(prefix)
                and last[len(prefix) :].removeprefix("dacthu").removeprefix("chung") in headings.TRAITS
            ):
                last, group = last[len(prefix) :].removeprefix("dacthu").removeprefix("chung"), group or meant
        code = headings.TRAITS.get(last)
        if code is None:
            return None
        is_quality = code in headings.QUALITIES
        if group in (None, "subjects") and self.subjects.get(last) in self.taught:
            return None
        if group is None or (group == "quality") == is_quality or group == "subjects":
            return f"quality_{code}" if is_quality else f"competence_{code}"
        return None

    def _subject(self, tokens: list[str]) -> str | None:
        part = headings.PARTS.get(tokens[-1])
        for token in reversed(tokens):
            if token in self.subjects:
                return f"{self.subjects[token]}.{part or 'level'}"
        if part:
            return f"+{part}" if len(tokens) == 1 else None
        for token in reversed(tokens):
            for name in self.names:
                rest = token[len(name) :]
                if token.startswith(name) and rest in headings.PARTS:
                    return f"{self.subjects[name]}.{headings.PARTS[rest]}"
        return None
