"""A keyboard key as a picture, and how a shortcut is written."""

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.theme import set_font
from ui.widgets.painting import draw_key, key_height, key_width


def key_text(shortcut: str | QKeySequence | QKeySequence.StandardKey) -> str:
    """How a shortcut is shown on this system: "Ctrl N" for "Ctrl+N", "⌘N" on a Mac."""
    shown = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return shown.replace("+", " ").replace("Return", "↵").strip() or "+"


def shortcut_words(key: str) -> str:
    """What a screen reader is told of the key that does the same; empty without one."""
    return QCoreApplication.translate("Keycap", "Shortcut {key}").format(key=key) if key else ""


class Keycap(QLabel):
    """A key such as "Ctrl N" beside what it does."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_font(self, "key")

    def sizeHint(self) -> QSize:
        return QSize(round(key_width(self.text()) + 0.5), round(key_height() + 0.5))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_key(painter, QRectF(self.rect()), self.text())
