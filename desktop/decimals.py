"""Numbers and times as people type and read them.

Comma and point are both decimal signs in every locale, so what is typed means the same on every laptop. Signs
that group digits are refused instead of guessed: "1.500,0" and "1 500" would be read differently in two places.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from desktop.errors import Invalid

MINUS = "\u2212"
LONGEST_DURATION_S = 86_400

_TOO_LARGE = 1e15
_LONGEST_TEXT = 400
_EXACT = Context(prec=1000)  # more digits than any double has
_SAME_SIGNS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹,٫" + MINUS, "01234567890123456789..-")
_DIRECTION_MARKS = "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9.][0-9.\s'’ʼ_٬]*[0-9.]")
_CLOCK = re.compile(r"[0-9]+(:[0-9]{2})?:[0-9]{2}(\.[0-9]*)?")


def parse_decimal(text: str) -> float:
    """Return the number that was typed, never -0.

    Arabic-Indic and Persian digits, the Arabic decimal sign and the true minus sign are understood. Raises
    `Invalid` for anything but one finite number that a double keeps digit for digit.
    """
    return _faithful(_read(_plain(text)))


def parse_duration(text: str) -> float:
    """Return the seconds of "15.5", "1:02.5" or "1:02:03", from 0 to 86,400; raises `Invalid` for others."""
    plain = _plain(text)
    if ":" in plain and not _CLOCK.fullmatch(plain):
        raise Invalid("Please write a time such as 15.5, 1:02.5 or 1:02:03.")
    first, *others = plain.split(":")
    seconds = _read(first)
    for part in map(_read, others):
        if part >= 60:
            raise Invalid("Minutes and seconds after a colon go up to 59.")
        seconds = _EXACT.fma(seconds, Decimal(60), part)
    if not 0 <= seconds <= LONGEST_DURATION_S:
        raise Invalid("A time lies between 0 seconds and 24 hours.")
    return _faithful(seconds)


def format_decimal(value: float, *, decimals: int | None, sign: str = ".") -> str:
    """Return `value` in plain digits with a true minus sign.

    Without `decimals` it is the shortest text that `parse_decimal` reads back as the same number; with it, exactly
    so many decimals, halves rounded away from zero. Raises `ValueError` for what is not finite.
    """
    return _digits(_rounded(_exact(value), decimals), sign)


def format_duration(seconds: float, decimals: int | None, *, sign: str = ".") -> str:
    """Return "00:15.5" or, from one hour on, "1:02:03.5"; `decimals` as in `format_decimal`."""
    minutes, rest = divmod(_rounded(_exact(seconds), decimals), 60)
    hours, minutes = divmod(minutes, 60)
    zero = "0" if rest < 10 else ""
    clock = f"{hours:.0f}:{minutes:02.0f}" if hours else f"{minutes:02.0f}"
    return f"{clock}:{zero}{_digits(rest, sign)}"


def _plain(text: str) -> str:
    return text.strip().strip(_DIRECTION_MARKS).strip().translate(_SAME_SIGNS)


def _read(text: str) -> Decimal:
    if not text:
        raise Invalid("Please enter a number.")
    if len(text) > _LONGEST_TEXT:
        raise Invalid("This number has too many digits.")
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        raise Invalid("Please use one decimal sign and none between groups of digits, for example 1500.5.")
    raise Invalid("Please write a number in digits, for example 12.5.")


def _faithful(number: Decimal) -> float:
    if abs(number) >= _TOO_LARGE:
        raise Invalid("This number is too large.")
    value = float(number) + 0.0  # turns -0.0 into 0.0
    if _exact(value) != number:
        raise Invalid("This number has too many digits.")
    return value


def _exact(value: float) -> Decimal:
    """Return the shortest decimal that means this double."""
    number = Decimal(repr(value))
    if not number.is_finite():
        raise ValueError(f"{value} is not finite")
    return number


def _rounded(number: Decimal, decimals: int | None) -> Decimal:
    """Return `number` with so many decimals, or with as few as it needs; zero has no sign."""
    if decimals is not None:
        number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)
    elif number == number.to_integral_value():
        number = number.to_integral_value()
    return number if number else abs(number)


def _digits(number: Decimal, sign: str) -> str:
    return f"{number:f}".replace("-", MINUS).replace(".", sign)
