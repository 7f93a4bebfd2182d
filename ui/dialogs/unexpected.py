"""What the user sees of a bug: that it was noticed, and details to pass on."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from ui.widgets.button import Button
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox

WIDTH = 560
DETAILS_HEIGHT = 180


class UnexpectedDialog(QDialog):
    """Stays beside the work until it is closed; further errors are added to its details."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setWindowTitle(self.tr("Unexpected error"))
        self.setMinimumWidth(WIDTH)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setMinimumHeight(DETAILS_HEIGHT)
        self._details.setAccessibleName(self.tr("Details of the error"))
        self._copy = Button(self.tr("Copy details"), icon="copy")
        self._copy.clicked.connect(self._copy_details)
        close = Button(self.tr("Go on working"), kind="primary")
        close.setDefault(True)
        close.clicked.connect(self.close)
        close.setFocus()
        self.setLayout(
            vbox(
                label(self.tr("Something went wrong in Kinelog"), "title"),
                label(
                    self.tr(
                        "What the footer calls saved is saved, and you can go on working. If it happens again, "
                        "please pass the details on to whoever looks after Kinelog. They hold no names and no "
                        "measurements."
                    ),
                    wrap=True,
                ),
                self._details,
                hbox(self._copy, None, close),
                spacing=16,
                margins=(28, 28, 28, 28),
            )
        )

    def add(self, details: str) -> None:
        """Show `details` below those that are there."""
        self._details.appendPlainText(details + "\n")

    def details(self) -> str:
        """Return what "Copy details" copies."""
        return self._details.toPlainText()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self.details())
        self._copy.setText(self.tr("Copied"))
