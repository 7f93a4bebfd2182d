"""The canonical JSON, version 1: what is exported, imported and hashed.

One document in RFC 8785 form holds people, protocols and sessions with their task results and metrics. Ids are
lower-case text, instants ISO 8601 in UTC with six digits and "Z", days ISO; a double is written so that it is read
back bit for bit. Every field is always there, null where nothing is known, so that one record has one form. What
the sync keeps in a row, and whatever was deleted, is left out. Lists have one order: people, protocols, sessions
and metrics by id, task results by position, trial and id.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from importlib.resources import files
from operator import attrgetter
from typing import Annotated, Any, Literal
from uuid import UUID

import rfc8785
from pydantic import BaseModel, FailFast

from desktop.schemas import MetricRecord, PersonRecord, ProtocolRecord, SessionRecord, Strict, TaskRecord

FORMAT: Literal["kinelog"] = "kinelog"
VERSION: Literal[1] = 1
ORDERS: dict[type[BaseModel], Callable[[Any], Any]] = {
    TaskRecord: attrgetter("position", "trial", "id"),
    MetricRecord: attrgetter("id"),
}


class Document(Strict):
    """A whole file: sessions, and the people and protocols that they name."""

    format: Literal["kinelog"]
    version: Literal[1]
    # A hostile file must not bring a million complaints: the first is told.
    people: Annotated[tuple[PersonRecord, ...], FailFast()]
    protocols: Annotated[tuple[ProtocolRecord, ...], FailFast()]
    sessions: Annotated[tuple[SessionRecord, ...], FailFast()]


def canonical(record: BaseModel) -> bytes:
    """Return a record in canonical form."""
    return rfc8785.dumps(plain(record))


def content_hash(session: SessionRecord) -> str:
    """Return the SHA-256 of a session's canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(session)).hexdigest()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of version 1, made from the models.

    What a schema cannot say, the import checks: ids that differ, children that name their parents, and the id of
    a metric, which follows from its task result and its name.
    """
    schema = Document.model_json_schema(mode="serialization")
    for part in (schema, *schema["$defs"].values()):
        part["required"] = list(part["properties"])
        for field in part["properties"].values():
            field.pop("default", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:kinelog:records:{VERSION}",
        **schema,
        "title": "Kinelog records",
    }


def published() -> bytes:
    """Return the bytes of the schema's file, for those who write or read such files."""
    return (files(__package__) / f"kinelog-{VERSION}.schema.json").read_bytes()


def plain(value: Any) -> Any:
    """Return `value` as JSON has it."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple):
        order = ORDERS.get(type(value[0])) if value else None
        return [plain(item) for item in (sorted(value, key=order) if order else value)]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    return value.isoformat() if isinstance(value, date) else value
