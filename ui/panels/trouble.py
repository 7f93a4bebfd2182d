"""What stands in the window when the records cannot be opened."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.errors import AppError, DatabaseUnavailable
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox


class TroublePage(QWidget):
    """Says why nothing is shown, that nothing was changed, and what to do: to try again, or to repair what can be."""

    retry_wanted = Signal()
    repair_wanted = Signal()
    folder_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, error: AppError, *, place: str) -> None:
        super().__init__()
        title = label(self.tr("The records cannot be opened"), role="heading")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        kind = error.kind if isinstance(error, DatabaseUnavailable) else "damaged"
        texts = (str(error), self._advice(kind), place)
        lines = [label(text, role="body", tone="muted", wrap=True) for text in texts if text]
        for line in lines:
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        can_repair = kind == "unaudited"
        repair = Button(self.tr("Put the rules back"), kind="primary", icon="shield-check")
        repair.setVisible(can_repair)
        retry = Button(self.tr("Try again"), kind="secondary" if can_repair else "primary", icon="rotate-ccw")
        first = repair if can_repair else retry
        first.setDefault(True)
        folder = Button(self.tr("Open folder"))
        leave = Button(self.tr("Quit"))
        for button, wanted in (
            (repair, self.repair_wanted),
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
                hbox(None, repair, retry, folder, leave, None, spacing=12),
                None,
                spacing=12,
                margins=(48, 24, 48, 24),
            )
        )
        first.setFocus()

    def _advice(self, kind: str) -> str:
        advice = {
            "damaged": self.tr(
                "Nothing in it was changed. Keep this file: what can be read is still in it. The newest backup lies in "
                "the folder “backups”; with Kinelog closed, kinelogctl restore puts it in place."
            ),
            "foreign": self.tr("Nothing in it was changed. Choose another folder with --data-dir."),
            "newer": self.tr("Nothing in it was changed. Please update Kinelog on this laptop."),
            "locked": self.tr("Close the other program, then try again."),
            "full": self.tr("Make room on the disk, then try again."),
            "read_only": self.tr("Ask who looks after this laptop for the right to write there."),
            "migration": self.tr(
                "Nothing in it was changed. The backup that was made before lies in its folder."
            ),
            "keys": self.tr(
                "The records themselves are as they were. Keep every file of this folder. When keys.json of a "
                "backup lies in it, try again."
            ),
            "unaudited": self.tr(
                "The records are as they were, and can be read and changed again once the rules are back. That they "
                "were changed, and who put them back, then stands in the audit trail."
            ),
        }
        return advice.get(kind, "")
