"""Going from trial to trial."""

from math import ceil

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import font
from ui.widgets.button import Button
from ui.widgets.label import label
from ui.widgets.layout import hbox


class TrialStepper(QWidget):
    """The number of the trial between − and +; `stepped` brings -1 or 1."""

    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._back = Button(icon="minus", kind="icon", name=self.tr("Previous trial"))
        self._on = Button(icon="plus", kind="icon", name=self.tr("Next trial"))
        self._number = label(role="strong", align=Qt.AlignmentFlag.AlignCenter)
        self._back.clicked.connect(lambda _checked: self.stepped.emit(-1))
        self._on.clicked.connect(lambda _checked: self.stepped.emit(1))
        self.setLayout(hbox(self._back, self._number, self._on, spacing=0))

    def show_trial(self, trial: int, *, first: bool, last: bool) -> None:
        """Show a trial; before the `first` there is none, behind the `last` a new one begins."""
        self._number.setText(self.tr("Trial {number}").format(number=trial))
        sample = self.tr("Trial {number}").format(number="88")
        self._number.setMinimumWidth(ceil(QFontMetricsF(font("strong")).horizontalAdvance(sample)))
        self._back.setEnabled(not first)
        self._on.set_name(self.tr("New trial") if last else self.tr("Next trial"))
