"""Async work from the window is owned, cancelled with its owner, and its errors surface in one place."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.errors import AppError, Invalid
from tests.helpers.waiting import until
from ui.notify import Notifier
from ui.operations import Operations, Progress, Running


class Bench:
    """A widget with operations, and what they said."""

    def __init__(self) -> None:
        self.owner = QWidget()
        self.notifier = Notifier()
        self.unexpected: list[BaseException] = []
        self.operations = Operations(self.owner, notifier=self.notifier, unexpected=self.unexpected.append)

    def texts(self) -> list[tuple[str, str]]:
        return [(message.title, message.text) for message in self.notifier.messages()]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.operations.close()


async def five(_: Progress) -> int:
    return 5


async def for_ever(_: Progress) -> None:
    await asyncio.Event().wait()


async def refuse(_: Progress) -> None:
    raise Invalid("A weight of 400 kg cannot be recorded.")


async def blunder(_: Progress) -> None:
    raise ZeroDivisionError


async def test_the_result_is_handed_to_done(bench: Bench) -> None:
    got: list[int] = []
    bench.operations.start(five, title="Count", done=got.append)
    await bench.operations.settle()
    assert got == [5]
    assert bench.texts() == []


async def test_an_app_error_is_shown_in_its_own_words(bench: Bench) -> None:
    bench.operations.start(refuse, title="Save the weight")
    await bench.operations.settle()
    assert bench.texts() == [("Save the weight", "A weight of 400 kg cannot be recorded.")]
    assert bench.unexpected == []


async def test_the_next_success_takes_the_message_away(bench: Bench) -> None:
    bench.operations.start(refuse, title="Save the weight")
    await bench.operations.settle()
    bench.operations.start(five, title="Save the weight")
    await bench.operations.settle()
    assert bench.texts() == []


async def test_who_handles_a_failure_itself_gets_it_alone(bench: Bench) -> None:
    failures: list[AppError] = []
    bench.operations.start(refuse, title="Save the weight", failed=failures.append)
    await bench.operations.settle()
    assert [str(failure) for failure in failures] == ["A weight of 400 kg cannot be recorded."]
    assert bench.texts() == []


async def test_any_other_error_is_handed_on_with_its_details(bench: Bench) -> None:
    bench.operations.start(blunder, title="Count")
    await bench.operations.settle()
    [error] = bench.unexpected
    assert isinstance(error, ZeroDivisionError)
    assert error.__traceback__ is not None
    assert bench.texts() == []


async def test_a_bug_in_what_follows_the_work_surfaces_too(bench: Bench) -> None:
    bench.operations.start(five, title="Count", done=lambda number: number / 0)
    bench.operations.start(refuse, title="Save", failed=lambda _: [].pop())
    await bench.operations.settle()
    assert [type(error) for error in bench.unexpected] == [ZeroDivisionError, IndexError]


async def test_the_same_key_cancels_the_older_run(bench: Bench) -> None:
    got: list[int] = []
    goes = asyncio.Event()

    def search(number: int) -> None:
        async def find(_: Progress) -> int:
            await goes.wait()
            return number

        bench.operations.start(find, title="Search", key="search", done=got.append)

    for number in range(5):
        search(number)
    goes.set()
    await bench.operations.settle()
    assert got == [4]


async def test_runs_without_a_key_go_side_by_side(bench: Bench) -> None:
    got: list[int] = []
    bench.operations.start(five, title="Count", done=got.append)
    bench.operations.start(five, title="Count", done=got.append)
    await bench.operations.settle()
    assert got == [5, 5]


async def test_what_a_cancelled_run_does_to_end_in_order_is_not_cut_off(bench: Bench) -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def roll_back_at_the_end(_: Progress) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await may_end.wait()
            ended.set()

    bench.operations.start(roll_back_at_the_end, title="Read", key="read")
    await begun.wait()
    for _ in range(3):  # as when somebody goes through a list quickly
        bench.operations.start(for_ever, title="Read", key="read")
        await asyncio.sleep(0)
    may_end.set()
    bench.operations.cancel("read")
    await bench.operations.settle()
    assert ended.is_set()


async def test_a_result_that_comes_after_the_cancellation_is_not_handed_on(bench: Bench) -> None:
    got: list[str] = []
    begun = asyncio.Event()

    async def finish_anyway(_: Progress) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "too late"
        return "never"

    bench.operations.start(finish_anyway, title="Save", key="save", done=got.append)
    await begun.wait()
    bench.operations.cancel("save")
    await bench.operations.settle()
    assert got == []


async def test_tasks_end_with_their_owner(bench: Bench) -> None:
    ended = asyncio.Event()
    begun = asyncio.Event()

    async def work(_: Progress) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    owner = QWidget()
    operations = Operations(owner, notifier=bench.notifier, unexpected=bench.unexpected.append)
    operations.start(work, title="Wait", done=lambda _: pytest.fail("the owner is gone"))
    await begun.wait()
    owner.deleteLater()
    await asyncio.wait_for(ended.wait(), 5)
    await operations.settle()
    assert bench.unexpected == []


async def test_closing_cancels_all_and_starts_nothing_more(bench: Bench) -> None:
    got: list[int] = []
    bench.operations.start(for_ever, title="Wait")
    bench.operations.start(for_ever, title="Wait")
    await bench.operations.close()
    bench.operations.start(five, title="Count", done=got.append)
    await bench.operations.settle()
    assert got == []
    assert bench.texts() == []


async def test_quick_work_is_never_shown_as_busy(bench: Bench) -> None:
    said: list[tuple[Running, ...]] = []
    bench.operations.running_changed.connect(said.append)
    bench.operations.start(five, title="Count")
    await bench.operations.settle()
    await asyncio.sleep(0.35)  # the moment at which it would have been shown
    assert said == []


async def test_slow_work_is_shown_and_its_widget_waits(bench: Bench) -> None:
    button = QPushButton("Count", bench.owner)
    goes = asyncio.Event()

    async def slow(_: Progress) -> None:
        await goes.wait()

    bench.operations.start(slow, title="Count", busy=button)
    assert button.isEnabled()
    await until(bench.operations.running)
    assert [run.title for run in bench.operations.running()] == ["Count"]
    assert not button.isEnabled()
    goes.set()
    await until(lambda: not bench.operations.running())
    assert button.isEnabled()


async def test_a_widget_waits_for_all_its_work(bench: Bench) -> None:
    button = QPushButton("Count", bench.owner)
    first, second = asyncio.Event(), asyncio.Event()

    async def wait_for(event: asyncio.Event) -> None:
        await event.wait()

    bench.operations.start(lambda _: wait_for(first), title="First", busy=button)
    bench.operations.start(lambda _: wait_for(second), title="Second", busy=button)
    await until(lambda: len(bench.operations.running()) == 2)
    first.set()
    await until(lambda: len(bench.operations.running()) == 1)
    assert not button.isEnabled()
    second.set()
    await bench.operations.settle()
    assert button.isEnabled()


async def test_a_widget_that_was_disabled_before_stays_so(bench: Bench) -> None:
    button = QPushButton("Count", bench.owner)
    button.setEnabled(False)
    bench.operations.start(for_ever, title="Count", key="count", busy=button)
    await until(bench.operations.running)
    bench.operations.cancel("count")
    await bench.operations.settle()
    assert not button.isEnabled()


async def test_the_focus_comes_back_to_a_widget_that_waited(bench: Bench) -> None:
    layout = QVBoxLayout(bench.owner)
    button, other = QPushButton("Count"), QPushButton("Other")
    layout.addWidget(button)
    layout.addWidget(other)
    bench.owner.show()
    bench.owner.activateWindow()
    button.setFocus()
    await until(button.hasFocus)
    bench.operations.start(for_ever, title="Count", key="count", busy=button)
    await until(lambda: not button.isEnabled())
    assert not button.hasFocus()
    bench.operations.cancel("count")
    await bench.operations.settle()
    assert button.hasFocus()
    bench.owner.close()


async def test_the_focus_comes_back_into_a_form_that_waited(bench: Bench) -> None:
    form = QWidget()
    inside = QVBoxLayout(form)
    line, button = QLineEdit(), QPushButton("Unlock")
    inside.addWidget(line)
    inside.addWidget(button)
    layout = QVBoxLayout(bench.owner)
    layout.addWidget(form)
    layout.addWidget(QPushButton("Other"))
    bench.owner.show()
    bench.owner.activateWindow()
    line.setFocus()
    await until(line.hasFocus)
    bench.operations.start(for_ever, title="Unlock", key="unlock", busy=form)
    await until(lambda: not form.isEnabled())
    bench.operations.cancel("unlock")
    await bench.operations.settle()
    assert line.hasFocus()
    bench.owner.close()


async def test_progress_may_be_told_from_any_thread(bench: Bench) -> None:
    seen: list[Running] = []
    bench.operations.running_changed.connect(seen.extend)
    goes = asyncio.Event()

    async def import_all(progress: Progress) -> None:
        thread = threading.Thread(target=progress, args=(7, 12))
        thread.start()
        thread.join()
        await goes.wait()

    bench.operations.start(import_all, title="Import", key="import", cancellable=True)
    await until(lambda: seen)
    goes.set()
    await bench.operations.settle()
    assert seen[-1] == Running("import", "Import", True, 7, 12)
    assert bench.operations.running() == ()
