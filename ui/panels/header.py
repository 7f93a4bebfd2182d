"""The header: who we are, search, a new session, the menu."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSizePolicy

from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox
from ui.widgets.line_edit import LineEdit
from ui.widgets.logo import Logo

SEARCH_WIDTH = 420
SEARCH_LEAST = 160
_TO_LIST = frozenset({Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter})


class SearchField(LineEdit):
    """What to search for. Esc clears and leaves it, Down and Enter lead to what was found."""

    left = Signal()
    list_wanted = Signal()

    def __init__(self, *, name: str, key: str) -> None:
        super().__init__(name=name, icon="search", key=key, placeholder=name, max_length=200)
        self.setProperty("role", "search")
        self.setMinimumWidth(SEARCH_LEAST)
        self.setMaximumWidth(SEARCH_WIDTH)
        self._clear = Button(icon="x", kind="icon", name=self.tr("Clear search"), icon_size=18)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.clicked.connect(self.clear)
        self._clear.hide()
        self.setLayout(hbox(None, self._clear))
        self.textChanged.connect(self._offer_to_clear)

    def event(self, event: QEvent) -> bool:
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # or else a shortcut of the window would take it
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif event.key() in _TO_LIST:
            self.list_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _offer_to_clear(self, text: str) -> None:
        self._clear.setVisible(bool(text))


class Header(QFrame):
    """The top of the window.

    `search_changed` comes with each change of the search, `search_left` after Esc, `list_wanted` when what was
    found is to be gone through.
    """

    search_changed = Signal(str)
    search_left = Signal()
    list_wanted = Signal()
    new_session = Signal()
    sessions_toggled = Signal()
    lock_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("pane", "header")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        sessions_key = key_text("Ctrl+B")
        self.sessions_button = Button(
            icon="panel-left", kind="icon", name=self.tr("Sessions"), key=sessions_key, directional=True
        )
        self.search = SearchField(name=self.tr("Search children and notes"), key=key_text("Ctrl+F"))
        self.new_button = Button(self.tr("New session"), icon="plus", kind="primary", key=key_text("Ctrl+N"))
        self.lock_button = Button(icon="lock", kind="icon", name=self.tr("Lock"), key=key_text("Ctrl+L"))
        self.menu_button = Button(icon="menu", kind="icon", name=self.tr("Menu"), key=key_text("F10"))
        brand = hbox(self.sessions_button, Logo(), label("Kinelog", "title"), spacing=8)
        buttons = (self.new_button, self.lock_button, self.menu_button)
        self._row = hbox(brand, 16, (self.search, 4), (hbox(None), 1), *buttons, spacing=8)
        self.setLayout(self._row)
        self._connect()
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Be lower, with a button for the sessions, in a small window."""
        self.setFixedHeight(HEIGHT.header_small if compact else HEIGHT.header)
        self._row.set_margins((12, 0, 12, 0) if compact else (20, 0, 12, 0))
        self.sessions_button.setVisible(compact)
        self.search.setPlaceholderText(self.tr("Search") if compact else self.tr("Search children and notes"))

    def set_primary(self, primary: bool) -> None:
        """Make "New session" the primary button, or a plain one where the view has its own."""
        self.new_button.set_kind("primary" if primary else "secondary")

    def set_recording(self, running: bool) -> None:
        """While a run is recorded nothing leads away from it, and keys stay with the recorder."""
        self.new_button.setEnabled(not running)
        self.search.setEnabled(not running)
        self.lock_button.setEnabled(not running)

    def focus_search(self) -> None:
        """Go to the search and select what it holds."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def clear_search(self) -> None:
        """Search for nothing."""
        self.search.clear()

    def _connect(self) -> None:
        self.sessions_button.clicked.connect(self.sessions_toggled)
        self.search.textChanged.connect(self.search_changed)
        self.search.left.connect(self.search_left)
        self.search.list_wanted.connect(self.list_wanted)
        self.new_button.clicked.connect(self.new_session)
        self.lock_button.clicked.connect(lambda _checked: self.lock_wanted.emit())
