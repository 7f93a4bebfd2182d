"""The footer: in words, whether everything is saved and where."""

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QWidget

from ui.saving import SaveState
from ui.theme import HEIGHT
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.label import label
from ui.widgets.layout import frame, hbox, vbox


class Footer(QFrame):
    """The state of saving; its button opens a popover with the time, the place and what can be done."""

    retry_wanted = Signal()
    copy_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, *, folder: str) -> None:
        super().__init__()
        self.setProperty("pane", "footer")
        self._folder = folder
        self._state = SaveState("saved", 0, None)
        self._words = Button(kind="status-bar", role="caption_strong", height=HEIGHT.footer)
        self._words.clicked.connect(self._open)
        self._detail = label(role="caption", tone="muted")
        self.setLayout(hbox(self._words, self._detail, None, spacing=0, margins=(10, 0, 12, 0)))
        self.show_state(self._state)

    def show_state(self, state: SaveState) -> None:
        """Say the state in words, icon and colour, and let a screen reader hear a change."""
        changed = state.kind != self._state.kind
        self._state = state
        icon, tone, text, detail = self._said(state)
        self._words.set_icon(icon, tone=tone)
        self._words.setText(text)
        self._detail.setText(detail)
        if changed:
            announce(self, f"{text} {detail}".strip(), assertive=state.kind == "failing")

    def _said(self, state: SaveState) -> tuple[str, str, str, str]:
        if state.kind == "saving":
            return "save", "muted", self.tr("Saving…"), ""
        if state.kind == "failing":
            waiting = self.tr("%n changes not saved yet", "", state.waiting)
            if state.waiting == 1:
                waiting = self.tr("1 change not saved yet")
            return "circle-alert", "bad", waiting, self.tr("Kept in memory")
        return "circle-check", "ok", self.tr("All changes saved"), self.tr("Encrypted on this laptop")

    def _open(self) -> None:
        popover = QFrame(self.window(), Qt.WindowType.Popup)
        popover.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popover.setProperty("role", "card")
        popover.setLayout(vbox(*self._popover_lines(popover), spacing=8, margins=(16, 16, 16, 12)))
        popover.adjustSize()
        popover.move(self._above(popover))
        popover.show()

    def _popover_lines(self, popover: QFrame) -> list[QWidget]:
        lines: list[QWidget] = [label(self._said(self._state)[2], role="strong")]
        if self._state.saved_at is not None:
            at = f"{self._state.saved_at.astimezone():%H:%M:%S}"
            lines.append(label(self.tr("Last saved at {time}").format(time=at), role="body", tone="muted"))
        lines.append(label(self._folder, role="caption", tone="muted"))
        row = frame()
        buttons = [self._action(popover, self.tr("Open folder"), self.folder_wanted)]
        if self._state.kind == "failing":
            buttons.append(self._action(popover, self.tr("Try again"), self.retry_wanted))
            buttons.append(self._action(popover, self.tr("Save a copy…"), self.copy_wanted))
        row.setLayout(hbox(*buttons, None, spacing=8))
        return [*lines, row]

    def _action(self, popover: QFrame, text: str, wanted: SignalInstance) -> Button:
        button = Button(text)
        button.clicked.connect(popover.close)
        button.clicked.connect(lambda _checked: wanted.emit())
        return button

    def _above(self, popover: QFrame) -> QPoint:
        left = self._words.geometry().left()
        if self.isRightToLeft():
            left = self._words.geometry().right() - popover.width()
        return self.mapToGlobal(QPoint(left, -popover.height() - 4))
