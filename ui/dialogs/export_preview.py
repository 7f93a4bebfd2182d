"""The pages of a report as they will be printed; for other forms, what the file holds."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QWidget

from ui.theme import color
from ui.widgets.button import Button
from ui.widgets.label import Label, label
from ui.widgets.layout import hbox, vbox

SMALLEST = QSize(220, 300)


class PageView(QWidget):
    """One page, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPixmap()
        self.setMinimumSize(SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_picture(self, png: bytes) -> None:
        """Show a page."""
        self._picture = QPixmap()
        self._picture.loadFromData(png)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = self.size().shrunkBy(self.contentsMargins()) * ratio
        shown = self._picture.scaled(
            room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        shown.setDevicePixelRatio(ratio)
        size = shown.deviceIndependentSize().toSize()
        painter = QPainter(self)
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawPixmap(x, y, shown)
        painter.setPen(color("border_strong"))
        painter.drawRect(x, y, size.width() - 1, size.height() - 1)


class ExportPreview(QFrame):
    """Turns the pages; says what it is where there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("pane", "side")
        self._pages: Sequence[bytes] = ()
        self._place = 0
        self._number = Label("", "body", "muted")
        self.back = Button(icon="arrow-left", kind="icon", name=self.tr("Page before"), directional=True)
        self.on = Button(icon="arrow-right", kind="icon", name=self.tr("Next page"), directional=True)
        self.view = PageView()
        self._said = label(role="body", tone="muted", wrap=True, align=Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        for page in (self.view, self._said):
            self._stack.addWidget(page)
        head = hbox(label(self.tr("Preview"), "strong"), None, self._number, self.back, self.on, spacing=4)
        self.setLayout(vbox(head, (self._stack, 1), spacing=12, margins=(24, 14, 24, 20)))
        self.back.clicked.connect(lambda _checked: self._turn(-1))
        self.on.clicked.connect(lambda _checked: self._turn(1))
        self.show_words("")

    def show_pages(self, pages: Sequence[bytes]) -> None:
        """Show a report, from its first page."""
        self._pages, self._place = pages, 0
        self._stack.setCurrentWidget(self.view)
        self._show()

    def show_words(self, text: str) -> None:
        """Say what the file holds, where it has no pages."""
        self._pages = ()
        self._said.setText(text)
        self._stack.setCurrentWidget(self._said)
        self._show()

    def text(self) -> str:
        """Return what is said instead of pages, or which page is shown."""
        return self._number.text() if self._pages else self._said.text()

    def _turn(self, step: int) -> None:
        self._place = min(max(self._place + step, 0), len(self._pages) - 1)
        self._show()

    def _show(self) -> None:
        count = len(self._pages)
        for widget, shown in ((self._number, count > 0), (self.back, count > 1), (self.on, count > 1)):
            widget.setVisible(shown)
        if not count:
            return
        self.view.show_picture(self._pages[self._place])
        said = self.tr("Page {page} of {count}").format(page=self._place + 1, count=count)
        self._number.setText(said)
        self.view.setAccessibleName(said)
        self.back.setEnabled(self._place > 0)
        self.on.setEnabled(self._place < count - 1)
