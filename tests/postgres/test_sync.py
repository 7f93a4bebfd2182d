"""Two laptops and a real centre, over TLS and with a laptop's role: what is here is there, bit for bit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from desktop.centre.admin import Centre
from desktop.centre.connecting import connect
from desktop.centre.enrolment import Enrolment
from desktop.schema import init_db
from desktop.sync.engine import Engine, Report
from desktop.sync.postgres import PostgresCentre
from desktop.sync.remote import Outrun, SignedOut
from tests.postgres.centres import Office
from tests.sync.laptops import Laptop, add, content

SESSION, TASK, METRIC = (UUID(int=number).bytes for number in (11, 12, 13))
NUMBERS = (0.1, -0.0, 5e-324, 1.7976931348623157e308, 2.0**53 + 2, -1.5)
NOTES = ("", "ليلى بنت حداد", "Zoë 😀\n", "'; DROP TABLE sessions; --", "\\x00 \\N \t")


@dataclass(frozen=True)
class Enrolled:
    """A laptop, and who it is at the centre."""

    laptop: Laptop
    enrolment: Enrolment

    @asynccontextmanager
    async def centre(self) -> AsyncIterator[PostgresCentre]:
        connection = await connect(self.enrolment)
        try:
            centre = PostgresCentre(connection, self.enrolment.centre_id)
            await centre.prepare()
            yield centre
        finally:
            await connection.close()

    async def sync(self, *, chunk: int = 100) -> Report:
        async with self.centre() as centre:
            new_id = self.laptop.database.clock.new_id
            return await Engine(self.laptop.local, centre, new_id=new_id, chunk=chunk).sync()

    async def run(self, statement: str, *values: Any) -> None:
        await self.laptop.run(lambda connection: connection.execute(statement, values))


@pytest.fixture
async def pair(tmp_path: Path, office: Office, centre: Centre) -> AsyncIterator[tuple[Enrolled, Enrolled]]:
    """Two laptops at the centre of this test."""
    made = []
    for number, name in enumerate(("Anna", "Ben")):
        laptop = Laptop(tmp_path / f"{name}.sqlite3", Random(number))
        await init_db(laptop.database)
        await laptop.local.enrol(centre_id=centre.centre_id, central_uuid=centre.central_uuid)
        made.append(Enrolled(laptop, await office.enrol(centre, name)))
    yield made[0], made[1]
    for one in made:
        await one.laptop.close()


async def begin(one: Enrolled) -> None:
    """Record what is hard to carry, and send it."""

    def work(connection: Any) -> None:
        for number, notes in enumerate(NOTES):
            session = UUID(int=11 + 100 * number).bytes
            add(connection, "sessions", session, notes=notes, child_date_of_birth="0001-01-01", started_at=-1)
            add(connection, "task_results", UUID(int=12 + 100 * number).bytes, session_id=session, practice=1)
        for number, value in enumerate(NUMBERS):
            metric = UUID(int=13 + 100 * number).bytes
            add(
                connection,
                "metrics",
                metric,
                task_id=TASK,
                metric_name=f"m{number}",
                metric_value=value + 0.0,
            )

    await one.laptop.run(work)
    await one.sync()


async def equal(pair: tuple[Enrolled, Enrolled]) -> None:
    """Sync until nothing waits; both laptops and the centre hold the same then, and say so."""
    for one in (*pair, *pair):
        await one.sync()
    anna, ben = [await content(one.laptop) for one in pair]
    assert anna == ben
    async with pair[0].centre() as centre:
        there = await centre.receipt()
    assert there == await pair[0].laptop.local.receipt() == await pair[1].laptop.local.receipt()
    for one in pair:
        assert await one.laptop.waiting() == 0


async def test_everything_arrives_bit_for_bit(pair: tuple[Enrolled, Enrolled]):
    anna, ben = pair
    await begin(anna)
    report = await ben.sync(chunk=3)
    assert (report.pulled, report.conflicts) == (2 * len(NOTES) + len(NUMBERS), 0)
    await equal(pair)
    assert {row[0] for row in await ben.laptop.rows("SELECT notes FROM sessions")} == set(NOTES)


async def test_both_values_of_a_clash_are_kept_on_all_three(pair: tuple[Enrolled, Enrolled]):
    anna, ben = pair
    await begin(anna)
    await ben.sync()
    await anna.run("UPDATE sessions SET notes = 'ours' WHERE id = ?", SESSION)
    await ben.run("UPDATE sessions SET notes = 'theirs', site = 'Room 2' WHERE id = ?", SESSION)
    await equal(pair)
    ((winner, loser),) = await anna.laptop.rows("SELECT winner, loser FROM conflicts")
    assert {winner, loser} == {'"ours"', '"theirs"'}
    assert await anna.laptop.rows("SELECT site FROM sessions WHERE site != ''") == [("Room 2",)]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_delete_never_hides_what_it_did_not_see(pair: tuple[Enrolled, Enrolled], first: int):
    anna, ben = pair
    await begin(anna)
    await ben.sync()
    await anna.run("UPDATE sessions SET deleted = 1 WHERE id = ?", SESSION)
    await ben.run("UPDATE metrics SET remark = 'seen' WHERE id = ?", METRIC)
    await pair[first].sync()
    await equal(pair)
    assert await anna.laptop.rows("SELECT count(*) FROM sessions WHERE deleted") == [(0,)]
    assert await anna.laptop.rows("SELECT kind FROM conflicts") == [("delete_vs_edit",)]


async def test_a_delete_that_saw_all_takes_its_own_edits_along(pair: tuple[Enrolled, Enrolled]):
    anna, ben = pair
    await begin(anna)
    await ben.sync()
    await anna.run("UPDATE metrics SET remark = 'mine', deleted = 1 WHERE id = ?", METRIC)
    await anna.run("UPDATE sessions SET deleted = 1 WHERE id = ?", SESSION)
    await equal(pair)
    assert await ben.laptop.rows("SELECT count(*) FROM sessions WHERE deleted") == [(1,)]
    assert await ben.laptop.rows("SELECT * FROM conflicts") == []


async def test_a_record_that_breaks_a_rule_of_the_centre_holds_nothing_up(
    pair: tuple[Enrolled, Enrolled], office: Office
):
    anna, _ = pair
    async with office.owner() as owner:
        await owner.execute("ALTER TABLE sessions ADD CONSTRAINT no_poison CHECK (notes <> 'poison')")
    await begin(anna)
    await anna.run("UPDATE sessions SET notes = 'poison' WHERE id = ?", SESSION)
    await anna.run("UPDATE metrics SET remark = 'goes on' WHERE id = ?", METRIC)
    report = await anna.sync()
    assert (report.pushed, report.quarantined) == (1, 1)
    ((error,),) = await anna.laptop.rows("SELECT error FROM sync_outbox WHERE status = 'quarantined'")
    assert error == "CheckViolation (no_poison)"
    await anna.run("UPDATE sessions SET notes = 'mended' WHERE id = ?", SESSION)
    await equal(pair)


async def test_a_batch_is_written_once_whoever_sends_it_again(pair: tuple[Enrolled, Enrolled]):
    anna, _ = pair
    await begin(anna)
    await anna.run("UPDATE sessions SET notes = 'twice' WHERE id = ?", SESSION)
    await anna.laptop.local.freeze(100)
    batch, standing = await anna.laptop.local.batch(), await anna.laptop.local.standing()
    assert batch is not None
    assert standing is not None
    async with anna.centre() as centre:
        await centre.push(standing.replica_id, batch)
        with pytest.raises(Outrun):
            await centre.push(standing.replica_id, batch)
    await equal(pair)  # the lost answer is found
    assert await anna.laptop.rows(f"SELECT rev FROM sessions WHERE hex(id) = '{SESSION.hex().upper()}'") == [
        (2,)
    ]


async def test_a_laptop_that_was_signed_out_stops_and_keeps_what_waits(
    pair: tuple[Enrolled, Enrolled], office: Office, centre: Centre
):
    anna, ben = pair
    await begin(anna)
    await anna.run("UPDATE sessions SET notes = 'waits' WHERE id = ?", SESSION)
    await office.revoke(centre, "Anna")
    with pytest.raises(SignedOut):
        await anna.sync()
    assert await anna.laptop.waiting() == 1
    await ben.sync()
