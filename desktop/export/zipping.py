"""Text files within a ZIP file, written as they come."""

import hashlib
from io import TextIOBase
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipInfo

FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the same for every entry, so that the same records make the same file


class Measured(TextIOBase):
    """Text into a binary file, with its length and hash."""

    def __init__(self, raw: Any) -> None:
        self._raw: BinaryIO = raw
        self.size, self.hash = 0, hashlib.sha256()

    def write(self, text: str) -> int:
        content = text.encode()
        self.size += len(content)
        self.hash.update(content)
        self._raw.write(content)
        return len(text)


def entry(name: str) -> ZipInfo:
    """Return what a file within a ZIP file is called, readable by its owner alone when it is unpacked."""
    made = ZipInfo(name, FIRST_DATE)
    made.compress_type = ZIP_DEFLATED
    made.external_attr = 0o600 << 16
    return made
