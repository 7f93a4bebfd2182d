"""A dialog for what only who unlocked may do: their passphrase proves that it is still them."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from desktop.errors import AppError, WrongKey
from ui.asking import let_control_enter_press
from ui.dialogs.middle import Middle
from ui.operations import Operations, Progress
from ui.theme import HEIGHT
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import Item, hbox, vbox
from ui.widgets.secret_field import SecretField

WIDTH = 560
PADDING = 28

Act = Callable[[str], Awaitable[object]]


class ProofDialog(QDialog):
    """Asks for the own passphrase, and is accepted when `act` was done. What is wrong is said beside its field."""

    def __init__(
        self, parent: QWidget | None, *, operations: Operations, title: str, about: str, go_on: str
    ) -> None:
        super().__init__(parent)
        self._operations, self._title, self._about = operations, title, about
        self.setWindowTitle(title)
        self.setProperty("ground", "surface")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.own = SecretField(self.tr("Your passphrase"))
        self.confirm = Button(go_on, kind="primary", key=key_text("Return"), height=HEIGHT.dialog_primary)
        self.confirm.setDefault(True)
        self.cancel = Button(
            self.tr("Cancel"), kind="ghost", key=key_text("Esc"), height=HEIGHT.dialog_primary
        )
        self.cancel.setAutoDefault(False)
        self._icon = IconLabel("circle-alert", "bad")
        self._trouble = label(tone="bad", wrap=True)
        self._middle: Middle | None = None
        self.confirm.clicked.connect(lambda _checked: self.submit())
        self.cancel.clicked.connect(lambda _checked: self.reject())
        let_control_enter_press(self)

    def build(self, *items: Item, first: QWidget) -> None:
        """Lay out the words and `items`; `first` gets the keyboard."""
        content = vbox(*items, None, spacing=16, margins=(PADDING, 18, PADDING, 18))
        words = (label(self._title, "heading"), label(self._about, "body", "muted", wrap=True))
        head = vbox(*words, spacing=6, margins=(PADDING, 20, PADDING, 16))
        trouble = hbox(self._icon, (self._trouble, 1), spacing=8)
        buttons = hbox(None, self.cancel, self.confirm, spacing=12)
        foot = vbox(trouble, buttons, spacing=12, margins=(PADDING, 14, PADDING, 14))
        self._middle = Middle(self, content, head=head, foot=foot, width=WIDTH)
        self._say("")
        first.setFocus()

    def act(self) -> Act | None:
        """Return what is to be done with the own passphrase; None when a field says what is missing."""
        raise NotImplementedError

    def submit(self) -> None:
        """Do it, or say what is missing and go there."""
        act = self.act()
        if act is None or not self.has_own():
            self._show_focus()
            return
        passphrase = self.own.text()
        self._say("")

        async def work(_progress: Progress) -> object:
            return await act(passphrase)

        self._operations.start(
            work,
            title=self._title,
            key=(self, "act"),
            busy=self.confirm,
            done=lambda _result: self.accept(),
            failed=self.show_error,
        )

    def show_error(self, error: AppError) -> None:
        """Say why it was not done; what was typed stays."""
        if isinstance(error, WrongKey):
            self.own.set_error(str(error))
            self.own.edit.selectAll()
            self.own.edit.setFocus()
        else:
            self._say(str(error))
        self._show_focus()

    def done(self, result: int) -> None:
        self._operations.cancel((self, "act"))
        self.own.clear()
        super().done(result)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._middle is not None:
            self._middle.fit()

    def has_own(self) -> bool:
        """Tell whether the own passphrase was typed; if not, say so and go there."""
        if not self.own.text():
            self.own.set_error(self.tr("Please enter your passphrase."))
            self.own.edit.setFocus()
        return bool(self.own.text())

    def _show_focus(self) -> None:
        if self._middle is not None:
            self._middle.show_focus(PADDING)

    def _say(self, trouble: str) -> None:
        self._trouble.setText(trouble)
        for widget in (self._trouble, self._icon):
            widget.setVisible(bool(trouble))
        if trouble:
            announce(self, trouble)


class ProvenActDialog(ProofDialog):
    """Asks for nothing else: what is done is said, and the passphrase is the consent."""

    def __init__(
        self, parent: QWidget | None, act: Act, *, operations: Operations, title: str, about: str, go_on: str
    ) -> None:
        super().__init__(parent, operations=operations, title=title, about=about, go_on=go_on)
        self._act = act
        self.build(self.own, first=self.own.edit)

    def act(self) -> Act | None:
        return self._act
