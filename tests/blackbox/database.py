"""Reading what a program left on the disk: nothing of the program but the key to it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from desktop.paths import Paths
from desktop.vault import Vault
from desktop.vault_files import VaultFiles
from tests.blackbox.clinician import PASSPHRASE

FILE = "kinelog.sqlite3"


@contextmanager
def left_behind(data: Path) -> Iterator[Any]:
    """Open a copy of the database and its log: reading the files themselves would tidy them up."""
    with TemporaryDirectory() as folder:
        for file in (*data.glob(f"{FILE}*"), *data.glob("keys*.json")):
            shutil.copy(file, folder)
        unlocked = Vault(Paths(Path(folder))).unlock(PASSPHRASE)
        connection = VaultFiles(unlocked.key).connect(Path(folder, FILE))
        connection.row_factory = sqlcipher.Row
        try:
            yield connection
        finally:
            connection.close()


def rows(data: Path, query: str, *values: Any) -> list[dict[str, Any]]:
    """Return what a query finds in the database."""
    with left_behind(data) as connection:
        return [dict(row) for row in connection.execute(query, values)]
