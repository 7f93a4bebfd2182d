"""Where the keyboard is."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QApplication, QWidget

Pane = tuple[QWidget, Callable[[], None]]  # a part of the window, and what brings the keyboard to it


def has_focus(panel: QWidget) -> bool:
    """Return whether the keyboard is in `panel`."""
    focused = QApplication.focusWidget()
    return focused is not None and (focused is panel or panel.isAncestorOf(focused))


def step_pane(panes: Sequence[Pane], step: int) -> None:
    """Bring the keyboard to the pane so many further on, of those that can be seen and used."""
    seen = [(pane, focus) for pane, focus in panes if pane.isVisible() and pane.isEnabled()]
    if seen:
        here = next((place for place, (pane, _) in enumerate(seen) if has_focus(pane)), -1)
        seen[(here + step) % len(seen)][1]()
