"""Reading a file of records, whichever of the two forms that can be taken in it has."""

from pathlib import Path

from desktop.collecting import uncollected
from desktop.errors import AppError, Invalid
from desktop.export.canonical import Document
from desktop.sealing import is_sealed, unseal
from desktop.services.parsing import parse_document
from desktop.services.parsing_csv import is_table, parse_table

LARGEST_BYTES = 256 * 1024 * 1024
_ZIP = b"PK\x03\x04"


def read_document(path: Path, *, key: bytes) -> Document:
    """Return what the file at `path` holds, JSON or CSV, sealed with the data key or not.

    Raises AppError when it cannot be read, WrongKey when it is sealed with another key, Invalid as `parse_document`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}.") from None
    if len(raw) > LARGEST_BYTES:
        raise Invalid("This file is larger than 256 MB. Please export fewer sessions at a time.")
    if is_sealed(raw):
        raw = unseal(key, raw)
    if raw.startswith(_ZIP):
        raise Invalid("Workbooks and ZIP files are not taken in. Choose a JSON or CSV file of Kinelog.")
    with uncollected():
        return parse_table(raw) if is_table(raw) else parse_document(raw)
