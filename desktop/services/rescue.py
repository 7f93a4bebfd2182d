"""A copy of what could not be saved: the sessions as they are in memory, in a file that can be imported."""

from collections.abc import Iterable
from pathlib import Path

from desktop.edits import Stamp
from desktop.errors import AppError
from desktop.export.canonical import Document, canonical
from desktop.files import replace_file
from desktop.protocols import Protocol
from desktop.schemas import PersonRecord, ProtocolRecord, SessionRecord
from desktop.sealing import seal
from desktop.services.recording import protocol_row


def write_copy(
    path: Path,
    sessions: Iterable[SessionRecord],
    *,
    people: Iterable[PersonRecord],
    protocols: Iterable[Protocol],
    stamp: Stamp,
    key: bytes | None = None,
) -> None:
    """Write the sessions to `path` as Kinelog JSON, sealed with a `key`, without reading any database.

    Import it with `--update` once the records can be written again. Raises AppError when `path` cannot be written.
    """
    document = Document.model_construct(
        format="kinelog",
        version=1,
        people=tuple(sorted(people, key=lambda person: person.id)),
        protocols=tuple(
            ProtocolRecord.model_construct(**protocol_row(protocol), **stamp.new()) for protocol in protocols
        ),
        sessions=tuple(sorted(sessions, key=lambda session: session.id)),
    )
    content = canonical(document)
    try:
        replace_file(path, content if key is None else seal(key, content))
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
