"""What stands in the window when the records cannot be opened."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.errors import AppError, DatabaseUnavailable
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox


class TroublePage(QWidget):
    """Says why nothing is shown, that nothing was changed, and offers to try again."""

    retry_wanted = Signal()
    folder_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, error: AppError, *, place: str) -> None:
        super().__init__()
        title = label(self.tr("The records cannot be opened"), role="heading")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        texts = (str(error), self._advice(error), place)
        lines = [label(text, role="body", tone="muted", wrap=True) for text in texts if text]
        for line in lines:
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        retry = Button(self.tr("Try again"), kind="primary", icon="rotate-ccw")
        retry.setDefault(True)
        folder = Button(self.tr("Open folder"))
        leave = Button(self.tr("Quit"))
        for button, wanted in (
            (retry, self.retry_wanted),
            (folder, self.folder_wanted),
            (leave, self.quit_wanted),
        ):
            button.clicked.connect(lambda _checked, wanted=wanted: wanted.emit())
        self.setLayout(
            vbox(
                None,
                hbox(None, IconLabel("triangle-alert", "bad", size=40), None),
                title,
                *lines,
                16,
                hbox(None, retry, folder, leave, None, spacing=12),
                None,
                spacing=12,
                margins=(48, 24, 48, 24),
            )
        )
        retry.setFocus()

    def _advice(self, error: AppError) -> str:
        kind = error.kind if isinstance(error, DatabaseUnavailable) else "damaged"
        advice = {
            "damaged": self.tr("Nothing in it was changed. Keep this file: what can be read is still in it."),
            "foreign": self.tr("Nothing in it was changed. Choose another folder with --data-dir."),
            "newer": self.tr("Nothing in it was changed. Please update Kinelog on this laptop."),
            "locked": self.tr("Close the other program, then try again."),
            "full": self.tr("Make room on the disk, then try again."),
            "read_only": self.tr("Ask who looks after this laptop for the right to write there."),
        }
        return advice.get(kind, "")
