"""The dialog that begins a session."""

from collections.abc import Callable, Mapping
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from desktop.core import Core
from desktop.errors import AppError, NotFound
from desktop.listing import ChildLine, child_of
from desktop.services.recording import begin_session
from ui.dialogs.middle import Middle
from ui.dialogs.session_draft import KNOWN, content_of, put_back
from ui.dialogs.session_form import SessionForm
from ui.operations import Operations, Progress
from ui.theme import HEIGHT
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import Box, hbox, vbox

WIDTH = 680
PADDING = 28
ID = "id"
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class NewSessionDialog(QDialog):
    """Asks what a session needs and stores it; `begun` gives its id, then the dialog closes.

    When it cannot be stored the dialog stays with all that was entered, and says why.
    """

    begun = Signal(UUID)

    def __init__(
        self, parent: QWidget | None, *, core: Core, operations: Operations, actor: UUID, site: str = ""
    ) -> None:
        super().__init__(parent)
        self._core, self._operations, self._actor = core, operations, actor
        self._session_id = core.clock.new_id()  # the same for every try, so that none makes a second session
        self._storing = False
        self.setWindowTitle(self.tr("New session"))
        self.setProperty("ground", "surface")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.form = SessionForm(core=core, operations=operations, actor=actor, site=site)
        self._subtitle = label(role="lead", tone="muted", wrap=True)
        self._trouble_icon = IconLabel("circle-alert", "bad")
        self._trouble = label(tone="bad", wrap=True)
        self.cancel_button = Button(self.tr("Cancel"), key=key_text("Esc"), height=HEIGHT.dialog_primary)
        self.start_button = Button(
            self.tr("Start session"),
            kind="primary",
            key=key_text("Ctrl+Return"),
            height=HEIGHT.dialog_primary,
        )
        page = vbox(self.form, margins=(PADDING, 20, PADDING, 20))
        self._middle = Middle(self, page, head=self._title(), foot=self._answers(), width=WIDTH)
        self._connect()
        self._show_trouble("")
        self._show_kind()

    def follow_up_of(self, session_id: UUID) -> None:
        """Take over what is known of the child of a session."""
        self._find(session_id)

    def content(self) -> dict[str, str]:
        """Return all that was entered, and the id that the session will have."""
        return {ID: str(self._session_id), **content_of(self.form)}

    def resume(self, content: Mapping[str, str]) -> None:
        """Show what `content` once returned; a session that was stored meanwhile is not stored a second time."""
        self._session_id = UUID(content[ID])
        if not content.get(KNOWN):
            put_back(self.form, content)
            return

        def put() -> None:
            self.form.taken_over.disconnect(put)
            put_back(self.form, content)

        self.form.taken_over.connect(put)
        self._find(UUID(content[KNOWN]), failed=lambda _error: put())

    def start(self) -> None:
        """Store the session, or go to the first place where something is wrong."""
        if self._storing:
            return
        place = self.form.problem()
        if place is not None:
            self.form.focus_problem(place)
            self._middle.show_focus(PADDING)
            return
        self._show_trouble("")
        self._store()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._middle.fit()
        self.form.child.focus_problem()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _ENTER:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.start()
        elif isinstance(self.focusWidget(), QLineEdit):
            self.focusNextChild()  # Enter goes on; only Ctrl+Enter starts

    def reject(self) -> None:
        if not self._storing:
            super().reject()

    def done(self, result: int) -> None:
        self._operations.cancel((self, "child"))
        self.form.forget()
        super().done(result)

    def _find(self, session_id: UUID, failed: Callable[[AppError], None] | None = None) -> None:
        async def find(_progress: Progress) -> ChildLine:
            return await child_of(self._core.database, session_id)

        self._operations.start(
            find,
            title=self.tr("Find the child"),
            key=(self, "child"),
            done=self.form.child.choose,
            failed=failed,
        )

    def _store(self) -> None:
        begin = self.form.begin()
        self._storing = True

        async def store(_progress: Progress) -> UUID:
            try:
                return await begin_session(
                    self._core.database,
                    actor=self._actor,
                    new=begin.new,
                    protocol=begin.protocol,
                    session_id=self._session_id,
                )
            finally:
                self._storing = False

        self._operations.start(
            store,
            title=self.tr("Start the session"),
            busy=self.start_button,
            done=self._stored,
            failed=self._not_stored,
        )

    def _stored(self, session_id: UUID) -> None:
        self.begun.emit(session_id)
        self.accept()

    def _not_stored(self, error: AppError) -> None:
        stays = (
            "" if isinstance(error, NotFound) else self.tr("What you entered stays here. Please try again.")
        )
        self._show_trouble(f"{error} {stays}".strip())
        self._middle.fit()

    def _show_trouble(self, text: str) -> None:
        self._trouble.setText(text)
        for widget in (self._trouble, self._trouble_icon):
            widget.setVisible(bool(text))
        if text:
            announce(self, text, assertive=True)

    def _show_kind(self) -> None:
        self._subtitle.setText(self.form.subtitle())
        self._middle.fit()

    def _connect(self) -> None:
        self.form.changed.connect(self._show_kind)
        self.form.day.edited.connect(self._show_kind)
        self.cancel_button.clicked.connect(self.reject)
        self.start_button.clicked.connect(self.start)

    def _title(self) -> Box:
        close = Button(icon="x", kind="icon", name=self.tr("Close"), key=key_text("Esc"))
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        words = vbox(label(self.tr("New session"), "heading"), self._subtitle, spacing=6)
        return hbox((words, 1), close, margins=(PADDING, 20, 16, 20))

    def _answers(self) -> Box:
        self.cancel_button.setAutoDefault(False)
        self.start_button.setDefault(True)
        trouble = hbox(self._trouble_icon, (self._trouble, 1))
        buttons = hbox(None, self.cancel_button, self.start_button, spacing=12)
        return vbox(trouble, buttons, spacing=12, margins=(PADDING, 16, PADDING, 16))
