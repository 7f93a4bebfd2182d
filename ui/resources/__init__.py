"""Fonts, icons and pictures, read as bytes."""

from importlib.resources import files


def read(*path: str) -> bytes:
    """The bytes of one bundled file, such as `read("icons", "check.svg")`."""
    return files(__name__).joinpath(*path).read_bytes()
