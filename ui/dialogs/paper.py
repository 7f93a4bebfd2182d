"""What dialogs that show a list have in common: heading, list, what is chosen, buttons."""

from PySide6.QtWidgets import QDialog, QLayout, QWidget

from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, rule, vbox

ROOM = 32


def close_button(dialog: QDialog) -> Button:
    """Return the button that closes the dialog, as Esc does."""
    close = Button(dialog.tr("Close"), key=key_text("Esc"), height=HEIGHT.dialog_primary)
    close.setAutoDefault(False)
    close.clicked.connect(lambda _checked: dialog.reject())
    return close


def lay_out(
    dialog: QDialog,
    *,
    title: str,
    about: str,
    middle: QWidget,
    chosen: QLayout,
    buttons: QLayout,
    size: tuple[int, int],
) -> None:
    """Lay out a dialog of a list, as large as its window has room for."""
    dialog.setWindowTitle(title)
    dialog.setProperty("ground", "surface")
    dialog.setLayout(
        vbox(
            vbox(
                label(title, "heading"),
                label(about, "caption", "muted", wrap=True),
                spacing=4,
                margins=(28, 20, 28, 16),
            ),
            rule(),
            (hbox(middle, margins=(20, 4, 20, 4)), 1),
            rule(),
            vbox(chosen, margins=(28, 12, 28, 12)),
            rule(),
            hbox(buttons, margins=(28, 14, 28, 14)),
            spacing=0,
        )
    )
    parent = dialog.parentWidget()
    room = parent.size() if parent is not None else dialog.maximumSize()
    dialog.resize(min(size[0], room.width() - ROOM), min(size[1], room.height() - ROOM))
