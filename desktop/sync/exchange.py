"""What a laptop and the centre say to each other: plain values, so that neither side knows how the other keeps them.

Rows are tuples of what SQLite stores, in the order of the columns that are told: ids as 16 bytes, instants as
microseconds since 1970, days as ISO text, truth as 0 or 1. Floats are never written as text in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Rows = Mapping[str, Sequence[tuple[Any, ...]]]


@dataclass(frozen=True)
class Standing:
    """Where this laptop stands: who it is to the centre, what it last had acknowledged, and how far it has pulled.

    `tip` is the newest commit of the centre that this laptop knows, with its chain.
    """

    centre_id: UUID
    central_uuid: UUID
    replica_id: UUID
    batch_no: int
    batch_chain: bytes
    cursor: int
    tip: tuple[int, bytes] | None


@dataclass(frozen=True)
class Batch:
    """Rows on their way to the centre, frozen until it has answered: sent again, they are the same.

    `rows` has for each table (id, what was recorded ..., rev, hlc); a conflict also whether its record travels along.
    """

    number: int
    chain_before: bytes
    chain: bytes
    cursor: int
    holds_delete: bool
    rows: Rows

    @property
    def size(self) -> int:
        """Return how many rows it has."""
        return sum(map(len, self.rows.values()))


@dataclass(frozen=True)
class Answer:
    """What became of a batch: the centre's number of the commit, its chain, and the ids that were not accepted."""

    seq: int
    chain: bytes
    rejected: Mapping[str, frozenset[bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Hello:
    """What the centre says first: who it is, what it can read, its time, and what it knows of this replica.

    `last_answer` is the stored one of the replica's last batch; `known` is False for a replica it never saw.
    """

    central_uuid: UUID
    schema_version: int
    min_client_schema: int
    now_ms: int
    head: int
    head_chain: bytes
    known: bool
    last_batch: int = 0
    batch_chain: bytes = b""
    last_answer: Answer | None = None


@dataclass(frozen=True)
class Counted:
    """One table: its rows that are not deleted, and the digest of all its rows. See `desktop.sync.receipt`."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Page:
    """What happened at the centre after a cursor, up to and with commit `to`; `links` are the chains of these commits.

    `rows` has for each table (id, what was recorded ..., rev, srv_seq, hlc, origin), with the parents that are newer.
    """

    to: int
    links: Sequence[tuple[int, bytes]]
    rows: Rows
    head: int
    head_chain: bytes

    @property
    def size(self) -> int:
        """Return how many rows it has."""
        return sum(map(len, self.rows.values()))
