"""A centre to test on, and what a laptop sends to it, statement by statement."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy.engine import URL

from desktop.centre import admin, devices
from desktop.centre.admin import Centre
from desktop.centre.connecting import connect
from desktop.centre.enrolment import Enrolment
from desktop.database import normalise_url
from tests.helpers.postgres import PostgresServer
from tests.helpers.tls import Authority

NOW = datetime(2026, 3, 14, 9, 26, 53, 589793, UTC)
SOMEBODY = UUID(int=7)
STAMPS = {
    "created_at": NOW,
    "updated_at": NOW,
    "created_by": SOMEBODY,
    "updated_by": SOMEBODY,
    "utc_offset_minutes": 60,
    "deleted": False,
    "hlc": 1,
}
# What a table's rows need at least; parents are added.
VALUES: dict[str, dict[str, Any]] = {
    "people": {"name": "Zoë", "role": "clinician"},
    "protocols": {"name": "motor-screening", "version": 1, "content": "{}", "sha256": "0" * 64},
    "sessions": {
        "child_id": SOMEBODY,
        "child_code": "ABCDEFGH",
        "child_name": "Ada",
        "child_age": 5,
        "child_date_of_birth": date(2021, 1, 31),
        "child_height_cm": 0.1 + 110,
        "session_type": "initial",
        "assessor": SOMEBODY,
        "site": "",
        "protocol_name": "motor-screening",
        "protocol_version": 1,
        "consent": "given",
        "notes": "",
        "started_at": NOW,
        "app_version": "1",
    },
    "task_results": {
        "position": 1,
        "task_name": "walk",
        "side": "none",
        "trial": 1,
        "practice": False,
        "notes": "",
    },
    "metrics": {"metric_name": "speed", "metric_value": 0.1 + 0.2, "source": "manual"},
    "conflicts": {
        "tbl": "sessions",
        "row_id": SOMEBODY,
        "field": "notes",
        "kind": "field",
        "status": "open",
    },
}  # fmt: skip
PARENTS = {"task_results": "session_id", "metrics": "task_id"}
TABLES = tuple(VALUES)


@dataclass(frozen=True)
class Office:
    """Where the administrator of a centre sits: the server, who vouches for it, and the database's URL."""

    server: PostgresServer
    authority: Authority
    url: str

    @property
    def parsed(self) -> URL:
        return normalise_url(self.url)

    @property
    def plain_url(self) -> URL:
        """The database for the server's superuser, as DATABASE_URL would name it."""
        return normalise_url(self.server.url_of(self.database))

    @property
    def port(self) -> int:
        port = self.parsed.port
        assert port is not None
        return port

    @property
    def database(self) -> str:
        return str(self.parsed.database)

    async def make(self) -> Centre:
        """Make the database a centre, or return the one that it is."""
        async with admin.opened(self.parsed) as connection:
            return (await admin.make_centre(connection))[0]

    async def enrol(self, centre: Centre, name: str) -> Enrolment:
        """Let a laptop in."""
        async with admin.opened(self.parsed) as connection:
            return await devices.add_device(
                connection, centre, name=name, host="localhost", port=self.port, ca_pem=self.authority.pem
            )

    async def revoke(self, centre: Centre, name: str) -> None:
        """Let a laptop in no more."""
        async with admin.opened(self.parsed) as connection:
            await devices.revoke_device(connection, centre, name=name)

    async def second_centre(self) -> Centre:
        """Make one more centre in the same database."""
        centre = Centre(uuid4(), uuid4())
        async with self.owner() as owner:
            await owner.execute("INSERT INTO stream VALUES ($1, 0, '', $2, 1, 1, 0)", *vars(centre).values())
        return centre

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a connection as the owner of the tables, past what Kinelog lets an administrator do."""
        url = self.parsed
        connection = await asyncpg.connect(
            host="127.0.0.1", port=self.port, user=url.username, password=url.password,
            database=url.database, ssl=False,
        )  # fmt: skip
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def superuser(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a connection as the one who may do everything on the server."""
        connection = await asyncpg.connect(self.server.url_of(self.database), ssl=False)
        try:
            yield connection
        finally:
            await connection.close()


@dataclass(frozen=True)
class Laptop:
    """A laptop's open connection to its centre, and which replica it is there."""

    connection: asyncpg.Connection
    enrolment: Enrolment
    replica_id: UUID = field(default_factory=uuid4)

    @property
    def centre_id(self) -> UUID:
        return self.enrolment.centre_id

    async def introduce(self) -> None:
        """Let the centre know this replica."""
        await self.connection.execute(
            "INSERT INTO replica (centre_id, replica_id, role_name, last_batch, chain, last_seen) "
            "VALUES ($1, $2, session_user, 0, '', now()) ON CONFLICT DO NOTHING",
            self.centre_id,
            self.replica_id,
        )

    @asynccontextmanager
    async def push(self) -> AsyncIterator[int]:
        """Raise the head, let the block write rows with its number, and count them in the ledger."""
        async with self.connection.transaction():
            head = await self.raise_head()
            yield head
            await self.count()

    async def raise_head(self) -> int:
        """Raise the head by one, and return its number."""
        query = "UPDATE stream SET head = head + 1, chain = sha256(chain || 'batch') RETURNING head"
        head: int = await self.connection.fetchval(query)
        return head

    async def count(self) -> None:
        """Write the row of the ledger for the head."""
        await self.connection.execute(
            "INSERT INTO ledger (centre_id, seq, replica_id, batch_no, n_rows, chain, at) "
            "SELECT centre_id, head, $1, 1, 1, chain, now() FROM stream WHERE centre_id = $2",
            self.replica_id,
            self.centre_id,
        )

    def row(self, table: str, head: int, **changed: Any) -> dict[str, Any]:
        """Return a new row as this laptop would send it."""
        own = {
            "centre_id": self.centre_id,
            "id": uuid4(),
            "rev": 1,
            "srv_seq": head,
            "origin": self.replica_id,
        }
        return {**own, **STAMPS, **VALUES[table], **changed}

    async def write_all(self) -> dict[str, UUID]:
        """Push a row a table, and return their ids."""
        ids: dict[str, UUID] = {}
        async with self.push() as head:
            for table in TABLES:
                parents = {"session_id": ids.get("sessions"), "task_id": ids.get("task_results")}
                wanted = {name: parents[name] for name in parents if PARENTS.get(table) == name}
                row = self.row(table, head, **wanted)
                await insert(self.connection, table, row)
                ids[table] = row["id"]
        return ids


async def insert(connection: asyncpg.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Insert one row."""
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    listed = ", ".join(row)
    await connection.execute(f"INSERT INTO {table} ({listed}) VALUES ({places})", *row.values())


@asynccontextmanager
async def laptop(enrolment: Enrolment) -> AsyncIterator[Laptop]:
    """Open a laptop's connection, the way Kinelog does; it is a replica of its own."""
    connection = await connect(enrolment)
    try:
        found = Laptop(connection, enrolment)
        await found.introduce()
        yield found
    finally:
        await connection.close()


@asynccontextmanager
async def acting(office: Office, role: str, *, without: str = "") -> AsyncIterator[asyncpg.Connection]:
    """Let the block act as `role`, where a safeguard was removed by the statement `without`; all is undone after it."""
    async with office.superuser() as connection:
        transaction = connection.transaction()
        await transaction.start()
        if without:
            await connection.execute(without)
        quoted = role.replace('"', '""')
        await connection.execute(f'SET LOCAL SESSION AUTHORIZATION "{quoted}"')
        try:
            yield connection
        finally:
            await transaction.rollback()
