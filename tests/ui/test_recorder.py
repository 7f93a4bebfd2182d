"""Recording: what the keys do to the selected task, and that nothing recorded is lost."""

from collections.abc import AsyncIterator

import pytest

from desktop import trials
from desktop.edits import DeleteTask
from tests.helpers.clocks import NOON
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.recording import Recording, recording, with_limit
from ui.notify import Toast

WALK = 4


@pytest.fixture
async def room(desk: Desk) -> AsyncIterator[Recording]:
    async with recording(desk) as made:
        yield made


async def test_the_running_row_is_stored_when_it_starts(room: Recording) -> None:
    room.recorder.toggle()
    stored = await room.stored(room.task.id)
    assert stored.started_at == NOON
    assert trials.state_of(stored) == "recovered"  # so it would be after a crash
    assert trials.state_of(room.task, running=room.recorder.running) == "running"


async def test_the_time_is_taken_at_the_key_and_not_when_it_is_saved(room: Recording) -> None:
    room.run_for(15.5)
    room.recorder.toggle()
    room.clock.pass_time(seconds=40)
    assert (await room.stored(room.task.id)).duration_seconds == 15.5


async def test_all_digits_of_a_time_are_kept(room: Recording) -> None:
    room.run_for(9.643751)
    room.recorder.stop()
    assert (await room.stored(room.task.id)).duration_seconds == room.task.duration_seconds == 9.643751


async def test_a_status_key_stops_the_clock_and_rates(room: Recording) -> None:
    room.run_for(15.5)
    room.recorder.rate("success")
    assert room.recorder.running is None
    assert (room.task.duration_seconds, room.task.status) == (15.5, "success")


async def test_stopping_and_rating_is_one_edit(room: Recording) -> None:
    room.run_for(15.5)
    room.recorder.rate("success")
    room.desk.opened.undo()
    await room.desk.operations.settle()
    assert (room.task.duration_seconds, room.task.status) == (None, None)


async def test_a_run_never_overwrites_it_is_a_new_trial(room: Recording) -> None:
    first = room.task
    room.run_for(15.5)
    room.recorder.rate("failed")
    room.run_for(3.0)
    room.recorder.rate("success")
    assert (room.task.task_name, room.task.side, room.task.trial) == (first.task_name, first.side, 2)
    before = await room.stored(first.id)
    assert (before.duration_seconds, before.status) == (15.5, "failed")
    assert len(room.tasks) == 9


async def test_a_recovered_run_is_not_overwritten_either(room: Recording) -> None:
    room.desk.opened.edit_task(room.task.id, started_at=NOON)
    room.recorder.start()
    assert room.task.trial == 2


async def test_a_task_may_be_rated_without_a_time(room: Recording) -> None:
    room.recorder.rate("not_tested")
    stored = await room.stored(room.task.id)
    assert (stored.status, stored.duration_seconds, stored.started_at) == ("not_tested", None, None)


async def test_the_same_rating_again_changes_nothing(room: Recording) -> None:
    room.recorder.rate("partial")
    before = room.task
    room.recorder.rate("partial")
    assert room.task is before


async def test_a_discarded_run_comes_back_with_its_time(room: Recording) -> None:
    task_id = room.task.id
    room.run_for(12.4)
    room.recorder.discard()
    assert room.recorder.running is None
    assert trials.state_of(room.task) == "to_do"
    toast = room.toasts[-1]
    assert toast.text == "Run of 12.4 s discarded"
    assert toast.undo is not None
    toast.undo()
    await room.desk.operations.settle()
    stored = await room.stored(task_id)
    assert (stored.duration_seconds, stored.started_at) == (12.4, NOON)


async def test_a_discarded_new_trial_is_no_row_and_space_tries_again(room: Recording) -> None:
    first = room.task.id
    room.recorder.rate("failed")
    room.run_for(2.5)
    second = room.task.id
    room.recorder.discard()
    assert len(room.tasks) == 8
    assert room.task.id == first
    toast = room.toasts[-1]
    assert toast.undo is not None
    toast.undo()
    await room.desk.operations.settle()
    assert (await room.stored(second)).duration_seconds == 2.5


async def test_undo_in_the_toast_takes_back_what_it_tells_of(room: Recording) -> None:
    deleted = room.tasks[3].id
    room.choose(3)
    room.recorder.delete()
    room.choose(0)
    room.recorder.rate("success")
    toast = room.toasts[-1]
    assert toast.undo is not None
    toast.undo()
    await room.desk.operations.settle()
    assert deleted in [task.id for task in room.tasks]
    assert room.tasks[0].status == "success"


async def test_while_running_nothing_else_is_deleted_begun_or_chosen(room: Recording) -> None:
    room.run_for(1.0)
    running, rows = room.task.id, room.tasks
    room.recorder.delete()
    room.recorder.new_trial()
    room.recorder.start()
    room.recorder.step_trial(1)
    room.recorder.choose_side("right")
    room.centre.tasks.step_task(1)
    assert room.task.id == room.recorder.running == running
    assert room.tasks == rows


async def test_a_side_goes_to_the_attempt_on_that_side(room: Recording) -> None:
    assert room.task.side == "left"
    room.recorder.choose_side("right")
    assert room.task.id == room.tasks[1].id


async def test_a_side_that_the_task_does_not_have_is_not_chosen(room: Recording) -> None:
    room.recorder.choose_side("both")
    assert room.tasks[0].side == "left"
    room.choose(WALK)
    room.recorder.choose_side("left")
    assert room.task.side == "none"


async def test_without_an_attempt_on_that_side_one_that_is_to_do_is_on_it(room: Recording) -> None:
    room.choose(1)
    room.recorder.delete()
    room.choose(0)
    room.recorder.choose_side("right")
    assert (room.task.id, room.task.side) == (room.tasks[0].id, "right")


async def test_from_a_later_trial_a_side_goes_to_what_there_is_on_that_side(room: Recording) -> None:
    room.recorder.rate("failed")
    room.recorder.new_trial()
    room.recorder.rate("success")
    recorded = room.task
    room.recorder.choose_side("right")
    assert (room.task.side, room.task.trial) == ("right", 1)
    assert recorded in room.tasks


async def test_a_wrong_side_is_corrected_and_can_be_taken_back(room: Recording) -> None:
    wrong = room.task
    room.recorder.rate("success")
    room.recorder.change_side("right")
    assert (room.task.id, room.task.side, room.task.status) == (wrong.id, "right", "success")
    assert [task.side for task in room.tasks[:2]] == ["left", "right"]
    assert room.toasts[-1].text == "Side changed to right"
    assert (await room.stored(wrong.id)).side == "right"
    assert room.toasts[-1].undo is not None
    room.toasts[-1].undo()
    await room.desk.operations.settle()
    assert (room.task.id, room.task.side) == (wrong.id, "left")
    assert (await room.stored(wrong.id)).side == "left"


async def test_the_side_of_what_is_still_to_do_is_chosen_without_a_toast(room: Recording) -> None:
    room.recorder.change_side("right")
    assert room.task.id == room.tasks[1].id
    assert not room.toasts


async def test_the_side_is_not_changed_to_the_same_or_to_one_that_the_task_does_not_have(
    room: Recording,
) -> None:
    room.recorder.rate("success")
    for side in ("left", "both"):
        room.recorder.change_side(side)
    assert room.tasks[0].side == "left"
    assert not room.toasts


async def test_the_side_of_what_was_recorded_is_kept_by_a_key_and_another_attempt_is_added(
    room: Recording,
) -> None:
    room.choose(1)
    room.recorder.delete()
    room.choose(0)
    room.recorder.rate("failed")
    recorded = room.task
    room.recorder.choose_side("right")
    assert (room.task.task_name, room.task.side, room.task.trial) == (recorded.task_name, "right", 1)
    assert room.task.status is None
    assert recorded in room.tasks
    assert await room.stored(room.task.id) is not None


async def test_space_pressed_twice_in_haste_is_pressed_once(room: Recording) -> None:
    room.recorder.toggle()
    room.clock.pass_time(seconds=0.15)
    room.recorder.toggle()
    assert room.recorder.running is not None
    room.clock.pass_time(seconds=8.0)
    room.recorder.toggle()
    room.clock.pass_time(seconds=0.15)
    room.recorder.toggle()
    assert room.recorder.running is None
    assert (room.task.duration_seconds, len(room.tasks)) == (8.15, 8)


async def test_space_just_after_the_limit_begins_no_new_trial(room: Recording) -> None:
    await room.begin(with_limit(0.05))
    room.run_for(7.0)
    await until(lambda: room.recorder.running is None)
    room.clock.pass_time(seconds=0.6)
    room.recorder.toggle()
    assert (room.recorder.running, len(room.tasks)) == (None, 8)
    room.clock.pass_time(seconds=0.6)
    room.recorder.toggle()
    assert room.task.trial == 2


async def test_plus_goes_to_the_next_trial_and_behind_the_last_one_begins_one(room: Recording) -> None:
    first = room.task.id
    room.recorder.step_trial(1)
    assert room.task.trial == 2
    room.recorder.step_trial(-1)
    assert room.task.id == first
    room.recorder.step_trial(-1)
    room.recorder.step_trial(1)
    assert (room.task.trial, len(room.tasks)) == (2, 9)


async def test_a_run_stops_by_itself_at_the_limit_of_the_protocol(room: Recording) -> None:
    await room.begin(with_limit(0.05))
    room.run_for(7.0)
    await until(lambda: room.recorder.running is None)
    assert room.task.duration_seconds == 0.05


async def test_a_run_whose_row_is_taken_away_ends(room: Recording) -> None:
    record = room.desk.opened.record
    assert record is not None
    room.run_for(1.0)
    room.desk.opened.do(DeleteTask(record.id, room.task.id))
    assert room.recorder.running is None
    assert room.centre.currentIndex() == 0


async def test_the_time_of_a_run_whose_row_is_taken_away_is_told(room: Recording) -> None:
    record = room.desk.opened.record
    assert record is not None
    room.run_for(12.34)
    room.desk.opened.do(DeleteTask(record.id, room.task.id))
    assert "12.3 s" in room.desk.notifier.messages()[0].text


async def test_no_other_session_is_shown_while_a_run_is_timed(room: Recording) -> None:
    here = room.desk.opened.record
    assert here is not None
    other = await room.desk.begin("Amina Haddad")
    room.desk.opened.show(here.id)
    await room.desk.operations.settle()
    room.desk.opened.delete_session(other, toast="Session deleted")
    await room.desk.operations.settle()
    room.run_for(15.5)
    take_back(room.toasts[-1])
    room.desk.opened.show(other)
    await room.desk.operations.settle()
    room.recorder.stop()
    assert (await room.stored(room.task.id)).duration_seconds == 15.5
    room.desk.opened.show(other)
    await room.desk.operations.settle()
    assert room.desk.opened.record is not None
    assert room.desk.opened.record.id == other


async def test_a_session_that_is_still_being_read_waits_behind_a_run(room: Recording) -> None:
    here = room.desk.opened.record
    assert here is not None
    other = await room.desk.begin("Amina Haddad")
    room.desk.opened.show(here.id)
    await room.desk.operations.settle()
    room.desk.opened.show(other)
    room.run_for(15.5)
    await room.desk.operations.settle()
    assert room.desk.opened.record is not None
    assert room.desk.opened.record.id == here.id
    assert room.recorder.running is not None


async def test_a_discarded_time_never_comes_back_over_a_new_one(room: Recording) -> None:
    room.run_for(3.0)
    room.recorder.discard()
    room.run_for(15.5)
    room.recorder.stop("success")
    take_back(room.toasts[0])
    stored = await room.stored(room.task.id)
    assert (stored.duration_seconds, stored.status) == (15.5, "success")


async def test_where_no_further_trial_can_be_no_run_begins(room: Recording) -> None:
    room.desk.opened.edit_task(room.task.id, trial=1000, status="success")
    room.recorder.toggle()
    assert room.recorder.running is None
    assert room.task.trial == 1000
    assert "trial" in room.desk.notifier.messages()[0].text.lower()


def take_back(toast: Toast) -> None:
    assert toast.undo is not None
    toast.undo()


async def test_without_a_task_every_key_does_nothing(room: Recording) -> None:
    room.desk.opened.select(None)
    for act in (room.recorder.toggle, room.recorder.new_trial, room.recorder.delete, room.recorder.discard):
        act()
    room.recorder.rate("success")
    room.recorder.choose_side("right")
    room.recorder.step_trial(1)
    assert room.recorder.running is None
    assert all(not trials.is_recorded(task) for task in room.tasks)
