"""What a vault of 100 MB costs to keep: proving its trail, and backing it up while recording goes on."""

import asyncio
import shutil
from contextlib import closing
from functools import partial
from pathlib import Path

from desktop import crud
from desktop.backups import make_backup
from desktop.core import Core
from desktop.keys import Cost
from desktop.paths import Paths
from desktop.schemas import NewMetric, NewSession, NewTaskResult
from desktop.services.auditing import verify
from desktop.vault_files import VaultFiles
from tests.benchmarks.lateness import in_window, lateness_of
from tests.benchmarks.measuring import Line, line, percentile, timed_ms
from tests.helpers.vaults import RECORDS_HERE, unlocked

SESSIONS = 4_400  # some 100 MB and 100,000 entries
ROUNDS = 5


def measure(folder: Path) -> list[Line]:
    """Measure on the filled vault in `folder`, in the window's own event loop."""
    return in_window(partial(_measure, folder))


async def _measure(folder: Path) -> list[Line]:
    paths = Paths(folder)
    async with Core.open(paths, unlocked=unlocked(paths, cost=Cost())) as core:
        entries = (await verify(core.database)).entries
        proving = [await timed_ms(partial(verify, core.database)) for _ in range(ROUNDS)]
        reading = [await timed_ms(partial(asyncio.to_thread, _read_trail, core)) for _ in range(ROUNDS)]
        backing, copying, late = [], [], []
        for _ in range(ROUNDS):
            late += await lateness_of(partial(_back_up, core, backing))
            copying.append(await timed_ms(partial(asyncio.to_thread, _copy_bare, core)))
    size = paths.database.stat().st_size / 1_000_000
    return [
        line(
            "Prove the audit trail",
            proving,
            unit="ms",
            bare=reading,
            note=f"({entries:,} entries; at most 3,000 ms: {'met' if max(proving) <= 3000 else 'MISSED'})",
        ),
        line(
            "Online backup, opened and looked through",
            backing,
            unit="ms",
            bare=copying,
            note=f"({size:.0f} MB; at most 3,000 ms: {'met' if max(backing) <= 3000 else 'MISSED'})",
        ),
        line(
            "Timer lateness p99 while backing up and recording",
            late,
            unit="ms",
            limit=16,
            of=percentile(99),
            note=f"(worst {max(late):.1f} ms of {len(late)})",
        ),
    ]


async def _back_up(core: Core, samples: list[float]) -> None:
    """Make a backup while a task with metrics is saved again and again."""
    copy = partial(make_backup, core.paths, core.unlocked, core.paths.backups, now=core.clock.now())
    made = asyncio.ensure_future(timed_ms(partial(asyncio.to_thread, copy)))
    async with core.database.write(actor=RECORDS_HERE) as db:
        session = await crud.create_session(db, NewSession(child_name="John Doe", child_age=8))
    while not made.done():
        async with core.database.write(actor=RECORDS_HERE) as db:
            task = await crud.create_task_result(db, session.id, NewTaskResult(task_name="walk"))
            await crud.create_metrics_batch(db, task.id, [NewMetric(metric_name="speed", metric_value=1.25)])
        await asyncio.sleep(0.05)
    samples.append(await made)


def _read_trail(core: Core) -> None:
    with closing(VaultFiles(core.unlocked.key).connect(core.paths.database)) as connection:
        connection.execute("SELECT * FROM audit_log ORDER BY seq").fetchall()


def _copy_bare(core: Core) -> None:
    """Copy the bytes of the file, as one would with nobody writing."""
    target = core.paths.data / "bare-copy"
    shutil.copyfile(core.paths.database, target)
    target.unlink()
