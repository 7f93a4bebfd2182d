"""Adding a task to the open session."""

from collections import Counter
from collections.abc import Mapping
from typing import cast, get_args
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLayout, QListWidget, QListWidgetItem, QWidget

from desktop.edits import AddTask
from desktop.protocols import Protocol
from desktop.schemas import NewTaskResult, SessionRecord, Side
from desktop.trials import next_trial
from ui import words
from ui.asking import let_control_enter_press
from ui.theme import HEIGHT, set_font
from ui.widgets.button import Button
from ui.widgets.field import LineField
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.segmented import Segmented

NAME_LIMIT = 100
WIDTH = 480
ROWS = 5
KEY = Qt.ItemDataRole.UserRole
_LIST_STEPS: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class AddTaskDialog(QDialog):
    """Finds a task of the protocol by its name, or takes a free name; Enter adds it.

    When it was accepted, `edit` is what to do.
    """

    def __init__(
        self,
        record: SessionRecord,
        protocol: Protocol | None,
        *,
        task_id: UUID,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._record, self._protocol, self._task_id = record, protocol, task_id
        self.setWindowTitle(self.tr("Add task"))
        self.setProperty("ground", "surface")
        self.name = LineField(
            self.tr("Task"), placeholder=self.tr("Find a task or name your own"), max_length=NAME_LIMIT
        )
        self.tasks = QListWidget()
        self.tasks.setAccessibleName(self.tr("Tasks found"))
        self.tasks.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tasks.setProperty("role", "choices")
        set_font(self.tasks, "body")
        keys: tuple[Side, ...] = get_args(Side)
        named = [(key, words.side(key) or self.tr("No side")) for key in ("none", "left", "both", "right")]
        self.side = Segmented(named, name=self.tr("Side"), current=keys[0], physical=True)
        self._add = Button(
            self.tr("Add task"), kind="primary", key=key_text("Return"), height=HEIGHT.dialog_primary
        )
        self._add.setDefault(True)
        self._cancel = Button(
            self.tr("Cancel"), kind="ghost", height=HEIGHT.dialog_primary, key=self.tr("Esc")
        )
        self.setLayout(self._laid_out())
        self.setMinimumWidth(WIDTH)
        self.name.edit.installEventFilter(self)
        self.name.edited.connect(self._find)
        self.tasks.currentRowChanged.connect(self._offer_sides)
        self.tasks.itemDoubleClicked.connect(self.accept)
        self._add.clicked.connect(self.accept)
        self._cancel.clicked.connect(self.reject)
        let_control_enter_press(self)
        self._find("")
        self.tasks.setMinimumHeight(ROWS * max(self.tasks.sizeHintForRow(0), HEIGHT.control) + 12)
        self.name.edit.setFocus()

    def edit(self) -> AddTask | None:
        """Return what adds the chosen task: another trial where there is one already, else a row at the end."""
        key = self._key()
        side = self.side.current()
        if not key or side is None:
            return None
        new = NewTaskResult.model_validate({"task_name": key, "side": side})
        alike = (task for task in self._record.task_results if not task.practice)
        last = next(
            (task for task in alike if (task.task_name, task.side) == (new.task_name, new.side)), None
        )
        if last is not None:
            return next_trial(self._record, last, task_id=self._task_id)
        return AddTask(self._record.id, self._task_id, new)

    def content(self) -> dict[str, str]:
        """Return what was typed and chosen, and the id that the task result will have."""
        return {
            "id": str(self._task_id),
            "name": self.name.text(),
            "task": self._key(),
            "side": self.side.current() or "",
        }

    def resume(self, content: Mapping[str, str]) -> None:
        """Show what `content` once returned; a task result that was added meanwhile is not added twice."""
        self._task_id = UUID(content["id"])
        self.name.set_text(content["name"])
        self._find(content["name"])
        items = (self.tasks.item(row) for row in range(self.tasks.count()))
        chosen = next((item for item in items if item.data(KEY) == content["task"]), None)
        if chosen is not None:
            self.tasks.setCurrentItem(chosen)
            if content["side"]:
                self.side.set_current(content["side"])

    def accept(self) -> None:
        if self._key():
            super().accept()
        else:
            self.name.set_error(self.tr("Please choose a task or name your own."))
            self.name.edit.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down choose in the list while the name is being typed."""
        pressed = event.type() == QEvent.Type.KeyPress
        step = _LIST_STEPS.get(event.key(), 0) if pressed and isinstance(event, QKeyEvent) else 0
        if step and self.tasks.count():
            row = self.tasks.currentRow() + step
            self.tasks.setCurrentRow(min(max(row, 0), self.tasks.count() - 1))
        return bool(step) or super().eventFilter(watched, event)

    def _laid_out(self) -> QLayout:
        buttons = hbox(None, self._cancel, self._add, spacing=12)
        return vbox(
            label(self.tr("Add task"), "heading"),
            self.name,
            (self.tasks, 1),
            vbox(label(self.tr("Side"), "strong", buddy=self.side), hbox(self.side, None), spacing=6),
            8,
            buttons,
            spacing=16,
            margins=(28, 24, 28, 24),
        )

    def _key(self) -> str:
        item = self.tasks.currentItem()
        return str(item.data(KEY)) if item is not None else ""

    def _find(self, text: str) -> None:
        """List the tasks of the protocol that hold `text`, and at the end the text itself as a free task."""
        wanted = " ".join(text.split())
        self.name.clear_error()
        self.tasks.clear()
        exact = False
        for task in self._protocol.tasks if self._protocol else ():
            shown = words.task_label(self._protocol, task.key)
            exact = exact or wanted.casefold() in {shown.casefold(), task.key}
            if wanted.casefold() in shown.casefold():
                self._list(shown, task.key)
        if wanted and not exact:
            self._list(self.tr("Free task “{name}”").format(name=wanted), wanted)
        if self.tasks.count():
            self.tasks.setCurrentRow(0)

    def _list(self, shown: str, key: str) -> None:
        item = QListWidgetItem(shown)
        item.setData(KEY, key)
        self.tasks.addItem(item)

    def _offer_sides(self) -> None:
        """Only sides that make sense: those of the protocol, for a free task all."""
        spec = self._protocol.task(self._key()) if self._protocol else None
        keys: tuple[str, ...] = ("none", "left", "both", "right")
        offered = keys if spec is None else (spec.sides or ("none",))
        for key in keys:
            self.side.button(key).setVisible(key in offered)
        self.side.set_current(self._next_side(offered))

    def _next_side(self, offered: tuple[str, ...]) -> str:
        """The side that has fewer trials so far."""
        taken = Counter(task.side for task in self._record.task_results if task.task_name == self._key())
        return min(offered, key=lambda side: taken[cast(Side, side)])
