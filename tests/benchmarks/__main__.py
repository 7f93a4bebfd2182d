"""Measure everything, print a table, and write it as JSON where `--json PATH` says."""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from desktop.core import Core
from desktop.keys import Cost
from desktop.paths import Paths
from desktop.services import people
from desktop.services.demo import fill
from desktop.settings import Settings, save_settings
from tests.benchmarks import exporting, importing, keeping, lists, saving, starting, syncing
from tests.benchmarks.measuring import Line, print_table, write_json
from tests.helpers.vaults import RECORDS_HERE, unlocked

SEED = 20251123
PARTS = ("start", "save", "import", "keep", "export", "lists", "sync")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=PARTS, nargs="*", default=[])
    options = parser.parse_args()
    wanted = set(options.only) or set(PARTS)
    with tempfile.TemporaryDirectory(dir=options.json.parent if options.json else None) as place:
        lines = _measure(wanted, Path(place))
    print_table(lines)
    if options.json:
        write_json(lines, options.json)


def _measure(wanted: set[str], place: Path) -> list[Line]:
    lines: list[Line] = []
    if "start" in wanted:
        asyncio.run(_fill(place / "start", starting.SESSIONS))
        lines += starting.measure(place / "start")
    if "save" in wanted:
        lines += asyncio.run(saving.measure(place / "save"))
    if "import" in wanted:
        lines += asyncio.run(importing.measure_time(place)) + importing.measure_lateness(place)
    if "keep" in wanted:
        asyncio.run(_fill(place / "keep", keeping.SESSIONS))
        lines += keeping.measure(place / "keep")
    if "export" in wanted:
        lines += exporting.measure(place / "export")
    if "lists" in wanted:
        asyncio.run(_fill(place / "lists", 100_000))
        lines += asyncio.run(lists.measure(place / "lists"))
    if "sync" in wanted:
        lines += asyncio.run(syncing.measure(place / "sync"))
    return lines


async def _fill(folder: Path, sessions: int) -> None:
    paths = Paths(folder)
    async with Core.open(paths, unlocked=unlocked(paths, cost=Cost())) as core:
        await fill(core.database, sessions=sessions, seed=SEED)
        await people.create_person(core.database, name="Lena Okafor", person_id=RECORDS_HERE)
    save_settings(paths.settings, Settings(assessor=RECORDS_HERE))


if __name__ == "__main__":
    main()
