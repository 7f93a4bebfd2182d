"""The first step: who records here."""

from PySide6.QtCore import Signal

from ui.forms.form import Form, primary
from ui.widgets.field import LineField
from ui.widgets.layout import hbox

LONGEST_NAME = 255


class NameForm(Form):
    """Asks the assessor's name; `named` gives it, trimmed."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.name_field = LineField(self.tr("Your name"), tall=True, max_length=LONGEST_NAME)
        self.continue_button = primary(self.tr("Continue"))
        why = self.tr("It stands with every session that you record, so that colleagues know whom to ask.")
        self.build(
            self.tr("What is your name?"),
            why,
            self.name_field,
            buttons=hbox(None, self.continue_button),
            first=self.name_field.edit,
        )
        self.continue_button.clicked.connect(self._submit)
        self.name_field.edit.returnPressed.connect(self._submit)
        self.name_field.edited.connect(self.name_field.clear_error)

    def _submit(self) -> None:
        name = " ".join(self.name_field.text().split())
        if name:
            self.named.emit(name)
        else:
            self.name_field.set_error(self.tr("Please enter your name."))
            self.take_focus()
