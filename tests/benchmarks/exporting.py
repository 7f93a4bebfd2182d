"""What handing out costs, against the bare way to the same file in the same run."""

import asyncio
import csv
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import xlsxwriter

from desktop import crud
from desktop.background import in_background
from desktop.core import Core
from desktop.database import Database
from desktop.export.columns import METRICS, SESSIONS, TASKS
from desktop.export.formats import ExportOptions, write_export
from desktop.export.report.making import ReportOptions, make_pdf, read_content
from desktop.export.report.pdf import typesetter
from desktop.export.selection import select_sessions
from desktop.keys import Cost
from desktop.paths import Paths
from desktop.schemas import NewMetric, NewSession, NewTaskResult
from desktop.vault_files import VaultFiles
from tests.benchmarks.lateness import in_window, lateness_of
from tests.benchmarks.measuring import Line, line, percentile, timed_ms
from tests.helpers.vaults import RECORDS_HERE, unlocked

VISITS, TASKS_EACH, METRICS_EACH = 1_334, 5, 15  # some 100,000 metrics
BUNDLED, REPORTS, TIMES_FOR_MEMORY = 1_000, 500, 10
ROUNDS = 3
_TASKS = ("raise_hand", "one_leg_stance", "walk", "jump", "finger_to_nose")


def measure(folder: Path) -> list[Line]:
    """Measure in the window's own event loop."""
    return in_window(partial(_measure, folder))


async def _measure(folder: Path) -> list[Line]:
    paths = Paths(folder)
    async with Core.open(paths, unlocked=unlocked(paths, cost=Cost())) as core:
        await _fill(core)
        ids = await select_sessions(core.database)
        return [
            await _memory(
                core, list(ids) * TIMES_FOR_MEMORY
            ),  # first: what others leave free would be used unseen
            await _one_page(core, ids),
            *await _many_reports(core, ids[:REPORTS]),
            await _against(core, ids, "csv", _bare_csv, limit=3),
            await _against(core, ids, "xlsx", _bare_xlsx, limit=1.5),
            await _bundle(core, ids[:BUNDLED]),
        ]


async def _fill(core: Core) -> None:
    for start in range(0, VISITS, 50):
        async with core.database.write(actor=RECORDS_HERE) as db:
            for number in range(start, min(start + 50, VISITS)):
                new = NewSession(child_name=f"Child {number}", child_age=6, notes="Slept well.")
                session = await crud.create_session(db, new)
                for name in _TASKS:
                    task = await crud.create_task_result(
                        db, session.id, NewTaskResult(task_name=name, status="success", duration_seconds=12.5)
                    )
                    await crud.create_metrics_batch(
                        db,
                        task.id,
                        [
                            NewMetric(
                                metric_name=f"value_{place}", metric_value=number + place / 7, unit="cm"
                            )
                            for place in range(METRICS_EACH)
                        ],
                    )


async def _one_page(core: Core, ids: list[UUID]) -> Line:
    """Measure a report of one session; typst keeps what it has set, so each is another one."""
    whole, bare = [], []
    options = ReportOptions()
    for session_id in ids[:15]:
        whole.append(
            await timed_ms(
                partial(make_pdf, core.database, [session_id], actor=RECORDS_HERE, options=options)
            )
        )
    for session_id in ids[15:30]:
        content = await read_content(core.database, [session_id], actor=RECORDS_HERE, options=options)
        bare.append(await timed_ms(partial(asyncio.to_thread, _set_bare, content)))
    return line("One report as PDF", whole, unit="ms", bare=bare, limit=2)


def _set_bare(content: dict[str, Any]) -> bytes:
    with typesetter() as one:
        return one.pdf("report", content)


async def _many_reports(core: Core, ids: list[UUID]) -> list[Line]:
    before = _memory_mb("VmRSS")
    path = core.paths.data / "reports"
    path.mkdir()
    Path("/proc/self/clear_refs").write_text("5")
    started = time.perf_counter()
    late = await lateness_of(partial(_export, core, path, ids, "pdf"))
    seconds, more = time.perf_counter() - started, _memory_mb("VmHWM") - before
    return [
        line(
            "Timer lateness p99 while 500 reports are made",
            late,
            unit="ms",
            limit=16,
            of=percentile(99),
            note=f"({seconds:.1f} s; worst {max(late):.1f} ms; {more:.0f} MB more)",
        )
    ]


async def _against(
    core: Core, ids: list[UUID], form: str, bare: Callable[[Core], None], limit: float
) -> Line:
    path = core.paths.data / f"out.{form}"
    whole = [await timed_ms(partial(_export, core, path, ids, form)) for _ in range(ROUNDS)]
    without = [await timed_ms(partial(asyncio.to_thread, bare, core)) for _ in range(ROUNDS)]
    return line(f"{form.upper()} of 100,000 metrics", whole, unit="ms", bare=without, limit=limit)


async def _bundle(core: Core, ids: list[UUID]) -> Line:
    path = core.paths.data / "out.fhir.json"
    samples = [await timed_ms(partial(_export, core, path, ids, "fhir")) for _ in range(ROUNDS)]
    note = f"({path.stat().st_size / 1e6:.0f} MB; at most 5,000 ms: {'met' if max(samples) <= 5000 else 'MISSED'})"
    return line("FHIR bundle of 1,000 sessions", samples, unit="ms", note=note)


async def _memory(core: Core, ids: list[UUID]) -> Line:
    before = _memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew from here
    await _export(core, core.paths.data / "large.csv", ids, "csv")
    more = _memory_mb("VmHWM") - before
    return line("Memory for a CSV of 1,000,000 metrics", [more], unit="MB", limit=150)


async def _export(core: Core, path: Path, ids: list[UUID], form: str) -> None:
    async def work(database: Database) -> int:
        return await write_export(database, path, ids, actor=RECORDS_HERE, options=ExportOptions(form))

    await in_background(core.database, work)


def _memory_mb(which: str) -> float:
    """Return how much memory the process has ("VmRSS"), or has had at most ("VmHWM"), in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(which))) / 1024


def _rows(core: Core) -> Iterator[list[tuple[Any, ...]]]:
    """Give the columns of a metric with its task and its session as the driver has them."""
    columns = "s.*, t.*, m.*"
    query = (
        f"SELECT {columns} FROM metrics m JOIN task_results t ON t.id = m.task_id JOIN sessions s "
        "ON s.id = t.session_id WHERE NOT s.deleted AND NOT t.deleted AND NOT m.deleted ORDER BY s.id, t.position, m.id"
    )
    width = len(SESSIONS) + len(TASKS) + len(METRICS)
    with closing(VaultFiles(core.unlocked.key).connect(core.paths.database)) as connection:
        found = connection.execute(query)
        while rows := found.fetchmany(1000):
            yield [row[:width] for row in rows]


def _bare_csv(core: Core) -> None:
    with (core.paths.data / "bare.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        for rows in _rows(core):
            writer.writerows(rows)


def _bare_xlsx(core: Core) -> None:
    """Write the same sheets from the driver's rows."""
    book = xlsxwriter.Workbook(
        str(core.paths.data / "bare.xlsx"), {"in_memory": True, "strings_to_urls": False}
    )
    with closing(VaultFiles(core.unlocked.key).connect(core.paths.database)) as connection:
        for query in _SHEETS:
            sheet = book.add_worksheet()
            found = connection.execute(query)
            at = 0
            while rows := found.fetchmany(1000):
                for row in rows:
                    for place, cell in enumerate(row):
                        if isinstance(cell, bytes):
                            sheet.write_string(at, place, cell.hex())
                        elif isinstance(cell, str):
                            sheet.write_string(at, place, cell)
                        elif cell is not None:
                            sheet.write_number(at, place, cell)
                    at += 1
    book.close()


_SHEETS = (
    "SELECT id, child_code, child_id, child_name, child_age, child_sex, session_type, assessor, site, protocol_name, "
    "protocol_version, consent, started_at, completed_at, notes, app_version FROM sessions",
    "SELECT session_id, id, position, task_name, side, trial, practice, status, duration_seconds, deviation, notes, "
    "remark, started_at FROM task_results",
    "SELECT t.session_id, m.task_id, m.id, metric_name, metric_value, unit, source, m.remark FROM metrics m "
    "JOIN task_results t ON t.id = m.task_id",
)
