"""Unlocking: a passphrase, the recovery key, or somebody else's passphrase."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QStackedWidget

from desktop.errors import AppError, WrongKey
from desktop.keys import Slot
from desktop.setting_up import replace_passphrase
from desktop.vault import Unlocked, Vault
from ui.entrance.brand import BrandPanel
from ui.entrance.page import EntrancePage
from ui.forms.form import Form, back, primary
from ui.forms.passphrase import PassphraseForm
from ui.operations import Operations, Progress, Work
from ui.widgets.button import Button
from ui.widgets.field import Field, LineField
from ui.widgets.layout import hbox
from ui.widgets.secret_field import SecretField

FIRST_WAIT_S, LONGEST_WAIT_S = 1, 64


class UnlockForm(Form):
    """Asks for the passphrase of a person; `entered` gives it with who that is."""

    entered = Signal(object, str)

    def __init__(
        self, people: tuple[Slot, ...], *, first: UUID | None, again: bool, keyring: bool = False
    ) -> None:
        """`keyring` says that the computer's keyring may be asked too."""
        super().__init__()
        self._people = people
        begin = self.tr("Your records are encrypted. Enter your passphrase to open them.")
        still_open = self.tr("The session you were recording is still open and saved.")
        self.person = QComboBox()
        for slot in people:
            self.person.addItem(slot.name, slot.person)
        self._person_field = Field(self.tr("Person"), self.person)
        self._person_field.hide()
        self.secret = SecretField(self.tr("Passphrase"))
        self.unlock_button = primary(self.tr("Unlock"), icon="lock-open")
        self.recovery_button = Button(self.tr("Use recovery key"), kind="ghost", icon="key-round")
        self.other_button = Button(self.tr("Another person"), kind="ghost", icon="user-round")
        self.other_button.setVisible(len(people) > 1)
        self.keyring_button = Button(self.tr("Use this computer’s keyring"), kind="ghost", icon="laptop")
        self.keyring_button.setVisible(keyring)
        self._wait_s = 0
        self._left_s = 0
        self._ticking = QTimer(self, interval=1000)
        self._ticking.timeout.connect(self._tick)
        self.build(
            self.tr("Welcome back"),
            still_open if again else begin,
            self._person_field,
            self.secret,
            hbox(self.unlock_button, None),
            hbox(self.keyring_button, None),
            buttons=hbox(self.recovery_button, self.other_button, None),
            first=self.secret.edit,
            lower=True,
        )
        self._connect()
        self._choose(first)

    def show_error(self, error: AppError) -> None:
        """Say that it was not right, and let a guesser wait ever longer."""
        self.secret.set_error(str(error))
        if isinstance(error, WrongKey):
            self._wait_s = min(max(FIRST_WAIT_S, self._wait_s * 2), LONGEST_WAIT_S)
            self._left_s = self._wait_s
            self._ticking.start()
            self._show_wait()
        self.secret.edit.selectAll()
        self.take_focus()

    def chosen(self) -> Slot:
        """Return whose passphrase is asked for."""
        return self._people[self.person.currentIndex()]

    def _connect(self) -> None:
        self.unlock_button.clicked.connect(self._submit)
        self.secret.entered.connect(self._submit)
        self.person.currentIndexChanged.connect(lambda _index: self._name_secret())
        self.other_button.clicked.connect(lambda _checked: self._offer_others())

    def _choose(self, person: UUID | None) -> None:
        place = next((n for n, slot in enumerate(self._people) if slot.person == person), 0)
        self.person.setCurrentIndex(place)
        self._name_secret()

    def _name_secret(self) -> None:
        self.secret.rename(self.tr("Passphrase for {name}").format(name=self.chosen().name))

    def _offer_others(self) -> None:
        self._person_field.show()
        self.other_button.hide()
        self.person.setFocus()

    def _submit(self) -> None:
        if self._left_s:
            return
        if self.secret.text():
            self.entered.emit(self.chosen().person, self.secret.text())
        else:
            self.secret.set_error(self.tr("Please enter your passphrase."))
            self.take_focus()

    def _tick(self) -> None:
        self._left_s -= 1
        self._show_wait()

    def _show_wait(self) -> None:
        waiting = self._left_s > 0
        self.unlock_button.setEnabled(not waiting)
        if waiting:
            self.unlock_button.setText(self.tr("Try again in %n s", "", self._left_s))
        else:
            self._left_s = 0
            self._ticking.stop()
            self.unlock_button.setText(self.tr("Unlock"))


class RecoverForm(Form):
    """Asks for the recovery key; `entered` gives it."""

    entered = Signal(str)
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        hint = self.tr("8 groups of 4 letters and digits. Small letters and spaces do not matter.")
        self.key = LineField(self.tr("Recovery key"), tall=True, hint=hint, max_length=200)
        self.continue_button = primary(self.tr("Continue"))
        self.back_button = back(self.tr("Back"))
        self.build(
            self.tr("Use the recovery key"),
            self.tr("It was printed or written down when this laptop was set up."),
            self.key,
            buttons=hbox(self.back_button, None, self.continue_button),
            first=self.key.edit,
        )
        self.continue_button.clicked.connect(self._submit)
        self.key.edit.returnPressed.connect(self._submit)
        self.key.edited.connect(self.key.clear_error)
        self.back_button.clicked.connect(lambda _checked: self.back_wanted.emit())

    def show_error(self, error: AppError) -> None:
        self.key.set_error(str(error))
        self.take_focus()

    def _submit(self) -> None:
        self.entered.emit(self.key.text())


class UnlockPage(EntrancePage):
    """Lets in who knows a secret; `unlocked` brings the Unlocked vault.

    The recovery key lets nobody in by itself: a new passphrase is chosen with it, for the person that was asked.
    `again` says that the window was locked while it was being worked with.
    """

    unlocked = Signal(object)

    def __init__(
        self,
        vault: Vault,
        operations: Operations,
        *,
        people: tuple[Slot, ...],
        first: UUID | None,
        again: bool = False,
        keyring: bool = False,
    ) -> None:
        self.form = UnlockForm(people, first=first, again=again, keyring=keyring)
        self.recover_form = RecoverForm()
        self.new_form = PassphraseForm(
            operations,
            title=self.tr("Choose a new passphrase"),
            why=self.tr("It takes the place of the one that was forgotten."),
            with_back=False,
            go_on=self.tr("Unlock"),
        )
        self._forms = QStackedWidget()
        for form in (self.form, self.recover_form, self.new_form):
            self._forms.addWidget(form)
        text = self.tr("Records on this laptop are encrypted. Nothing is shown until you unlock.")
        super().__init__(BrandPanel(self.tr("Locked"), text=text), self._forms)
        self._vault, self._operations = vault, operations
        self._recovered: Unlocked | None = None
        self._connect()

    def begin(self) -> None:
        """Ask for the passphrase."""
        self._show(self.form)

    def _connect(self) -> None:
        self.form.entered.connect(self._unlock)
        self.form.keyring_button.clicked.connect(lambda _checked: self._unlock_by_keyring())
        self.form.recovery_button.clicked.connect(lambda _checked: self._show(self.recover_form))
        self.recover_form.back_wanted.connect(self._turn_back)
        self.recover_form.entered.connect(self._recover)
        self.new_form.chosen.connect(self._replace)

    def _turn_back(self) -> None:
        self.recover_form.key.set_text("")
        self._show(self.form)

    def _show(self, form: Form) -> None:
        self._forms.setCurrentWidget(form)
        form.take_focus()

    def _unlock(self, person: UUID, passphrase: str) -> None:
        async def unlock(_progress: Progress) -> Unlocked:
            return await asyncio.to_thread(self._vault.unlock, passphrase, person=person)

        self._run(unlock, self.form, self._open)

    def _unlock_by_keyring(self) -> None:
        async def unlock(_progress: Progress) -> Unlocked:
            return await asyncio.to_thread(self._vault.unlock_by_keyring)

        self._run(unlock, self.form, self._open)

    def _recover(self, recovery_key: str) -> None:
        async def recover(_progress: Progress) -> Unlocked:
            return await asyncio.to_thread(self._vault.recover, recovery_key)

        self._run(recover, self.recover_form, self._recovered_by_key)

    def _recovered_by_key(self, unlocked: Unlocked) -> None:
        self._recovered = unlocked
        self.recover_form.key.set_text("")
        self.new_form.fields.known = (self.form.chosen().name,)
        self._show(self.new_form)

    def _replace(self, passphrase: str) -> None:
        recovered, slot = self._recovered, self.form.chosen()
        if recovered is None:
            return

        async def choose(_progress: Progress) -> Unlocked:
            return await replace_passphrase(self._vault, recovered, slot=slot, passphrase=passphrase)

        self._run(choose, self.new_form, self._open)

    def _run(self, work: Work[Unlocked], form: Form, done: Callable[[Unlocked], None]) -> None:
        self._operations.start(
            work,
            title=self.tr("Unlock"),
            key=(self, "unlock"),
            busy=form,
            done=done,
            failed=form.show_error,
        )

    def _open(self, unlocked: Unlocked) -> None:
        self._recovered = None
        self.form.secret.clear()
        self.new_form.fields.clear()
        self.unlocked.emit(unlocked)
