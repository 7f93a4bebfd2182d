"""Reading a file of records: all of it is understood, or none of it is."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from desktop.age import age_on
from desktop.crud import local_day, metric_id
from desktop.errors import AppError, Invalid
from desktop.export.canonical import VERSION, Document
from desktop.schemas import ProtocolRecord, SessionRecord, Stamps, invalid
from desktop.sealing import is_sealed, unseal
from desktop.services.recording import protocol_id

LARGEST_BYTES = 256 * 1024 * 1024
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
Place = tuple[int | str, ...]


def read_document(path: Path, *, key: bytes) -> Document:
    """Return what the file at `path` holds, sealed with the data key or not.

    Raises AppError when it cannot be read, WrongKey when it is sealed with another key, Invalid as `parse_document`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}.") from None
    return parse_document(unseal(key, raw) if is_sealed(raw) else raw)


def parse_document(raw: bytes) -> Document:
    """Return what a canonical JSON file holds; raises Invalid, naming the first place that does not fit."""
    if len(raw) > LARGEST_BYTES:
        raise Invalid("This file is larger than 256 MB. Please export fewer sessions at a time.")
    _check_text(raw)
    try:
        document = Document.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise _told(error) from None
    _check_records(document)
    return document


def _check_text(raw: bytes) -> None:
    """Raise Invalid for what is not JSON, is JSON that could be read in two ways, or would fill the memory."""
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


def _at(path: Sequence[int | str], message: str) -> Invalid:
    """Return `message` for a place, as in "Session 3, task 2: ..."."""
    steps = [
        f"{_NOUNS[str(step)]} {number + 1}"
        for step, number in pairwise(path)
        if step in _NOUNS and isinstance(number, int)
    ]
    place = ", ".join(steps)
    return Invalid(f"{place[:1].upper()}{place[1:]}: {message}" if place else message)


def _shown(text: str) -> str:
    """Return what a file says so that it fits into one line."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:_LONGEST_SHOWN])


def _check_records(document: Document) -> None:
    """Raise Invalid for what the models cannot see: in each record its fields, id, parent and sense."""
    known: set[tuple[str, UUID]] = set()
    for path, record, parent in _records(document):
        missing = type(record).model_fields.keys() - record.model_fields_set
        if missing:
            raise _at(path, f"The field “{min(missing)}” is missing.")
        name = (str(path[-2]), record.id)
        if name in known:
            raise _at(path, f"The id {record.id} is there twice.")
        known.add(name)
        values = record.__dict__
        if parent is not None and parent not in (values.get("session_id"), values.get("task_id")):
            raise _at(path, "It names another record than the one that it stands in.")
        if "metric_name" in values and record.id != metric_id(values["task_id"], values["metric_name"]):
            raise _at(path, "The id does not belong to the metric's name.")
        if isinstance(record, SessionRecord):
            _check_session(path, record)
        if isinstance(record, ProtocolRecord):
            _check_protocol(path, record)


def _records(document: Document) -> Iterator[tuple[Place, Stamps, UUID | None]]:
    """Give every record with its place and the id of the record that it stands in."""
    for number, person in enumerate(document.people):
        yield ("people", number), person, None
    for number, protocol in enumerate(document.protocols):
        yield ("protocols", number), protocol, None
    for number, session in enumerate(document.sessions):
        place = ("sessions", number)
        yield place, session, None
        for position, task in enumerate(session.task_results):
            inner = (*place, "task_results", position)
            yield inner, task, session.id
            for index, metric in enumerate(task.metrics):
                yield (*inner, "metrics", index), metric, task.id


def _check_session(path: Place, session: SessionRecord) -> None:
    if session.child_date_of_birth is not None:
        try:
            age_on(session.child_date_of_birth, local_day(session.started_at, session.utc_offset_minutes))
        except (Invalid, OverflowError) as error:
            raise _at(path, str(error)) from None


def _check_protocol(path: Place, protocol: ProtocolRecord) -> None:
    try:
        json.loads(protocol.content, parse_int=str)
    except (ValueError, RecursionError):
        raise _at(path, "The content is not a protocol.") from None
    if hashlib.sha256(protocol.content.encode()).hexdigest() != protocol.sha256:
        raise _at(path, "The content does not match its hash.")
    if protocol.id != protocol_id(protocol.sha256):
        raise _at(path, "The id does not belong to the content.")
