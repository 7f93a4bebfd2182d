"""Boxes and frames that hold the controls, right in both reading directions."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QBoxLayout, QFrame, QLayout, QSizePolicy, QWidget

from ui.theme import tokens

Margins = tuple[int, int, int, int]
Item = QWidget | QLayout | int | None | tuple[QWidget | QLayout, int]


class Box(QBoxLayout):
    """A box layout whose margins are start, top, end, bottom: they turn round with the reading direction."""

    def __init__(self, direction: QBoxLayout.Direction, margins: Margins) -> None:
        super().__init__(direction)
        self._margins = margins
        self.setContentsMargins(*margins)

    def setGeometry(self, rect: QRect) -> None:
        start, top, end, bottom = self._margins
        parent = self.parentWidget()
        if start != end and parent is not None:
            left, right = (end, start) if parent.isRightToLeft() else (start, end)
            if self.contentsMargins().left() != left:
                self.setContentsMargins(left, top, right, bottom)
        super().setGeometry(rect)

    def set_margins(self, margins: Margins) -> None:
        """Set other margins: start, top, end, bottom."""
        self._margins = margins
        self.setContentsMargins(*margins)


def hbox(*items: Item, spacing: int = 8, margins: Margins = (0, 0, 0, 0)) -> Box:
    """A row. An item is a widget, a layout, a gap in pixels, None for a stretch, or (widget, stretch)."""
    return _filled(Box(QBoxLayout.Direction.LeftToRight, margins), items, spacing)


def vbox(*items: Item, spacing: int = 8, margins: Margins = (0, 0, 0, 0)) -> Box:
    """A column, with the items of `hbox`."""
    return _filled(Box(QBoxLayout.Direction.TopToBottom, margins), items, spacing)


def _filled(box: Box, items: tuple[Item, ...], spacing: int) -> Box:
    box.setSpacing(spacing)
    for item in items:
        if item is None:
            box.addStretch(1)
        elif isinstance(item, int):
            box.addSpacing(item)
        elif isinstance(item, tuple):
            _add(box, item[0], item[1])
        else:
            _add(box, item, 0)
    return box


def _add(box: Box, item: QWidget | QLayout, stretch: int) -> None:
    if isinstance(item, QLayout):
        box.addLayout(item, stretch)
    else:
        box.addWidget(item, stretch)


def frame(
    layout: QLayout | None = None, *, role: str = "", pane: str = "", tone: str = "", name: str = ""
) -> QFrame:
    """A frame that the style sheet dresses by its role ("card", "well", "dock", "stage") or pane."""
    made = QFrame()
    for key, value in (("role", role), ("pane", pane), ("tone", tone)):
        if value:
            made.setProperty(key, value)
    if name:
        made.setAccessibleName(name)
    if layout is not None:
        made.setLayout(layout)
    return made


def rule(*, vertical: bool = False) -> QFrame:
    """A thin line between two parts."""
    made = frame(role="rule")
    if vertical:
        made.setFixedWidth(tokens().line)
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
    else:
        made.setFixedHeight(tokens().line)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return made


def restyle(widget: QWidget, **properties: str | bool) -> None:
    """Change properties that the style sheet looks at, and let it look again."""
    for key, value in properties.items():
        widget.setProperty(key, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
