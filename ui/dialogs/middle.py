"""A dialog whose middle scrolls where the window is low."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

from ui.theme import tokens
from ui.widgets.layout import Box, rule, vbox

AROUND = 48  # what is left of the window above and below


class Middle(QScrollArea):
    """Lays out `dialog`: `head`, what scrolls, `foot`. The dialog is as high as they are, and follows them.

    It is never higher than the window behind allows, and never stands out below it.
    """

    def __init__(self, dialog: QDialog, content: Box, *, head: Box, foot: Box, width: int) -> None:
        super().__init__(widgetResizable=True)
        self._dialog, self._parts, self._width = dialog, (head, content, foot), width
        page = _Page()
        page.setLayout(content)
        page.resettled.connect(self.fit)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(page)
        dialog.setLayout(vbox(head, rule(), (self, 1), rule(), foot, spacing=0))
        dialog.setFixedWidth(width)

    def fit(self) -> None:
        """Give the dialog its height."""
        dialog = self._dialog
        if not dialog.isVisible():
            return
        behind = _main_window(dialog)
        room = behind.height() if behind else dialog.screen().availableGeometry().height()
        wanted = sum(map(self._height, self._parts)) + 2 * tokens().line
        dialog.resize(self._width, min(wanted, room - AROUND))
        if behind is not None:
            lowest = behind.geometry().bottom() - AROUND // 2
            dialog.move(dialog.x(), min(dialog.y(), lowest - dialog.height()))

    def show_focus(self, margin: int) -> None:
        """Scroll to what has the keyboard, with `margin` pixels around it."""
        focused = self._dialog.focusWidget()
        if focused is not None:
            self.ensureWidgetVisible(focused, 0, margin)

    def _height(self, part: Box) -> int:
        if part.hasHeightForWidth():
            return part.totalHeightForWidth(self._width)
        return part.totalSizeHint().height()


def _main_window(dialog: QWidget) -> QWidget | None:
    """Return the window that a dialog, or the dialogs behind it, stand over."""
    parent = dialog.parentWidget()
    return (_main_window(parent.window()) or parent.window()) if parent is not None else None


class _Page(QWidget):
    """Says when its content has become higher or lower."""

    resettled = Signal()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.resettled.emit()
        return handled
