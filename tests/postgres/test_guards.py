"""Guards: what neither a laptop nor the owner of the tables does, and what each guard alone prevents.

Every act is tried twice: as a centre is, where its guard refuses it, and without that guard, where it goes through. So
no guard can be lost without a failure here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import asyncpg
import pytest

from tests.postgres.centres import TABLES, acting
from tests.postgres.conftest import ADMIN, Shared

RAISE = "UPDATE stream SET head = head + 1, chain = sha256(chain) WHERE centre_id = '{centre}'"
COUNT = (
    "INSERT INTO ledger SELECT centre_id, head, (SELECT replica_id FROM replica WHERE role_name = '{anna}' LIMIT 1), "
    "1, 1, chain, now() FROM stream WHERE centre_id = '{centre}'"
)
HEAD = "(SELECT head FROM stream WHERE centre_id = '{centre}')"
UNCOUNTED = "SET CONSTRAINTS ALL IMMEDIATE"  # what a commit does, too
NEVER = ("DELETE FROM {0} WHERE false", "TRUNCATE {0} CASCADE")


@dataclass(frozen=True)
class Act:
    """What nobody does: its statements, which guard refuses the last one, and who tries."""

    name: str
    guard: str
    statements: Sequence[str]
    by_owner: bool = False
    tables: Sequence[str] = ()  # that the guard hangs on

    @property
    def removal(self) -> str:
        """The statement that takes the guard away."""
        return ";".join(f"DROP TRIGGER {self.guard} ON public.{table}" for table in self.tables)


def new(table: str, *, rev: str = "1", number: str = HEAD) -> str:
    """Return the statement for a new row like one that is there, and like nothing else."""
    one = f"(SELECT id FROM {table} WHERE centre_id = '{{centre}}' LIMIT 1)"
    changed = f"jsonb_build_object('id', gen_random_uuid(), 'rev', {rev}, 'srv_seq', {number})"
    return (
        f"INSERT INTO {table} SELECT n.* FROM {table} r, jsonb_populate_record(r, {changed}) n "
        f"WHERE r.centre_id = '{{centre}}' AND r.id = {one}"
    )


def edited(table: str, *, rev: str = "rev + 1", number: str = HEAD, more: str = "") -> str:
    """Return the statement for an edit of the newest rows."""
    newest = f"(SELECT max(srv_seq) FROM {table} WHERE centre_id = '{{centre}}')"
    return (
        f"UPDATE {table} SET rev = {rev}, srv_seq = {number}{more} "
        f"WHERE centre_id = '{{centre}}' AND srv_seq = {newest}"
    )


def record_acts(table: str) -> Iterator[Act]:
    """Yield what is not done to a table of records."""
    made = "kinelog_new_rows"
    for name, statements in {
        "a new row with rev 0": [RAISE, new(table, rev="0")],
        "a new row with rev 2": [RAISE, new(table, rev="2")],
        "a new row with a former number": [RAISE, new(table, number=f"{HEAD} - 1")],
        "a new row with a later number": [RAISE, new(table, number=f"{HEAD} + 1")],
        "a new row without a push": [new(table)],
        "a new row after the push was counted": [RAISE, COUNT, new(table)],
    }.items():
        yield Act(f"{table}: {name}", made, statements, tables=[table])
    changed = "kinelog_edited_rows"
    for name, statements in {
        "an edit that leaves rev": [RAISE, edited(table, rev="rev")],
        "an edit that raises rev by 2": [RAISE, edited(table, rev="rev + 2")],
        "an edit that leaves the number": [RAISE, edited(table, number="srv_seq")],
        "an edit with a later number": [RAISE, edited(table, number=f"{HEAD} + 1")],
        "an edit without a push": [edited(table)],
        "an edit after the push was counted": [RAISE, COUNT, edited(table)],
    }.items():
        yield Act(f"{table}: {name}", changed, statements, tables=[table])
    moved = [RAISE, new(table), edited(table, more=", id = gen_random_uuid()")]
    yield Act(f"{table}: another id", changed, moved, by_owner=True, tables=[table])
    if table not in {"task_results", "metrics"}:  # there a foreign key refuses it as well
        moved = [RAISE, new(table), edited(table, more=", centre_id = '{other}'")]
        yield Act(f"{table}: another centre", changed, moved, by_owner=True, tables=[table])
    for statement in NEVER:
        act = statement.format(table)
        yield Act(f"{table}: {act}", "kinelog_never", [act], by_owner=True, tables=TABLES)


def bookkeeping_acts() -> Iterator[Act]:
    """Yield what is not done to the history of the centre."""
    of_stream = "UPDATE stream SET {0} WHERE centre_id = '{{centre}}'"
    for change in (
        "head = head + 2, chain = sha256(chain)",
        "head = head, chain = sha256(chain)",
        "head = head - 1, chain = sha256(chain)",
        "head = head + 1",
    ):
        yield Act(f"stream: {change}", "kinelog_stream", [of_stream.format(change)], tables=["stream"])
    for column, value in {
        "central_uuid": "gen_random_uuid()",
        "centre_id": "gen_random_uuid()",
        "schema_version": "9",
        "min_client_schema": "9",
        "purge_floor": "9",
    }.items():
        change = f"head = head + 1, chain = sha256(chain), {column} = {value}"
        statements = ["DELETE FROM device", of_stream.format(change)]
        yield Act(f"stream: {column}", "kinelog_stream", statements, by_owner=True, tables=["stream"])
    yield Act("stream: uncounted", "kinelog_counted", [RAISE, UNCOUNTED], tables=["stream"])
    wrong_chain = [RAISE, COUNT.replace("chain, now()", "sha256(chain), now()")]
    yield Act("ledger: another chain", "kinelog_ledger", wrong_chain, tables=["ledger"])
    for number in ("head + 1", "head - 9", "0"):
        statements = [RAISE, COUNT.replace("centre_id, head,", f"centre_id, {number},")]
        yield Act(f"ledger: number {number}", "kinelog_ledger", statements, tables=["ledger"])
    for table in ("stream", "ledger", "history"):
        for statement in (
            *NEVER,
            *(["UPDATE {0} SET centre_id = centre_id WHERE false"] * (table != "stream")),
        ):
            act, tables = statement.format(table), ["stream", "ledger", "history"]
            yield Act(f"{table}: {act}", "kinelog_never", [act], by_owner=True, tables=tables)


ACTS = [*(act for table in TABLES for act in record_acts(table)), *bookkeeping_acts()]


async def do(shared: Shared, act: Act, *, guarded: bool) -> None:
    """Do what an act says; the last statement is the one that counts."""
    known = {"centre": shared.centre.centre_id, "other": shared.other.centre_id, "anna": shared.anna.role}
    role = ADMIN if act.by_owner else shared.anna.role
    async with acting(shared.office, role, without="" if guarded else act.removal) as connection:
        *first, last = (statement.format(**known) for statement in act.statements)
        for statement in first:
            await connection.execute(statement)
        if guarded:
            with pytest.raises(asyncpg.RaiseError):
                await connection.execute(last)
        else:
            await connection.execute(last)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
async def test_a_guard_refuses(shared: Shared, act: Act):
    await do(shared, act, guarded=True)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
async def test_nothing_but_that_guard_refuses(shared: Shared, act: Act):
    await do(shared, act, guarded=False)


async def test_every_trigger_of_a_centre_is_tried_here(shared: Shared):
    hung = (
        "SELECT tgname || ' ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    )
    async with shared.office.owner() as owner:
        found = {row[0] for row in await owner.fetch(hung)}
    assert found == {f"{act.guard} {table}" for act in ACTS for table in act.tables}
