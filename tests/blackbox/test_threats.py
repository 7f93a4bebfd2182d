"""The laptop is stolen: whatever the program left, wherever it left it, tells nothing of a child."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.paths import Paths
from desktop.vault import Vault
from desktop.vault_files import VaultFiles
from tests.blackbox.clinician import PASSPHRASE, Clinician
from tests.blackbox.database import FILE
from tests.blackbox.planted import forms, places
from tests.blackbox.program import ROOT, Program
from tests.blackbox.screen import Screen
from tests.blackbox.test_start import fresh
from tests.helpers.waiting import eventually

CHILD, NOTE, OTHER_NOTE = "Quillfeather Zebedee", "wombatgrove", "marzipanlagoon"
# Each word alone too: one may be left where the whole is not.
WORDS = (*CHILD.split(), NOTE, OTHER_NOTE, PASSPHRASE)
KINELOGCTL = Path(sys.executable).with_name("kinelogctl")


@pytest.fixture
def around(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ...]:
    """Every place where the program may leave something: the user's home with the data in it, and temporary files."""
    scratch, runtime = tmp_path / "scratch", tmp_path / "runtime"
    for folder, variable in ((scratch, "TMPDIR"), (runtime, "XDG_RUNTIME_DIR")):
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(folder))
    return home, scratch, runtime


def kinelogctl(
    program: Program, *arguments: object, secret: str = PASSPHRASE
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [KINELOGCTL, "--data-dir", program.data, *map(str, arguments)],
        env=os.environ | {"KINELOG_PASSPHRASE": secret},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_search_finds_a_word_in_every_form_that_it_may_have(tmp_path: Path) -> None:
    """Or else finding nothing would prove nothing."""
    for number, form in enumerate(sorted(forms(NOTE))):
        (tmp_path / str(number)).write_bytes(b"\0" * number + form + b"\0")
    assert {Path(place.rpartition(" ")[2]).name for place in places([NOTE], [tmp_path])} == {
        str(number) for number in range(len(forms(NOTE)))
    }


def test_nothing_that_the_program_leaves_tells_of_a_child(
    program_around: tuple[Program, tuple[Path, ...]], tmp_path: Path
) -> None:
    program, around = program_around
    clinician = Clinician.at(program)
    recovery_key = clinician.introduce("Lena Okafor")
    hidden = (*WORDS, recovery_key, recovery_key.replace("-", ""))

    def is_hidden() -> None:
        assert places(hidden, (*around, program.output)) == []

    keeps_to_itself(program)
    clinician.begin_session(child=CHILD, age="8")
    clinician.write_note(NOTE)
    clinician.start_run()
    clinician.wait_until_saved()
    assert (program.data / f"{FILE}-wal").stat().st_size > 0
    is_hidden()  # while it runs
    program.kill()
    is_hidden()  # after a power cut
    program.start()
    clinician = Clinician.at(program)
    clinician.unlock()
    clinician.window.find("push button", f"Name, {CHILD}")
    program.screen.press("ctrl+l")
    fresh(program, clinician.window).find("text", containing="Passphrase for ")
    is_hidden()  # while it is locked
    keeps_to_itself(program)
    program.abort()
    assert (program.data / "logs" / "faults.log").stat().st_size > 0
    is_hidden()  # after a fault of its own
    program.start()
    clinician = Clinician.at(program)
    clinician.unlock()
    keep_unsaved(program, clinician)
    assert list(program.data.glob("unsaved-*.kinelog"))
    is_hidden()  # after an end that could not save
    program.start()
    Clinician.at(program).unlock()
    assert program.end() == 0
    is_hidden()  # after an end as it should be
    use_the_command_line(program, tmp_path)
    is_hidden()
    is_closed_to_sqlite(program)
    is_the_owners_alone(program)
    opens_by_the_recovery_key_alone(program, recovery_key, tmp_path)


def keeps_to_itself(program: Program) -> None:
    """See that no crash of the running process puts its memory into a file, and that what it makes is its owner's."""
    told = Path(f"/proc/{program.pid()}/limits").read_text()
    (core,) = [line for line in told.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    assert "Umask:\t0077" in Path(f"/proc/{program.pid()}/status").read_text()


def keep_unsaved(program: Program, clinician: Clinician) -> None:
    """Write a note while another program holds the records, and end."""
    files = VaultFiles(Vault(Paths(program.data)).unlock(PASSPHRASE).key)
    with closing(files.connect(program.data / FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        program.screen.press("j")  # on the run that was cut off, its time is asked for in the note's place
        table = clinician.window.find("table", "Tasks")
        eventually(lambda: table.selected_row().name().startswith("Raise hand, right"))
        clinician.write_note(OTHER_NOTE)
        clinician.window.find("push button", containing="not saved yet")
        assert program.end() == 0


def use_the_command_line(program: Program, tmp_path: Path) -> None:
    """Have every command see the names, some of them fail over a file that is full of them."""
    assert CHILD in kinelogctl(program, "sessions", "--search", CHILD).stdout
    (kept,) = program.data.glob("unsaved-*.kinelog")
    assert kinelogctl(program, "import", "--update", kept).returncode == 0
    taken = tmp_path / "taken"
    taken.mkdir()
    exported = taken / "all.json"
    assert kinelogctl(program, "export", "--all", "--format", "json", "--output", exported).returncode == 0
    assert places([NOTE], [taken])
    content = exported.read_text(encoding="utf-8")
    for number, broken in enumerate((content[:-9], content.replace('"child_age":8', '"child_age":800'))):
        file = taken / f"{number}.json"
        file.write_text(broken, encoding="utf-8")
        assert kinelogctl(program, "import", file).returncode == 1
    assert kinelogctl(program, "sessions", secret=f"{CHILD} {NOTE}").returncode == 1
    assert kinelogctl(program, "check", "--json").returncode == 0


def is_closed_to_sqlite(program: Program) -> None:
    path = program.data / FILE
    for command in (".tables", "SELECT * FROM sessions;", ".dump", ".recover"):
        ended = subprocess.run(
            ["sqlite3", "-readonly", path, command], capture_output=True, text=True, timeout=30, check=False
        )
        told = ended.stdout + ended.stderr
        assert "not a database" in told or "encrypted" in told, (command, told)
        assert not [word for word in WORDS if word in told]
    refused = pytest.raises(sqlite3.DatabaseError)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection, refused:
        connection.execute("SELECT count(*) FROM sqlite_master")


def is_the_owners_alone(program: Program) -> None:
    for path in (program.data, *program.data.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def opens_by_the_recovery_key_alone(program: Program, recovery_key: str, tmp_path: Path) -> None:
    """With the folder on another laptop, and one key file of two."""
    other = tmp_path / "other laptop"
    shutil.copytree(program.data, other)
    (other / "keys.json").unlink()
    secret = tmp_path / "print"
    secret.write_text(recovery_key.lower().replace("-", " "))
    program_there = Program(program.screen, program.bus, other, program.output)
    found = kinelogctl(program_there, "--passphrase-file", secret, "sessions", "--search", OTHER_NOTE)
    assert CHILD in found.stdout
    assert kinelogctl(program_there, "--passphrase-file", secret, "audit", "verify").returncode == 0


@pytest.fixture
def program_around(
    around: tuple[Path, ...], new_program: Callable[..., Program]
) -> tuple[Program, tuple[Path, ...]]:
    """Kinelog, started, and every place where it may leave something."""
    program = new_program()
    program.start()
    eventually(program.is_running)
    return program, around


COPYING = """
from PySide6.QtGui import QGuiApplication
from ui.workplace import take_back_what_was_copied

application = QGuiApplication([])
clipboard = QGuiApplication.clipboard()
clipboard.setText("copied from the records")
application.processEvents()
assert clipboard.text()
take_back_what_was_copied()
print(repr(clipboard.text()))
"""


def test_what_was_copied_is_in_no_clipboard_of_a_locked_laptop(screen: Screen) -> None:
    """Qt's screen for tests does not know whose the clipboard is; a real one does."""
    ran = subprocess.run(
        [sys.executable, "-c", COPYING],
        cwd=ROOT,
        env=screen.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == "''\n"
