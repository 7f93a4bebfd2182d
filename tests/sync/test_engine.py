"""Two laptops and a centre: every cell of the table of sync.md, one by one."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from desktop.schema import init_db
from desktop.sync.engine import Engine, Report, Stopped
from tests.sync.laptops import Laptop, add, content
from tests.sync.model_centre import Line, ModelCentre, place

CENTRE, CENTRAL = UUID(int=1), UUID(int=2)
SESSION, TASK, METRIC = (UUID(int=number).bytes for number in (11, 12, 13))


@pytest.fixture
def centre() -> ModelCentre:
    return ModelCentre(CENTRAL)


@pytest.fixture
async def laptops(tmp_path: Path) -> AsyncIterator[list[Laptop]]:
    made = [Laptop(tmp_path / f"{number}.sqlite3", Random(number)) for number in range(2)]
    for laptop in made:
        await init_db(laptop.database)
        await laptop.local.enrol(centre_id=CENTRE, central_uuid=CENTRAL)
    yield made
    for laptop in made:
        await laptop.close()


async def sync(
    laptop: Laptop, centre: ModelCentre, fault: Any = lambda _call: "", *, chunk: int = 100
) -> Report:
    line = Line(centre, fault)
    return await Engine(laptop.local, line, new_id=laptop.database.clock.new_id, chunk=chunk).sync()


async def begin(laptop: Laptop, centre: ModelCentre) -> None:
    """Record a session with a task and a metric, and send it."""

    def work(connection: Any) -> None:
        add(connection, "sessions", SESSION, notes="first")
        add(connection, "task_results", TASK, session_id=SESSION)
        add(connection, "metrics", METRIC, task_id=TASK, metric_name="angle")

    await laptop.run(work)
    await sync(laptop, centre)


def sql(statement: str, *values: Any) -> Any:
    return lambda connection: connection.execute(statement, values)


async def conflicts(laptop: Laptop) -> list[tuple[Any, ...]]:
    return await laptop.rows("SELECT tbl, field, kind, winner, loser, status FROM conflicts ORDER BY field")


async def equal(laptops: list[Laptop], centre: ModelCentre) -> None:
    """Sync until nothing waits, and compare all three."""
    for laptop in [*laptops, *laptops]:
        await sync(laptop, centre)
    first, *others = [await content(laptop) for laptop in laptops]
    for name, rows in first.items():
        there = sorted(row[: place(name, "rev") + 1] for row in centre.rows[name].values())
        assert [tuple(row) for row in rows] == there, name
    assert all(other == first for other in others)
    for laptop in laptops:
        assert await laptop.waiting() == 0
        for name in first:
            assert await laptop.rows(f"SELECT id FROM base_{name} UNION ALL SELECT id FROM sent_{name}") == []
        assert await laptop.rows("SELECT applying FROM sync_state") == [(0,)]


async def test_what_is_recorded_here_is_there(laptops: list[Laptop], centre: ModelCentre):
    ours, theirs = laptops
    await begin(ours, centre)
    report = await sync(theirs, centre)
    assert (report.pulled, report.conflicts) == (3, 0)
    assert await theirs.rows("SELECT notes FROM sessions") == [("first",)]
    assert await theirs.rows("SELECT words FROM session_search") == [("ada\naaaaaaaa\nfirst",)]
    await equal(laptops, centre)


async def test_another_field_on_each_side_is_both(laptops: list[Laptop], centre: ModelCentre):
    ours, theirs = laptops
    await begin(ours, centre)
    await sync(theirs, centre)
    await ours.run(sql("UPDATE sessions SET notes = 'ours'"))
    await theirs.run(sql("UPDATE sessions SET site = 'theirs'"))
    await equal(laptops, centre)
    assert await ours.rows("SELECT notes, site FROM sessions") == [("ours", "theirs")]
    assert await conflicts(ours) == []


async def test_the_same_field_on_both_sides_is_a_conflict_everywhere(
    laptops: list[Laptop], centre: ModelCentre
):
    ours, theirs = laptops
    await begin(ours, centre)
    await sync(theirs, centre)
    await ours.run(sql("UPDATE sessions SET notes = 'ours'"))
    await theirs.run(sql("UPDATE sessions SET notes = 'theirs'"))
    await equal(laptops, centre)
    ((tbl, field, kind, winner, loser, status),) = await conflicts(ours)
    assert (tbl, field, kind, status) == ("sessions", "notes", "field", "open")
    assert {winner, loser} == {'"ours"', '"theirs"'}
    assert await ours.rows("SELECT notes FROM sessions") == [(winner.strip('"'),)]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_delete_never_beats_an_edit(laptops: list[Laptop], centre: ModelCentre, first: int):
    ours, theirs = laptops
    await begin(ours, centre)
    await sync(theirs, centre)
    await ours.run(sql("UPDATE sessions SET deleted = 1"))
    await theirs.run(sql("UPDATE sessions SET notes = 'edited'"))
    await sync(laptops[first], centre)
    await equal(laptops, centre)
    assert await ours.rows("SELECT deleted, notes FROM sessions") == [(0, "edited")]
    assert [(field, kind) for _, field, kind, *_ in await conflicts(ours)] == [("deleted", "delete_vs_edit")]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("below", ["task", "metric", "edit of a metric"])
async def test_a_delete_never_hides_what_it_did_not_see(
    laptops: list[Laptop], centre: ModelCentre, first: int, below: str
):
    ours, theirs = laptops
    await begin(ours, centre)
    await sync(theirs, centre)
    await ours.run(sql("UPDATE sessions SET deleted = 1"))

    def work(connection: Any) -> None:
        if below == "task":
            add(connection, "task_results", UUID(int=99).bytes, session_id=SESSION)
        elif below == "metric":
            add(connection, "metrics", UUID(int=99).bytes, task_id=TASK, metric_name="speed")
        else:
            connection.execute("UPDATE metrics SET remark = 'seen'")

    await theirs.run(work)
    await sync(laptops[first], centre)
    await equal(laptops, centre)
    assert await ours.rows("SELECT deleted FROM sessions") == [(0,)]
    assert [(field, kind) for _, field, kind, *_ in await conflicts(ours)] == [("deleted", "delete_vs_edit")]


async def test_a_delete_that_saw_all_is_a_delete(laptops: list[Laptop], centre: ModelCentre):
    ours, theirs = laptops
    await begin(ours, centre)
    await sync(theirs, centre)
    await ours.run(sql("UPDATE metrics SET remark = 'mine'"))
    await ours.run(sql("UPDATE sessions SET deleted = 1"))
    await equal(laptops, centre)
    assert await theirs.rows("SELECT deleted FROM sessions") == [(1,)]
    assert await conflicts(ours) == []


@pytest.mark.parametrize("at", ["before", "after"])
async def test_a_cut_line_sends_nothing_twice_and_loses_nothing(
    laptops: list[Laptop], centre: ModelCentre, at: str
):
    ours, _ = laptops
    await begin(ours, centre)
    await ours.run(sql("UPDATE sessions SET notes = 'again'"))
    with pytest.raises(Exception, match="cut"):
        await sync(ours, centre, lambda call: at if call == "push" else "")
    await ours.run(sql("UPDATE sessions SET notes = 'and again'"))  # while the batch is in flight
    await equal(laptops, centre)
    assert await conflicts(ours) == []
    assert centre.rows["sessions"][SESSION][place("sessions", "rev")] == 3


async def test_a_record_that_the_centre_cannot_take_holds_nothing_up(
    laptops: list[Laptop], centre: ModelCentre
):
    ours, theirs = laptops
    centre.refuses = "poison"

    def work(connection: Any) -> None:
        for number in range(20):
            add(connection, "sessions", UUID(int=100 + number).bytes, notes="poison" if number == 7 else "")
            add(
                connection,
                "task_results",
                UUID(int=200 + number).bytes,
                session_id=UUID(int=100 + number).bytes,
            )

    await ours.run(work)
    report = await sync(ours, centre)
    assert (report.pushed, report.quarantined) == (38, 1)
    assert await ours.rows("SELECT hex(id), error FROM sync_outbox WHERE status = 'quarantined'") == [
        (UUID(int=107).hex.upper(), "check_violation")
    ]
    await ours.run(sql("UPDATE sessions SET notes = '' WHERE notes = 'poison'"))
    await equal(laptops, centre)
    assert len(await theirs.rows("SELECT id FROM task_results")) == 20


async def test_another_centre_gets_nothing(laptops: list[Laptop], centre: ModelCentre):
    ours, _ = laptops
    await begin(ours, centre)
    await ours.run(sql("UPDATE sessions SET notes = 'waits'"))
    with pytest.raises(Stopped, match="another database"):
        await sync(ours, ModelCentre(UUID(int=77)))
    assert await ours.waiting() == 1


async def test_a_centre_that_was_restored_gets_back_what_it_lost(laptops: list[Laptop], centre: ModelCentre):
    ours, theirs = laptops
    await begin(ours, centre)
    yesterday = centre.backup()
    await ours.run(sql("UPDATE sessions SET notes = 'today'"))
    await ours.run(lambda connection: add(connection, "sessions", UUID(int=50).bytes, notes="new"))
    await sync(ours, centre)
    await sync(theirs, centre)
    centre.restore(yesterday)
    await equal(laptops, centre)
    assert {notes for (notes,) in await theirs.rows("SELECT notes FROM sessions")} == {"today", "new"}
    assert await conflicts(ours) == []


async def test_a_laptop_that_was_restored_becomes_another_and_loses_nothing_it_had_sent(
    laptops: list[Laptop], centre: ModelCentre, tmp_path: Path
):
    ours, _ = laptops
    await begin(ours, centre)
    await ours.copy_to(tmp_path / "backup.sqlite3")
    await ours.run(sql("UPDATE sessions SET notes = 'sent'"))
    await sync(ours, centre)
    await ours.close()
    (tmp_path / "backup.sqlite3").replace(ours.path)
    await ours.run(sql("UPDATE sessions SET site = 'after'"))
    report = await sync(ours, centre)
    assert report.new_identity
    await equal(laptops, centre)
    assert await ours.rows("SELECT notes, site FROM sessions") == [("sent", "after")]


async def test_a_pulled_page_has_one_entry_in_the_trail_and_makes_no_edit(
    laptops: list[Laptop], centre: ModelCentre
):
    ours, theirs = laptops
    await begin(ours, centre)
    await sync(theirs, centre)
    told = await theirs.rows("SELECT action, entity FROM audit_log WHERE action != 'sync'")
    assert told == []
    assert len(await theirs.rows("SELECT 1 FROM audit_log WHERE action = 'sync'")) == 1
    assert await theirs.rows("SELECT * FROM sync_outbox") == []
