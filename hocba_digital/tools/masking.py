"""ID numbers as lists and logs show them."""

import re

_NUMBER = re.compile(r"\b\d{9,12}\b")


def masked(number):
    """All but the last four characters as dots."""
    number = number or ""
    return f"{'•' * (len(number) - 4)}{number[-4:]}" if len(number) > 4 else number


def masked_text(text):
    """The text with every number of 9 to 12 digits masked."""
    return _NUMBER.sub(lambda match: masked(match[0]), text or "")
