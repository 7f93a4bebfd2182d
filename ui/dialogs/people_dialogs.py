"""Who may unlock: another passphrase of one's own, and somebody new."""

from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop import access
from desktop.core import Core
from desktop.errors import AppError, Invalid
from desktop.keys import Slot
from ui.dialogs.proof import Act, ProofDialog
from ui.forms.passphrase import PassphraseFields
from ui.operations import Operations
from ui.widgets.field import LineField

NAME_LIMIT = 255


class PassphraseDialog(ProofDialog):
    """Asks for the present passphrase and for another one."""

    def __init__(self, parent: QWidget | None, *, core: Core, operations: Operations, own: Slot) -> None:
        super().__init__(
            parent,
            operations=operations,
            title=_tr("Change passphrase"),
            about=_tr("Backups that were made before still open with the present one."),
            go_on=_tr("Change passphrase"),
        )
        self._core = core
        self.own.rename(_tr("Present passphrase"))
        self.fields = PassphraseFields(operations, known=(own.name,))
        self.fields.first.rename(_tr("New passphrase"))
        self.build(self.own, self.fields, first=self.own.edit)
        self.own.entered.connect(self.fields.first.edit.setFocus)

    def act(self) -> Act | None:
        new = self.fields.passphrase() if self.has_own() else None
        return None if new is None else partial(self._change, new)

    def show_error(self, error: AppError) -> None:
        if isinstance(error, Invalid):
            self.fields.refuse(error)
        else:
            super().show_error(error)

    async def _change(self, new: str, current: str) -> None:
        await access.change_passphrase(self._core, current=current, new=new)


class AddPersonDialog(ProofDialog):
    """Asks for the name of somebody new, and lets them choose a passphrase of their own."""

    def __init__(self, parent: QWidget | None, *, core: Core, operations: Operations) -> None:
        super().__init__(
            parent,
            operations=operations,
            title=_tr("Add a person"),
            about=_tr(
                "Let them type a passphrase that only they know. "
                "What they record and change stands under their name."
            ),
            go_on=_tr("Add person"),
        )
        self._core = core
        self.name = LineField(_tr("Their name"), tall=True, max_length=NAME_LIMIT)
        self.fields = PassphraseFields(operations)
        self.fields.first.rename(_tr("Their passphrase"))
        self.build(self.name, self.fields, self.own, first=self.name.edit)
        self.name.edited.connect(lambda _text: self._named())
        self.fields.done.connect(self.own.edit.setFocus)

    def act(self) -> Act | None:
        name = " ".join(self.name.text().split())
        if not name:
            self.name.set_error(_tr("Please enter their name."))
            self.name.edit.setFocus()
            return None
        passphrase = self.fields.passphrase()
        return None if passphrase is None else partial(self._add, name, passphrase)

    def _named(self) -> None:
        self.name.clear_error()
        self.fields.known = (self.name.text(),)

    async def _add(self, name: str, passphrase: str, current: str) -> UUID:
        return await access.add_person(self._core, current=current, name=name, passphrase=passphrase)


def _tr(text: str) -> str:
    return QCoreApplication.translate("PeopleDialogs", text)
