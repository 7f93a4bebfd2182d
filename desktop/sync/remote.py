"""The centre's side of the sync, as the engine sees it, and what can go wrong there."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from desktop.errors import AppError
from desktop.sync.exchange import Answer, Batch, Counted, Hello, Page


class CentreError(AppError):
    """The centre does not take part now, or not at all; the message says which and what to do."""


class Unreachable(CentreError):
    """The centre cannot be reached, or broke off: it is tried again later, and nothing is lost."""


class Refused(CentreError):
    """The centre cannot take a batch because of a record in it; `reason` is the database's, without values."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The centre did not accept a record: {reason}.")
        self.reason = reason


class Outrun(CentreError):
    """Something was written at the centre in between that a batch should have seen first: pull, and send anew."""


class SignedOut(CentreError):
    """The centre knows this laptop no more, or refuses it; what waits is kept."""


class Remote(Protocol):
    """One connection to a centre. Each call is one transaction there; Unreachable when it breaks off."""

    async def hello(self, replica_id: UUID) -> Hello:
        """Return who the centre is and what it knows of this replica, which it gets to know by this."""
        ...

    async def push(self, replica_id: UUID, batch: Batch) -> Answer:
        """Write a batch, all in one commit; raises Refused and Outrun, and nothing of it is written then."""
        ...

    async def pull(self, cursor: int, rows: int) -> Page:
        """Return what follows `cursor`: whole commits with about `rows` rows, at least one commit if there is one."""
        ...

    async def links(self, seqs: Sequence[int]) -> Mapping[int, bytes]:
        """Return the chains of those of the commits `seqs` that are in the centre's ledger."""
        ...

    async def receipt(self) -> Mapping[str, Counted]:
        """Return what the centre holds, counted and hashed as `desktop.sync.receipt` does here."""
        ...

    async def images(self, ids: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        """Return the centre's versions of these records, as a page has them."""
        ...
