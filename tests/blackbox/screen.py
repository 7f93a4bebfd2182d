"""A desktop of the tests' own: a virtual screen with a keyboard and a mouse, a D-Bus session, accessibility.

Nothing is typed into, or shown on, the screen of whoever runs the tests.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.blackbox.a11y import Node

SIZE = "1366x768x24"
PROGRAMS = ("Xvfb", "dbus-daemon", "xdotool", "setpriv")
_UNTIL_WE_END = ("setpriv", "--pdeathsig", "KILL")  # also when the tests are killed
_PHOTOGRAPH = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(sys.argv)
sys.exit(not app.primaryScreen().grabWindow(0).save(sys.argv[1]))
"""
_TOLD_BY_THE_REAL_DESKTOP = (
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "AT_SPI_BUS_ADDRESS",
    "XDG_SESSION_TYPE",
    "LANGUAGE",
)


@dataclass(frozen=True)
class Screen:
    """The running desktop."""

    display: str
    bus_address: str

    def environment(self) -> dict[str, str]:
        """Return the present environment, changed so that a program appears on this desktop."""
        kept = {name: value for name, value in os.environ.items() if name not in _TOLD_BY_THE_REAL_DESKTOP}
        return kept | {
            "LC_ALL": "C.UTF-8",
            "DISPLAY": self.display,
            "DBUS_SESSION_BUS_ADDRESS": self.bus_address,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }

    def press(self, *keys: str) -> None:
        """Press keys one after the other, named as by X: `press("ctrl+n", "Tab", "Return")`."""
        self._keep_focus()
        self._xdotool("key", "--delay", "20", *keys)

    def type(self, text: str) -> None:
        """Type `text` into whatever has the focus."""
        self._keep_focus()
        self._xdotool("type", "--delay", "20", "--", text)

    def click(self, node: Node) -> None:
        """Click into the middle of a widget."""
        x, y, width, height = node.rectangle()
        self._xdotool("mousemove", str(x + width // 2), str(y + height // 2), "click", "1")

    def windows(self) -> list[str]:
        """Return the X numbers of the visible windows, the topmost last."""
        return self._xdotool("search", "--sync", "--maxdepth", "1", "--onlyvisible", "--name", ".").split()

    def photograph(self, path: Path) -> None:
        """Save what the screen shows now as a picture."""
        subprocess.run(
            [sys.executable, "-c", _PHOTOGRAPH, str(path)], env=self.environment(), check=True, timeout=30
        )

    def _keep_focus(self) -> None:
        """Give the keyboard to the topmost window when no window has it: there is no window manager to do that."""
        if not self._has_focus():
            self._xdotool("windowfocus", "--sync", self.windows()[-1])

    def _has_focus(self) -> bool:
        """Tell whether a window with a title has the keyboard, not the screen's own one."""
        try:
            return bool(self._xdotool("getwindowfocus", "-f", "getwindowname").strip())
        except subprocess.CalledProcessError:  # it has just gone
            return False

    def _xdotool(self, *arguments: str) -> str:
        finished = subprocess.run(
            ["xdotool", *arguments],
            env=self.environment(),
            check=True,
            text=True,
            capture_output=True,
            timeout=30,
        )
        return finished.stdout


@contextmanager
def virtual_screen() -> Iterator[Screen]:
    """Start a desktop and end it with everything that was started on it; LookupError when a program is missing."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise LookupError(f"Missing: {', '.join(missing)}; ./run test installs what the tests need")
    with ExitStack() as started:
        number = started.enter_context(
            _announced("Xvfb", "-displayfd", "{pipe}", "-screen", "0", SIZE, "-nolisten", "tcp")
        )
        display = f":{number}"
        address = started.enter_context(
            _announced("dbus-daemon", "--session", "--nofork", "--print-address={pipe}", display=display)
        )
        yield Screen(display, address)


@contextmanager
def _announced(*command: str, display: str = "") -> Iterator[str]:
    """Run a server, and give the line that it writes into the pipe named in its command once it is ready."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [word.format(pipe=writing) for word in (*_UNTIL_WE_END, *command)],
        env=os.environ | {"DISPLAY": display},
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            line = pipe.readline().strip()
        if not line:
            raise RuntimeError(f"{command[0]} did not start")
        yield line
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
