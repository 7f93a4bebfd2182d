"""A question and its answer: words above, the control, a hint or what is wrong below."""

from math import ceil

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import label
from ui.widgets.layout import hbox, restyle, vbox
from ui.widgets.line_edit import LineEdit

GAP = 6
WIDEST = 16777215  # Qt's own word for no limit


class Field(QWidget):
    """A control with its label, a hint under it and, where the value is not right, why and a way to mend it.

    What is to be known before typing stands `above` the control.
    """

    fixed = Signal()

    def __init__(self, words: str, editor: QWidget, *, hint: str = "", above: str = "") -> None:
        super().__init__()
        self.editor = editor
        editor.setAccessibleName(words)
        self._hint_text = hint
        self._icon = IconLabel("circle-alert", "bad", size=16)
        self._below = label(hint, "caption", "muted", wrap=True)
        self._fix = Button(kind="link", role="caption_strong")
        self._fix.clicked.connect(self.fixed)
        self._line = hbox(self._icon, (self._below, 1), self._fix, spacing=6)
        self._line.addStretch(0)
        advice = (label(above, "caption", "muted", wrap=True), GAP) if above else ()
        self._words = label(words, "strong", buddy=editor)
        column = vbox(self._words, GAP, *advice, editor, self._line, spacing=0)
        if editor.sizePolicy().verticalPolicy() == QSizePolicy.Policy.Fixed:
            column.addStretch(1)  # beside a taller field, labels and lines stay on one height
        self.setLayout(column)
        self.setFocusProxy(editor)
        self._show(hint, wrong=False, fix="")

    def rename(self, words: str) -> None:
        """Ask another question."""
        self._words.setText(words)
        self.editor.setAccessibleName(words)

    def set_hint(self, text: str) -> None:
        """Say something helpful under the control, such as how the value was understood."""
        self._hint_text = text
        if not self.is_invalid():
            self._show(text, wrong=False, fix="")

    def set_error(self, text: str, *, fix: str = "") -> None:
        """Say what is wrong, and offer a value with one click: "Use 20.8 kg"; `fixed` tells that it was taken."""
        self._show(text, wrong=True, fix=fix)
        announce(self.editor, text)

    def clear_error(self) -> None:
        """Show the hint again."""
        self._show(self._hint_text, wrong=False, fix="")

    def is_invalid(self) -> bool:
        return self.editor.property("invalid") is True

    def below(self) -> str:
        """What stands under the control."""
        return self._below.text()

    def fix_button(self) -> Button:
        """The button that offers a better value."""
        return self._fix

    def _show(self, text: str, *, wrong: bool, fix: str) -> None:
        self._below.setText(text)
        self._below.setVisible(bool(text))
        self._icon.setVisible(wrong)
        self._fix.setText(fix)
        self._fix.setVisible(bool(fix))
        wanted = ceil(QFontMetricsF(self._below.font()).horizontalAdvance(text)) + 2
        self._below.setMaximumWidth(wanted if fix else WIDEST)
        self._line.set_margins((0, 0 if fix or not text else GAP, 0, 0))
        restyle(self._below, tone="bad" if wrong else "muted")
        if self.is_invalid() != wrong:
            restyle(self.editor, invalid=wrong)
        self.editor.setAccessibleDescription(text)


class LineField(Field):
    """A field with one line to type in; `edited` comes with each change by the user."""

    edited = Signal(str)

    def __init__(
        self,
        words: str,
        *,
        unit: str = "",
        hint: str = "",
        placeholder: str = "",
        tall: bool = False,
        max_length: int = 0,
    ) -> None:
        edit = LineEdit(name=words, suffix=unit, placeholder=placeholder, tall=tall, max_length=max_length)
        super().__init__(words, edit, hint=hint)
        self.edit = edit
        self.edit.textEdited.connect(self.edited)

    def text(self) -> str:
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Show a value without `edited`."""
        self.edit.setText(text)
