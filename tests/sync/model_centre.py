"""A centre in memory that keeps the rules of the real one, for runs that a seed replays to the last step."""

import hashlib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from desktop.sync.exchange import Answer, Batch, Hello, Page
from desktop.sync.remote import Outrun, Refused, Unreachable
from desktop.sync.tables import NAMES, PARENTS, page_columns

Stored = tuple[Any, ...]  # (id, what was recorded ..., rev, srv_seq, hlc, origin)


def place(name: str, column: str) -> int:
    return page_columns(name).index(column)


@dataclass
class Replica:
    last_batch: int = 0
    chain: bytes = b""
    answer: Answer | None = None
    revoked: bool = False


@dataclass
class ModelCentre:
    """What the real centre keeps; `refuses` are notes that break a constraint of its own."""

    central_uuid: UUID
    head: int = 0
    chain: bytes = b""
    ledger: dict[int, bytes] = field(default_factory=dict)
    replicas: dict[UUID, Replica] = field(default_factory=dict)
    rows: dict[str, dict[bytes, Stored]] = field(default_factory=lambda: {name: {} for name in NAMES})
    refuses: str = "\x00"
    schema_version: int = 1
    min_client_schema: int = 1

    def backup(self) -> "ModelCentre":
        return deepcopy(self)

    def restore(self, backup: "ModelCentre") -> None:
        """Become what it was, in the same place."""
        vars(self).update(vars(deepcopy(backup)))

    # What the script of a push does

    def push(self, replica_id: UUID, batch: Batch) -> Answer:
        replica = self.replicas.get(replica_id)
        if replica is None or replica.revoked:
            raise Unreachable("This replica is not known.")
        if (replica.last_batch, replica.chain) != (batch.number - 1, batch.chain_before):
            raise Outrun("Another batch came in between.")
        if batch.holds_delete and self.head != batch.cursor:
            raise Outrun("A delete has not seen all.")
        self._refuse(batch)
        self.head += 1
        self.chain = hashlib.sha256(self.chain + batch.chain).digest()
        accepted: dict[str, set[bytes]] = {}
        for name in NAMES:
            rows = batch.rows.get(name, ())
            accepted[name] = {row[0] for row in rows if self._write(name, row, replica_id, accepted, batch)}
        rejected = {
            name: frozenset(row[0] for row in rows) - accepted[name] for name, rows in batch.rows.items()
        }
        self.ledger[self.head] = self.chain
        answer = Answer(self.head, self.chain, {name: ids for name, ids in rejected.items() if ids})
        self.replicas[replica_id] = Replica(batch.number, batch.chain, answer)
        self.check()
        return answer

    def _refuse(self, batch: Batch) -> None:
        for rows in batch.rows.values():
            for row in rows:
                if any(isinstance(value, str) and self.refuses in value for value in row):
                    raise Refused("check_violation")
                # a parent that the centre does not have
        for name, (parent, column) in PARENTS.items():
            there = {*self.rows[parent], *(row[0] for row in batch.rows.get(parent, ()))}
            at = place(name, column)
            if any(row[at] not in there for row in batch.rows.get(name, ())):
                raise Refused("foreign_key_violation")

    def _write(
        self, name: str, row: Stored, origin: UUID, accepted: Mapping[str, set[bytes]], batch: Batch
    ) -> bool:
        if name == "conflicts":
            *row_, base_rev, hlc, along = row
            tbl, row_id = row[place(name, "tbl")], row[place(name, "row_id")]
            if along and row_id not in accepted[tbl]:
                return False
        else:
            *row_, base_rev, hlc = row
        there = self.rows[name].get(row[0])
        if (0 if there is None else there[place(name, "rev")]) != base_rev:
            return False
        if name in PARENTS and not row[place(name, "deleted")] and not self._under_living(name, row):
            return False
        self.rows[name][row[0]] = (*row_, base_rev + 1, self.head, hlc, origin.bytes)
        return True

    def _under_living(self, name: str, row: Sequence[Any]) -> bool:
        """Whether all above lives, or was deleted by this very batch, which has seen the row."""
        while name in PARENTS:
            parent, column = PARENTS[name]
            row = self.rows[parent].get(row[place(name, column)], ())
            if not row:
                return False
            name = parent
            if row[place(name, "deleted")] and row[place(name, "srv_seq")] != self.head:
                return False
        return True

    # What a pull reads

    def pull(self, cursor: int, limit: int) -> Page:
        to, count = cursor, 0
        sizes: dict[int, int] = {}
        for name in NAMES:
            for row in self.rows[name].values():
                seq = row[place(name, "srv_seq")]
                sizes[seq] = sizes.get(seq, 0) + 1
        while to < self.head and (to == cursor or count + sizes.get(to + 1, 0) <= limit):
            to += 1
            count += sizes.get(to, 0)
        found = {
            name: [row for row in self.rows[name].values() if cursor < row[place(name, "srv_seq")] <= to]
            for name in NAMES
        }
        for name in ("metrics", "task_results"):
            parent, column = PARENTS[name]
            listed = {row[0] for row in found[parent]}
            for row in found[name]:
                above = self.rows[parent][row[place(name, column)]]
                if above[0] not in listed and above[place(parent, "srv_seq")] > to:
                    found[parent].append(above)
                    listed.add(above[0])
        links = [(seq, self.ledger[seq]) for seq in range(cursor + 1, to + 1)]
        return Page(to, links, {name: rows for name, rows in found.items() if rows}, self.head, self.chain)

    def check(self) -> None:
        """What holds after every commit."""
        assert sorted(self.ledger) == list(range(1, self.head + 1))
        for name in NAMES:
            assert all(1 <= row[place(name, "srv_seq")] <= self.head for row in self.rows[name].values())
        for name, (parent, column) in PARENTS.items():
            assert all(row[place(name, column)] in self.rows[parent] for row in self.rows[name].values())


class Line:
    """A connection to the model; `fault` is asked at each call what happens to it: "", "before" or "after"."""

    def __init__(self, centre: ModelCentre, fault: Any = lambda _call: "") -> None:
        self._centre, self._fault = centre, fault

    def _call(self, name: str, work: Any) -> Any:
        fault = self._fault(name)
        if fault == "before":
            raise Unreachable("cut")
        found = work()
        if fault == "after":
            raise Unreachable("cut")
        return found

    async def hello(self, replica_id: UUID) -> Hello:
        def work() -> Hello:
            centre = self._centre
            known = replica_id in centre.replicas
            replica = centre.replicas.setdefault(replica_id, Replica())
            return Hello(
                centre.central_uuid, centre.schema_version, centre.min_client_schema, 0, centre.head, centre.chain,
                known, replica.last_batch, replica.chain, replica.answer,
            )  # fmt: skip

        return self._call("hello", work)

    async def push(self, replica_id: UUID, batch: Batch) -> Answer:
        return self._call("push", lambda: self._centre.push(replica_id, batch))

    async def pull(self, cursor: int, rows: int) -> Page:
        return self._call("pull", lambda: self._centre.pull(cursor, rows))

    async def links(self, seqs: Sequence[int]) -> Mapping[int, bytes]:
        ledger = self._centre.ledger
        return self._call("links", lambda: {seq: ledger[seq] for seq in seqs if seq in ledger})

    async def images(self, ids: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[Stored]]:
        rows = self._centre.rows
        return self._call(
            "images",
            lambda: {
                name: [rows[name][one] for one in each if one in rows[name]] for name, each in ids.items()
            },
        )
