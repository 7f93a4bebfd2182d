"""Calendar days as people type them."""

import re
from datetime import date

from desktop.errors import Invalid

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-./ ]([0-9]{1,2})[-./ ]([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?:[-./] ?| )([0-9]{1,2}|[a-z]{3,9})\.?[-./ ] ?([0-9]{4})")


def parse_day(text: str) -> date:
    """Return the day that was typed as "14.7.2019", "14 Jul 2019" or "2019-07-14".

    The day stands before the month in every locale, and a year has four digits. Raises `Invalid` for others.
    """
    plain = " ".join(text.translate(_DIGITS).lower().split())
    if not plain:
        raise Invalid("Please enter a date.")
    if found := _YEAR_FIRST.fullmatch(plain):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(plain):
        day, month, year = found.groups()
    else:
        raise Invalid("Please write day, month and year, for example 14.7.2019.")
    try:
        return date(int(year), _month(month), int(day))
    except ValueError:
        raise Invalid(
            "There is no such day. Please write day, month and year, for example 14.7.2019."
        ) from None


def _month(text: str) -> int:
    """Return the number of a month; raises ValueError for an unknown word."""
    if text.isdecimal():
        return int(text)
    numbers = [number for number, name in enumerate(_MONTHS, start=1) if name.startswith(text)]
    if not numbers:
        raise ValueError(text)
    return numbers[0]
