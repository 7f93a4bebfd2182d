"""Fonts, icons and pictures, read as bytes."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def place(*path: str) -> Traversable:
    """Return where something bundled lies; the fonts are those of the reports too, and lie beside them."""
    return files("desktop" if path[0] == "fonts" else __name__).joinpath(*path)


def read(*path: str) -> bytes:
    """The bytes of one bundled file, such as `read("icons", "check.svg")`."""
    return place(*path).read_bytes()
