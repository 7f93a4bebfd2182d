"""What the user can do: one table, from which menus, shortcuts and the page of shortcuts are built."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from ui.keyboard import digit_by_place, takes_space, takes_text
from ui.theme import icon


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark `text` for translation where it is shown; lupdate looks for this name (PySide6's gives an object)."""
    return text


class Group(Enum):
    """The parts of the page of shortcuts, with their headings."""

    RECORDING = QT_TRANSLATE_NOOP("Actions", "Recording")
    TASKS = QT_TRANSLATE_NOOP("Actions", "Tasks and metrics")
    SESSIONS = QT_TRANSLATE_NOOP("Actions", "Sessions")
    WINDOW = QT_TRANSLATE_NOOP("Actions", "Window")


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do.

    `keys` are bound to it; a key without a modifier is silent while text is typed. `also` are keys that the
    focused list or dialog answers by itself; they are shown only. With `repeats` a key that is held does it again.
    """

    id: str
    text: str
    group: Group
    icon: str = ""
    keys: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def single(self) -> bool:
        """Whether its keys are keys without a modifier that could be typed into a text."""
        return any(len(key) == 1 or key in _TYPED for key in self.keys)


_TYPED = ("Space", "Delete", "Esc")
_R, _T, _S, _W = Group.RECORDING, Group.TASKS, Group.SESSIONS, Group.WINDOW

TABLE = (
    Action("run.toggle", QT_TRANSLATE_NOOP("Actions", "Start, stop, new trial"), _R, "play", ("Space",)),
    Action("run.discard", QT_TRANSLATE_NOOP("Actions", "Discard this run"), _R, "x", ("Esc",)),
    Action("rate.success", QT_TRANSLATE_NOOP("Actions", "Rate: success"), _R, "circle-check", ("1",)),
    Action("rate.partial", QT_TRANSLATE_NOOP("Actions", "Rate: partial"), _R, "contrast", ("2",)),
    Action("rate.failed", QT_TRANSLATE_NOOP("Actions", "Rate: failed"), _R, "octagon-x", ("3",)),
    Action("rate.not_tested", QT_TRANSLATE_NOOP("Actions", "Rate: not tested"), _R, "skip-forward", ("0",)),
    Action("rate.refused", QT_TRANSLATE_NOOP("Actions", "Rate: refused"), _R, "ban", ("9",)),
    Action("side.left", QT_TRANSLATE_NOOP("Actions", "Left side"), _R, keys=("L",)),
    Action("side.both", QT_TRANSLATE_NOOP("Actions", "Both sides"), _R, keys=("B",)),
    Action("side.right", QT_TRANSLATE_NOOP("Actions", "Right side"), _R, keys=("R",)),
    Action("task.next", QT_TRANSLATE_NOOP("Actions", "Next task"), _T, "", ("J",), ("Down",)),
    Action("task.previous", QT_TRANSLATE_NOOP("Actions", "Previous task"), _T, "", ("K",), ("Up",)),
    Action("task.add", QT_TRANSLATE_NOOP("Actions", "Add task"), _T, "plus", ("Ctrl+T",)),
    Action(
        "task.repeat",
        QT_TRANSLATE_NOOP("Actions", "Repeat task as a new trial"),
        _T,
        "rotate-ccw",
        ("Ctrl+Shift+T",),
    ),
    Action("task.side", QT_TRANSLATE_NOOP("Actions", "Change side…"), _T, "", ("Ctrl+Shift+S",)),
    Action("task.note", QT_TRANSLATE_NOOP("Actions", "Note for this task"), _T, "sticky-note", ("N",)),
    Action("task.delete", QT_TRANSLATE_NOOP("Actions", "Delete"), _T, "trash-2", ("Delete",)),
    Action(
        "field.edit",
        QT_TRANSLATE_NOOP("Actions", "Edit field or metric"),
        _T,
        "pencil",
        ("F2",),
        ("Return",),
    ),
    Action("edit.undo", QT_TRANSLATE_NOOP("Actions", "Undo"), _T, "undo-2", ("Ctrl+Z",), repeats=True),
    Action("edit.redo", QT_TRANSLATE_NOOP("Actions", "Redo"), _T, "", ("Ctrl+Shift+Z",), repeats=True),
    Action("session.new", QT_TRANSLATE_NOOP("Actions", "New session"), _S, "plus", ("Ctrl+N",)),
    Action("session.delete", QT_TRANSLATE_NOOP("Actions", "Delete session"), _S, "trash-2"),
    Action("session.sign_off", QT_TRANSLATE_NOOP("Actions", "Sign off session"), _S, "shield-check"),
    Action(
        "session.history", QT_TRANSLATE_NOOP("Actions", "History of a record…"), _S, "history", ("Ctrl+H",)
    ),
    Action("session.belongs", QT_TRANSLATE_NOOP("Actions", "Belongs to another child…"), _S, "users"),
    Action("session.deleted", QT_TRANSLATE_NOOP("Actions", "Deleted records…"), _S, "rotate-ccw"),
    Action("session.progress", QT_TRANSLATE_NOOP("Actions", "Progress…"), _S, "chart-line", ("Ctrl+G",)),
    Action("session.export", QT_TRANSLATE_NOOP("Actions", "Export…"), _S, "file-down", ("Ctrl+E",)),
    Action("session.import", QT_TRANSLATE_NOOP("Actions", "Import…"), _S, "download", ("Ctrl+I",)),
    Action("session.print", QT_TRANSLATE_NOOP("Actions", "Print report…"), _S, "printer", ("Ctrl+P",)),
    Action("session.search", QT_TRANSLATE_NOOP("Actions", "Search"), _S, "search", ("Ctrl+F",)),
    Action("session.leave_search", QT_TRANSLATE_NOOP("Actions", "Leave search"), _S, also=("Esc",)),
    Action("pane.next", QT_TRANSLATE_NOOP("Actions", "Next pane"), _W, "", ("F6",), repeats=True),
    Action(
        "pane.previous", QT_TRANSLATE_NOOP("Actions", "Previous pane"), _W, "", ("Shift+F6",), repeats=True
    ),
    Action(
        "pane.sessions",
        QT_TRANSLATE_NOOP("Actions", "Show or hide sessions"),
        _W,
        "panel-left",
        ("Ctrl+B",),
    ),
    Action("pane.metrics", QT_TRANSLATE_NOOP("Actions", "Show or hide metrics"), _W, "", ("Ctrl+M",)),
    Action("dialog.accept", QT_TRANSLATE_NOOP("Actions", "Press the main button"), _W, also=("Ctrl+Return",)),
    Action("window.menu", QT_TRANSLATE_NOOP("Actions", "Menu"), _W, "menu", ("F10",)),
    Action("window.settings", QT_TRANSLATE_NOOP("Actions", "Settings"), _W, "settings", ("Ctrl+,",)),
    Action("window.shortcuts", QT_TRANSLATE_NOOP("Actions", "Keyboard shortcuts"), _W, "keyboard", ("F1",)),
    Action("window.about", QT_TRANSLATE_NOOP("Actions", "About Kinelog"), _W, "info"),
    Action("window.lock", QT_TRANSLATE_NOOP("Actions", "Lock"), _W, "lock", ("Ctrl+L",)),
    Action("window.quit", QT_TRANSLATE_NOOP("Actions", "Quit"), _W, "", ("Ctrl+Q",)),
)

# What would lead away from a run that is being timed, or keep its keys from the recorder.
AT_REST = (
    "session.new",
    "session.delete",
    "session.sign_off",
    "session.history",
    "session.belongs",
    "session.deleted",
    "session.progress",
    "session.export",
    "session.import",
    "session.print",
    "session.search",
    "task.add",
    "task.repeat",
    "task.side",
    "task.note",
    "edit.undo",
    "edit.redo",
    "window.menu",
    "window.settings",
    "window.shortcuts",
    "window.about",
    "window.lock",
)


class Shortcut(NamedTuple):
    """A line of the page of shortcuts: what is done, and its keys as this platform writes them."""

    text: str
    keys: tuple[str, ...]


class Actions(QObject):
    """The actions of one page of the window; each appears when it is connected.

    Keys without a modifier belong to the text while an editor has the focus, and Space to a focused button.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._held = False
        self._table = {entry.id: entry for entry in TABLE}
        self._made = {entry.id: self._make(entry) for entry in TABLE}
        self._digits = {key: entry.id for entry in TABLE for key in entry.keys if key.isdigit()}
        owner.addActions(list(self._made.values()))
        owner.installEventFilter(self)
        self._bind(QApplication.focusWidget())
        _application().focusChanged.connect(self._focus_moved)

    def action(self, name: str) -> QAction:
        """Return the action for a menu or a button; KeyError for an unknown one, here and below."""
        return self._made[name]

    def connect_to(self, name: str, handler: Callable[[], object]) -> None:
        """Call `handler` when the action is triggered, and let it appear."""
        made = self._made[name]
        made.triggered.connect(lambda _checked=False: handler())
        made.setVisible(True)

    def enable(self, name: str, enabled: bool) -> None:
        """Let the action be triggered, or not."""
        self._made[name].setEnabled(enabled)

    def hold(self, held: bool) -> None:
        """Let keys without a modifier do nothing, or something again."""
        self._held = held
        self._bind(QApplication.focusWidget())

    def set_recording(self, running: bool) -> None:
        """While a run is timed, let nothing be triggered that would lead away from it."""
        for name in AT_REST:
            self.enable(name, not running)

    def key(self, name: str) -> str:
        """Return the action's first key as this platform writes it, empty when it has none."""
        entry = self._table[name]
        return _native(entry.keys[0]) if entry.keys else ""

    def shortcuts(self) -> list[tuple[str, list[Shortcut]]]:
        """Return what the page of shortcuts shows: the headings with the keys of what is connected."""
        page: list[tuple[str, list[Shortcut]]] = []
        for group in Group:
            lines = [
                Shortcut(_tr(entry.text), tuple(_native(key) for key in entry.keys + entry.also))
                for entry in TABLE
                if entry.group is group and self._is_listed(entry)
            ]
            if lines:
                page.append((_tr(group.value), lines))
        return page

    def draw_icons(self) -> None:
        """Draw the icons in the colours of the theme; to be called before they are shown."""
        for entry in TABLE:
            if entry.icon:
                self._made[entry.id].setIcon(icon(entry.icon))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Rate by the place of the digit keys, where the keyboard prints other signs on them."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        rating = self._digits.get(digit_by_place(event) or "")
        if rating is None or self._held or takes_text(QApplication.focusWidget()):
            return False
        event.accept()
        if not event.isAutoRepeat() and self._made[rating].isVisible():
            self._made[rating].trigger()
        return True

    def _make(self, entry: Action) -> QAction:
        made = QAction(_tr(entry.text), self)
        made.setObjectName(entry.id)
        made.setAutoRepeat(entry.repeats)
        made.setVisible(False)
        return made

    def _is_listed(self, entry: Action) -> bool:
        shown_only = bool(entry.also) and not entry.keys
        return shown_only or (bool(entry.keys) and self._made[entry.id].isVisible())

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        self._bind(now)

    def _bind(self, focus: QWidget | None) -> None:
        """Give each action the keys that are not the focused widget's own."""
        typing, pressing = self._held or takes_text(focus), takes_space(focus)
        for entry in TABLE:
            taken = (typing and entry.single) or (pressing and "Space" in entry.keys)
            keys = () if taken else entry.keys
            if len(keys) != len(self._made[entry.id].shortcuts()):
                self._made[entry.id].setShortcuts([QKeySequence(key) for key in keys])


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("actions need an application")  # noqa: TRY004 - not a matter of a caller's type
    return app
