"""A form: words and fields, what is wrong, and the buttons below."""

from PySide6.QtWidgets import QLayout, QSizePolicy, QWidget

from desktop.errors import AppError
from ui.theme import HEIGHT
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import Item, hbox, vbox

FORM_WIDTH = 512


class Form(QWidget):
    """A column of words and fields, its buttons below. `first` gets the keyboard when the page is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._first: QWidget | None = None
        self._trouble_icon = IconLabel("circle-alert", "bad")
        self._trouble = label(tone="bad", wrap=True)
        self.show_trouble("")

    def build(
        self, title: str, why: str, *items: Item, buttons: QLayout, first: QWidget, lower: bool = False
    ) -> None:
        """Put everything in its place; `lower` lets the words begin further down, where few follow."""
        self._first = first
        column = QWidget()
        column.setMaximumWidth(FORM_WIDTH)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words: tuple[Item, ...] = (
            *([None] if lower else []),
            label(title, "hero", wrap=True),
            label(why, "lead", "muted", wrap=True),
        )
        trouble = hbox(self._trouble_icon, (self._trouble, 1))
        column.setLayout(vbox(*words, 12, *items, trouble, None, 12, buttons, spacing=12))
        self.setLayout(hbox(None, (column, 1000), None, margins=(48, 44, 48, 40)))

    def take_focus(self) -> None:
        """Give the keyboard to the first field."""
        if self._first is not None:
            self._first.setFocus()

    def show_error(self, error: AppError) -> None:
        """Say why it did not go on; what was typed stays."""
        self.show_trouble(str(error))

    def trouble(self) -> str:
        """Return what is said to be wrong."""
        return self._trouble.text()

    def show_trouble(self, text: str) -> None:
        """Say what is wrong, beside the buttons; nothing for an empty text."""
        self._trouble.setText(text)
        for widget in (self._trouble, self._trouble_icon):
            widget.setVisible(bool(text))
        if text:
            announce(self, text)


def primary(text: str, *, icon: str = "") -> Button:
    """The one button of a form that Enter presses."""
    made = Button(text, kind="primary", icon=icon, key=key_text("Return"), height=HEIGHT.dialog_primary)
    made.setAutoDefault(True)
    return made


def back(text: str) -> Button:
    """The button that leads to the step before."""
    return Button(text, kind="ghost", icon="arrow-left", height=HEIGHT.dialog_primary, directional=True)
