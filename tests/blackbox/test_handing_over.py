"""A session goes from one laptop to another by keyboard alone: out as a file, in again, and it is the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.blackbox.a11y import look_until
from tests.blackbox.clinician import Clinician
from tests.blackbox.database import rows
from tests.blackbox.program import Program
from tests.blackbox.test_example_session import record_the_example

FORMS = {
    "csv": ("CSV", ["Down"]),
    "json": ("JSON", ["Down", "Right"]),
}  # their cards, and the keys that lead there
WHOLE = (
    "SELECT m.metric_name, m.metric_value, t.duration_seconds, s.child_name, s.id FROM metrics m "
    "JOIN task_results t ON t.id = m.task_id JOIN sessions s ON s.id = t.session_id ORDER BY m.id"
)


def export(clinician: Clinician, form: str, path: Path) -> None:
    """Export the open session, choosing the form by arrow keys."""
    clinician.screen.press("ctrl+e")
    dialog = clinician.window.find("dialog", "Export")
    dialog.find("label", containing="Page 1 of")
    card, keys = FORMS[form]
    clinician.screen.press(*keys)
    look_until(lambda: "checked" in dialog.find("radio button", card).states())
    clinician.screen.press("ctrl+Return")
    choose(clinician, path)
    clinician.window.find("label", containing=path.name)


def choose(clinician: Clinician, path: Path) -> None:
    """Type a path into the dialog for files."""
    name = clinician.window.find("text", "File name:")
    name.take_focus()
    clinician.screen.press("ctrl+a")
    clinician.screen.type(str(path))
    clinician.screen.press("Return")


@pytest.mark.parametrize("form", FORMS)
def test_a_session_goes_to_another_laptop(
    new_program: Callable[..., Program], tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"handed-over.{form}"
    here = new_program(data="here")
    here.start()
    clinician = Clinician.at(here)
    record_the_example(clinician)
    export(clinician, form, path)
    recorded = rows(here.data, WHOLE)
    assert len(recorded) == 3
    here.kill()
    there = new_program(data="there")
    there.start()
    clinician = Clinician.at(there)
    clinician.introduce("Omar Said")
    clinician.screen.press("ctrl+i")
    choose(clinician, path)
    dialog = clinician.window.find("dialog", "Import")
    dialog.find(name="New: 1")
    clinician.screen.press("ctrl+Return")
    clinician.window.find("cell", containing="John Doe, 8 y, First visit")
    assert rows(there.data, WHOLE) == recorded
