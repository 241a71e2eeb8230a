"""Structure of the personal identification number (12 digits: province or country, century and sex, year, serial).

There is no check digit, so everything except the form can only be a warning. Province codes are those of the 63
provinces before 01/07/2025, which numbers already issued keep (decree 137/2015/NĐ-CP Art. 13; TT 59/2021/TT-BCA).
"""

import re
from datetime import date

PROVINCE_CODES = frozenset(
    f"{code:03d}"
    for code in (
        *(1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38),
        *(40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79),
        *(80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96),
    )
)


def is_well_formed(number: str | None) -> bool:
    """Whether it is exactly 12 ASCII digits."""
    return bool(number) and re.fullmatch("[0-9]{12}", number) is not None


def parts(number: str) -> tuple[str, str, int]:
    """Province code (three digits), gender (male, female) and year of birth that a well-formed number states."""
    digit = int(number[3])
    return number[:3], "female" if digit % 2 else "male", 1900 + 100 * (digit // 2) + int(number[4:6])


def warnings(number: str, *, birth_date: date | None = None, gender: str | None = None) -> tuple[str, ...]:
    """What disagrees in a well-formed number: id_province, id_gender, id_century, id_birth_year. Not well-formed:
    id_format alone. Gender is male or female; what is unknown (None) is not compared.
    """
    if not is_well_formed(number):
        return ("id_format",)
    found = []
    if number[:3] not in PROVINCE_CODES:
        found.append("id_province")
    digit = int(number[3])
    if gender in ("male", "female") and digit % 2 != (gender == "female"):
        found.append("id_gender")
    if birth_date is not None:
        if digit // 2 != (birth_date.year - 1900) // 100:
            found.append("id_century")
        if int(number[4:6]) != birth_date.year % 100:
            found.append("id_birth_year")
    return tuple(found)
