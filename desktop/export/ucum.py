"""Units as UCUM has them, which programs compare and convert by, and as FHIR writes them."""

import re
from functools import lru_cache
from typing import Any

from desktop.protocols import unit_text

UCUM = "http://unitsofmeasure.org"
# What people write for a unit that UCUM calls otherwise.
_OTHER_WORDS = {"°": "deg", "sec": "s"}
_WITH_PREFIX = r"(?:da|[GMkhdcmunp])?(?:m\[Hg\]|mol|rad|Cel|Hz|Pa|[AJKLNVWglms])"
_WITHOUT_PREFIX = r"(?:deg|min|wk|mo|\[in_i\]|\[ft_i\]|\[lb_av\]|[%adh])"
_ANNOTATION = r"\{[!-z|~]*\}"
_FACTOR = (
    rf"(?:(?:(?:{_WITH_PREFIX}|{_WITHOUT_PREFIX})(?:-?[1-9])?|[1-9][0-9]*)(?:{_ANNOTATION})?|{_ANNOTATION})"
)
_CODE = re.compile(rf"/?{_FACTOR}(?:[./]{_FACTOR})*")


def ucum_code(unit: str | None) -> str | None:
    """Return the UCUM code of a recorded unit, "1" for a number without unit; None for what UCUM does not know.

    The units of movement are understood, alone and combined, and not those of chemistry.
    """
    code = _OTHER_WORDS.get(unit, unit) if unit else "1"
    return code if _CODE.fullmatch(code) else None


@lru_cache(1024)
def _unit(unit: str | None) -> dict[str, str]:
    code = ucum_code(unit)
    text = unit_text(code or unit)
    found = {"unit": text} if text else {}
    return found if code is None else {**found, "system": UCUM, "code": code}


def quantity(value: float, unit: str | None) -> dict[str, Any]:
    """Return a Quantity; a unit that is no UCUM stays a text beside the number, without a code."""
    return {"value": value, **_unit(unit)}
