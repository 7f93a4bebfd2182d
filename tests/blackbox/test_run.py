"""README's first command."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QImage

from tests.blackbox.a11y import Node
from tests.blackbox.program import ROOT, Program
from tests.blackbox.screen import Screen
from tests.helpers.waiting import eventually

MORE_COLOURS_THAN_AN_EMPTY_WINDOW = 8


def colours(screen: Screen, window: Node, picture: Path) -> set[int]:
    screen.photograph(picture)
    x, y, width, height = window.rectangle()
    shown = QImage(str(picture)).copy(x, y, width, height)
    return {shown.pixel(column, row) for column in range(0, width, 4) for row in range(0, height, 4)}


def test_run_opens_a_window_that_paints(new_program: Callable[..., Program], tmp_path: Path) -> None:
    kinelog = new_program((str(ROOT / "run"), "-n"))
    window = kinelog.start().find("frame")
    picture = tmp_path / "screen.png"
    eventually(
        lambda: len(colours(kinelog.screen, window, picture)) >= MORE_COLOURS_THAN_AN_EMPTY_WINDOW,
        timeout=30,
    )
