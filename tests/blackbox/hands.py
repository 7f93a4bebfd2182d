"""Random edits by keyboard, each noted in a ledger."""

import re
import time
from collections.abc import Callable
from itertools import count
from random import Random

from tests.blackbox.a11y import look_until
from tests.blackbox.clinician import RATING_KEYS, Clinician
from tests.blackbox.ledger import ANYTHING, Entry, Ledger
from tests.blackbox.program import Program

FARTHEST = 3
# What was entered, and whether it is seen by now; None where only what comes after it can be seen.
Edit = tuple[list[Entry], Callable[[], bool] | None]
METRICS = {
    "Raise hand": ("accuracy", "stability", "max_angle"),
    "One-leg stance": ("hold_time", "sway"),
    "Walk": ("speed", "step_symmetry", "cadence"),
    "Jump": ("distance", "landing_stability"),
    "Finger to nose": ("error",),
}


class Hands:
    """Works in one life of a program. `numbers` never gives the same number twice."""

    def __init__(self, program: Program, ledger: Ledger, random: Random, numbers: "count[int]") -> None:
        self.clinician = Clinician.at(program)
        self._screen, self._ledger, self._random, self._numbers = program.screen, ledger, random, numbers
        window = self.clinician.window
        self._footer = window.find("push button", "All changes saved")
        self.table = window.find("table", "Tasks")
        self._panel = window.find(identifier="TasksPanel")
        self._unseen: list[Entry] = []
        self._running = False

    def edit(self, *, look: bool = True) -> None:
        """Enter something; with `look`, see it in the window before going on."""
        if self._running:
            kinds = [self._stop, self._rate]
        else:
            self._move()
            kinds = [self._start, self._rate, self._measure]
            if "recovered" not in self._sentence():  # there its time is asked for, where the note would stand
                kinds.append(self._write)
        entries, seen = self._random.choice(kinds)()
        self._unseen += entries
        if look and seen is not None:
            self._look_until(seen)
            while self._unseen:
                self._unseen.pop().seen_at = time.monotonic()

    def hear_footer(self) -> None:
        """Take the footer at its word."""
        at = time.monotonic()
        if self._footer.name() == "All changes saved":
            self._ledger.footer_said_saved(at)

    def sentences(self) -> list[str]:
        """Return what a screen reader says of each row."""
        return [row.name() for row in self.table.rows()]

    def _look_until(self, seen: Callable[[], bool]) -> None:
        try:
            look_until(seen)
        except LookupError as error:
            entered = [entry.value for entry in self._unseen]
            error.add_note(f"Entered {entered}; there was:\n{self.clinician.window.outline()}")
            raise

    def _sentence(self) -> str:
        return self.table.selected_row().name()

    def _move(self) -> None:
        """Select a row near the selected one."""
        rows = self.sentences()
        here = rows.index(self._sentence())
        there = min(max(here + self._random.randint(-FARTHEST, FARTHEST), 0), len(rows) - 1)
        if there != here:
            self._screen.press(*["j" if there > here else "k"] * abs(there - here))
            look_until(lambda: row_of(self._sentence()) == row_of(rows[there]))

    def _start(self) -> Edit:
        row = row_of(self._sentence())
        if ", to do" not in self._sentence():
            row = self._next_trial(row)
        started = self._ledger.enter(row, "started", True)
        self.clinician.press_space()
        self._running = True
        return [started], lambda: self._sentence().startswith(f"{row}, running")

    def _next_trial(self, row: str) -> str:
        attempt = row.rpartition(" ")[0]
        trials = (row_of(other) for other in self.sentences())
        same = (int(other.rpartition(" ")[2]) for other in trials if other.rpartition(" ")[0] == attempt)
        return f"{attempt} {max(same) + 1}"

    def _stop(self) -> Edit:
        row = row_of(self._sentence())
        seconds = self._ledger.enter(row, "seconds", ANYTHING)
        self.clinician.press_space()
        self._running = False
        return [seconds], lambda: self._read_seconds(seconds)

    def _rate(self) -> Edit:
        row = row_of(self._sentence())
        known = self._ledger.latest(row, "status")
        word = self._random.choice([word for word in RATING_KEYS if word.replace(" ", "_") != known])
        entries = [self._ledger.enter(row, "status", word.replace(" ", "_"))]
        was_running, self._running = self._running, False
        if was_running:
            entries.append(self._ledger.enter(row, "seconds", ANYTHING))
        self._screen.press(RATING_KEYS[word])
        return (
            entries,
            lambda: (
                f"{row}, {word}" in self._sentence() and (not was_running or self._read_seconds(entries[1]))
            ),
        )

    def _measure(self) -> Edit:
        row = row_of(self._sentence())
        names = METRICS[row.partition(",")[0]]
        place = self._random.randrange(len(names))
        known = sum(self._ledger.latest(row, name) is not None for name in names)
        is_new = self._ledger.latest(row, names[place]) is None
        value = next(self._numbers) / 10_000
        entry = self._ledger.enter(row, names[place], value)
        self._screen.press("F6", "Home", *["Down"] * place, "Return")
        self._screen.type(str(value))
        self._screen.press("Return", "Escape", "shift+F6")
        recorded = "1 metric recorded" if known == 0 else f"{known + 1} metrics recorded"
        return [entry], (
            lambda: f"{row}, " in self._sentence() and recorded in self._sentence()
        ) if is_new else None

    def _write(self) -> Edit:
        row, word = row_of(self._sentence()), f"word{next(self._numbers)}"
        entry = self._ledger.enter(row, "notes", word)
        self._screen.press("n", "ctrl+a")
        self._screen.type(word)
        self._screen.press("ctrl+Return")
        return [entry], lambda: any(
            node.name() == word and node.role() == "label" for node in self._panel.walk()
        )

    def _read_seconds(self, entry: Entry) -> bool:
        found = re.search(r", ([\d.]+) seconds", self._sentence())
        if found is not None:
            entry.value = float(found[1])
        return found is not None


def row_of(sentence: str) -> str:
    """Return the part of a row's sentence that names it: "Raise hand, left, trial 1"."""
    found = re.match(r".*?trial \d+", sentence)
    assert found is not None, sentence
    return found[0]
