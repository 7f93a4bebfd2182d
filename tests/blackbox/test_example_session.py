"""A whole session by keyboard alone, a power cut, and everything is there again."""

from tests.blackbox.clinician import Clinician
from tests.blackbox.database import rows
from tests.blackbox.program import Program

MEASURED = {"accuracy": 0.95, "stability": 0.88, "max_angle": 165.5}


def record_the_example(clinician: Clinician) -> None:
    clinician.introduce("Lena Okafor")
    clinician.begin_session(child="John Doe", age="8", height="130.5", weight="28.0")
    clinician.start_run()
    clinician.stop_run()
    clinician.rate("success")
    clinician.correct_time("15.5")
    clinician.enter_metrics([str(value) for value in MEASURED.values()])
    clinician.wait_until_saved()


def test_a_session_recorded_by_keyboard_survives_a_power_cut(program: Program) -> None:
    record_the_example(Clinician.at(program))
    program.kill()
    is_stored(program)
    program.start()
    clinician = Clinician.at(program)
    clinician.unlock()
    is_shown(clinician)


def is_stored(program: Program) -> None:
    (session,) = rows(program.data, "SELECT * FROM sessions WHERE NOT deleted")
    (assessor,) = rows(program.data, "SELECT name FROM people WHERE id = ?", session["assessor"])
    assert assessor["name"] == "Lena Okafor"
    child = {"child_name": "John Doe", "child_age": 8, "child_height_cm": 130.5, "child_weight_kg": 28.0}
    assert {name: session[name] for name in child} == child
    (task,) = rows(program.data, "SELECT * FROM task_results WHERE status IS NOT NULL AND NOT deleted")
    recorded = {"task_name": "raise_hand", "status": "success", "duration_seconds": 15.5, "trial": 1}
    assert {name: task[name] for name in recorded} == recorded
    metrics = rows(program.data, "SELECT * FROM metrics WHERE task_id = ? AND NOT deleted", task["id"])
    assert {metric["metric_name"]: metric["metric_value"] for metric in metrics} == MEASURED


def is_shown(clinician: Clinician) -> None:
    window = clinician.window
    for fact in ("Name, John Doe", "Age, 8 y", "Height, 130.5\u2009cm", "Weight, 28\u2009kg"):
        window.find("push button", fact)
    window.find("cell", containing="John Doe, 8 y, First visit")
    window.find("cell", "Raise hand, left, trial 1, success, 15.5 seconds, 3 metrics recorded")
    clinician.screen.press("Up")  # the next task to do is the chosen one
    for metric in ("Accuracy, 0.95", "Stability, 0.88", "Max angle, 165.5°"):
        window.find("list item", containing=metric)
