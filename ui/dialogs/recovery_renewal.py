"""Another recovery key: nothing is changed before two of its groups were typed back."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

from desktop import access
from desktop.core import Core
from desktop.keys import Slot, new_recovery_key
from ui.forms.recovery import RecoveryForm
from ui.forms.recovery_sheet import offer_sheets
from ui.operations import Operations, Progress
from ui.widgets.layout import vbox

SIZE = 680, 660
AROUND = 48


class RecoveryKeyDialog(QDialog):
    """Shows a new recovery key and takes it when it was typed back; left before, the present one stays."""

    def __init__(
        self, parent: QWidget | None, *, core: Core, operations: Operations, own: Slot, passphrase: str
    ) -> None:
        super().__init__(parent)
        self._core, self._operations = core, operations
        self._key, self._name, self._passphrase = new_recovery_key(), own.name, passphrase
        self.setWindowTitle(_tr("New recovery key"))
        self.setProperty("ground", "surface")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.form = RecoveryForm(go_on=_tr("Use this key"), leave=_tr("Keep the present key"))
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.form)
        self.setLayout(vbox(scroll))
        room = parent.window().size() if parent is not None else self.maximumSize()
        self.resize(min(SIZE[0], room.width() - AROUND), min(SIZE[1], room.height() - AROUND))
        offer_sheets(self.form, operations, shown=lambda: (self._key, self._name))
        self.form.kept.connect(self._keep)
        self.form.back_wanted.connect(self.reject)
        self.form.show_key(self._key)
        self.form.take_focus()

    def done(self, result: int) -> None:
        self._key = self._passphrase = ""
        self.form.forget()
        super().done(result)

    def _keep(self) -> None:
        key, passphrase = self._key, self._passphrase

        async def keep(_progress: Progress) -> None:
            await access.change_recovery_key(self._core, key, current=passphrase)

        self._operations.start(
            keep,
            title=_tr("Keep the recovery key"),
            key=(self, "keep"),
            busy=self.form,
            done=lambda _none: self.accept(),
            failed=self.form.show_error,
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("RecoveryRenewal", text)
