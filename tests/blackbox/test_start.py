"""How the program starts and ends: README's first command, a second start, files that are not ours."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from desktop.paths import Paths
from tests.blackbox.a11y import Node, Refused, look_until
from tests.blackbox.clinician import PASSPHRASE, Clinician
from tests.blackbox.database import FILE
from tests.blackbox.program import ROOT, Program
from tests.blackbox.screen import Screen
from tests.helpers.login_keyring import login_keyring
from tests.helpers.vaults import unlocked
from tests.helpers.waiting import eventually

CANARY = "Zebulon Quackenbush"
LETTERS = 8  # different ones in the sentence that is looked at; boxes instead of letters are all the same
DARK = 128
Shape = tuple[tuple[bool, ...], ...]


def letters(screen: Screen, line: Node, picture: Path) -> set[Shape]:
    """Return the shapes of the dark signs in a line of text."""
    screen.photograph(picture)
    shown = QImage(str(picture)).copy(*line.rectangle())
    columns = [
        tuple(shown.pixelColor(x, y).lightness() < DARK for y in range(shown.height()))
        for x in range(shown.width())
    ]
    shapes: set[Shape] = set()
    sign: list[tuple[bool, ...]] = []
    for column in columns:
        if any(column):
            sign.append(column)
        elif sign:
            shapes.add(tuple(sign))
            sign = []
    return shapes


def test_run_opens_a_window_with_letters_and_ends_when_told_to(
    new_program: Callable[..., Program], tmp_path: Path
) -> None:
    kinelog = new_program((str(ROOT / "run"), "-n"))
    line = kinelog.start().find("label", "What is your name?")
    eventually(lambda: len(letters(kinelog.screen, line, tmp_path / "screen.png")) >= LETTERS)
    assert kinelog.end() == 0


def test_ctrl_q_ends_it_and_leaves_no_process(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    program.screen.press("ctrl+q")
    assert program.wait() == 0


def test_closing_before_a_name_was_given_ends_it_too(program: Program) -> None:
    program.reach().find("text", "Your name")
    assert program.end() == 0


def test_a_second_start_raises_the_window_of_the_first(new_program: Callable[..., Program]) -> None:
    first, other = new_program(data="first"), new_program(data="other")
    first.start().find("text", "Your name")
    (window,) = first.screen.windows()
    other.start().find("text", "Your name")
    eventually(lambda: first.screen.windows()[-1] != window)
    assert first.start_again() == 0
    eventually(lambda: first.screen.windows()[-1] == window)
    assert first.is_running()


def damaged() -> bytes:
    return bytes(range(256)) * 64


def foreign(folder: Path) -> bytes:
    path = folder / "foreign"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE recipes (title TEXT)")
        db.execute("INSERT INTO recipes VALUES ('Pancakes')")
    db.close()
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["damaged", "foreign"])
def test_a_file_that_cannot_be_opened_is_said_and_stays_as_it_is(
    new_program: Callable[..., Program], tmp_path: Path, kind: str
) -> None:
    kinelog = new_program()
    unlocked(Paths(kinelog.data))
    content = damaged() if kind == "damaged" else foreign(tmp_path)
    (kinelog.data / FILE).write_bytes(content)
    window = kinelog.start()
    window.find("text", "Passphrase for Lena Okafor")
    kinelog.screen.type(PASSPHRASE)
    kinelog.screen.press("Return")
    window.find("label", "The records cannot be opened")
    window.find("label", str(kinelog.data / FILE))
    window.find("push button", "Try again").do()
    window.find("push button", "Quit")
    assert kinelog.end() == 0
    assert (kinelog.data / FILE).read_bytes() == content
    assert [file.name for file in kinelog.data.glob("*sqlite*")] == [FILE]


def test_a_wrong_passphrase_opens_nothing_and_says_so(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    clinician.begin_session(child=CANARY, age="8")
    clinician.wait_until_saved()
    program.restart()
    window = Clinician.at(program).window
    window.find("text", "Passphrase for Lena Okafor")
    program.screen.type("not those words")
    program.screen.press("Return")
    window.find("label", containing="That passphrase is not right.")
    assert CANARY not in window.outline()
    window.find("push button", containing="Unlock")
    program.screen.type(PASSPHRASE)
    program.screen.press("Return")
    window.find("push button", f"Name, {CANARY}")


def fresh(program: Program, before: Node) -> Node:
    """Return the program once another process of it has taken the place of the one before."""

    def is_another() -> bool:
        with suppress(Refused, LookupError):
            return program.reach() != before and bool(program.reach().children())
        return False

    eventually(is_another, timeout=30)
    return program.reach()


def test_a_locked_window_shows_no_name_and_the_same_session_afterwards(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    clinician.begin_session(child=CANARY, age="8")
    clinician.begin_session(child="John Doe", age="6")
    program.screen.press("ctrl+f")
    program.screen.type("zebulon")
    program.screen.press("Return", "Return")
    clinician.window.find("push button", f"Name, {CANARY}")
    clinician.wait_until_saved()
    program.screen.press("ctrl+n")
    dialog = clinician.window.find("dialog", "New session")
    look_until(lambda: clinician.focused(dialog) == "Child")
    program.screen.type(f"{CANARY} the second")
    program.screen.press("ctrl+l")
    window = fresh(program, clinician.window)
    window.find("label", "The session you were recording is still open and saved.")
    for shown in (window.outline(), *program.surroundings()):
        assert not [name for name in CANARY.split() if name in shown]
    assert window.children()[0].name() == "Kinelog – locked"
    program.screen.type(PASSPHRASE)
    program.screen.press("Return")
    window.find("push button", f"Name, {CANARY}")
    field = window.find("dialog", "New session").find("text", "Child")
    look_until(lambda: field.text() == f"{CANARY} the second")
    program.screen.press("Escape")
    look_until(lambda: not [node for node in window.walk() if node.role() == "dialog"])
    program.screen.press("ctrl+q")
    assert program.wait() == 0


def test_the_computers_keyring_opens_the_records_where_somebody_wants_it(
    program: Program, tmp_path: Path
) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    clinician.begin_session(child=CANARY, age="8")
    clinician.wait_until_saved()
    with login_keyring(program.screen.bus_address, tmp_path):
        program.screen.press("ctrl+comma")
        settings = clinician.window.find("dialog", "Settings")
        settings.find("list item", "Security")
        program.screen.press("Home", "Down", "Down")
        program.screen.click(settings.find("radio button", "On"))
        clinician.window.find("dialog", "Use this computer’s keyring?")
        program.screen.type(PASSPHRASE)
        program.screen.press("Return")
        look_until(lambda: "Use this computer’s keyring?" not in clinician.window.outline())
        assert "checked" in settings.find("radio button", "On").states()
        program.screen.press("Escape")
        clinician.window.find("cell")
        program.screen.press("ctrl+l")
        window = fresh(program, clinician.window)
        window.find("push button", "Use this computer’s keyring").do()
        window.find("push button", f"Name, {CANARY}")
    assert program.end() == 0


def test_no_log_and_no_output_names_the_child(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    clinician.begin_session(child=CANARY, age="8", height="130.5", weight="28.0")
    clinician.start_run()
    clinician.rate("success")
    clinician.wait_until_saved()
    program.screen.press("ctrl+q")
    assert program.wait() == 0
    logs = list((program.data / "logs").iterdir())
    assert logs
    written = [program.output.read_text(), *(log.read_text() for log in logs)]
    assert not [text for text in written for name in CANARY.split() if name in text]
    assert program.output.read_text() == ""
