"""The line in which the assessor's own name is corrected."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.widgets.announce import announce
from ui.widgets.label import label
from ui.widgets.layout import restyle, vbox
from ui.widgets.line_edit import LineEdit

LIMIT = 255
WIDTH = 260


class NameSetting(QWidget):
    """`named` brings another name when the line is left; one that cannot be taken stays, and below stands why."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.line = LineEdit(name=self.tr("Your name"))
        self.line.setFixedWidth(WIDTH)
        self.line.setEnabled(False)
        self._known = ""
        self._refusal = label(role="caption", tone="bad", wrap=True)
        self._refusal.setMaximumWidth(WIDTH)
        self.setLayout(vbox(self.line, self._refusal, spacing=4))
        self.setFocusProxy(self.line)
        self.line.editingFinished.connect(self._take)
        self._say("")

    def show_name(self, name: str) -> None:
        """Show the name as it is stored; from then on it may be corrected."""
        self._known = name
        self.line.setEnabled(bool(name))
        self.line.setText(name)

    def _take(self) -> None:
        name = " ".join(self.line.text().split())
        self._say(self._wrong_with(name))
        if name != self._known and not self._refusal.text():
            self._known = name
            self.line.setText(name)
            self.named.emit(name)

    def _wrong_with(self, name: str) -> str:
        if not name:
            return self.tr("Please enter your name.")
        return self.tr("A name has at most {limit} letters.").format(limit=LIMIT) if len(name) > LIMIT else ""

    def _say(self, refusal: str) -> None:
        self._refusal.setText(refusal)
        self._refusal.setVisible(bool(refusal))
        restyle(self.line, invalid=bool(refusal))
        self.line.setAccessibleDescription(refusal)
        if refusal:
            announce(self.line, refusal)
