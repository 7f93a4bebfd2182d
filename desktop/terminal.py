"""How a command meets who called it: where the records are, the secret, the answer, a failure."""

import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from desktop.clock import wall_time
from desktop.errors import AppError, Invalid, NotFound, WrongKey
from desktop.logs import start_logging
from desktop.paths import DATA_DIR_VARIABLE, Paths, find_paths

if TYPE_CHECKING:
    from desktop.core import Core
    from desktop.services.auditing import Event
    from desktop.vault import Unlocked

T = TypeVar("T")
log = logging.getLogger(__name__)
PASSPHRASE_VARIABLE = "KINELOG_PASSPHRASE"
LONGEST_SECRET = 10_000
_STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help=f"The folder of the records, instead of {DATA_DIR_VARIABLE} or your own.",
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help=f"A file whose first line is the passphrase or recovery key, instead of {PASSPHRASE_VARIABLE}.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]


@dataclass(frozen=True)
class Call:
    """What every command is told: where the records are, and where the secret is."""

    data_dir: Path | None = None
    passphrase_file: Path | None = None

    def paths(self) -> Paths:
        """Return where the records are; ends with wrong usage for a folder that cannot be."""
        try:
            return find_paths(self.data_dir)
        except Invalid as error:
            raise typer.BadParameter(str(error)) from None

    def secret(self) -> str | None:
        """Return the passphrase or recovery key that was given or typed, None when nobody can be asked.

        Raises Invalid for a file that cannot be read.
        """
        if self.passphrase_file is not None:
            return _first_line(self.passphrase_file)
        given = os.environ.get(PASSPHRASE_VARIABLE)
        if given is not None:
            return given
        return typer.prompt("Passphrase", hide_input=True, err=True) if sys.stdin.isatty() else None

    def unlock(self) -> "Unlocked":
        """Unlock the vault; raises AppError when there is none, no secret is given, or it is wrong."""
        from desktop.keys import is_recovery_key
        from desktop.vault import Vault

        vault = Vault(self.paths())
        if not vault.exists():
            raise NotFound(f"There is no vault in {self.paths().data} yet. Make one with: kinelogctl init")
        secret = self.secret()
        if secret is None:
            raise Invalid(f"The records are locked. Give --passphrase-file or set {PASSPHRASE_VARIABLE}.")
        if is_recovery_key(secret):  # as some passphrase may look, too
            with suppress(WrongKey):
                return vault.recover(secret)
        return vault.unlock(secret)

    def unlock_if_told(self) -> "Unlocked | None":
        """Unlock the vault when a secret was given; None without one. Raises WrongKey."""
        told = self.passphrase_file is not None or PASSPHRASE_VARIABLE in os.environ or sys.stdin.isatty()
        return self.unlock() if told else None

    def run(self, work: Callable[["Core"], Awaitable[T]], *, repairing: bool = False) -> T:
        """Do `work` with the records open; a failure ends the program with its one line.

        With `repairing` they are opened although their changes would not all be in the audit trail.
        """
        paths = self.paths()

        async def opened() -> T:
            from desktop.core import Core

            async with Core.open(paths, unlocked=self.unlock(), repairing=repairing) as core:
                return await work(core)

        return self.guarded(lambda: asyncio.run(opened()))

    def guarded(self, act: Callable[[], T]) -> T:
        """Return what `act` returns; a failure becomes one line, and what nobody expected a place in the log."""
        start_logging(self.paths().logs)  # or else a warning would go to stderr
        try:
            return act()
        except AppError as error:
            fail(str(error))
        except Exception:  # noqa: BLE001 - the log has its details, the user one line
            fail(_logged(self.paths()))


def call(context: typer.Context, data_dir: Path | None, passphrase_file: Path | None) -> Call:
    """Return what the command says, and for the rest what was said before it."""
    before = context.obj if isinstance(context.obj, Call) else Call()
    said = {"data_dir": data_dir, "passphrase_file": passphrase_file}
    return replace(before, **{name: value for name, value in said.items() if value is not None})


def fail(message: str) -> NoReturn:
    """End with exit code 1 and one line on stderr."""
    typer.echo(_shown(" ".join(message.split())), err=True)
    raise typer.Exit(1)


def answer(document: object, words: str, *, as_json: bool) -> None:
    """Print the answer, as JSON in ASCII so that no terminal or pipe can spoil it."""
    if as_json:
        typer.echo(json.dumps(document))
    elif words:
        typer.echo(_shown(words))


def _shown(text: str) -> str:
    """Return `text` as a terminal shows it: a name may hold what would steer one, or turn a line round."""
    return _STEERING.sub("?", text)


def local_time(row: Mapping[str, Any]) -> str:
    """Return when a session began, as the clock on the wall showed it."""
    began = wall_time(datetime.fromisoformat(row["started_at"]), row["utc_offset_minutes"])
    return f"{began:%Y-%m-%d %H:%M}"


def event_as_json(event: "Event") -> dict[str, Any]:
    """Return an entry of the audit trail as JSON has it."""
    from desktop.export.canonical import plain

    told = {name: plain(value) for name, value in vars(event).items() if name not in {"before", "after"}}
    values = {
        name: {key: plain(value) for key, value in getattr(event, name).items()}
        for name in ("before", "after")
    }
    return {**told, **values}


def event_in_words(event: "Event") -> str:
    """Return an entry of the audit trail as lines for people."""
    head = f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event.actor_name}  {event.action} {event.entity} {event.entity_id}"
    why = [f"    because: {_one_line(event.reason)}"] if event.reason else []
    names = event.after if event.action == "update" else ()
    changes = (
        f"    {name}: {_one_line(event.before.get(name))} -> {_one_line(event.after[name])}" for name in names
    )
    return "\n".join([head, *why, *changes])


def _one_line(value: object) -> str:
    """Return a value in one line: a note of several must not look like entries of their own."""
    return " ".join(str(value).split())


def progress() -> Callable[[int, int], None] | None:
    """Return what tells a person at a terminal how far the work is; None when nobody looks."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        typer.echo(f"\r{done:,} of {total:,}", err=True, nl=done >= total)

    return tell


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline(LONGEST_SECRET).rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise Invalid(f"The passphrase file {path} cannot be read.") from None


def _logged(paths: Paths) -> str:
    """Log the exception that is being handled; returns the line that tells of it."""
    try:
        paths.create()
        log.exception("The command failed")
    except OSError as error:
        return f"Something unexpected went wrong, and {paths.logs} cannot be written: {error.strerror}."
    return f"Something unexpected went wrong. The details are in {paths.logs / 'kinelog.log'}."
