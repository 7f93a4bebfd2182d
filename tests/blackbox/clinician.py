"""Somebody at the keyboard: types, and looks at the window until what was typed can be seen there."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.blackbox.a11y import Node, look_until
from tests.blackbox.program import Program
from tests.blackbox.screen import Screen
from ui.recorder import TWICE_SECONDS

# The footer leaves out "Saving…" while that takes less; what it says is binding after that time.
FOOTER_LAG_SECONDS = 0.4
MOST_TABS = 20
PASSPHRASE = "four random words"
SECRETS = ("Passphrase", "Type it again")
RATING_KEYS = {"success": "1", "partial": "2", "failed": "3", "not tested": "0", "refused": "9"}


@dataclass
class Clinician:
    """Works with one running program, by keyboard alone. `window` is the program as a screen reader sees it."""

    screen: Screen
    window: Node
    _pressed_at: float = 0.0

    @classmethod
    def at(cls, program: Program) -> "Clinician":
        return cls(program.screen, program.reach())

    def introduce(self, name: str) -> str:
        """Go through the first start: name, passphrase, and the recovery key, copied by hand; returns that."""
        self.window.find("text", "Your name")
        self.screen.type(name)
        self.screen.press("Return")
        for _ in range(2):
            self._type_secret()
        card = self.window.find("label", containing="Recovery key. ")
        groups = re.findall(r"(?:\w ){3}\w", card.name())
        self._go_to(self.window, "I wrote it down by hand")
        self.screen.press("space")
        for _ in range(2):
            look_until(lambda: self.focused(self.window).startswith("To check"))
            question = self.focused(self.window)
            self.screen.type(groups[int(question.rpartition(" ")[2]) - 1].replace(" ", ""))
            self.screen.press("Return")
            look_until(lambda question=question: self.focused(self.window) != question)
        self.window.find("push button", "New session")
        return "-".join(group.replace(" ", "") for group in groups)

    def unlock(self) -> None:
        """Enter the passphrase that was chosen at the first start."""
        self.window.find(
            "text", containing="Passphrase for "
        )  # the window may not be active before the first key
        self.screen.type(PASSPHRASE)
        self.screen.press("Return")
        self.window.find("push button", "New session")

    def _type_secret(self) -> None:
        look_until(lambda: self.focused(self.window) in SECRETS)
        field = self.focused(self.window)
        self.screen.type(PASSPHRASE)
        self.screen.press("Return")
        look_until(lambda: self.focused(self.window) != field)

    def begin_session(self, *, child: str, age: str, height: str = "", weight: str = "") -> None:
        """Begin the first session of a child."""
        self.screen.press("ctrl+n")
        dialog = self.window.find("dialog", "New session")
        look_until(lambda: self.focused(dialog) == "Child")
        self.screen.type(child)
        for field, value in (("or age in years", age), ("Height", height), ("Weight", weight)):
            if value:
                self._go_to(dialog, field)
                self.screen.type(value)
        self.screen.press("ctrl+Return")
        self.window.find("push button", f"Name, {child}")
        self.window.find("cell")

    def write_note(self, text: str) -> None:
        """Note something about the selected task."""
        self.screen.press("n", "ctrl+a")
        self.screen.type(text)
        self.screen.press("ctrl+Return")
        self.window.find("label", text)

    def press_space(self) -> None:
        """Press Space, which a hand does not mean twice in a quarter of a second."""
        look_until(lambda: time.monotonic() > self._pressed_at + 2 * TWICE_SECONDS)
        self.screen.press("space")
        self._pressed_at = time.monotonic()

    def start_run(self) -> None:
        self.press_space()
        self.window.find("push button", "Stop")

    def stop_run(self) -> None:
        self.press_space()
        self.window.find("table", "Tasks")

    def rate(self, rating: str) -> None:
        self.screen.press(RATING_KEYS[rating])
        self.window.find("cell", containing=f", {rating}")

    def correct_time(self, seconds: str) -> None:
        """Type another time over the one that was taken."""
        self.screen.press("F2")
        self.screen.type(seconds)
        self.screen.press("Return")
        self.window.find("cell", containing=f", {seconds} seconds")

    def enter_metrics(self, values: Sequence[str]) -> None:
        """Type the values of the selected task's metrics, one after the other, and go back to the tasks."""
        self.screen.press("F6", "Home", "Return")
        for value in values:
            self.screen.type(value)
            self.screen.press("Return")
        for value in values:
            self.window.find("list item", containing=f", {value}")
        self.screen.press("shift+F6")

    def wait_until_saved(self) -> None:
        """Return when the footer says that everything seen until now is saved."""
        footer = self.window.find("push button", "All changes saved")
        said_since = time.monotonic()

        def has_said_long_enough() -> bool:
            nonlocal said_since
            if footer.name() != "All changes saved":
                said_since = time.monotonic()
            return time.monotonic() - said_since > FOOTER_LAG_SECONDS

        look_until(has_said_long_enough)

    def focused(self, within: Node) -> str:
        """Return the name of what has the keyboard, empty when that is not `within`."""
        names = [node.name() for node in within.walk() if "focused" in node.states()]
        return names[-1] if names else ""

    def _go_to(self, dialog: Node, field: str) -> None:
        """Press Tab until the field has the keyboard."""
        for _ in range(MOST_TABS):
            before = self.focused(dialog)
            if before == field:
                return
            self.screen.press("Tab")
            look_until(lambda before=before: self.focused(dialog) != before)
        raise LookupError(f"Tab does not lead to: {field}")
