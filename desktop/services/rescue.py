"""A copy of what could not be saved: the sessions as they are in memory, in a file that can be imported."""

from collections.abc import Iterable
from pathlib import Path
from uuid import uuid5

from desktop.edits import Stamp
from desktop.errors import AppError
from desktop.export.canonical import Document
from desktop.export.canonical import canonical as canonical_json
from desktop.files import replace_file
from desktop.protocols import Protocol, canonical, sha256
from desktop.schemas import PersonRecord, ProtocolRecord, SessionRecord
from desktop.services.recording import PROTOCOL_IDS


def write_copy(
    path: Path,
    sessions: Iterable[SessionRecord],
    *,
    people: Iterable[PersonRecord],
    protocols: Iterable[Protocol],
    stamp: Stamp,
) -> None:
    """Write the sessions to `path` as Kinelog JSON without reading any database.

    Import it with `--update` once the records can be written again. Raises AppError when `path` cannot be written.
    """
    document = Document.model_construct(
        format="kinelog",
        version=1,
        people=tuple(sorted(people, key=lambda person: person.id)),
        protocols=tuple(_stored(protocol, stamp) for protocol in protocols),
        sessions=tuple(sorted(sessions, key=lambda session: session.id)),
    )
    try:
        replace_file(path, canonical_json(document))
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None


def _stored(protocol: Protocol, stamp: Stamp) -> ProtocolRecord:
    digest = sha256(protocol)
    return ProtocolRecord.model_construct(
        id=uuid5(PROTOCOL_IDS, digest),
        name=protocol.name,
        version=protocol.version,
        content=canonical(protocol).decode(),
        sha256=digest,
        **stamp.new(),
    )
