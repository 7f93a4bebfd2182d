"""Scrolling and searching through 100,000 sessions."""

import random
from pathlib import Path
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.engine import Connection

from desktop.core import Core
from desktop.database import Database
from desktop.listing import session_entries, session_lines
from desktop.paths import Paths
from tests.benchmarks.measuring import Line, line, percentile, timed_ms
from tests.helpers.vaults import unlocked

PAGE = 100
PAGES = 200
SEED = 20251123


async def measure(folder: Path) -> list[Line]:
    """Read pages all over the list and type the names of children letter by letter."""
    async with Core.open(Paths(folder), unlocked=unlocked(Paths(folder))) as core:
        entries = await session_entries(core.database)
        picks = random.Random(SEED)
        starts = [picks.randrange(len(entries.ids) - PAGE) for _ in range(PAGES)]
        pages = [
            await timed_ms(
                lambda start=start: session_lines(core.database, entries.ids[start : start + PAGE])
            )
            for start in starts
        ]
        names = [
            (await session_lines(core.database, [key]))[key].child_name
            for key in picks.sample(entries.ids, 40)
        ]
        typed = [name[:end] for name in names for end in range(1, min(len(name), 12) + 1)]
        searches = [await timed_ms(lambda text=text: session_entries(core.database, text)) for text in typed]
        whole = [await timed_ms(lambda: session_entries(core.database)) for _ in range(5)]
        await _print_plans(core.database, entries.ids[:PAGE])
    count = f"{len(entries.ids):,}"
    return [
        line(f"A page of {PAGE} of {count} sessions", pages, unit="ms", limit=20),
        line(f"Search as you type in {count}, p95", searches, unit="ms", limit=100, of=percentile(95)),
        line(f"All ids of {count} sessions", whole, unit="ms"),
    ]


async def _print_plans(database: Database, ids: list[UUID]) -> None:
    """Print how SQLite finds what the list asks for: by indexes, without reading the table."""
    asked: list[tuple[str, object]] = []

    def note(_c: Connection, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    engine = database.reader.sync_engine
    questions = {
        "all": session_entries(database),
        "two letters": session_entries(database, "am"),
        "a word": session_entries(database, "amina"),
        "a page": session_lines(database, ids[:3]),
    }
    for name, question in questions.items():
        asked.clear()
        event.listen(engine, "before_cursor_execute", note)
        await question
        event.remove(engine, "before_cursor_execute", note)
        async with database.reader.connect() as connection:
            for statement, parameters in list(asked):
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
                print(f"Query plan, {name}:")
                for row in plan:
                    print(f"    {row[3]}")
