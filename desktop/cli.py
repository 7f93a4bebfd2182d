"""kinelogctl: Kinelog without its window.

Every command answers on stdout, names a failure in one line on stderr and ends with 0, 1 for a failure, or 2 for
wrong usage. What it needs is imported when it runs, so that `--help` is there at once.
"""

import asyncio
import getpass
import logging
import sys
from dataclasses import asdict
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from desktop import __version__
from desktop.cli_audit import trail
from desktop.cli_centre import centre
from desktop.cli_sync import sync_records
from desktop.errors import Conflict, Invalid, NotFound
from desktop.export.forms import Convention, Format, Kind, Language, Part
from desktop.private import keep_private
from desktop.terminal import (
    PASSPHRASE_VARIABLE,
    AsJson,
    Call,
    DataDir,
    PassphraseFile,
    answer,
    call,
    fail,
    local_time,
    progress,
)

if TYPE_CHECKING:
    from desktop.core import Core
    from desktop.services.checking import Check

app = typer.Typer(
    help="Kinelog without its window: check, list, export and import the records of this laptop.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(trail, name="audit")
app.add_typer(centre, name="centre")
app.command(name="sync")(sync_records)
PROGRAM = "kinelogctl"
MOST_LISTED = 1_000_000


def main() -> None:
    """Run the command line; the entry point of the program."""
    keep_private()
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
    passphrase_file: PassphraseFile = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = Call(data_dir, passphrase_file)


@app.command()
def init(
    context: typer.Context,
    name: Annotated[
        str, typer.Option(help="Who records here and unlocks by this passphrase; else your user name.")
    ] = "",
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Make the vault and print its recovery key, this once; plain records of before are encrypted."""
    this = call(context, data_dir, passphrase_file)

    async def make(secret: str) -> str:
        from desktop.setting_up import make_vault, prepare_vault

        new = await prepare_vault(this.paths(), name=name or getpass.getuser(), passphrase=secret)
        await make_vault(this.paths(), new)
        return new.recovery_key

    def work() -> str:
        secret = this.secret()
        if secret is None:
            raise Invalid(f"Choose a passphrase with --passphrase-file or {PASSPHRASE_VARIABLE}.")
        return asyncio.run(make(secret))

    recovery_key = this.guarded(work)
    words = (
        f"The records in {this.paths().data} are encrypted.\nRecovery key: {recovery_key}\n"
        "It is the only way back if the passphrase is forgotten, and is not shown again. Keep it in a locked place."
    )
    answer({"recovery_key": recovery_key}, words, as_json=as_json)


@app.command()
def check(
    context: typer.Context,
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Verify the installation: folder, permissions, vault, records, clock and disk."""
    this = call(context, data_dir, passphrase_file)

    def look() -> "list[Check]":
        from desktop.clock import SystemClock
        from desktop.services import checking

        return asyncio.run(checking.check(this.paths(), clock=SystemClock(), unlock=this.unlock_if_told))

    found = this.guarded(look)
    lines = (f"{seen.state:8} {seen.name:12} {seen.text}" for seen in found)
    answer({"checks": [asdict(seen) for seen in found]}, "\n".join(lines), as_json=as_json)
    failed = [seen.name for seen in found if seen.state == "failed"]
    if failed:
        fail(f"This installation has a problem: {', '.join(failed)}.")


@app.command()
def demo(
    context: typer.Context,
    *,
    sessions: Annotated[int, typer.Option(min=1, help="How many sessions.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same records.")] = 1,
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty data folder with invented records."""

    async def work(core: "Core") -> int:
        from desktop.services.demo import fill

        return await fill(core.database, sessions=sessions, seed=seed, progress=progress())

    made = call(context, data_dir, passphrase_file).run(work)
    answer({"sessions_made": made}, f"Made {made} sessions.", as_json=as_json)


@app.command(name="sessions")
def list_sessions(
    context: typer.Context,
    *,
    search: Annotated[str, typer.Option(help="Words of the child's name, code or notes.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="At most so many, the newest.")] = 100,
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """List sessions, the newest first."""

    async def work(core: "Core") -> list[dict[str, object]]:
        from desktop.services.auditing import enter
        from desktop.services.overview import overview

        found = await overview(core.database, search=search, limit=limit)
        await enter(core.database, actor=core.unlocked.actor, action="list", sessions=len(found))
        return found

    found = call(context, data_dir, passphrase_file).run(work)
    lines = (f"{row['id']}  {local_time(row)}  {row['child_name']}, {row['child_age']}" for row in found)
    answer({"sessions": found}, "\n".join(lines), as_json=as_json)


@app.command()
def export(
    context: typer.Context,
    *,
    form: Annotated[Format, typer.Option("--format", help="The form of the file.")],
    kind: Annotated[Kind | None, typer.Option(help="Of a PDF: for whom.")] = None,
    lang: Annotated[Language, typer.Option(help="The language of words in the file.")] = "en",
    csv: Annotated[Convention, typer.Option(help="Of a CSV: how it is separated.")] = "comma",
    deidentified: Annotated[
        bool, typer.Option(help="Leave out names, free text and dates; the code stands for the child.")
    ] = False,
    notes: Annotated[bool, typer.Option(help="Of a clinician's PDF: what was noted.")] = True,
    charts: Annotated[bool, typer.Option(help="Of a clinician's PDF: metrics over the visits.")] = True,
    output: Annotated[Path, typer.Option("--output", help="The file to write.", metavar="PATH")],
    session_id: Annotated[UUID | None, typer.Argument(help="The one session to export.")] = None,
    all_sessions: Annotated[bool, typer.Option("--all", help="Export all sessions.")] = False,
    child: Annotated[UUID | None, typer.Option(help="Export the sessions of this child.")] = None,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Export the sessions of this day.")
    ] = None,
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Write sessions to a file."""
    if sum(map(bool, (session_id, all_sessions, child, date))) != 1:
        raise typer.BadParameter("Give one of SESSION_ID, --all, --child and --date.")

    async def work(core: "Core") -> int:
        from desktop.export.formats import ExportOptions
        from desktop.export.selection import select_sessions
        from desktop.services.exporting import export_sessions

        if session_id is not None:
            ids = [session_id]
        else:
            ids = await select_sessions(core.database, child_id=child, day=date.date() if date else None)
        core.paths.refuse_own(output)
        if not ids and not all_sessions:
            raise NotFound("There are no such sessions.")
        parts: tuple[tuple[Part, bool], ...] = (("notes", notes), ("charts", charts))
        wanted = ExportOptions(
            form=form,
            kind=kind or ("day" if date is not None else "clinician"),
            language=lang,
            convention=csv,
            deidentified=deidentified,
            day=date.date() if date else None,
            leave_out=frozenset(part for part, said in parts if not said),
        )
        written = export_sessions(
            core.database, output, ids, actor=core.unlocked.actor, options=wanted, progress=progress()
        )
        return await written

    written = call(context, data_dir, passphrase_file).run(work)
    told = {"format": form, "path": str(output), "sessions_written": written}
    answer(told, f"Wrote {written} sessions to {output}.", as_json=as_json)


@app.command()
def backup(
    context: typer.Context,
    *,
    path: Annotated[Path, typer.Argument(help="The folder to make; it must not be there yet.")],
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Copy the whole vault, encrypted and with its keys, into a new folder."""

    async def work(core: "Core") -> int:
        from desktop.safekeeping import back_up_to

        return (await back_up_to(core, path)).size

    size = call(context, data_dir, passphrase_file).run(work)
    answer({"path": str(path), "bytes": size}, f"Wrote {size:,} bytes to {path}.", as_json=as_json)


@app.command()
def restore(
    context: typer.Context,
    *,
    path: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the records; it is opened by the passphrase or recovery key of its day.

    What is there now is kept among the backups.
    """
    this = call(context, data_dir, passphrase_file)

    def work() -> dict[str, int]:
        from desktop.setting_up import restore_backup

        secret = this.secret()
        if secret is None:
            raise Invalid(f"The backup is locked. Give --passphrase-file or set {PASSPHRASE_VARIABLE}.")
        return asdict(asyncio.run(restore_backup(this.paths(), path, secret)))

    found = this.guarded(work)
    words = (
        f"Restored {found['sessions']:,} sessions. What was there before is kept in {this.paths().backups}."
    )
    answer(found, words, as_json=as_json)


@app.command(name="import")
def import_file(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(help="A JSON or CSV file that Kinelog exported.")],
    update: Annotated[
        bool, typer.Option("--update", help="Replace sessions that differ from the file.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Take in the sessions of a file: all or nothing, and twice is the same as once."""

    async def work(core: "Core") -> dict[str, object]:
        from desktop.services.importing import run_import
        from desktop.services.reading import read_document

        document, actor = read_document(file, key=core.unlocked.key), core.unlocked.actor
        try:
            outcome = await run_import(
                core.database, document, actor=actor, update=update, dry_run=dry_run, progress=progress()
            )
        except Conflict as error:
            raise Conflict(f"{error} With --update the file's content is taken.") from None
        return {**asdict(outcome), "people": len(outcome.people)}

    counts = call(context, data_dir, passphrase_file).run(work)
    done = "Would take in" if dry_run else "Took in"
    summary = (
        f"{done} {counts['new']} new and {counts['updated']} changed sessions; {counts['same']} were here."
    )
    answer(counts, summary, as_json=as_json)
