"""The bundled fonts and the font of each role of text."""

from functools import cache

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QWidget

from ui.resources import place
from ui.theme.current import look
from ui.theme.tokens import TYPE, Role

ROLE = "font_role"


@cache
def load() -> tuple[str, ...]:
    """Give Qt the bundled fonts, once; their families. RuntimeError when one cannot be read."""
    families: set[str] = set()
    for entry in sorted(place("fonts").iterdir(), key=lambda file: file.name):
        if not entry.name.endswith(".ttf"):
            continue
        number = QFontDatabase.addApplicationFontFromData(QByteArray(entry.read_bytes()))
        if number < 0:
            raise RuntimeError(f"the font {entry.name} cannot be read")
        families.update(QFontDatabase.applicationFontFamilies(number))
    return tuple(sorted(families))


def font(role: Role) -> QFont:
    """The font of a role at the text size in use."""
    return QFont(_made(role, look().text_scale, look().right_to_left))


@cache
def _made(role: Role, text_scale: float, right_to_left: bool) -> QFont:
    style = TYPE[role]
    made = QFont(["Inter Display" if style.display else "Inter", "Noto Sans Arabic"])
    made.setPixelSize(round(style.px * text_scale))
    made.setWeight(QFont.Weight(style.weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if style.tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    if style.px >= 24 and not right_to_left:  # spacing would break the joins of Arabic
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98.5)
    return made


def set_font(widget: QWidget, role: Role) -> None:
    """Give a widget the font of a role, and again whenever the text size changes."""
    widget.setProperty(ROLE, role)
    widget.setFont(font(role))


def refresh(widget: QWidget) -> None:
    """Set the font of a widget that was given a role anew."""
    role = widget.property(ROLE)
    if role is not None:
        widget.setFont(font(role))
