"""Reading the canonical JSON: all of it is understood, or none of it is."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import count, islice, pairwise
from typing import Any

from pydantic import ValidationError

from desktop.errors import Invalid
from desktop.export.canonical import VERSION, Document
from desktop.schemas import invalid
from desktop.services.faults import faults
from desktop.services.refusals import MOST_TOLD, Refusal, Refused

_DAMAGED = "This file is damaged or incomplete"
_NOUNS = {
    "people": "person",
    "protocols": "protocol",
    "sessions": "session",
    "task_results": "task",
    "metrics": "metric",
}
_LONGEST_SHOWN = 60
_MOST_FIELDS = 1000
_FEW_RECORDS = 1000
_SHORTEST_RECORD = 200  # bytes, and less than a metric has
_SHORTEST_VALUE = 8  # with its name, and less than any field has
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def parse_document(raw: bytes) -> Document:
    """Return what a canonical JSON file holds; raises Invalid, naming the first place that does not fit."""
    _check_text(raw)
    try:
        document = Document.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise _told(error) from None
    refusals = [Refusal(_place(path), reason) for path, reason in islice(faults(document), MOST_TOLD)]
    if refusals:
        raise Refused(*refusals)
    return document


def _check_text(raw: bytes) -> None:
    """Raise Invalid for what is not JSON, is JSON that could be read in two ways, or would fill the memory."""
    _refuse_many_values(raw)
    counting = count(1)

    def look(pairs: list[tuple[str, Any]]) -> None:
        # The models take 2 kB for every object, however short it is written.
        if next(counting) > _FEW_RECORDS + len(raw) // _SHORTEST_RECORD:
            raise Invalid(f"{_DAMAGED}: its records are shorter than any that Kinelog writes.")
        _refuse_repeats(pairs)

    try:
        # The models read numbers and words; here only the form counts.
        json.loads(
            raw.decode(),
            object_pairs_hook=look,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise Invalid(f"{_DAMAGED}: it is not written in UTF-8.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, character {error.colno}"
        raise Invalid(f"{_DAMAGED}: it cannot be read from {place} on.") from None
    except RecursionError:
        raise Invalid(f"{_DAMAGED}: its parts lie too deep in each other.") from None


def _refuse_many_values(raw: bytes) -> None:
    """Raise Invalid when lists of almost nothing would take fifty times the memory of the file."""
    most = _FEW_RECORDS + len(raw) // _SHORTEST_VALUE
    found = _separators(raw, 0, len(raw))
    if found > most:
        for text in _TEXT.finditer(raw):  # where they cost nothing
            found -= _separators(raw, *text.span())
        if found > most:
            raise Invalid(f"{_DAMAGED}: its values are shorter than any that Kinelog writes.")


def _separators(raw: bytes, start: int, end: int) -> int:
    return raw.count(b",", start, end) + raw.count(b"[", start, end)


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > _MOST_FIELDS:
        raise Invalid("A record of this file holds more fields than any that Kinelog writes.")
    if len({name for name, _ in pairs}) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        where = next((f" with id {_shown(str(value))}" for name, value in pairs if name == "id"), "")
        raise Invalid(f"The record{where} holds “{_shown(twice)}” twice.")


def _refuse_constant(name: str) -> None:
    raise Invalid(f"This file holds {name}, which is not a number.")


def _told(error: ValidationError) -> Invalid:
    """Return the first complaint as a sentence with its place."""
    first = error.errors(include_url=False, include_input=False)[0]
    path, kind = first["loc"], first["type"]
    if path == ("format",):
        return Invalid("This file does not hold Kinelog's records.")
    if path == ("version",):
        return Invalid(f"This file is not of version {VERSION}, the one that this Kinelog reads.")
    if kind == "json_invalid":
        return Invalid(f"{_DAMAGED}: it cannot be read as JSON.")
    name = _shown(str(path[-1])) if path else ""
    if kind == "extra_forbidden":
        return _at(path[:-1], f"The field “{name}” is not known here.")
    if kind == "missing":
        return _at(path[:-1], f"The field “{name}” is missing.")
    return _at(path, str(invalid(error)))


def _at(path: Sequence[int | str], message: str) -> Refused:
    return Refused(Refusal(_place(path), message))


def _place(path: Sequence[int | str]) -> str:
    """Return where something is, as in "Session 3, task 2"."""
    steps = [
        f"{_NOUNS[str(step)]} {number + 1}"
        for step, number in pairwise(path)
        if step in _NOUNS and isinstance(number, int)
    ]
    place = ", ".join(steps)
    return f"{place[:1].upper()}{place[1:]}"


def _shown(text: str) -> str:
    """Return what a file says so that it fits into one line."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:_LONGEST_SHOWN])
