"""One sync, whatever lies on either side: who is who, send, pull, send what the pull has merged, until both are equal.

Knows neither a database nor a network; every step is one transaction on one side. It can be broken off between any two
of them, and goes on from there the next time.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from desktop.sync.exchange import Answer, Batch, Hello, Page, Standing
from desktop.sync.remote import CentreError, Outrun, Refused, Remote

SCHEMA_VERSION = 1
LARGEST_CHUNK = 5000
_LINKS_AT_ONCE = 200
_ROUNDS = 10_000

Progress = Callable[[int], None]


class Merged(Protocol):
    """What a page did."""

    rows: dict[str, list[bytes]]
    conflicts: int


class Local(Protocol):
    """This laptop: each call is one local transaction. See `desktop.sync.local`."""

    async def standing(self) -> Standing | None: ...
    async def freeze(self, limit: int) -> bool: ...
    async def batch(self) -> Batch | None: ...
    async def acknowledge(self, answer: Answer) -> None: ...
    async def halve(self) -> bool: ...
    async def quarantine(self, reason: str) -> None: ...
    async def thaw(self) -> None: ...
    async def apply(self, page: Page) -> Merged: ...
    async def become(self, replica_id: UUID) -> None: ...
    async def links_before(self, seq: int, count: int) -> list[tuple[int, bytes]]: ...
    async def lost_since(self, seq: int) -> Mapping[str, Sequence[bytes]]: ...
    async def rewind(self, seq: int, images: Mapping[str, Sequence[tuple[Any, ...]]]) -> int: ...


@dataclass
class Report:
    """What one sync did: rows sent and received, conflicts made, records refused; and what it noticed."""

    pushed: int = 0
    pulled: int = 0
    conflicts: int = 0
    quarantined: int = 0
    new_identity: bool = False
    given_back: int = 0


class Stopped(CentreError):
    """This laptop may not sync with that centre; the message says why. What waits is kept."""


class Engine:
    """Syncs a laptop with a centre; `new_id` makes identities, and `progress` is told how many rows went either way."""

    def __init__(
        self,
        local: Local,
        remote: Remote,
        *,
        new_id: Callable[[], UUID],
        chunk: int = LARGEST_CHUNK,
        progress: Progress = lambda _rows: None,
    ) -> None:
        self._local, self._remote, self._new_id = local, remote, new_id
        self._chunk, self._progress = chunk, progress
        self._pushing = chunk  # less after the centre has refused something
        self.report = Report()

    async def sync(self) -> Report:
        """Bring both sides to the same state; raises Stopped, and Unreachable where it is worth trying again."""
        for _ in range(_ROUNDS):
            await self._shake_hands()
            await self._send_in_flight()
            await self._pull_to_head()
            if not await self._local.freeze(self._pushing):
                return self.report
            await self._send_in_flight()
        raise Stopped("The sync does not come to an end. Please report this; nothing is lost.")

    # Who is who

    async def _shake_hands(self) -> None:
        standing = await self._standing()
        hello = await self._remote.hello(standing.replica_id)
        if hello.central_uuid != standing.central_uuid:
            raise Stopped(
                "This is another database than the centre where this laptop is enrolled. Nothing was sent."
            )
        if hello.min_client_schema > SCHEMA_VERSION:
            raise Stopped(
                "The centre needs a newer Kinelog. What was recorded waits here until it is installed."
            )
        await self._find_common_history(standing, hello)
        await self._prove_identity(hello)

    async def _find_common_history(self, standing: Standing, hello: Hello) -> None:
        """Notice that the centre was restored from a backup, and give it back what it lost."""
        if standing.tip is None or await self._knows([standing.tip]) is not None:
            return
        common, seq = 0, standing.tip[0]
        while links := await self._local.links_before(seq, _LINKS_AT_ONCE):
            found = await self._knows(links)
            if found is not None:
                common = found
                break
            seq = links[-1][0]
        lost = await self._local.lost_since(common)
        images = await self._remote.images(lost)
        self.report.given_back += await self._local.rewind(common, images)

    async def _knows(self, links: Sequence[tuple[int, bytes]]) -> int | None:
        """Return the newest of these commits that the centre has too."""
        there = await self._remote.links([seq for seq, _ in links])
        return max((seq for seq, chain in links if there.get(seq) == chain), default=None)

    async def _prove_identity(self, hello: Hello) -> None:
        """Go on as a new replica when the centre's last batch of this one is none of ours."""
        standing, batch = await self._standing(), await self._local.batch()
        known = (hello.last_batch, hello.batch_chain)
        mine = [(standing.batch_no, standing.batch_chain)]
        if batch is not None:
            mine.append((batch.number, batch.chain))
        if known not in mine:
            self.report.new_identity = True
            await self._local.become(self._new_id())
            await self._remote.hello((await self._standing()).replica_id)
        elif batch is not None and known == (batch.number, batch.chain) and hello.last_answer is not None:
            await self._acknowledge(batch, hello.last_answer)  # which was lost on its way

    async def _standing(self) -> Standing:
        standing = await self._local.standing()
        if standing is None:
            raise Stopped("This laptop is not enrolled at a centre.")
        return standing

    # There and back

    async def _send_in_flight(self) -> None:
        """Send the batch in flight, if there is one, and take note of the answer."""
        while (batch := await self._local.batch()) is not None:
            standing = await self._standing()
            try:
                answer = await self._remote.push(standing.replica_id, batch)
            except Outrun:
                await self._local.thaw()
                return
            except Refused as refusal:
                await self._set_aside(batch, refusal.reason)
                continue
            await self._acknowledge(batch, answer)
            self._pushing = min(self._chunk, self._pushing * 2)
            return

    async def _set_aside(self, batch: Batch, reason: str) -> None:
        """Find the record that the centre cannot take, by halves, and put it where somebody looks at it."""
        if await self._local.halve():
            self._pushing = max(1, batch.size // 2)
        else:
            await self._local.quarantine(reason)
            self.report.quarantined += 1

    async def _acknowledge(self, batch: Batch, answer: Answer) -> None:
        await self._local.acknowledge(answer)
        self.report.pushed += batch.size - sum(map(len, answer.rejected.values()))
        self._tell()

    async def _pull_to_head(self) -> None:
        """Take in what is new; while a page is merged here, the next one is on its way."""
        page = await self._remote.pull((await self._standing()).cursor, self._chunk)
        while page.to < page.head:
            merged, following = await asyncio.gather(
                self._apply(page), self._remote.pull(page.to, self._chunk), return_exceptions=True
            )
            for outcome in (merged, following):
                if isinstance(outcome, BaseException):
                    raise outcome
            assert isinstance(following, Page)
            page = following
        await self._apply(page)

    async def _apply(self, page: Page) -> None:
        if page.links:
            merged = await self._local.apply(page)
            self.report.pulled += sum(map(len, merged.rows.values()))
            self.report.conflicts += merged.conflicts
            self._tell()

    def _tell(self) -> None:
        self._progress(self.report.pushed + self.report.pulled)
