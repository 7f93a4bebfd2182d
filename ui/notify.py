"""The one way to speak to the user."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

MOST_ACTIONS = 2

Answer = tuple[str, Callable[[], None]]


class Tone(StrEnum):
    """How grave a message is, the gravest first."""

    BAD = "bad"
    WARN = "warn"
    INFO = "info"


_GRAVITY = {tone: place for place, tone in enumerate(Tone)}


@dataclass(frozen=True, slots=True)
class Message:
    """What the banner says: it stays until its cause, named by `key`, is gone."""

    key: Hashable
    tone: Tone
    title: str
    text: str
    actions: tuple[Answer, ...] = ()
    dismissible: bool = False


@dataclass(frozen=True, slots=True)
class Toast:
    """A short notice that leaves by itself; `undo` takes back what it tells of, or `answer` goes on from it."""

    text: str
    undo: Callable[[], None] | None = None
    answer: Answer | None = None


class Notifier(QObject):
    """Keeps the messages that hold now and passes toasts on; the window's panels show them."""

    messages_changed = Signal()
    toast_requested = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages: dict[Hashable, Message] = {}

    def messages(self) -> tuple[Message, ...]:
        """Return the messages that hold, the gravest first, among equals the newest first."""
        newest_first = reversed(self._messages.values())
        return tuple(sorted(newest_first, key=lambda message: _GRAVITY[message.tone]))

    def raise_(
        self,
        key: Hashable,
        tone: Tone,
        title: str,
        text: str,
        actions: Sequence[Answer] = (),
        *,
        dismissible: bool = False,
    ) -> None:
        """Say that something holds until `clear(key)`; the same key replaces what it said before.

        A message offers at most two actions, to be dismissed is one of them; ValueError with more.
        """
        if len(actions) + dismissible > MOST_ACTIONS:
            raise ValueError("A message offers at most two actions")
        message = Message(key, tone, title, text, tuple(actions), dismissible)
        if self._messages.get(key) == message:
            return
        self._messages.pop(key, None)
        self._messages[key] = message
        self.messages_changed.emit()

    def clear(self, key: Hashable) -> None:
        """Take back the message of `key`, because its cause is gone or the user has read it."""
        if self._messages.pop(key, None) is not None:
            self.messages_changed.emit()

    def error(self, title: str, text: str) -> None:
        """Say that something failed; it stays until it is dismissed or `clear(title)`."""
        self.raise_(title, Tone.BAD, title, text, dismissible=True)

    def warn(self, title: str, text: str) -> None:
        """Warn of something; it stays until it is dismissed or `clear(title)`."""
        self.raise_(title, Tone.WARN, title, text, dismissible=True)

    def info(self, title: str, text: str) -> None:
        """Tell something; it stays until it is dismissed or `clear(title)`."""
        self.raise_(title, Tone.INFO, title, text, dismissible=True)

    def toast(
        self, text: str, undo: Callable[[], None] | None = None, *, answer: Answer | None = None
    ) -> None:
        """Tell in passing what was done, and offer to undo it, or to go on from it."""
        self.toast_requested.emit(Toast(text, undo, answer))
