"""Settings on cards: what each is, what it does, and its control."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

from ui.widgets.label import label
from ui.widgets.layout import frame, hbox, rule, vbox


def setting(title: str, about: str | QWidget, control: QWidget | None = None) -> QLayout:
    """A row of a card: words at the start, the control at the end; `about` may be a label that changes."""
    words = vbox(
        None,
        label(title, "medium", wrap=True, buddy=control),
        label(about, "caption", "muted", wrap=True) if isinstance(about, str) else about,
        None,
        spacing=2,
    )
    return hbox((words, 1), control or 0, spacing=24, margins=(16, 10, 16, 10))


def card(*rows: QLayout) -> QFrame:
    """A card of rows with lines between them."""
    column = vbox(spacing=0)
    for place, row in enumerate(rows):
        if place:
            column.addWidget(rule())
        column.addLayout(row)
    return frame(column, role="card")


def page(title: str, *parts: QWidget) -> QScrollArea:
    """A section: its title, then headings and cards; it scrolls where there is no room."""
    column = vbox(label(title, "heading"), 12, *parts, None, spacing=8, margins=(28, 20, 28, 24))
    inside = QWidget()
    inside.setLayout(column)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def heading(text: str) -> QWidget:
    """A heading between cards."""
    made = label(text, "strong")
    made.setContentsMargins(0, 16, 0, 0)
    return made
