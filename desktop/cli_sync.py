"""kinelogctl sync: the records of this laptop and of the centre brought to the same state."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.terminal import AsJson, DataDir, PassphraseFile, answer, call, fail

if TYPE_CHECKING:
    from desktop.core import Core
    from desktop.sync.syncing import State, Synced


def sync_records(
    context: typer.Context,
    *,
    status: Annotated[bool, typer.Option("--status", help="Only tell how the sync stands here.")] = False,
    enrol: Annotated[
        Path | None,
        typer.Option("--enrol", help="A file with the enrolment text of a centre; “-” reads it here."),
    ] = None,
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring this laptop and its centre to the same state, once; what cannot be sent waits."""
    text = (
        None
        if enrol is None
        else typer.get_text_stream("stdin").read()
        if str(enrol) == "-"
        else _read(enrol)
    )

    async def work(core: "Core") -> "tuple[State, Synced | None]":
        from desktop.sync import syncing

        if text is not None:
            await syncing.enrol(core.database, text, actor=core.unlocked.actor)
        synced = None if status else await syncing.sync(core.database, core.paths.data)
        return (synced.state if synced else await syncing.state(core.database)), synced

    state, synced = call(context, data_dir, passphrase_file).run(work)
    if synced is None:
        answer(_of_state(state), _state_in_words(state), as_json=as_json)
        return
    answer(_of_sync(synced), _sync_in_words(synced), as_json=as_json)
    if not synced.equal:
        fail("This laptop and the centre do not hold the same. Please report this; nothing was lost.")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fail(f"{path} cannot be read.")


def _of_state(state: "State") -> dict[str, Any]:
    return {**asdict(state), "checked_at": state.checked_at and state.checked_at.isoformat()}


def _of_sync(synced: "Synced") -> dict[str, Any]:
    """Return the answer as product.md names it."""
    report = synced.report
    return {
        "pushed": report.pushed,
        "pulled": report.pulled,
        "conflicts": report.conflicts,
        "quarantined": report.quarantined,
        "new_identity": report.new_identity,
        "given_back": report.given_back,
        "equal": synced.equal,
        "receipt": _of_state(synced.state),
    }


def _state_in_words(state: "State") -> str:
    if not state.centre:
        return "Sync is not set up."
    lines = [f"Centre {state.centre}: {state.waiting:,} changes waiting."]
    if state.quarantined:
        lines.append(f"The centre did not accept {state.quarantined:,}.")
    if state.conflicts:
        lines.append(f"{state.conflicts:,} conflicts to review.")
    return " ".join((*lines, _receipt_in_words(state)))


def _sync_in_words(synced: "Synced") -> str:
    report = synced.report
    return f"Sent {report.pushed:,} and received {report.pulled:,} rows. {_state_in_words(synced.state)}"


def _receipt_in_words(state: "State") -> str:
    if state.checked_at is None:
        return "Not compared with the centre yet."
    counts = ", ".join(
        f"{state.checked.get(name, 0):,} {noun}"
        for name, noun in (("sessions", "sessions"), ("task_results", "tasks"), ("metrics", "metrics"))
    )
    return f"{counts} at the centre, checked {state.checked_at:%Y-%m-%d %H:%M} UTC."
