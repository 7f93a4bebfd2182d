"""Attempts at tasks: what state each is in and which comes next."""

from uuid import uuid4

import pytest

from desktop import trials
from desktop.edits import Stamp
from desktop.protocols import bundled
from desktop.schemas import SessionRecord, Side, TaskRecord
from tests.helpers.records import ASSESSOR, NOW, a_session, a_task

SESSION = uuid4()


def task(**fields: object) -> TaskRecord:
    return a_task(SESSION, metrics=(), **fields)


def session(*tasks: TaskRecord) -> SessionRecord:
    return a_session(id=SESSION, task_results=tasks)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "to_do"),
        ({"status": "partial"}, "partial"),
        ({"status": "refused", "started_at": NOW}, "refused"),
        ({"started_at": NOW, "duration_seconds": 12.5}, "unrated"),
        ({"duration_seconds": 0.0}, "unrated"),
    ],
)
def test_the_state_follows_from_what_is_recorded(fields: dict[str, object], state: str) -> None:
    assert trials.state_of(task(**fields)) == state


def test_a_run_that_was_cut_off_is_recovered() -> None:
    assert trials.state_of(task(started_at=NOW)) == "recovered"


def test_the_run_that_is_timed_here_is_running() -> None:
    begun = task(started_at=NOW)
    assert trials.state_of(begun, running=begun.id) == "running"
    assert trials.state_of(begun, running=uuid4()) == "recovered"


@pytest.mark.parametrize("fields", [{"status": "failed"}, {"duration_seconds": 0.0}, {"started_at": NOW}])
def test_whatever_was_recorded_is_not_recorded_over(fields: dict[str, object]) -> None:
    assert trials.is_recorded(task(**fields))
    assert not trials.is_recorded(task(notes="Tired"))


def test_the_next_trial_follows_the_last_one_of_the_same_task_and_side() -> None:
    first, second = task(side="left", position=4), task(side="left", trial=2, position=4)
    other = task(side="right", trial=7, position=5)
    new_id = uuid4()
    edit = trials.next_trial(session(first, other, second), first, task_id=new_id)
    assert (edit.task_id, edit.session_id) == (new_id, SESSION)
    assert (edit.new.task_name, edit.new.side, edit.new.trial, edit.new.position) == (
        "raise_hand",
        "left",
        3,
        4,
    )


def test_practice_is_counted_apart() -> None:
    practice, scored = task(practice=True), task(trial=2)
    assert trials.trials_of(session(practice, scored), scored) == [scored]


def test_the_other_side_is_the_same_trial_on_the_other_side() -> None:
    left, right, again = task(side="left"), task(side="right"), task(side="right", trial=2)
    both = session(left, right, again)
    assert trials.on_side(both, left, "right") == right
    assert trials.on_side(both, again, "left") is None


def moved(made: SessionRecord, of: TaskRecord, side: Side) -> dict[str, tuple[str, int, int]]:
    """Return side, trial and position of every attempt after one of them was moved, by its note."""
    edit = trials.change_side(made, of, side)
    after = edit.apply(made, Stamp(ASSESSOR, NOW, 60))
    return {other.notes: (other.side, other.trial, other.position) for other in after.task_results}


def test_a_result_on_the_wrong_side_changes_places_with_the_one_still_to_do() -> None:
    wrong = task(side="left", notes="wrong", status="success", position=0)
    blank = task(side="right", position=1)
    assert moved(session(wrong, blank), wrong, "right") == {"": ("left", 1, 0), "wrong": ("right", 1, 1)}


def test_a_result_is_moved_behind_those_of_the_right_side() -> None:
    wrong = task(side="left", notes="wrong", status="success", position=0)
    there = task(side="right", notes="there", status="failed", position=1)
    again = task(side="right", notes="again", duration_seconds=3.0, trial=2, position=1)
    assert moved(session(wrong, there, again), wrong, "right") == {
        "there": ("right", 1, 1),
        "again": ("right", 2, 1),
        "wrong": ("right", 3, 1),
    }


def test_a_result_is_moved_to_a_side_without_any_attempt_as_its_first_trial() -> None:
    wrong = task(side="left", notes="wrong", status="success", trial=2, position=5)
    assert moved(session(wrong), wrong, "both") == {"wrong": ("both", 1, 5)}


def test_what_was_entered_of_an_attempt_that_is_not_rated_stays_on_its_side() -> None:
    wrong = task(side="left", notes="wrong", status="success")
    noted = task(side="right", notes="noted")
    assert moved(session(wrong, noted), wrong, "right")["noted"] == ("right", 1, 0)


def test_practice_changes_places_with_practice_only() -> None:
    wrong = task(side="left", notes="wrong", status="success")
    practice = task(side="right", practice=True)
    assert moved(session(wrong, practice), wrong, "right")[""] == ("right", 1, 0)


def test_a_task_that_does_not_have_a_side_is_not_moved_to_it() -> None:
    hand, walk = bundled()[0].task("raise_hand"), bundled()[0].task("walk")
    assert trials.sides_of(task(side="left"), hand) == ("left", "right")
    assert trials.sides_of(task(side="both"), hand) == ("left", "both", "right")
    assert trials.sides_of(task(), walk) == ()
    assert trials.sides_of(task(), None) == ("left", "both", "right")


def test_the_next_open_attempt_comes_behind_and_then_from_the_top() -> None:
    first, rated, last = task(), task(status="success"), task()
    all_three = session(first, rated, last)
    assert trials.next_open(all_three) == first
    assert trials.next_open(all_three, first.id) == last
    assert trials.next_open(all_three, last.id) == first
    assert trials.next_open(session(rated)) is None


def test_done_is_what_is_rated() -> None:
    assert trials.progress(session(task(status="not_tested"), task(duration_seconds=3.0), task())) == (1, 3)
