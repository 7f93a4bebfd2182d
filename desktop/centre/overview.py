"""What a centre holds, for its administrator: its head, its laptops and when they were seen, its records counted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from desktop.centre.admin import Centre, revision_of
from desktop.centre.schema import HEAD, RECORDS

_DEVICES = """
SELECT d.name, d.role_name, d.revoked, count(r.replica_id) AS replicas, max(r.last_seen) AS last_seen
FROM device d LEFT JOIN replica r ON r.centre_id = d.centre_id AND r.role_name = d.role_name
WHERE d.centre_id = :centre_id GROUP BY d.role_name ORDER BY d.revoked, d.name, d.created_at
"""


@dataclass(frozen=True)
class DeviceSeen:
    """A laptop of the centre; `replicas` counts what it was: a copy or a restored vault is one more."""

    name: str
    role: str
    revoked: bool
    replicas: int
    last_seen: datetime | None


@dataclass(frozen=True)
class Overview:
    """A centre at one moment; `rows` are those that are not deleted."""

    centre_id: UUID
    central_uuid: UUID
    schema: str
    current: bool
    head: int
    devices: list[DeviceSeen]
    rows: dict[str, int]


async def overview(connection: AsyncConnection, centre: Centre) -> Overview:
    """Return what the centre holds."""
    whose = {"centre_id": centre.centre_id}
    head = await connection.execute(text("SELECT head FROM stream WHERE centre_id = :centre_id"), whose)
    devices = await connection.execute(text(_DEVICES), whose)
    revision = await revision_of(connection)
    return Overview(
        centre_id=centre.centre_id,
        central_uuid=centre.central_uuid,
        schema=revision,
        current=revision == HEAD,
        head=head.scalar_one(),
        devices=[DeviceSeen(*row) for row in devices],
        rows={name: await _count(connection, name, whose) for name in RECORDS},
    )


async def _count(connection: AsyncConnection, name: str, whose: dict[str, UUID]) -> int:
    query = f"SELECT count(*) FROM {name} WHERE centre_id = :centre_id AND NOT deleted"
    return int((await connection.execute(text(query), whose)).scalar_one())
