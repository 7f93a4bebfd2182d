"""kinelogctl audit: the trail proved, shown and repaired."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from desktop.terminal import (
    AsJson,
    DataDir,
    PassphraseFile,
    answer,
    call,
    event_as_json,
    event_in_words,
    fail,
)

if TYPE_CHECKING:
    from desktop.audit import Verdict
    from desktop.core import Core
    from desktop.services.auditing import Event

trail = typer.Typer(help="The audit trail: who changed what, when and why.", no_args_is_help=True)


@trail.command(name="verify")
def verify_trail(
    context: typer.Context,
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Prove that no entry was changed, put in or taken out; exit code 1 when one was."""

    async def work(core: "Core") -> "Verdict":
        from desktop.services.auditing import verify

        return await verify(core.database)

    verdict = call(context, data_dir, passphrase_file).run(work)
    told = {"entries": verdict.entries, "whole": not verdict.trouble, "seal": verdict.seal}
    words = (
        f"The audit trail is whole: {verdict.entries:,} entries, the last seal ends in {verdict.seal[-8:]}."
    )
    if verdict.trouble:
        answer({**told, "trouble": verdict.trouble}, "", as_json=as_json)
        fail(f"The audit trail was changed. {verdict.trouble}")
    answer(told, words, as_json=as_json)


@trail.command(name="show")
def show_trail(
    context: typer.Context,
    record: Annotated[
        UUID, typer.Argument(help="The id of a session, task result, metric, person or protocol.")
    ],
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what happened to a record and to all that lies under it, the oldest first."""

    async def work(core: "Core") -> "list[Event]":
        from desktop.services.auditing import enter, history

        found = await history(core.database, record)
        await enter(core.database, actor=core.unlocked.actor, action="show", record=str(record))
        return found

    events = call(context, data_dir, passphrase_file).run(work)
    answer(
        {"events": [event_as_json(event) for event in events]},
        "\n".join(map(event_in_words, events)),
        as_json=as_json,
    )


@trail.command(name="repair")
def repair_trail(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why the rules were not as they should be.")],
    data_dir: DataDir = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Put back the rules that write the trail; that it was necessary stands in it."""

    async def work(core: "Core") -> list[str]:
        from desktop.services.auditing import repair

        return await repair(core.database, actor=core.unlocked.actor, reason=reason)

    altered = call(context, data_dir, passphrase_file).run(work, repairing=True)
    words = f"Put back: {', '.join(altered)}." if altered else "The rules were as they should be."
    answer({"altered": altered}, words, as_json=as_json)
