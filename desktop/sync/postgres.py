"""A centre on PostgreSQL, as the engine sees it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg

from desktop.sync.exchange import Answer, Batch, Counted, Hello, Page
from desktop.sync.pull_query import pull_query
from desktop.sync.push_script import BATCH, UPLOADED, preparation, script
from desktop.sync.receipt import centre_query
from desktop.sync.remote import Outrun, Refused, SignedOut, Unreachable
from desktop.sync.tables import NAMES, page_columns

_HELLO = """
WITH made AS (
    INSERT INTO replica (centre_id, replica_id, role_name, last_batch, chain, last_seen)
    SELECT $1, $2, session_user, 0, '', now() WHERE EXISTS (SELECT 1 FROM stream WHERE centre_id = $1)
    ON CONFLICT DO NOTHING
)
SELECT s.central_uuid, s.schema_version, s.min_client_schema, s.head, s.chain AS head_chain,
    (extract(epoch FROM now()) * 1000)::bigint AS now_ms,
    r.replica_id IS NOT NULL AS known, r.last_batch, r.chain AS batch_chain, r.last_result
FROM stream s LEFT JOIN replica r ON r.centre_id = s.centre_id AND r.replica_id = $2 WHERE s.centre_id = $1
"""
_AGAIN = ("40001", "40P01", "55P03")  # serialization failure, deadlock, lock not to be had
_PULL = pull_query()
_2000 = 946_684_800_000_000  # microseconds since 1970: PostgreSQL counts from there
_DAY_ONE = date(2000, 1, 1)


class PostgresCentre:
    """The centre `centre_id` behind an open connection; `prepare` comes first."""

    def __init__(self, connection: asyncpg.Connection, centre_id: UUID) -> None:
        self._connection, self._centre = connection, centre_id.bytes

    async def prepare(self) -> None:
        """Let the connection speak in the laptop's own values, and make ready what a push needs."""
        async with translated():
            for name, (form, encode, decode) in _CODECS.items():
                await self._connection.set_type_codec(
                    name, schema="pg_catalog", format=form, encoder=encode, decoder=decode
                )
            await self._connection.execute(preparation())

    async def hello(self, replica_id: UUID) -> Hello:
        async with translated():
            found = await self._connection.fetchrow(_HELLO, self._centre, replica_id.bytes)
        if found is None:
            raise SignedOut("This laptop is signed out at the centre. What was recorded waits here.")
        told = dict(found)
        result = told.pop("last_result")
        return Hello(
            **{
                **told,
                "central_uuid": UUID(bytes=told["central_uuid"]),
                "last_batch": told["last_batch"] or 0,
                "batch_chain": told["batch_chain"] or b"",
                "last_answer": None if result is None else _answer(result),
            }
        )

    async def push(self, replica_id: UUID, batch: Batch) -> Answer:
        header = (
            self._centre, replica_id.bytes, batch.number, batch.chain_before, batch.chain, batch.cursor,
            batch.holds_delete,
        )  # fmt: skip
        connection = self._connection
        async with translated(), self._rolled_back():
            await connection.execute("BEGIN")
            await connection.copy_records_to_table("up_batch", records=[header], columns=BATCH)
            for name in NAMES:
                if rows := batch.rows.get(name):
                    await connection.copy_records_to_table(f"up_{name}", records=rows, columns=UPLOADED[name])
            await connection.execute(script(batch.rows.keys()))
            query = "SELECT last_result FROM replica WHERE centre_id = $1 AND replica_id = $2"
            return _answer(await connection.fetchval(query, self._centre, replica_id.bytes))

    async def pull(self, cursor: int, rows: int) -> Page:
        async with translated():
            found = await self._connection.fetchrow(_PULL, self._centre, cursor, rows)
        if found is None:
            raise SignedOut("This laptop is signed out at the centre. What was recorded waits here.")
        links = list(zip(found["seqs"], found["chains"], strict=True))
        if [seq for seq, _ in links] != list(range(cursor + 1, found["upto"] + 1)):
            raise Unreachable("The centre's ledger has gaps. Please report this; nothing was changed here.")
        return Page(
            to=found["upto"],
            links=links,
            rows={name: _tuples(name, found[name]) for name in NAMES if found[name]},
            head=found["head"],
            head_chain=found["chain"],
        )

    async def links(self, seqs: Sequence[int]) -> Mapping[int, bytes]:
        query = "SELECT seq, chain FROM ledger WHERE centre_id = $1 AND seq = ANY($2)"
        async with translated():
            return dict(await self._connection.fetch(query, self._centre, list(seqs)))

    async def receipt(self) -> Mapping[str, Counted]:
        async with translated():
            found = await self._connection.fetch(centre_query(), self._centre)
        return {row["tbl"]: Counted(row["rows"], row["digest"]) for row in found}

    async def images(self, ids: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        found = {}
        async with translated():
            for name, wanted in ids.items():
                if wanted:
                    query = f"SELECT {', '.join(page_columns(name))} FROM {name} WHERE centre_id = $1 AND id = ANY($2)"
                    rows = await self._connection.fetch(query, self._centre, list(wanted))
                    found[name] = [tuple(row) for row in rows]
        return found

    @asynccontextmanager
    async def _rolled_back(self) -> AsyncIterator[None]:
        """End the transaction that the block leaves open when it fails."""
        try:
            yield
        except BaseException:
            if not self._connection.is_closed():
                await self._connection.execute("ROLLBACK")
            raise


def _answer(result: str) -> Answer:
    told = json.loads(result)
    rejected: dict[str, set[bytes]] = {}
    for name, row_id in told["rejected"]:
        rejected.setdefault(name, set()).add(UUID(row_id).bytes)
    listed = {name: frozenset(ids) for name, ids in rejected.items()}
    return Answer(told["seq"], bytes.fromhex(told["chain"]), listed)


def _tuples(name: str, rows: Sequence[asyncpg.Record]) -> list[tuple[Any, ...]]:
    return list(map(itemgetter(*page_columns(name)), rows))


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Let what goes wrong at the centre be said in Kinelog's words, without any value of a record."""
    try:
        yield
    except asyncpg.DivisionByZeroError:
        raise Outrun("Something was written at the centre in between.") from None
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
        raise Refused(_named(error)) from None
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError):
        raise SignedOut("The centre refuses this laptop. What was recorded waits here.") from None
    except asyncpg.PostgresError as error:
        raise Unreachable(f"The centre broke off ({error.sqlstate}). It is tried again later.") from None
    except (OSError, asyncpg.InterfaceError, TimeoutError):
        raise Unreachable("The centre cannot be reached. It is tried again later.") from None


def _named(error: asyncpg.PostgresError) -> str:
    """Return which rule a record breaks; the database's own text has the record's values in it."""
    rule = getattr(error, "constraint_name", None) or getattr(error, "column_name", None) or error.sqlstate
    return f"{type(error).__name__.removesuffix('Error')} ({rule})"


def _as_day(days: tuple[int]) -> str:
    return (_DAY_ONE + timedelta(days=days[0])).isoformat()


def _days(day: str) -> tuple[int]:
    return ((date.fromisoformat(day) - _DAY_ONE).days,)


# What SQLite stores goes through as it is: no UUID and no datetime is made of it in between.
_CODECS: dict[str, tuple[str, Any, Any]] = {
    "uuid": ("binary", bytes, bytes),
    "timestamptz": ("tuple", lambda instant: (instant - _2000,), lambda told: told[0] + _2000),
    "date": ("tuple", _days, _as_day),
    "bool": ("binary", lambda truth: b"\x01" if truth else b"\x00", lambda raw: raw[0]),
}
