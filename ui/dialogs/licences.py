"""The licences of what is bundled with Kinelog, and their texts."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QWidget

from ui.resources import read
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.text_area import TextArea

SIZE = 720, 560


@dataclass(frozen=True)
class Licence:
    """Something that Kinelog uses; `path` is where its licence lies, empty when its text comes with the system."""

    what: str
    terms: str
    path: tuple[str, ...] = ()


def licences() -> tuple[Licence, ...]:
    """Return what Kinelog is made of and under which terms."""
    tr = QCoreApplication.translate
    open_font = tr("Licences", "Font. SIL Open Font License 1.1")
    return (
        Licence("Kinelog", tr("Licences", "Apache License 2.0")),
        Licence("Qt for Python", tr("Licences", "The window. GNU Lesser General Public License 3")),
        Licence("Inter", open_font, ("fonts", "OFL-Inter.txt")),
        Licence("Noto Sans Arabic", open_font, ("fonts", "OFL-NotoSansArabic.txt")),
        Licence("Vazirmatn", open_font, ("fonts", "reports", "OFL-Vazirmatn.txt")),
        Licence("Lucide", tr("Licences", "Icons. ISC and MIT licences"), ("icons", "LICENSE.lucide")),
    )


class LicenceDialog(QDialog):
    """The text of one licence."""

    def __init__(self, parent: QWidget, licence: Licence) -> None:
        super().__init__(parent)
        self.setWindowTitle(licence.what)
        self.setProperty("ground", "surface")
        self.text = TextArea(name=self.tr("Licence"))
        self.text.setReadOnly(True)
        self.text.setPlainText(read(*licence.path).decode())
        close = Button(self.tr("Close"), key=key_text("Esc"), height=HEIGHT.dialog_primary)
        close.clicked.connect(lambda _checked: self.accept())
        self.setLayout(
            vbox(
                label(licence.what, "heading"),
                (self.text, 1),
                hbox(None, close),
                spacing=16,
                margins=(28, 20, 28, 20),
            )
        )
        self.resize(*SIZE)
        self.finished.connect(self.deleteLater)
