"""Which protocols the records here were made with: one answer for the window, reports and exports."""

from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desktop.errors import Invalid
from desktop.models import StoredProtocol
from desktop.protocols import Protocol, bundled, parse, sha256


async def stored_protocols(db: AsyncSession) -> dict[tuple[str, int], Protocol]:
    """Return the protocols that sessions were recorded with, by name and version.

    A file may bring another one under the same name and version: it does not change what was recorded with ours. One
    of a newer Kinelog that cannot be read is left out; its sessions are shown with their plain names.
    """
    query = (
        select(StoredProtocol.name, StoredProtocol.version, StoredProtocol.sha256, StoredProtocol.content)
        .where(~StoredProtocol.deleted)
        .order_by(StoredProtocol.id.desc())
    )
    ours = {sha256(protocol): protocol for protocol in bundled()}
    found: dict[tuple[str, int], Protocol] = {}
    for name, version, digest, content in await db.execute(query):
        with suppress(Invalid):
            if found.get((name, version)) not in ours.values():
                found[(name, version)] = ours.get(digest) or parse(content.encode())
    return found
