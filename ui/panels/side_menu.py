"""The menu that corrects the side of a task result."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QPoint, QRect
from PySide6.QtWidgets import QMenu, QWidget

from desktop.schemas import Side


def open_side_menu(
    view: QWidget, cell: QRect, *, sides: Sequence[Side], current: Side, chosen: Callable[[Side], object]
) -> None:
    """Open the menu below `cell`, a place in `view`, and call `chosen` when another side is taken.

    A letter takes a side; nothing else that is typed does, so that a key pressed in haste changes none.
    """
    menu = QMenu(view)
    menu.setAccessibleName(_tr("Change side"))
    texts = {"left": _tr("&Left"), "both": _tr("&Both"), "right": _tr("&Right")}
    for side in sides:
        action = menu.addAction(texts[side], partial(chosen, side))
        action.setCheckable(True)
        action.setChecked(side == current)
        if side == current:
            menu.setActiveAction(action)
    menu.aboutToHide.connect(menu.deleteLater)
    left = cell.right() + 1 - menu.sizeHint().width() if view.isRightToLeft() else cell.left()
    menu.popup(view.mapToGlobal(QPoint(left, cell.bottom() + 1)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("SideMenu", text)
