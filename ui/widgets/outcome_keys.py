"""The five keys that rate a task, in one row."""

from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QWidget

from desktop.schemas import Status
from ui.theme import STATUS
from ui.widgets.layout import hbox
from ui.widgets.status_button import StatusButton

OUTCOMES = tuple(cast(Status, key) for key, status in STATUS.items() if status.key)


class OutcomeKeys(QWidget):
    """Shows the outcome of a task and takes another: `chosen` comes when a key goes down, as a clock needs it.

    What is shown checked is set from outside alone, so that it is always what was recorded.
    """

    chosen = Signal(str)

    def __init__(self, *, big: bool = False, spacing: int = 8) -> None:
        super().__init__()
        self._current: Status | None = None
        self.setAccessibleName(self.tr("Result"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.buttons = {key: StatusButton(key, big=big) for key in OUTCOMES}
        # Not exclusive: there, an arrow key would not only go to the next key but rate with it.
        self._group = QButtonGroup(self, exclusive=False)
        for place, (key, button) in enumerate(self.buttons.items()):
            self._group.addButton(button)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus if place == 0 else Qt.FocusPolicy.NoFocus)
            button.pressed.connect(lambda key=key: self._press(key))
            button.toggled.connect(self._check)
        self.setLayout(hbox(*((button, 1) for button in self.buttons.values()), spacing=spacing))

    def show_outcome(self, status: Status | None) -> None:
        """Show what was recorded, None for nothing."""
        self._current = status
        self._check()

    def set_spacing(self, pixels: int) -> None:
        """Set the keys closer or wider apart."""
        layout = self.layout()
        if layout is not None:
            layout.setSpacing(pixels)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from key to key; Qt leaves them to us, since only one of the keys is a tab stop."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        keys = list(self.buttons.values())
        at = next((place for place, button in enumerate(keys) if button.hasFocus()), None)
        if not step or at is None:
            super().keyPressEvent(event)
            return
        place = at + (-step if self.isRightToLeft() else step)
        keys[min(max(place, 0), len(keys) - 1)].setFocus(Qt.FocusReason.TabFocusReason)

    def _press(self, key: Status) -> None:
        self.buttons[key].setDown(False)  # the page may be another one when the key comes up
        self.chosen.emit(key)

    def _check(self) -> None:
        for key, button in self.buttons.items():
            button.blockSignals(True)
            button.setChecked(key == self._current)
            button.blockSignals(False)
