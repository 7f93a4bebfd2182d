"""From the command to the first painted window, to being ready, and the memory it takes, beside a bare window."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.measuring import Line, line
from tests.helpers.vaults import PASSPHRASE

ROUNDS = 20
SESSIONS = 10_000
BARE = """
import os, sys, time
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        print("painted", time.time_ns(), flush=True)
        pages = int(open("/proc/self/statm").read().split()[1])
        print("memory", pages * os.sysconf("SC_PAGE_SIZE"), flush=True)
        os._exit(0)
app = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""
OURS = """
import logging, os, sys, time
import ui.app
from ui.shell import Shell
painted = Shell.painted
async def told(self):
    await painted(self)
    print("painted", time.time_ns(), flush=True)
    if sys.argv[1] == "painted":
        os._exit(0)
Shell.painted = told
import importlib
from PySide6.QtCore import QTimer
imported = importlib.import_module
def unlock_at_once(name, *arguments, **named):
    module = imported(name, *arguments, **named)
    if name == "ui.workplace":
        begin = module.UnlockPage.begin
        def enter(page):
            begin(page)
            print("asked", time.time_ns(), flush=True)
            QTimer.singleShot(1000, page, lambda: unlock(page))  # nobody types a passphrase faster
        def unlock(page):
            print("entered", time.time_ns(), flush=True)
            page.form.entered.emit(page.form.chosen().person, sys.argv[3])
        module.UnlockPage.begin = enter
    return module
importlib.import_module = unlock_at_once
class Told(logging.Handler):
    def emit(self, record):
        print("ready", time.time_ns(), flush=True)
        pages = int(open("/proc/self/statm").read().split()[1])
        print("memory", pages * os.sysconf("SC_PAGE_SIZE"), flush=True)
        os._exit(0)
logging.getLogger("kinelog.ready").addHandler(Told())
logging.getLogger("kinelog.ready").setLevel(logging.INFO)
ui.app.main(["--data-dir", sys.argv[2]])
"""


def measure(folder: Path) -> list[Line]:
    """Start both programs in turn, warm; `folder` holds ten thousand sessions."""
    for _ in range(2):
        _start(BARE)
        _start(OURS, "painted", str(folder))
    bare: dict[str, list[float]] = {}
    ours: dict[str, list[float]] = {}
    full: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        _gather(bare, _start(BARE))
        _gather(ours, _start(OURS, "painted", str(folder)))
        _gather(full, _start(OURS, "ready", str(folder), PASSPHRASE))
    opening = [ready - entered for ready, entered in zip(full["ready"], full["entered"], strict=True)]
    working = [asked + opened for asked, opened in zip(full["asked"], opening, strict=True)]
    allowed = 2 * bare["memory"][0] + 100
    return [
        line("First painted window", ours["painted"], unit="ms", bare=bare["painted"], limit=2.5),
        line(
            f"Ready for input with {SESSIONS:,} sessions",
            working,
            unit="ms",
            limit=2500,
            note="(without the time in which the passphrase is typed)",
        ),
        line("Opening after the passphrase", opening, unit="ms", limit=600),
        line(
            "Resident memory when ready",
            full["memory"],
            unit="MB",
            limit=allowed,
            note=f"(limit: twice the bare window's {bare['memory'][0]:.0f} MB and 100 MB)",
        ),
    ]


def _gather(into: dict[str, list[float]], samples: dict[str, float]) -> None:
    for name, sample in samples.items():
        into.setdefault(name, []).append(sample)


def _start(program: str, *arguments: str) -> dict[str, float]:
    """Return the milliseconds from the start to each thing the program tells, and its megabytes."""
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # some build machines; no laptop compiles at each start
    began = time.time_ns()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = dict(told.split() for told in done.stdout.splitlines())
    samples = {name: (int(at) - began) / 1e6 for name, at in told.items() if name != "memory"}
    if "memory" in told:
        samples["memory"] = int(told["memory"]) / 1e6
    return samples
