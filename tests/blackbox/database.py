"""Reading what a program left on the disk, with nothing of the program."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FILE = "kinelog.sqlite3"


@contextmanager
def left_behind(data: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of the database and its log: reading the files themselves would tidy them up."""
    with TemporaryDirectory() as folder:
        for file in data.glob(f"{FILE}*"):
            shutil.copy(file, folder)
        connection = sqlite3.connect(Path(folder, FILE))
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()


def rows(data: Path, query: str, *values: Any) -> list[dict[str, Any]]:
    """Return what a query finds in the database."""
    with left_behind(data) as connection:
        return [dict(row) for row in connection.execute(query, values)]
