"""The centre pane over an open session, with a clock that a test moves."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QWidget

from desktop.protocols import Protocol, bundled
from desktop.schemas import NewSession, TaskRecord
from desktop.services.recording import begin_session, load_session
from tests.helpers.clocks import StillClock
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from ui.notify import Toast
from ui.panels.centre import CentrePanel
from ui.recorder import Recorder
from ui.theme import Mode, ThemeManager
from ui.widgets.label import label

SIZE = (798, 796)
TARGET = 40


@dataclass(frozen=True)
class Recording:
    """What records: panel, recorder and the clock that both go by."""

    desk: Desk
    clock: StillClock
    recorder: Recorder
    centre: CentrePanel
    toasts: list[Toast]

    @property
    def tasks(self) -> tuple[TaskRecord, ...]:
        """The task results as they are shown."""
        assert self.desk.opened.record is not None
        return self.desk.opened.record.task_results

    @property
    def task(self) -> TaskRecord:
        """The selected one."""
        task = self.desk.opened.task
        assert task is not None
        return task

    def choose(self, place: int) -> None:
        self.desk.opened.select(self.tasks[place].id)

    def run_for(self, seconds: float) -> None:
        """Start the selected task and let time pass."""
        self.recorder.start()
        self.clock.pass_time(seconds=seconds)

    async def stored(self, task_id: UUID | None = None) -> Any:
        """Read the open session, or one task result of it, from the database."""
        record = self.desk.opened.record
        assert record is not None
        await self.desk.operations.settle()
        there = (await load_session(self.desk.core.database, record.id)).record
        if task_id is None:
            return there
        return next((task for task in there.task_results if task.id == task_id), None)

    async def begin(self, protocol: Protocol) -> None:
        """Open a new session of another protocol."""
        session_id = await begin_session(
            self.desk.core.database,
            actor=self.desk.actor,
            new=NewSession(child_name="Amina Haddad", child_age=6),
            protocol=protocol,
            session_id=self.desk.core.clock.new_id(),
        )
        self.desk.opened.show(session_id)
        await self.desk.operations.settle()


@asynccontextmanager
async def recording(desk: Desk) -> AsyncIterator[Recording]:
    """Show the centre pane over John Doe's new session; its window is active and the table has the keyboard."""
    wear()
    await desk.begin()
    clock = StillClock()
    recorder = Recorder(desk.opened, clock=clock, notifier=desk.notifier)
    banner = label("John Doe", "heading")
    centre = CentrePanel(
        opened=desk.opened, recorder=recorder, notifier=desk.notifier, clock=desk.core.clock, banner=banner
    )
    QAbstractItemModelTester(
        centre.tasks.model, QAbstractItemModelTester.FailureReportingMode.Fatal, centre.tasks
    )
    toasts: list[Toast] = []
    desk.notifier.toast_requested.connect(toasts.append)
    centre.resize(*SIZE)
    centre.show()
    centre.activateWindow()
    await until(centre.isActiveWindow)
    centre.focus_tasks()
    yield Recording(desk, clock, recorder, centre, toasts)
    recorder.stop()
    await desk.operations.settle()
    centre.close()
    centre.deleteLater()
    wear()


def wear(mode: Mode = "light", *, text_scale: float = 1.0, right_to_left: bool = False) -> None:
    """Dress the application; `recording` takes the plain dress again at its end."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    ThemeManager().apply(app, mode=mode, text_scale=text_scale, right_to_left=right_to_left)


def with_limit(seconds: float) -> Protocol:
    """The bundled protocol with a time limit on each task."""
    protocol = bundled()[0]
    tasks = tuple(task.model_copy(update={"time_limit_s": seconds}) for task in protocol.tasks)
    return protocol.model_copy(update={"name": "limited", "tasks": tasks})


def press(*keys: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Type on the keyboard, wherever the focus is."""
    for key in keys:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(key, str):
            QTest.keyClicks(target, key)
        else:
            QTest.keyClick(target, key, modifier)


def controls(panel: QWidget) -> Iterator[QWidget]:
    """Everything in a panel that can be clicked or typed in and is seen."""
    for kind in (QAbstractButton, QLineEdit, QPlainTextEdit):
        yield from (found for found in panel.findChildren(kind) if found.isVisible())
