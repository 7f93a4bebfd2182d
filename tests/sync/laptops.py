"""Laptops of a simulated practice: real files, real triggers, edits by raw SQL so that nothing but these is trusted."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text

from desktop.database import Database, sqlite_url
from desktop.driver import on_thread
from desktop.sync.local import LocalVault
from desktop.sync.merge import Row
from desktop.sync.tables import NAMES, recorded
from desktop.sync.versions import put

ASSESSOR = UUID(int=0xA55)
START = datetime(2026, 3, 1, tzinfo=UTC)
TOKENS = {
    "sessions": ("notes", "site"),
    "task_results": ("notes", "deviation"),
    "metrics": ("remark", "unit"),
}


class SeededClock:
    """Time and ids that a seed makes; each laptop's clock goes wrong in its own way."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._now = START + timedelta(minutes=random.randrange(-200_000, 200_000))

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=self._random.randrange(-50, 1000))
        return self._now

    def monotonic(self) -> float:
        return 0.0

    def utc_offset_minutes(self) -> int:
        return 0

    def new_id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def observe(self, newest: UUID) -> None:
        pass


class Laptop:
    """One laptop with its own records."""

    def __init__(self, path: Path, random: Random) -> None:
        self.path, self._random = path, random
        self.database = Database(sqlite_url(path), clock=SeededClock(random))
        self.local = LocalVault(self.database, nonce=lambda: random.randbytes(16))

    async def close(self) -> None:
        await self.database.close()

    async def copy_to(self, path: Path) -> None:
        """Write what is here into another file, as a backup or a clone of the disk does."""
        await self.close()  # which brings the log into the file
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
            if Path(f"{self.path}{ending}").exists():
                shutil.copyfile(f"{self.path}{ending}", f"{path}{ending}")

    async def run(self, work: Any) -> Any:
        """Do something in one edit of the assessor."""
        async with self.database.write(actor=ASSESSOR, reason="simulated") as db:
            return await on_thread(await db.connection(), work)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.database.read() as db:
            return [tuple(row) for row in await db.execute(text(query))]

    async def waiting(self) -> int:
        return int((await self.rows("SELECT count(*) FROM sync_outbox WHERE status = 'waiting'"))[0][0])


def add(connection: Any, name: str, row_id: bytes, **values: Any) -> None:
    """Insert a record with as little as a table takes."""
    told = {column: _LEAST.get(column, "") for column in recorded(name)} | _NOTHING.get(name, {}) | values
    deleted = bool(told.pop("deleted"))
    put(connection, name, row_id, Row(told, deleted))


_LEAST: dict[str, Any] = {
    "created_at": 0, "updated_at": 0, "created_by": ASSESSOR.bytes, "updated_by": ASSESSOR.bytes,
    "utc_offset_minutes": 0, "deleted": 0,
}  # fmt: skip
_NOTHING: dict[str, dict[str, Any]] = {
    "sessions": {
        "child_id": bytes(16), "child_code": "AAAAAAAA", "child_name": "Ada", "child_age": 7, "assessor": bytes(16),
        "session_type": "initial", "consent": "unknown", "started_at": 0, "protocol_version": 0,
        **dict.fromkeys((
            "child_identifier", "child_date_of_birth", "child_sex", "gestational_weeks", "handedness",
            "child_height_cm", "child_weight_kg", "consent_at", "remark", "completed_at", "signed_off_by",
            "signed_off_at", "signed_off_hash",
        )),
    },
    "task_results": {
        "position": 0, "task_name": "walk", "side": "none", "trial": 1, "practice": 0,
        **dict.fromkeys(("status", "duration_seconds", "deviation", "remark", "started_at")),
    },
    "metrics": {"metric_value": 0.1, "source": "manual", "unit": None, "remark": None},
}  # fmt: skip


async def content(laptop: Laptop) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a laptop and the centre must have the same."""
    found = {}
    for name in NAMES:
        columns = ", ".join(("id", *recorded(name), "rev"))
        found[name] = sorted(await laptop.rows(f"SELECT {columns} FROM {name}"))
    return found
