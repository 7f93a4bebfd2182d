"""kinelogctl: Kinelog without its window.

Every command answers on stdout, names a failure in one line on stderr and ends with 0, 1 for a failure, or 2 for
wrong usage. What it needs is imported when it runs, so that `--help` is there at once.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import typer

from desktop import __version__
from desktop.errors import AppError, Conflict, Invalid, NotFound
from desktop.logs import start_logging
from desktop.paths import DATA_DIR_VARIABLE, Paths, find_paths

if TYPE_CHECKING:
    from desktop.core import Core
    from desktop.services.checking import Check

T = TypeVar("T")
log = logging.getLogger(__name__)
app = typer.Typer(
    help="Kinelog without its window: check, list, export and import the records of this laptop.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
PROGRAM = "kinelogctl"
MOST_LISTED = 1_000_000

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help=f"The folder of the records, instead of {DATA_DIR_VARIABLE} or your own.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]


class Format(StrEnum):
    """What sessions can be exported as."""

    json = "json"


def main() -> None:
    """Run the command line; the entry point of the program."""
    os.umask(0o077)
    logging.raiseExceptions = False  # a log that cannot be written is no reason for a traceback
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    app(prog_name=PROGRAM)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    context: typer.Context,
    data_dir: DataDir = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = data_dir


@app.command()
def check(context: typer.Context, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Verify the installation: folder, permissions, records, clock and disk."""
    paths = _paths(context, data_dir)

    def look() -> "list[Check]":
        from desktop.clock import SystemClock
        from desktop.services import checking

        return asyncio.run(checking.check(paths, clock=SystemClock()))

    found = _guarded(paths, look)
    lines = (f"{seen.state:8} {seen.name:12} {seen.text}" for seen in found)
    _answer({"checks": [asdict(seen) for seen in found]}, "\n".join(lines), as_json=as_json)
    failed = [seen.name for seen in found if seen.state == "failed"]
    if failed:
        _fail(f"This installation has a problem: {', '.join(failed)}.")


@app.command()
def demo(
    context: typer.Context,
    sessions: Annotated[int, typer.Option(min=1, help="How many sessions.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same records.")] = 1,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty data folder with invented records."""

    async def work(core: "Core") -> int:
        from desktop.services.demo import fill

        return await fill(core.database, sessions=sessions, seed=seed, progress=_progress())

    made = _run(_paths(context, data_dir), work)
    _answer({"sessions_made": made}, f"Made {made} sessions.", as_json=as_json)


@app.command(name="sessions")
def list_sessions(
    context: typer.Context,
    search: Annotated[str, typer.Option(help="Words of the child's name, code or notes.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="At most so many, the newest.")] = 100,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List sessions, the newest first."""

    async def work(core: "Core") -> list[dict[str, object]]:
        from desktop.services.overview import overview

        return await overview(core.database, search=search, limit=limit)

    found = _run(_paths(context, data_dir), work)
    lines = (f"{row['id']}  {_local(row)}  {row['child_name']}, {row['child_age']}" for row in found)
    _answer({"sessions": found}, "\n".join(lines), as_json=as_json)


@app.command()
def export(
    context: typer.Context,
    *,
    form: Annotated[Format, typer.Option("--format", help="The form of the file.")],
    output: Annotated[Path, typer.Option("--output", help="The file to write.", metavar="PATH")],
    session_id: Annotated[UUID | None, typer.Argument(help="The one session to export.")] = None,
    all_sessions: Annotated[bool, typer.Option("--all", help="Export all sessions.")] = False,
    child: Annotated[UUID | None, typer.Option(help="Export the sessions of this child.")] = None,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Export the sessions of this day.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write sessions to a file."""
    if sum(map(bool, (session_id, all_sessions, child, date))) != 1:
        raise typer.BadParameter("Give one of SESSION_ID, --all, --child and --date.")

    async def work(core: "Core") -> int:
        from desktop.export.json_file import write_json
        from desktop.export.selection import select_sessions

        if session_id is not None:
            ids = [session_id]
        else:
            ids = await select_sessions(core.database, child_id=child, day=date.date() if date else None)
        if not ids and not all_sessions:
            raise NotFound("There are no such sessions.")
        return await write_json(core.database, output, ids, progress=_progress())

    written = _run(_paths(context, data_dir), work)
    answer = {"format": form.value, "path": str(output), "sessions_written": written}
    _answer(answer, f"Wrote {written} sessions to {output}.", as_json=as_json)


@app.command(name="import")
def import_file(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(help="A JSON file that Kinelog exported.")],
    update: Annotated[
        bool, typer.Option("--update", help="Replace sessions that differ from the file.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take in the sessions of a file: all or nothing, and twice is the same as once."""

    async def work(core: "Core") -> dict[str, object]:
        from desktop.services import people
        from desktop.services.importing import read_document, run_import

        document = read_document(file)
        actor = people.program_id(PROGRAM)
        try:
            outcome = await run_import(
                core.database, document, actor=actor, update=update, dry_run=dry_run, progress=_progress()
            )
        except Conflict as error:
            raise Conflict(f"{error} With --update the file's content is taken.") from None
        if outcome.updated and not dry_run:
            await people.program(core.database, PROGRAM)
        return asdict(outcome)

    counts = _run(_paths(context, data_dir), work)
    done = "Would take in" if dry_run else "Took in"
    summary = (
        f"{done} {counts['new']} new and {counts['updated']} changed sessions; {counts['same']} were here."
    )
    _answer(counts, summary, as_json=as_json)


def _paths(context: typer.Context, data_dir: Path | None) -> Paths:
    """Return where the records are, as the command says, else as was said before it."""
    try:
        return find_paths(data_dir or context.obj)
    except Invalid as error:
        raise typer.BadParameter(str(error)) from None


def _run(paths: Paths, work: Callable[["Core"], Awaitable[T]]) -> T:
    """Do `work` with the records open."""

    async def opened() -> T:
        from desktop.core import Core

        async with Core.open(paths) as core:
            start_logging(paths.logs)
            return await work(core)

    return _guarded(paths, lambda: asyncio.run(opened()))


def _guarded(paths: Paths, act: Callable[[], T]) -> T:
    """Return what `act` returns; a failure becomes one line, and what nobody expected a place in the log."""
    try:
        return act()
    except AppError as error:
        _fail(str(error))
    except Exception:  # noqa: BLE001 - the log has its details, the user one line
        _fail(_logged(paths))


def _logged(paths: Paths) -> str:
    """Log the exception that is being handled; returns the line that tells of it."""
    try:
        paths.create()
        if not logging.getLogger().handlers:
            start_logging(paths.logs)
        log.exception("The command failed")
    except OSError as error:
        return f"Something unexpected went wrong, and {paths.logs} cannot be written: {error.strerror}."
    return f"Something unexpected went wrong. The details are in {paths.logs / 'kinelog.log'}."


def _fail(message: str) -> NoReturn:
    typer.echo(" ".join(message.split()), err=True)
    raise typer.Exit(1)


def _answer(document: object, words: str, *, as_json: bool) -> None:
    """Print the answer, as JSON in ASCII so that no terminal or pipe can spoil it."""
    if as_json:
        typer.echo(json.dumps(document))
    elif words:
        typer.echo(words)


def _local(row: Mapping[str, Any]) -> str:
    """Return when a session began, as the clock on the wall showed it."""
    began = datetime.fromisoformat(row["started_at"]) + timedelta(minutes=row["utc_offset_minutes"])
    return f"{began:%Y-%m-%d %H:%M}"


def _progress() -> Callable[[int, int], None] | None:
    """Return what tells a person at a terminal how far the work is; None when nobody looks."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        typer.echo(f"\r{done:,} of {total:,}", err=True, nl=done >= total)

    return tell
