"""Looking at what was painted."""

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from ui import theme


def colours(image: QImage) -> set[str]:
    """Every colour of a picture, as #rrggbb."""
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def colours_of(widget: QWidget) -> set[str]:
    """Every colour of a control as it would be painted now."""
    return colours(widget.grab().toImage())


def token(name: str) -> str:
    """A colour of the theme, as #rrggbb."""
    return theme.color(name).name()
