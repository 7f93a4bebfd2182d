"""The window before its content: painted first, while everything heavy is still being imported."""

import asyncio

from PySide6.QtCore import QByteArray, QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from ui import theme
from ui.theme import HEIGHT

SIZE = QSize(1440, 900)
SMALLEST = QSize(1024, 640)
SIDE_WIDTH = 288


class Shell(QMainWindow):
    """Holds one page at a time. Closing is a wish, `close_wanted`, until `let_go` is called."""

    close_wanted = Signal()

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Kinelog")
        self.setMinimumSize(SMALLEST)
        self.resize(_fitting(SIZE))
        self.restoreGeometry(QByteArray.fromHex(place.encode()))
        self._may_close = False
        self._below: QWidget | None = None
        self._pages = QStackedWidget()
        self._pages.setObjectName("pages")
        self.setCentralWidget(self._pages)
        self._first = Skeleton()
        self._pages.addWidget(self._first)

    def place(self) -> str:
        """Return where the window is and how large, for another shell."""
        return bytes(self.saveGeometry().toHex().data()).decode()

    def show_page(self, page: QWidget) -> None:
        """Show `page` and delete the one before."""
        before = self._pages.currentWidget()
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        if before is not None and before is not page:
            self._pages.removeWidget(before)
            before.deleteLater()

    def lay_over(self, page: QWidget) -> None:
        """Show `page` instead of the one that is shown, which stays as it is until `take_off`."""
        self._below = self._pages.currentWidget()
        self._pages.setCurrentIndex(self._pages.addWidget(page))

    def take_off(self, page: QWidget) -> None:
        """Show what `page` was laid over."""
        if self._below is not None:
            self._pages.setCurrentWidget(self._below)
        self._pages.removeWidget(page)
        page.deleteLater()

    def cover(self) -> None:
        """Show nothing of the page, which stays as it is."""
        self._pages.setCurrentIndex(self._pages.addWidget(Skeleton()))

    async def painted(self) -> None:
        """Return when the first page has been painted, which is before any other is shown."""
        seen = _FirstPaint(self._first)
        self._first.update()
        await seen.happened

    def come_forward(self) -> None:
        """Show the window in front of the others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def let_go(self) -> None:
        """Close without asking."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.close_wanted.emit()


class Skeleton(QWidget):
    """The frames of the main page without anything in them."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        width, height = self.width(), self.height()
        painter.fillRect(self.rect(), theme.color("surface"))
        body = QRect(0, HEIGHT.header, width, height - HEIGHT.header - HEIGHT.footer)
        side = QRect(body.x(), body.y(), SIDE_WIDTH, body.height())
        if self.isRightToLeft():
            side.moveRight(width)
        painter.fillRect(side, theme.color("bg"))
        painter.setPen(theme.color("border"))
        painter.drawLine(0, body.top() - 1, width, body.top() - 1)
        painter.drawLine(0, body.bottom(), width, body.bottom())
        edge = side.left() if self.isRightToLeft() else side.right()
        painter.drawLine(edge, body.top(), edge, body.bottom())


class _FirstPaint(QObject):
    """Fulfils `happened` after the next paint of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.happened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.happened.done():
            watched.removeEventFilter(self)
            self.happened.set_result(None)
        return False


def _fitting(size: QSize) -> QSize:
    screen = QGuiApplication.primaryScreen()
    return size.boundedTo(screen.availableSize()) if screen else size
