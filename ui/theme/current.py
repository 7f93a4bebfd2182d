"""What the window looks like now: one value for the whole application."""

from dataclasses import dataclass

from PySide6.QtGui import QColor

from ui.theme.tokens import LIGHT, Tokens


@dataclass(frozen=True)
class Look:
    """The tokens in use, the text size as a factor, and the reading direction."""

    tokens: Tokens = LIGHT
    text_scale: float = 1.0
    right_to_left: bool = False


_current = Look()


def look() -> Look:
    """The look in use; read it when painting, never keep it."""
    return _current


def wear(new: Look) -> None:
    """Replace the look; only ThemeManager calls this, since Qt must be told as well."""
    global _current  # noqa: PLW0603 - one application has one look
    _current = new


def tokens() -> Tokens:
    """The tokens in use."""
    return _current.tokens


def color(name: str) -> QColor:
    """The colour of a token such as "accent"; AttributeError for an unknown one."""
    return QColor(getattr(_current.tokens, name))
