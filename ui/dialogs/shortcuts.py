"""The keys, on one page."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

from ui.actions import Actions, Shortcut
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.keycap import Keycap, key_text
from ui.widgets.label import label
from ui.widgets.layout import Box, frame, hbox, rule, vbox

SIZE = 960, 800
LINE = 34
ROOM = 32


class ShortcutsDialog(QDialog):
    """What each key does, in the groups of the actions."""

    def __init__(self, parent: QWidget | None, actions: Actions) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setProperty("ground", "surface")
        self.groups = actions.shortcuts()
        close = Button(self.tr("Close"), key=key_text("Esc"), height=HEIGHT.dialog_primary)
        close.clicked.connect(lambda _checked: self.accept())
        self._area = _scrolled(self._columns())
        self.setLayout(
            vbox(
                vbox(label(self.tr("Keyboard shortcuts"), "heading"), margins=(28, 20, 28, 16)),
                rule(),
                (self._area, 1),
                rule(),
                hbox(None, close, margins=(28, 14, 28, 14)),
                spacing=0,
            )
        )
        self._area.setFocus()
        room = parent.size() if parent is not None else self.maximumSize()
        self.resize(min(SIZE[0], room.width() - ROOM), min(SIZE[1], room.height() - ROOM))

    def scroll_position(self) -> int:
        """How far the page is scrolled, in pixels."""
        return self._area.verticalScrollBar().value()

    def _columns(self) -> QWidget:
        """Two columns of about the same height."""
        columns = [vbox(spacing=8), vbox(spacing=8)]
        heights = [0, 0]
        for title, lines in self.groups:
            shorter = heights.index(min(heights))
            heights[shorter] += len(lines) + 1
            columns[shorter].addLayout(_group(title, lines))
        for column in columns:
            column.addStretch(1)
        made = QWidget()
        made.setLayout(hbox((columns[0], 1), (columns[1], 1), spacing=28, margins=(28, 8, 28, 20)))
        return made


def _group(title: str, lines: Sequence[Shortcut]) -> Box:
    column = vbox(spacing=0)
    for place, line in enumerate(lines):
        if place:
            column.addWidget(rule())
        column.addWidget(_line(line))
    return vbox(label(title, "strong"), frame(column, role="card"), spacing=8, margins=(0, 12, 0, 0))


def _line(line: Shortcut) -> QFrame:
    made = frame(
        hbox((label(line.text, wrap=True), 1), *(Keycap(key) for key in line.keys), margins=(14, 6, 12, 6)),
        name=f"{line.text}: {', '.join(line.keys)}",
    )
    made.setMinimumHeight(LINE)
    return made


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
