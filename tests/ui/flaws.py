"""What is wrong with a window that can be measured: clipped words, things one over another, small targets."""

from collections.abc import Iterator
from itertools import combinations
from math import ceil

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QStackedLayout,
    QWidget,
)

from ui.widgets.label import ElidedLabel

TARGET = 40
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)


def flaws(window: QWidget) -> list[str]:
    """Return what is wrong in a window as it is shown now, in words."""
    seen = [widget for widget in window.findChildren(QWidget) if widget.isVisibleTo(window)]
    return [
        *(f"clipped: {_told(widget)}" for widget in seen if _is_clipped(widget)),
        *(f"outside of the window: {_told(widget)}" for widget in seen if _is_outside(widget, window)),
        *(f"a small target: {_told(widget)}" for widget in seen if _is_small(widget)),
        *(
            f"one over another: {_told(one)} and {_told(other)}"
            for widget in seen
            for one, other in _overlaps(widget.layout())
        ),
    ]


def _is_clipped(widget: QWidget) -> bool:
    """Tell whether words have less room than they take; a line that may end in "…" takes what there is."""
    room = widget.contentsRect()
    if isinstance(widget, ElidedLabel):
        return bool(widget.text()) and room.height() < widget.fontMetrics().height()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height()
    if isinstance(widget, QLabel):
        ink = widget.fontMetrics().tightBoundingRect(widget.text()).height()
        return widget.width() < widget.minimumSizeHint().width() or room.height() < ink
    if isinstance(widget, QAbstractButton):
        least = widget.minimumSizeHint()
        return widget.width() < least.width() or widget.height() < least.height()
    if isinstance(widget, QLineEdit):
        text = widget.text() or widget.placeholderText()
        return ceil(widget.fontMetrics().horizontalAdvance(text)) > room.width()
    return False


def _is_outside(widget: QWidget, window: QWidget) -> bool:
    if not isinstance(widget, (*CONTROLS, QLabel)) or _scrolls(widget):
        return False
    return not window.rect().contains(QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()))


def _is_small(widget: QWidget) -> bool:
    return isinstance(widget, CONTROLS) and min(widget.width(), widget.height()) < TARGET


def _scrolls(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return parent is not None and (isinstance(parent, QScrollArea) or _scrolls(parent))


def _overlaps(layout: QLayout | None) -> Iterator[tuple[QWidget, QWidget]]:
    """Yield what one layout, with those in it, puts one over another."""
    if layout is None or isinstance(layout, QStackedLayout):
        return
    laid = [widget for widget in _widgets(layout) if widget.isVisible()]
    for one, other in combinations(laid, 2):
        if one.geometry().intersects(other.geometry()):
            yield one, other


def _widgets(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _widgets(inner)


def _told(widget: QWidget) -> str:
    text = getattr(widget, "text", str)()
    box = widget.geometry()
    return f"{type(widget).__name__} {widget.accessibleName() or text!r} {box.width()}x{box.height()}"
