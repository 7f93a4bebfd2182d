"""The first start: name, passphrase, recovery key. Nothing is on the disk before the key was typed back."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from desktop.errors import AppError, Invalid
from desktop.paths import Paths
from desktop.setting_up import make_vault, prepare_vault
from desktop.vault import NewVault, Unlocked
from ui.entrance.brand import BrandPanel
from ui.entrance.name import NameForm
from ui.entrance.page import EntrancePage
from ui.forms.form import Form
from ui.forms.passphrase import PassphraseForm
from ui.forms.recovery import RecoveryForm
from ui.forms.recovery_sheet import offer_sheets
from ui.operations import Operations, Progress


class SetupPage(EntrancePage):
    """Leads through the steps; `made` brings the Unlocked vault when everything is in its place."""

    made = Signal(object)

    def __init__(self, paths: Paths, operations: Operations, *, name: str = "") -> None:
        """`name` is who recorded here before the vault was."""
        self.name_form = NameForm()
        self.passphrase_form = PassphraseForm(
            operations,
            title=self.tr("Choose a passphrase"),
            why=self.tr(
                "It locks every child’s record on this laptop. Kinelog never sends it anywhere, "
                "so nobody can reset it for you."
            ),
            with_back=True,
            go_on=self.tr("Continue"),
        )
        self.recovery_form = RecoveryForm(go_on=self.tr("Continue"))
        self._forms = QStackedWidget()
        self._steps: tuple[Form, ...] = (self.name_form, self.passphrase_form, self.recovery_form)
        for form in self._steps:
            self._forms.addWidget(form)
        names = (self.tr("Your name"), self.tr("Passphrase"), self.tr("Recovery key"), self.tr("Ready"))
        self._brand = BrandPanel(self.tr("Set up this laptop"), steps=names)
        super().__init__(self._brand, self._forms)
        self._paths, self._operations = paths, operations
        self._name = name
        self._new: NewVault | None = None
        self.name_form.name_field.set_text(name)
        self._connect()

    def begin(self) -> None:
        """Ask the first question."""
        self._show(0)

    def _connect(self) -> None:
        self.name_form.named.connect(self._named)
        self.passphrase_form.back_wanted.connect(lambda: self._show(0))
        self.passphrase_form.chosen.connect(self._prepare)
        self.recovery_form.back_wanted.connect(lambda: self._show(1))
        offer_sheets(self.recovery_form, self._operations, shown=self._shown)
        self.recovery_form.kept.connect(self._make)

    def _show(self, step: int) -> None:
        self._forms.setCurrentIndex(step)
        self._brand.steps.show_step(step)
        self._steps[step].take_focus()

    def _named(self, name: str) -> None:
        self._name = name
        self.passphrase_form.fields.known = (name,)
        self._show(1)

    def _prepare(self, passphrase: str) -> None:
        async def prepare(_progress: Progress) -> NewVault:
            return await prepare_vault(self._paths, name=self._name, passphrase=passphrase)

        self._operations.start(
            prepare,
            title=self.tr("Prepare the vault"),
            key=(self, "prepare"),
            busy=self.passphrase_form,
            done=self._prepared,
            failed=self.passphrase_form.show_error,
        )

    def _prepared(self, new: NewVault) -> None:
        self._new = new
        self.recovery_form.show_key(new.recovery_key)
        self._show(2)

    def _shown(self) -> tuple[str, str]:
        assert self._new is not None  # no key is shown before
        return self._new.recovery_key, self._new.name

    def _make(self) -> None:
        new = self._new
        if new is None:
            return

        async def make(_progress: Progress) -> Unlocked:
            await make_vault(self._paths, new)
            return new.unlocked

        self._brand.steps.show_step(3)
        self._operations.start(
            make,
            title=self.tr("Make the vault"),
            key=(self, "make"),
            busy=self.recovery_form,
            done=self._ready,
            failed=self._not_made,
        )

    def _ready(self, unlocked: Unlocked) -> None:
        self._new = None
        self.passphrase_form.fields.clear()
        self.recovery_form.forget()
        self.made.emit(unlocked)

    def _not_made(self, error: AppError) -> None:
        step = 0 if isinstance(error, Invalid) else 2
        self._show(step)
        self._steps[step].show_error(error)
