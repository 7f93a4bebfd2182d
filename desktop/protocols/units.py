"""Units as they are read. Files and records keep UCUM codes."""

_TEXTS = {"1": "", "deg": "°", "1/min": "/min"}
_THIN_SPACE = "\u2009"


def unit_text(ucum: str | None) -> str:
    """Return the unit as it is written beside a number; "" for a number without unit."""
    return _TEXTS.get(ucum, ucum) if ucum else ""


def with_unit(number: str, ucum: str | None) -> str:
    """Return `number` and its unit, a thin space between them but for the degree sign."""
    text = unit_text(ucum)
    return number + text if text in {"", "°"} else number + _THIN_SPACE + text
