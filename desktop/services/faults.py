"""What the models cannot see in a file of records: ids, parents, and what does not fit together."""

import hashlib
import json
from collections.abc import Iterator
from uuid import UUID

from desktop.age import age_on
from desktop.crud import local_day, metric_id
from desktop.errors import Invalid
from desktop.export.canonical import Document
from desktop.schemas import ProtocolRecord, SessionRecord, Stamps
from desktop.services.recording import protocol_id

Place = tuple[int | str, ...]


def faults(document: Document) -> Iterator[tuple[Place, str]]:
    """Give every record that does not fit, with the reason: its fields, id, parent, sense, and other records."""
    known: set[tuple[str, UUID]] = set()
    alike: dict[tuple[str, ...], object] = {}
    for path, record, parent in _records(document):
        name = (str(path[-2]), record.id)
        reason = f"The id {record.id} is there twice." if name in known else _fault(record, parent)
        known.add(name)
        if reason := reason or _clash(record, alike):
            yield path, reason


def _clash(record: Stamps, alike: dict[tuple[str, ...], object]) -> str:
    """Return how a record differs from an earlier one where both must be alike; `alike` is what was seen so far."""
    if isinstance(record, SessionRecord):
        code, child = record.child_code, str(record.child_id)
        if alike.setdefault(("code", code), child) != child:
            return f"Another child of this file has the code {code}."
        if alike.setdefault(("child", child), code) != code:
            return "The child has another code elsewhere in this file."
    if isinstance(record, ProtocolRecord):
        named = ("protocol", record.name, str(record.version))
        if alike.setdefault(named, record.sha256) != record.sha256:
            return "Another protocol of this file has the same name and version."
    return ""


def _fault(record: Stamps, parent: UUID | None) -> str:
    """Return what is wrong with a record, nothing when it fits."""
    missing = type(record).model_fields.keys() - record.model_fields_set
    if missing:
        return f"The field “{min(missing)}” is missing."
    values = record.__dict__
    if parent is not None and parent not in (values.get("session_id"), values.get("task_id")):
        return "It names another record than the one that it stands in."
    if "metric_name" in values and record.id != metric_id(values["task_id"], values["metric_name"]):
        return "The id does not belong to the metric's name."
    if isinstance(record, SessionRecord):
        return _session_fault(record)
    return _protocol_fault(record) if isinstance(record, ProtocolRecord) else ""


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


def _session_fault(session: SessionRecord) -> str:
    if session.child_date_of_birth is not None:
        try:
            age_on(session.child_date_of_birth, local_day(session.started_at, session.utc_offset_minutes))
        except (Invalid, OverflowError) as error:
            return str(error)
    return ""


def _protocol_fault(protocol: ProtocolRecord) -> str:
    try:
        content = json.loads(protocol.content, parse_int=str)
    except (ValueError, RecursionError):
        return "The content is not a protocol."
    named = (protocol.name, str(protocol.version))
    if not isinstance(content, dict) or (content.get("name"), content.get("version")) != named:
        return "The name and the version do not belong to the content."
    if hashlib.sha256(protocol.content.encode()).hexdigest() != protocol.sha256:
        return "The content does not match its hash."
    if protocol.id != protocol_id(protocol.sha256):
        return "The id does not belong to the content."
    return ""
