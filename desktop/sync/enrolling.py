"""Who this laptop is to the centre: enrolled, made anew after a copy, or led back with a centre that was restored.

On the database's thread, each in one local transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from desktop.sync.exchange import Standing
from desktop.sync.outgoing import thaw
from desktop.sync.tables import NAMES
from desktop.sync.versions import put, row_of


def enrol(connection: Any, *, centre_id: UUID, central_uuid: UUID, replica_id: UUID) -> None:
    """Begin to sync with a centre: everything that is here waits for it, parents first."""
    connection.execute(
        "UPDATE sync_state SET centre_id = ?, central_uuid = ?, replica_id = ?, batch_no = 0, batch_chain = x'', "
        "cursor = 0",
        (centre_id.bytes, central_uuid.bytes, replica_id.bytes),
    )
    for table in ("sync_chain", "sync_outbox", "sync_inflight", *_versions()):
        connection.execute(f"DELETE FROM {table}")
    for name in NAMES:
        connection.execute(f"UPDATE {name} SET rev = 0, srv_seq = 0 WHERE rev != 0 OR srv_seq != 0")
        _queue(connection, name, "true")


def leave(connection: Any) -> None:
    """Sync with no centre any more; the records stay, and nothing waits."""
    connection.execute("UPDATE sync_state SET centre_id = NULL, central_uuid = NULL, replica_id = NULL")
    for table in ("sync_chain", "sync_outbox", "sync_inflight", *_versions()):
        connection.execute(f"DELETE FROM {table}")


def standing(connection: Any) -> Standing | None:
    """Return where this laptop stands, None when it is not enrolled."""
    row = connection.execute(
        "SELECT centre_id, central_uuid, replica_id, batch_no, batch_chain, cursor FROM sync_state"
    ).fetchone()
    if row[2] is None:
        return None
    tip = connection.execute("SELECT seq, chain FROM sync_chain ORDER BY seq DESC LIMIT 1").fetchone()
    return Standing(
        centre_id=UUID(bytes=row[0]),
        central_uuid=UUID(bytes=row[1]),
        replica_id=UUID(bytes=row[2]),
        batch_no=row[3],
        batch_chain=row[4],
        cursor=row[5],
        tip=None if tip is None else (tip[0], tip[1]),
    )


def links_before(connection: Any, seq: int, count: int) -> list[tuple[int, bytes]]:
    """Return the newest commits that are known here before `seq`."""
    query = "SELECT seq, chain FROM sync_chain WHERE seq < ? ORDER BY seq DESC LIMIT ?"
    return [(int(row[0]), bytes(row[1])) for row in connection.execute(query, (seq, count))]


def become(connection: Any, replica_id: UUID) -> None:
    """Go on under another identity: the former one is a copy's, or belongs to what this laptop was restored from."""
    thaw(connection)
    connection.execute(
        "UPDATE sync_state SET replica_id = ?, batch_no = 0, batch_chain = x''", (replica_id.bytes,)
    )


def lost_since(connection: Any, seq: int) -> dict[str, list[bytes]]:
    """Return the ids of records whose version the centre lost when it was restored to commit `seq`."""
    return {
        name: [row[0] for row in connection.execute(f"SELECT id FROM {name} WHERE srv_seq > ?", (seq,))]
        for name in NAMES
    }


def rewind(connection: Any, seq: int, images: Mapping[str, Sequence[tuple[Any, ...]]]) -> int:
    """Give the centre back what it lost after commit `seq`; returns how many records wait for it again.

    `images` are the versions that it still has, up to `seq`: from these the ones here come.
    """
    thaw(connection)
    count = 0
    for name in NAMES:
        _queue(connection, name, "srv_seq > ?", seq)
        lost = f"SELECT id FROM {name} WHERE srv_seq > ?"
        connection.execute(f"DELETE FROM base_{name} WHERE id IN ({lost})", (seq,))
        count += connection.execute(f"SELECT count(*) FROM {name} WHERE srv_seq > ?", (seq,)).fetchone()[0]
        connection.execute(f"UPDATE {name} SET rev = 0, srv_seq = 0 WHERE srv_seq > ?", (seq,))
        for image in images.get(name, ()):
            row = row_of(name, image)
            if row.srv_seq <= seq:
                put(connection, f"base_{name}", image[0], row, columns_of=name)
                connection.execute(
                    f"UPDATE {name} SET rev = ?, srv_seq = ? WHERE id = ?", (row.rev, row.srv_seq, image[0])
                )
    connection.execute("DELETE FROM sync_chain WHERE seq > ?", (seq,))
    connection.execute("UPDATE sync_state SET cursor = min(cursor, ?)", (seq,))
    return count


def _queue(connection: Any, name: str, where: str, *values: int) -> None:
    """Let records wait that do not so far, in the order in which they are stored."""
    clean = f"NOT EXISTS (SELECT 1 FROM sync_outbox o WHERE o.tbl = '{name}' AND o.id = {name}.id)"
    connection.execute(
        "INSERT INTO sync_outbox (tbl, id, change_no, hlc, status, tries) "
        f"SELECT '{name}', id, (SELECT change_no FROM sync_state) + row_number() OVER (ORDER BY rowid), "
        f"coalesce(hlc, updated_at / 1000 << 16), 'waiting', 0 FROM {name} WHERE {clean} AND {where}",
        values,
    )
    connection.execute(
        "UPDATE sync_state SET change_no = (SELECT coalesce(max(change_no), 0) FROM sync_outbox "
        "UNION ALL SELECT change_no FROM sync_state ORDER BY 1 DESC LIMIT 1), "
        "hlc = max(hlc, (SELECT coalesce(max(hlc), 0) FROM sync_outbox))"
    )


def _versions() -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for prefix in ("base", "sent") for name in NAMES)
