"""The choice of who assessed the child."""

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.schemas import PersonRecord
from ui.widgets.choice import Choice


class AssessorEntry(Choice):
    """Those who may have assessed the child; the signals are those of an Entry."""

    entered = Signal(object, str, int)
    passed = Signal(int)
    cancelled = Signal()

    def __init__(self, people: Sequence[PersonRecord], current: UUID, *, name: str) -> None:
        super().__init__(name=name)
        offered = [person for person in people if person.role == "clinician" or person.id == current]
        self._ids = [person.id for person in offered]
        self.addItems([person.name for person in offered])
        self._before = self._ids.index(current) if current in self._ids else -1
        self.setCurrentIndex(self._before)
        self.activated.connect(lambda _index: self.submit())

    @property
    def line(self) -> QWidget:
        """What has the keyboard."""
        return self

    def has_changed(self) -> bool:
        return self.currentIndex() != self._before

    def submit(self, step: int = 1) -> None:
        """Hand out who was chosen."""
        if self.has_changed():
            self.entered.emit(self._ids[self.currentIndex()], "", step)
        else:
            self.passed.emit(step)

    def settle(self) -> bool:
        """Hand out who was chosen, since the user has gone elsewhere."""
        if self.has_changed():
            self.submit(0)
        return True

    def event(self, event: QEvent) -> bool:
        # Without this a shortcut of the window on Esc would come first.
        overridden = event.type() == QEvent.Type.ShortcutOverride
        if overridden and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.submit()
        else:
            super().keyPressEvent(event)
