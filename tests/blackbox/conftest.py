"""Tests that see only what a user sees: the window, the keyboard, the data folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.blackbox.a11y import Bus
from tests.blackbox.program import FROM_SOURCE, Program
from tests.blackbox.screen import Screen, virtual_screen


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """The tests' own desktop."""
    with virtual_screen() as running:
        yield running


@pytest.fixture(scope="session")
def bus(screen: Screen) -> Iterator[Bus]:
    """The accessibility bus of the tests' own desktop."""
    with Bus(screen.bus_address) as connected:
        yield connected


@pytest.fixture
def new_program(screen: Screen, bus: Bus, home: Path, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Make a program that is not yet started, from any command that opens Kinelog; cleared away at the end."""
    with ExitStack() as made:

        def make(command: tuple[str, ...] = FROM_SOURCE, *, data: str = "kinelog") -> Program:
            program = Program(screen, bus, home / data, tmp_path / "output", command)
            made.callback(program.clear_away)
            return program

        yield make


@pytest.fixture
def program(new_program: Callable[..., Program]) -> Program:
    """Kinelog from source, started, on an empty data folder."""
    kinelog = new_program()
    kinelog.start()
    return kinelog
