"""One window a data folder."""

import os
import signal as signals
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtNetwork import QLocalSocket

import ui
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import signal, until
from ui.instance import LOCK, Instance, server_name

SOURCES = Path(ui.__file__).parents[1]
FIRST = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from ui.instance import Instance
app = QCoreApplication([])
instance = Instance(Path(sys.argv[1]))
instance.raise_wanted.connect(lambda: print("raised", flush=True))
print(instance.is_first(), flush=True)
app.exec()
"""


@contextmanager
def first_window(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a first window in a process of its own until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", FIRST, str(data)],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_first_window_has_the_folder_and_makes_it(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "new" / "kinelog")
    assert instance.is_first()
    assert (tmp_path / "new" / "kinelog" / LOCK).exists()
    instance.release()


def test_a_second_start_raises_the_first_window(tmp_path: Path) -> None:
    with first_window(tmp_path) as process:
        second = Instance(tmp_path)
        assert not second.is_first()
        assert second.raise_first()
        assert process.stdout is not None
        assert process.stdout.readline() == "raised\n"


def test_the_window_is_raised_whichever_way_leads_to_its_folder(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    link.symlink_to(folder)
    with first_window(folder) as process:
        second = Instance(link)
        assert not second.is_first()
        assert second.raise_first()
        assert process.stdout is not None
        assert process.stdout.readline() == "raised\n"


def test_a_folder_whose_name_is_no_text_is_no_reason_not_to_start(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    instance = Instance(folder)
    assert instance.is_first()
    instance.release()


def test_two_folders_have_two_windows(tmp_path: Path) -> None:
    with first_window(tmp_path / "one"):
        other = Instance(tmp_path / "two")
        assert other.is_first()
        other.release()


def test_a_killed_window_does_not_block_the_next(tmp_path: Path) -> None:
    with first_window(tmp_path) as process:
        process.send_signal(signals.SIGKILL)
        process.wait()
    assert (tmp_path / LOCK).exists()
    following = Instance(tmp_path)
    assert following.is_first()
    following.release()


def test_a_lock_whose_process_number_went_to_another_program_does_not_block(tmp_path: Path) -> None:
    with first_window(tmp_path) as process:
        process.kill()
        process.wait()
        left = (tmp_path / LOCK).read_text().splitlines()
    (tmp_path / LOCK).write_text("\n".join([str(os.getpid()), *left[1:]]) + "\n")
    following = Instance(tmp_path)
    assert following.is_first()
    following.release()


def test_a_released_folder_is_free(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    assert instance.is_first()
    instance.release()
    following = Instance(tmp_path)
    assert following.is_first()
    following.release()


async def test_only_the_agreed_word_raises_the_window(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    assert instance.is_first()
    raised: list[bool] = []
    instance.raise_wanted.connect(lambda: raised.append(True))
    for word in (b"hello\n", b"raise\n"):
        caller = QLocalSocket()
        caller.connectToServer(server_name(tmp_path))
        await until(lambda caller=caller: caller.state() == QLocalSocket.LocalSocketState.ConnectedState)
        gone = signal(caller.disconnected)
        caller.write(word)
        await gone
    assert raised == [True]
    instance.release()


def test_nobody_else_can_reach_the_window(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    assert instance.is_first()
    socket = Path(tempfile.gettempdir()) / server_name(tmp_path)
    assert socket.stat().st_mode & 0o077 == 0
    instance.release()
    assert not socket.exists()


def test_a_window_that_does_not_answer_is_not_waited_for(tmp_path: Path, watched_log: WatchedLog) -> None:
    watched_log.allow("does not answer")
    assert not Instance(tmp_path).raise_first()


def test_a_folder_that_cannot_be_made_is_left_to_who_opens_the_records(
    tmp_path: Path, watched_log: WatchedLog
) -> None:
    watched_log.allow("cannot be made")
    (tmp_path / "file").write_text("")
    assert Instance(tmp_path / "file" / "kinelog").is_first()
