"""Tells the user, in words, whether everything is saved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.clock import Clock
from desktop.errors import DatabaseUnavailable
from desktop.saving import Saver
from ui.notify import Answer, Notifier, Tone

SAVING_SHOWN_AFTER_MS = 400
_KEY = "saving"


@dataclass(frozen=True, slots=True)
class SaveState:
    """What the footer says: `waiting` changes are not durable yet, `saved_at` is when the last one became so."""

    kind: Literal["saved", "saving", "failing"]
    waiting: int
    saved_at: datetime | None


class SavingWatch(QObject):
    """Follows the saver: `changed` for the footer, a banner while the database cannot take what was entered."""

    changed = Signal(object)
    copy_wanted = Signal()

    def __init__(self, saver: Saver, *, clock: Clock, notifier: Notifier, parent: QObject) -> None:
        super().__init__(parent)
        self.state = SaveState("saved", 0, None)
        self._saver = saver
        self._clock = clock
        self._notifier = notifier
        self._patience = QTimer(self, singleShot=True, interval=SAVING_SHOWN_AFTER_MS)
        self._patience.timeout.connect(self._show_saving)
        saver.subscribe(self._follow)

    def _follow(self) -> None:
        waiting, trouble = len(self._saver.waiting), self._saver.trouble
        if trouble is not None and waiting:
            self._patience.stop()
            self._set(SaveState("failing", waiting, self.state.saved_at))
            self._raise(trouble, waiting)
            return
        self._notifier.clear(_KEY)
        if not waiting:
            self._patience.stop()
            self._set(SaveState("saved", 0, self._clock.now()))
        elif not self._patience.isActive():
            self._patience.start()

    def _show_saving(self) -> None:
        waiting = len(self._saver.waiting)
        if waiting and self._saver.trouble is None:
            self._set(SaveState("saving", waiting, self.state.saved_at))

    def _set(self, state: SaveState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)

    def _raise(self, trouble: DatabaseUnavailable, waiting: int) -> None:
        kept = self.tr("Your last %n changes are kept in memory", "", waiting)
        if waiting == 1:
            kept = self.tr("Your last change is kept in memory")
        if trouble.kind == "damaged":
            text = self.tr("{kept}. Save a copy of them in another place.").format(kept=kept)
        else:
            text = self.tr("{kept} and will be saved as soon as possible.").format(kept=kept)
        actions: list[Answer] = [
            (self.tr("Try again"), self._saver.try_again),
            (self.tr("Save a copy…"), self.copy_wanted.emit),
        ]
        self._notifier.raise_(_KEY, Tone.BAD, self._title(trouble), text, actions)

    def _title(self, trouble: DatabaseUnavailable) -> str:
        titles = {
            "full": self.tr("The disk is full."),
            "read_only": self.tr("The records are read-only."),
            "locked": self.tr("Another program is holding the records."),
            "damaged": self.tr("This file is damaged."),
        }
        return titles.get(trouble.kind, self.tr("The records cannot be reached."))
