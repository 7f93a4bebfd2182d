"""The menu: every action that is not at hand elsewhere."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from ui.actions import Actions

MENU = (
    ("session.new", "session.search"),
    ("session.progress", "session.export", "session.print", "session.import"),
    ("session.history", "session.sign_off", "session.belongs", "session.delete"),
    ("edit.undo", "edit.redo", "session.deleted"),
    ("pane.sessions", "pane.metrics"),
    ("window.settings", "window.shortcuts", "window.about"),
    ("window.lock", "window.quit"),
)


def open_menu(actions: Actions, button: QWidget) -> None:
    """Open the menu below `button`, its end under the button's end."""
    actions.draw_icons()
    menu = QMenu(button)
    for group in MENU:
        for name in group:
            menu.addAction(actions.action(name))
        menu.addSeparator()
    menu.aboutToHide.connect(menu.deleteLater)
    left = 0 if button.isRightToLeft() else button.width() - menu.sizeHint().width()
    menu.popup(button.mapToGlobal(QPoint(left, button.height() + 4)))
