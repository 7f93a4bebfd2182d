"""Whether everything is saved is said in words: footer, banner, copy elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.edits import Stamp
from desktop.services.importing import run_import
from desktop.services.parsing import parse_document
from desktop.services.rescue import write_copy
from tests.helpers import stores
from tests.helpers.waiting import signal, until
from tests.ui.desk import Desk
from tests.ui.test_opened import held_by_another_program, shown
from ui.notify import Tone
from ui.panels.footer import Footer
from ui.panels.messages import MessagesPanel
from ui.saving import SaveState, SavingWatch
from ui.widgets.banner import Banner
from ui.widgets.button import Button


@pytest.fixture
async def watch(desk: Desk) -> AsyncIterator[SavingWatch]:
    watch = SavingWatch(desk.core.saver, clock=desk.core.clock, notifier=desk.notifier, parent=desk.owner)
    yield watch
    await desk.operations.settle()


async def test_a_quick_save_never_says_saving(desk: Desk, watch: SavingWatch) -> None:
    await desk.begin()
    states: list[SaveState] = []
    watch.changed.connect(states.append)
    desk.opened.edit_task(shown(desk).task_results[0].id, status="success")
    await desk.operations.settle()
    assert [state.kind for state in states] == ["saved"]


async def test_a_held_file_raises_a_banner_within_a_second_that_goes_by_itself(
    desk: Desk, watch: SavingWatch
) -> None:
    await desk.begin()
    failing = signal(watch.changed)
    with held_by_another_program(desk):
        began = desk.core.clock.monotonic()
        desk.opened.edit_task(shown(desk).task_results[0].id, status="success")
        (state,) = await failing
        if state.kind == "saving":
            (state,) = await signal(watch.changed)
        assert desk.core.clock.monotonic() - began < 1
        assert (state.kind, state.waiting) == ("failing", 1)
        (message,) = desk.notifier.messages()
        assert "Another program" in message.title
        assert "kept in memory" in message.text
        assert [text for text, _ in message.actions] == ["Try again", "Save a copy…"]
    await desk.operations.settle()
    assert desk.notifier.messages() == ()
    assert watch.state.kind == "saved"


async def test_the_footer_says_each_state_in_words(desk: Desk) -> None:
    footer = Footer(folder="here")
    now = desk.core.clock.now()
    said = []
    for state in (SaveState("saved", 0, now), SaveState("saving", 1, now), SaveState("failing", 3, now)):
        footer.show_state(state)
        said.append(footer.findChildren(Button)[0].text())
    assert said == ["All changes saved", "Saving…", "3 changes not saved yet"]
    footer.deleteLater()


async def test_the_banner_shows_the_gravest_message_and_does_what_it_offers(desk: Desk) -> None:
    panel = MessagesPanel(desk.notifier)
    assert not panel.isVisibleTo(None)
    tried: list[str] = []
    desk.notifier.info("Note", "Something is worth knowing.")
    desk.notifier.raise_(
        "k", Tone.BAD, "The disk is full.", "3 changes wait.", [("Try again", lambda: tried.append("x"))]
    )
    banner = panel.findChild(Banner)
    assert banner.accessibleName() == "The disk is full. 3 changes wait."
    next(button for button in banner.findChildren(Button) if button.text() == "Try again").click()
    assert tried == ["x"]
    desk.notifier.clear("k")
    assert banner.accessibleName() == "Note Something is worth knowing."
    panel.deleteLater()


async def test_a_copy_of_unsaved_changes_can_be_imported_once_the_file_is_free(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.begin("Zoë")
    target = tmp_path / "copy.json"
    with held_by_another_program(desk):
        desk.opened.edit_task(shown(desk).task_results[0].id, status="refused", notes="would not")
        await until(lambda: desk.core.saver.trouble is not None)
        (held,) = desk.opened.unsaved()
        assert held.protocol is not None
        write_copy(target, [held.record], people=[], protocols=[held.protocol], stamp=stamp_of(desk))
    await desk.operations.settle()
    document = parse_document(target.read_bytes())
    assert document.sessions[0].task_results[0].notes == "would not"
    await run_import(desk.core.database, document, actor=desk.actor, update=True)
    recorded = "SELECT count(*) FROM task_results WHERE notes = 'would not' AND status = 'refused'"
    assert stores.rows(desk.core.paths.database, recorded, desk.core.database.files) == [(1,)]


def stamp_of(desk: Desk) -> Stamp:
    return Stamp(desk.actor, desk.core.clock.now(), desk.core.clock.utc_offset_minutes())
