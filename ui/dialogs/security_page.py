"""Security in the settings: when the window locks itself, and who can unlock."""

from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLayout, QWidget

from desktop import access
from desktop.core import Core
from desktop.keys import Slot
from desktop.settings import LOCK_AFTER
from ui import words
from ui.dialogs.people_dialogs import AddPersonDialog, PassphraseDialog
from ui.dialogs.proof import Act, ProvenActDialog
from ui.dialogs.recovery_renewal import RecoveryKeyDialog
from ui.dialogs.setting_rows import card, heading, page, setting
from ui.operations import Operations, Progress
from ui.widgets.button import Button
from ui.widgets.layout import vbox
from ui.widgets.segmented import Segmented

OFF, ON = "off", "on"


@dataclass(frozen=True)
class _Known:
    own: Slot
    people: tuple[Slot, ...]
    uses_keyring: bool


class SecurityPage(QWidget):
    """`lock_after_changed` brings other minutes after which the window locks itself."""

    lock_after_changed = Signal(int)

    def __init__(self, core: Core, *, lock_after: int, operations: Operations) -> None:
        super().__init__()
        self._core, self._operations = core, operations
        self._own: Slot | None = None
        minutes = [(f"{minute}", f"{minute}") for minute in LOCK_AFTER]
        self.lock_after = Segmented(minutes, name=self.tr("Lock by itself, minutes"), current=f"{lock_after}")
        self.passphrase = Button(self.tr("Change…"), name=self.tr("Change your passphrase…"))
        self.recovery = Button(self.tr("New key…"), name=self.tr("New recovery key…"))
        self.keyring = Segmented(
            [(OFF, self.tr("Off")), (ON, self.tr("On"))], name=self.tr("This computer’s keyring"), current=OFF
        )
        self.add = Button(self.tr("Add a person…"), icon="plus")
        self._people = QWidget()
        self._people.setLayout(vbox(spacing=0))
        self.setLayout(vbox(self._page(), spacing=0))
        self._allow(False)
        self._connect()
        self.read()

    def read(self) -> None:
        """Read anew who can unlock."""

        async def read(_progress: Progress) -> _Known:
            return _Known(
                await access.own_slot(self._core),
                await access.people(self._core),
                await access.uses_keyring(self._core),
            )

        title = self.tr("Read who can unlock")
        self._operations.start(read, title=title, key=(self, "read"), done=self._show)

    def _page(self) -> QWidget:
        return page(
            self.tr("Security"),
            card(
                setting(
                    self.tr("Lock by itself"),
                    self.tr("After so many minutes without a touch, never while the stopwatch runs"),
                    self.lock_after,
                ),
                setting(
                    self.tr("Your passphrase"),
                    self.tr("It opens the records on this laptop. Nobody can reset it for you."),
                    self.passphrase,
                ),
                setting(
                    self.tr("Recovery key"),
                    self.tr("The way back when a passphrase is forgotten"),
                    self.recovery,
                ),
                setting(
                    self.tr("This computer’s keyring"),
                    self.tr(
                        "Opens the records without a passphrase for whoever is logged in to this computer"
                    ),
                    self.keyring,
                ),
            ),
            heading(self.tr("Who can unlock")),
            self._people,
        )

    def _connect(self) -> None:
        self.lock_after.chosen.connect(lambda key: self.lock_after_changed.emit(int(key)))
        self.passphrase.clicked.connect(lambda _checked: self._change_passphrase())
        self.recovery.clicked.connect(lambda _checked: self._renew_recovery())
        self.keyring.chosen.connect(lambda key: self._use_keyring() if key == ON else self._leave_keyring())
        self.add.clicked.connect(lambda _checked: self._add())

    def _allow(self, allowed: bool) -> None:
        for button in (self.passphrase, self.recovery, self.keyring, self.add):
            button.setEnabled(allowed)

    # Showing

    def _show(self, known: _Known) -> None:
        if not shiboken6.isValid(self):  # the settings were closed meanwhile
            return
        self._own = known.own
        self.keyring.set_current(ON if known.uses_keyring else OFF)
        self._allow(True)
        rows = [self._row(slot) for slot in known.people]
        about = self.tr("Everybody has a passphrase of their own")
        self.add.setParent(None)
        layout = self._people.layout()
        assert layout is not None
        while (item := layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        layout.addWidget(card(*rows, setting(self.tr("Somebody else"), about, self.add)))

    def _row(self, slot: Slot) -> QLayout:
        name = words.isolated(slot.name)
        if self._own is not None and slot.person == self._own.person:
            return setting(name, self.tr("You"))
        remove = Button(self.tr("Remove…"), name=self.tr("Remove {name}…").format(name=name))
        remove.clicked.connect(lambda _checked: self._remove(slot))
        return setting(name, self.tr("Can unlock and record"), remove)

    # Doing

    def _change_passphrase(self) -> None:
        if self._own is not None:
            self._ask(
                PassphraseDialog(self.window(), core=self._core, operations=self._operations, own=self._own)
            )

    def _add(self) -> None:
        self._ask(AddPersonDialog(self.window(), core=self._core, operations=self._operations))

    def _remove(self, person: Slot) -> None:
        async def remove(current: str) -> None:
            if person.person is not None:
                await access.remove_person(self._core, person.person, current=current)

        name = words.isolated(person.name)
        about = self.tr(
            "{name} gets in no more, and the records get another key at the next start. "
            "All that {name} recorded stays. Backups that were made before still open with their passphrase."
        )
        self._prove(
            remove,
            title=self.tr("Remove {name}?").format(name=name),
            about=about.format(name=name),
            go_on=self.tr("Remove"),
        )

    def _use_keyring(self) -> None:
        async def use(current: str) -> None:
            await access.use_keyring(self._core, current=current)

        dialog = self._prove(
            use,
            title=self.tr("Use this computer’s keyring?"),
            about=self.tr(
                "Then whoever is logged in to this computer opens the records as you, without a passphrase. "
                "Do so only where nobody else knows the log-in, and where the computer asks for it."
            ),
            go_on=self.tr("Use the keyring"),
        )
        dialog.rejected.connect(self.read)

    def _leave_keyring(self) -> None:
        async def leave(_progress: Progress) -> None:
            await access.leave_keyring(self._core)

        title = self.tr("Use the keyring no more")
        self._operations.start(
            leave, title=title, key=(self, "keyring"), busy=self.keyring, done=lambda _none: self.read()
        )

    def _renew_recovery(self) -> None:
        proved: list[str] = []

        async def prove(current: str) -> None:
            await access.prove(self._core, current)
            proved.append(current)

        dialog = self._prove(
            prove,
            title=self.tr("New recovery key"),
            about=self.tr(
                "The present one opens nothing on this laptop any more, as soon as you have kept the new one. "
                "Backups that were made before still open with it."
            ),
            go_on=self.tr("Continue"),
        )
        dialog.accepted.connect(lambda: self._show_recovery(proved.pop()))

    def _show_recovery(self, passphrase: str) -> None:
        if self._own is not None:
            self._ask(
                RecoveryKeyDialog(
                    self.window(),
                    core=self._core,
                    operations=self._operations,
                    own=self._own,
                    passphrase=passphrase,
                )
            )

    def _prove(self, act: Act, *, title: str, about: str, go_on: str) -> ProvenActDialog:
        """Have something done that only who unlocked may do."""
        dialog = ProvenActDialog(
            self.window(), act, operations=self._operations, title=title, about=about, go_on=go_on
        )
        self._ask(dialog)
        return dialog

    def _ask(self, dialog: QDialog) -> None:
        dialog.accepted.connect(self.read)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
