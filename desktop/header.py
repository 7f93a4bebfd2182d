"""The first bytes of a database file: whether it is plain SQLite, and whose.

Only bytes are read: SQLite itself would leave files beside a foreign database.
https://www.sqlite.org/fileformat.html, 1.3.
"""

from pathlib import Path

APPLICATION_ID = 0x4B694E6C  # "KiNl", so that the file tells whose it is
_LENGTH = 100
_MAGIC = b"SQLite format 3\0"
_OWNER = slice(68, 72)


def first_bytes(path: Path) -> bytes:
    """Return the header, empty when the file is absent or empty; raises OSError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_LENGTH)
    except FileNotFoundError:
        return b""


def is_plain(header: bytes) -> bool:
    """Tell whether it is that of an unencrypted SQLite database."""
    return header.startswith(_MAGIC)


def is_ours(header: bytes) -> bool:
    """Tell whether a plain database is Kinelog's."""
    return header[_OWNER] == APPLICATION_ID.to_bytes(4, "big")
