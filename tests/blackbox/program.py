"""The real program in a process of its own, started, killed and started again."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.blackbox.a11y import Bus, Node
from tests.blackbox.screen import Screen

ROOT = Path(__file__).parents[2]
FROM_SOURCE = (sys.executable, "-m", "ui.app")
END_SECONDS = 20.0


@dataclass
class Program:
    """Kinelog on a virtual screen, with its data in `data`; what it prints goes to `output`."""

    screen: Screen
    bus: Bus
    data: Path
    output: Path
    command: tuple[str, ...] = FROM_SOURCE
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> Node:
        """Start it and return it as soon as its window can be reached."""
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [*self.command, "--data-dir", str(self.data)],
                cwd=ROOT,
                env=self.screen.environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self.reach()

    def reach(self) -> Node:
        """Return the running program as assistive technology sees it."""
        try:
            return self.bus.program(self._running().pid)
        except LookupError as error:
            error.add_note(f"It printed:\n{self.output.read_text(errors='replace')}")
            raise

    def kill(self) -> None:
        """End it as a power cut does: SIGKILL, no chance to write anything."""
        os.killpg(self._running().pid, signal.SIGKILL)
        self._running().wait()
        self._process = None

    def abort(self) -> None:
        """End it as a fault of its own does: it may write down where it was."""
        os.kill(self._running().pid, signal.SIGABRT)
        self._running().wait(END_SECONDS)
        self._process = None

    def end(self) -> int:
        """Ask it to end, as the desktop does at logging out, and return its exit code."""
        self._running().terminate()
        return self.wait()

    def wait(self) -> int:
        """Return its exit code once it has ended; AssertionError when it leaves a process behind."""
        group = self._running().pid
        code = self._running().wait(END_SECONDS)
        self._process = None
        assert not _is_there(group), "A process was left behind"
        return code

    def start_again(self) -> int:
        """Start it a second time on the same data, and return the second one's exit code."""
        second = subprocess.run(
            [*self.command, "--data-dir", str(self.data)],
            cwd=ROOT,
            env=self.screen.environment(),
            timeout=END_SECONDS,
            check=False,
        )
        return second.returncode

    def restart(self) -> Node:
        """Kill it and start it on the same data."""
        self.kill()
        return self.start()

    def pid(self) -> int:
        """Return the number of the running process."""
        return self._running().pid

    def surroundings(self) -> list[str]:
        """Return what others see of it: command lines, environments, settings."""
        group = self._running().pid
        processes = [
            path for path in Path("/proc").iterdir() if path.name.isdecimal() and _group(path) == group
        ]
        assert processes
        files = [path / name for path in processes for name in ("cmdline", "environ")]
        return [path.read_text(errors="replace") for path in (*files, *self.data.glob("*.json"))]

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def clear_away(self) -> None:
        """Leave no process behind, whatever happened."""
        if self._process is not None:
            self.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "Kinelog was not started"
        return self._process


def _group(process: Path) -> int | None:
    try:
        return os.getpgid(int(process.name))
    except ProcessLookupError:
        return None


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
