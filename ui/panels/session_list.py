"""The list of sessions: arrows move the current row, the selected row is the open session."""

from uuid import UUID

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from ui.models.sessions import SessionsModel
from ui.panels.session_delegate import SessionDelegate, heading_height, row_height

Index = QModelIndex | QPersistentModelIndex
_NO_UPDATE = QItemSelectionModel.SelectionFlag.NoUpdate
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class SessionList(QTableView):
    """One column of sessions and headings. A table, because it measures 100,000 rows without asking for each.

    While a search runs the rows of the former one are still shown: Enter waits for what is found.
    """

    chosen = Signal(UUID)

    def __init__(self, model: SessionsModel, *, name: str) -> None:
        super().__init__()
        self._model = model
        self._current: UUID | None = None
        self._open: UUID | None = None
        self._chooses_found = False
        self._delegate = SessionDelegate(model, self)
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self._dress()
        self.clicked.connect(self._choose)
        model.loaded.connect(self._loaded)

    def current(self) -> UUID | None:
        """Return the session in the current row, None while a search runs."""
        return None if self._model.is_finding else self._model.id_at(self.currentIndex().row())

    def select(self, session_id: UUID | None) -> None:
        """Mark a session as the open one and make its row the current one; None marks none."""
        self._open = session_id
        if session_id is not None:
            self._current = session_id
            self._set_current(session_id)
        self._mark()

    def take_focus(self) -> None:
        """Focus the list, on the open session or the first one."""
        if not self.currentIndex().isValid():
            self._set_current(self._open)
        self._go_to_first()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def selectionCommand(
        self, index: Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        return _NO_UPDATE

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        if action == QAbstractItemView.CursorAction.MoveHome:
            return self._edge(first=True)
        if action == QAbstractItemView.CursorAction.MoveEnd:
            return self._edge(first=False)
        return super().moveCursor(action, modifiers)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts of the window; the header's field searches."""

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._current = self._model.id_at(current.row()) or self._current

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._show_focus(True)
        is_enter = event.key() in _ENTER
        self._chooses_found = is_enter and self._model.is_finding
        if self._chooses_found:
            return
        if is_enter and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_focus(False)
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._show_focus(True)
        super().focusInEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._measure()

    def _dress(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        self._measure()

    def _measure(self) -> None:
        """Give every row its height at the text size in use."""
        header = self.verticalHeader()
        header.setDefaultSectionSize(row_height())
        for row in self._model.heading_rows():
            header.resizeSection(row, heading_height())

    def _loaded(self) -> None:
        self._measure()
        if not self.currentIndex().isValid():
            self._set_current(self._current)
        if self.hasFocus():
            self._go_to_first()
        self._mark()
        chooses, self._chooses_found = self._chooses_found, False
        if chooses and self.hasFocus():
            self._choose(self.currentIndex())

    def _go_to_first(self) -> None:
        """Make the first row the current one when there is none; a later list still returns to the former."""
        if not self.currentIndex().isValid():
            former = self._current
            self.selectionModel().setCurrentIndex(self._edge(first=True), _NO_UPDATE)
            self._current = former

    def _mark(self) -> None:
        row = self._model.row_of(self._open) if self._open else None
        if row is None:
            self.selectionModel().clearSelection()
        else:
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(self._model.index(row, 0), flag)

    def _set_current(self, session_id: UUID | None) -> None:
        row = self._model.row_of(session_id) if session_id else None
        if row is not None:
            self.selectionModel().setCurrentIndex(self._model.index(row, 0), _NO_UPDATE)

    def _edge(self, *, first: bool) -> QModelIndex:
        rows = range(self._model.rowCount())
        ordered = rows if first else reversed(rows)
        found = next((row for row in ordered if self._model.id_at(row)), None)
        return QModelIndex() if found is None else self._model.index(found, 0)

    def _choose(self, index: QModelIndex) -> None:
        session_id = self._model.id_at(index.row())
        if session_id is not None:
            self.chosen.emit(session_id)

    def _show_focus(self, shown: bool) -> None:
        self._delegate.shows_focus = shown
        self.viewport().update()
