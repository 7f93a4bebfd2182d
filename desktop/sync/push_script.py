"""The statements that a push runs at the centre, in plain SQL made from the tables.

A connection prepares them once; then a push uploads its rows into TEMP tables and runs the prepared ones in one go,
without a word from the laptop while the centre's counter is locked. What fences a push divides by the number of rows
that it moved: none, and the whole transaction is undone.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Boolean, Column, Date, Double, Integer
from sqlalchemy.types import TypeEngine

from desktop.sync.hybrid_clock import COUNTING_BITS, MOST_AHEAD_MS
from desktop.sync.tables import NAMES, PARENTS, recorded, records
from desktop.types import Id, Instant

CONFLICTS = "conflicts"
CHANNEL = "kinelog"
UPLOADED = {
    name: ("id", *recorded(name), "base_rev", "hlc", *(("along",) if name == CONFLICTS else ()))
    for name in NAMES
}
_BATCH_TYPES = {
    "centre_id": "uuid",
    "replica_id": "uuid",
    "number": "bigint",
    "chain_before": "bytea",
    "chain": "bytea",
    "cursor": "bigint",
    "holds_delete": "boolean",
}
BATCH = tuple(_BATCH_TYPES)
_LATEST = f"((extract(epoch FROM now()) * 1000)::bigint + {MOST_AHEAD_MS}) << {COUNTING_BITS}"
# The first that fits counts: BigInteger is an Integer.
_TYPES: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Id, "uuid"),
    (Instant, "timestamptz"),
    (Date, "date"),
    (Boolean, "boolean"),
    (Double, "double precision"),
    (Integer, "bigint"),
)


def preparation() -> str:
    """Return what a connection runs before its first push."""
    return ";\n".join((*_temporary(), *_prepared()))


def script(tables: Collection[str]) -> str:
    """Return what follows the upload of rows for `tables`: all of the push, with its commit."""
    steps = ["push_fence", "push_count"]
    for name in NAMES:
        if name in tables:
            steps += [f"push_{name}_new", f"push_{name}_edited"]
    run = (f"EXECUTE {step}" for step in (*steps, "push_ledger", "push_result"))
    # A plan that was made when the tables were empty reads all of them by now.
    return ";".join(("DISCARD PLANS", *run, "COMMIT"))


def _temporary() -> Iterator[str]:
    batch = ", ".join(f"{column} {kind}" for column, kind in _BATCH_TYPES.items())
    yield f"CREATE TEMP TABLE up_batch ({batch}) ON COMMIT DELETE ROWS"
    for name in NAMES:
        known = {column.name: _type(column) for column in records(name).columns}
        known |= {"base_rev": "bigint", "along": "boolean"}
        columns = ", ".join(f"{column} {known[column]}" for column in UPLOADED[name])
        yield f"CREATE TEMP TABLE up_{name} ({columns}) ON COMMIT DELETE ROWS"


def _type(column: Column[Any]) -> str:
    return next((name for kind, name in _TYPES if isinstance(column.type, kind)), "text")


def _prepared() -> Iterator[str]:
    yield (
        "PREPARE push_fence AS WITH moved AS ("
        "UPDATE replica r SET last_batch = b.number, chain = b.chain, last_seen = now() FROM up_batch b "
        "WHERE r.centre_id = b.centre_id AND r.replica_id = b.replica_id AND r.last_batch = b.number - 1 "
        "AND r.chain = b.chain_before AND NOT r.revoked RETURNING 1) SELECT 1 / count(*) FROM moved"
    )
    yield (
        "PREPARE push_count AS WITH moved AS ("
        "UPDATE stream s SET head = s.head + 1, chain = sha256(s.chain || b.chain) FROM up_batch b "
        "WHERE s.centre_id = b.centre_id AND (NOT b.holds_delete OR s.head = b.cursor) RETURNING 1) "
        "SELECT 1 / count(*) FROM moved"
    )
    for name in NAMES:
        yield f"PREPARE push_{name}_new AS {_insert(name)}"
        yield f"PREPARE push_{name}_edited AS {_update(name)}"
    yield (
        "PREPARE push_ledger AS INSERT INTO ledger (centre_id, seq, replica_id, batch_no, n_rows, chain, at) "
        "SELECT b.centre_id, s.head, b.replica_id, b.number, "
        f"{' + '.join(_written(name) for name in NAMES)}, s.chain, now() {_FROM_BATCH}"
    )
    rejected = " UNION ALL ".join(_rejected(name) for name in NAMES)
    yield (
        "PREPARE push_result AS UPDATE replica r SET acked_seq = s.head, last_result = jsonb_build_object("
        "'seq', s.head, 'chain', encode(s.chain, 'hex'), 'rejected', coalesce("
        f"(SELECT jsonb_agg(jsonb_build_array(tbl, id)) FROM ({rejected}) x), '[]')) "
        f"{_FROM_BATCH} WHERE r.centre_id = b.centre_id AND r.replica_id = b.replica_id"
    )


_FROM_BATCH = "FROM up_batch b JOIN stream s ON s.centre_id = b.centre_id"


def _insert(name: str) -> str:
    columns = ", ".join(("id", *recorded(name)))
    values = ", ".join(f"u.{column}" for column in ("id", *recorded(name)))
    return (
        f"INSERT INTO {name} (centre_id, {columns}, rev, srv_seq, hlc, origin) "
        f"SELECT b.centre_id, {values}, 1, s.head, least(u.hlc, {_LATEST}), b.replica_id "
        f"FROM up_{name} u CROSS JOIN up_batch b JOIN stream s ON s.centre_id = b.centre_id "
        f"WHERE u.base_rev = 0 {_may_be_written(name)} ON CONFLICT DO NOTHING"
    )


def _update(name: str) -> str:
    edited = ", ".join(f"{column} = u.{column}" for column in recorded(name))
    return (
        f"UPDATE {name} t SET {edited}, rev = t.rev + 1, srv_seq = s.head, hlc = least(u.hlc, {_LATEST}), "
        f"origin = b.replica_id FROM up_{name} u CROSS JOIN up_batch b JOIN stream s ON s.centre_id = b.centre_id "
        f"WHERE t.centre_id = b.centre_id AND t.id = u.id AND u.base_rev > 0 AND t.rev = u.base_rev "
        f"{_may_be_written(name)}"
    )


def _may_be_written(name: str) -> str:
    """Return the condition that nothing above a row is deleted, but by this very push, which has seen the row.

    What is deleted itself hides nothing there. A conflict is written with its record or not at all.
    """
    if name == CONFLICTS:
        with_record = " OR ".join(
            f"(u.tbl = '{other}' AND EXISTS (SELECT 1 FROM {other} w WHERE w.centre_id = b.centre_id "
            "AND w.id = u.row_id AND w.srv_seq = s.head))"
            for other in NAMES
            if other != CONFLICTS
        )
        return f"AND (NOT u.along OR {with_record})"
    if name not in PARENTS:
        return ""
    _, column = PARENTS[name]
    return f"AND (u.deleted OR u.{column} NOT IN ({_dead_above(name)}))"


def _dead_above(name: str) -> str:
    """Return the query for the parents of `name` that were deleted by an earlier push, or lie under such a row.

    A set that is looked up in, for all rows at once: asked row by row it took most of the time of a push.
    """
    parent, _ = PARENTS[name]
    query = (
        f"SELECT p.id FROM {parent} p WHERE p.centre_id = (SELECT centre_id FROM up_batch) AND p.deleted "
        f"AND p.srv_seq != (SELECT s.head {_FROM_BATCH})"
    )
    if parent in PARENTS:
        _, column = PARENTS[parent]
        query += (
            f" UNION ALL SELECT p.id FROM {parent} p WHERE p.centre_id = (SELECT centre_id FROM up_batch) "
            f"AND p.{column} IN ({_dead_above(parent)})"
        )
    return query


def _written(name: str) -> str:
    return f"(SELECT count(*) FROM {name} t WHERE t.centre_id = b.centre_id AND t.srv_seq = s.head)::int"


def _rejected(name: str) -> str:
    return (
        f"SELECT '{name}' AS tbl, u.id FROM up_{name} u WHERE NOT EXISTS (SELECT 1 FROM {name} t "
        "WHERE t.centre_id = b.centre_id AND t.id = u.id AND t.srv_seq = s.head)"
    )
