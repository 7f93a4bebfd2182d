"""Why a signed-off session is changed."""

from PySide6.QtWidgets import QDialog, QWidget

from ui.asking import let_control_enter_press
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.field import LineField
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox

WIDTH = 520
LONGEST = 500


class ReasonDialog(QDialog):
    """Asks for the reason; when it was accepted, `reason()` is not empty."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("This session is signed off"))
        self.setProperty("ground", "surface")
        hint = self.tr("It stands in the history for good.")
        self.line = LineField(self.tr("Why is it changed?"), hint=hint, max_length=LONGEST)
        self.change = Button(
            self.tr("Change it"), kind="primary", key=key_text("Return"), height=HEIGHT.dialog_primary
        )
        self.change.setDefault(True)
        cancel = Button(self.tr("Leave it"), kind="ghost", key=key_text("Esc"), height=HEIGHT.dialog_primary)
        cancel.setAutoDefault(False)
        about = self.tr("A change takes the sign-off away. The session can be signed off again afterwards.")
        self.setLayout(
            vbox(
                label(self.tr("This session is signed off"), "heading"),
                label(about, "body", "muted", wrap=True),
                self.line,
                hbox(None, cancel, self.change, spacing=12),
                spacing=16,
                margins=(28, 20, 28, 20),
            )
        )
        self.setMinimumWidth(WIDTH)
        self.change.clicked.connect(lambda _checked: self.accept())
        cancel.clicked.connect(lambda _checked: self.reject())
        self.line.edited.connect(lambda _text: self.line.clear_error())
        let_control_enter_press(self)
        self.line.setFocus()

    def reason(self) -> str:
        """Return the reason in one line."""
        return " ".join(self.line.text().split())

    def accept(self) -> None:
        """Accept a reason, and nothing else."""
        if self.reason():
            super().accept()
        else:
            self.line.set_error(self.tr("Please say why, in a few words."))
            self.line.setFocus()
