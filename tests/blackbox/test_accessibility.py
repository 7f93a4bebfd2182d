"""What a screen reader meets: everything that can be used or read as a cell has a name."""

from tests.blackbox.a11y import Node, look_until
from tests.blackbox.clinician import Clinician
from tests.blackbox.program import Program

NAMED = frozenset(
    {
        "push button",
        "toggle button",
        "radio button",
        "check box",
        "combo box",
        "text",
        "spin button",
        "slider",
        "list",
        "table",
        "tree",
        "cell",
        "list item",
        "column header",
        "progress bar",
        "dialog",
        "frame",
        "menu item",
    }
)
FEWEST = 5  # a walk that meets less has not seen the window


def nameless(top: Node) -> list[str]:
    """Return what shows below `top` and ought to have a name, and has none, or reads out mark-up."""
    met = 0
    wrong = []
    for node in top.walk():
        role = node.role()
        name = node.name()
        if "<" in name + node.description():
            wrong.append(f"{role} {name!r} reads out {node.description()!r}")
        if role not in NAMED:
            continue
        met += 1
        if not name.strip():
            wrong.append(f"{role} without a name: {node.identifier()}")
        if role == "combo box" and not node.labels():
            wrong.append(f"{role} {name!r}, its value, has no label: {node.identifier()}")
    assert met >= FEWEST, top.outline()
    return wrong


def test_everything_in_the_window_has_a_name(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    assert not nameless(clinician.window)
    clinician.begin_session(child="John Doe", age="8", height="130.5", weight="28.0")
    assert not nameless(clinician.window)
    clinician.start_run()
    assert not nameless(clinician.window)
    clinician.rate("success")
    assert not nameless(clinician.window)


def test_everything_in_the_dialogs_has_a_name(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    for key, title in (("ctrl+n", "New session"), ("ctrl+comma", "Settings")):
        program.screen.press(key)
        dialog = clinician.window.find("dialog", title)
        assert not nameless(dialog)
        program.screen.press("Escape")
        look_until(lambda: all(window.role() == "frame" for window in clinician.window.children()))


def test_the_page_of_shortcuts_can_be_read_out(program: Program) -> None:
    clinician = Clinician.at(program)
    clinician.introduce("Lena Okafor")
    program.screen.press("F1")
    dialog = clinician.window.find("dialog", containing="shortcuts")
    dialog.find(name="Next task: J, Down")
    assert not [node.identifier() for node in dialog.walk() if node.role() == "label" and not node.name()]
