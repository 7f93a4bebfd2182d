"""A practice that a seed makes: laptops edit, sync, break off, are restored and cloned, and the centre is rewound.

Every edit writes a token of its own over the one that it saw. In the end each token must be an ancestor of a value that
everybody has, or lie in a conflict; a deleted record must have been seen whole by who deleted it.
"""

import json
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from desktop.schema import init_db
from desktop.sync import engine
from desktop.sync.remote import CentreError
from desktop.sync.tables import NAMES, PARENTS
from tests.sync import model_centre
from tests.sync.laptops import TOKENS, Laptop, add, content
from tests.sync.model_centre import Line, ModelCentre, place

CENTRE, CENTRAL = UUID(int=1), UUID(int=2)
CHILDREN = {parent: (name, column) for name, (parent, column) in PARENTS.items()}
Place = tuple[str, bytes]  # a record: its table and id
Held = dict[Place, set[str]]  # the tokens that lie in each record, those in conflicts under ("", b"")
NOWHERE: Place = ("", b"")


@dataclass
class Practice:
    """All that one seed plays with, and what it has written so far."""

    folder: Path
    seed: int
    laptops: list[Laptop] = field(default_factory=list)
    above: dict[str, str] = field(default_factory=dict)  # the token that each was written over
    expected: set[str] = field(default_factory=set)
    seen: dict[Place, set[str]] = field(default_factory=dict)  # by who deleted the record
    told: list[str] = field(default_factory=list)  # what happened, for who looks at a failure
    also: dict[str, list[str]] = field(default_factory=dict)  # what else a token stands for
    syncing: list[Laptop] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.calm = self.seed % 4 == 0  # no disk and no server is lost
        self.centre = model_centre.ModelCentre(CENTRAL)
        self.backups: list[ModelCentre] = []

    async def open(self, template: Path, count: int = 3) -> None:
        for number in range(count):
            path = self.folder / f"{number}.sqlite3"
            path.write_bytes(template.read_bytes())
            self.laptops.append(Laptop(path, Random(self.random.random())))
        for laptop in self.laptops:
            await laptop.local.enrol(centre_id=CENTRE, central_uuid=CENTRAL)

    async def close(self) -> None:
        for laptop in self.laptops:
            await laptop.close()

    async def play(self, steps: int) -> None:
        """Let so many things happen, then let everybody come to rest and look at it."""
        actions = [self.edit] * 14 + [self.create] * 2 + [self.delete, self.bring_back] * 2 + [self.sync] * 9
        actions += [self.resolve]
        if not self.calm:
            actions += [self.restore_laptop, self.clone_laptop, self.rewind_centre, self.keep_centre]
        for _ in range(4):
            await self.create(self.laptops[0])
        await self.rest()
        for _ in range(steps):
            action = self.random.choice(actions)
            laptop = self.random.choice(self.laptops)
            self.told.append(f"{action.__name__} {self.laptops.index(laptop)}")
            await action(laptop)
        await self.rest()
        await self.check()

    # What happens

    def token(self, over: str | None) -> str:
        made = f"t{len(self.above)}"
        self.above[made] = over or ""
        self.expected.add(made)
        return made

    async def records(self, laptop: Laptop, name: str, *, deleted: bool = False) -> list[bytes]:
        """Return the records that somebody can see, or those that are deleted themselves."""
        found = [
            row[0]
            for row in await laptop.rows(f"SELECT id FROM {name} WHERE deleted = {int(deleted)} ORDER BY id")
        ]
        hidden = set() if deleted else await self.hidden(laptop)
        return [row_id for row_id in found if (name, row_id) not in hidden]

    async def create(self, laptop: Laptop) -> None:
        name = self.random.choice(list(TOKENS))
        values: dict[str, Any] = {TOKENS[name][0]: self.token(None)}
        if name in PARENTS:
            parent, column = PARENTS[name]
            parents = await self.records(laptop, parent)
            if not parents:
                self.expected.discard(values[TOKENS[name][0]])
                return
            values[column] = self.random.choice(parents)
        if name == "metrics":
            values["metric_name"] = "angle"
        row_id = laptop.database.clock.new_id().bytes
        await laptop.run(lambda connection: add(connection, name, row_id, **values))

    async def edit(self, laptop: Laptop) -> None:
        name = self.random.choice(list(TOKENS))
        found = await self.records(laptop, name)
        if found:
            await self.write(laptop, name, self.random.choice(found), self.random.choice(TOKENS[name]))

    async def write(self, laptop: Laptop, name: str, row_id: bytes, column: str) -> None:
        def work(connection: Any) -> None:
            (over,) = connection.execute(f"SELECT {column} FROM {name} WHERE id = ?", (row_id,)).fetchone()
            change = (
                f"UPDATE {name} SET {column} = ?, updated_at = (SELECT at FROM audit_context) WHERE id = ?"
            )
            connection.execute(change, (self.token(over), row_id))

        await laptop.run(work)

    async def delete(self, laptop: Laptop) -> None:
        name = self.random.choice(list(TOKENS))
        found = await self.records(laptop, name)
        if not found:
            return
        row_id = self.random.choice(found)
        held = await self.held(laptop)
        for record in await self.tree(laptop, name, row_id):
            self.seen.setdefault(record, set()).update(self.ancestors(held.get(record, ())))
        await laptop.run(
            lambda connection: connection.execute(f"UPDATE {name} SET deleted = 1 WHERE id = ?", (row_id,))
        )

    async def bring_back(self, laptop: Laptop) -> None:
        name = self.random.choice(list(TOKENS))
        found = await self.records(laptop, name, deleted=True)
        if found:
            row_id = self.random.choice(found)
            change = f"UPDATE {name} SET deleted = 0 WHERE id = ?"
            await laptop.run(lambda connection: connection.execute(change, (row_id,)))

    async def resolve(self, laptop: Laptop) -> None:
        """Decide a conflict: the loser's value is read, and written over by a new one, as somebody does who looked."""
        found = await laptop.rows(
            "SELECT c.id, c.tbl, c.row_id, c.field, c.loser FROM conflicts c "
            "WHERE c.status = 'open' AND c.kind = 'field' "
            "AND c.field IN ('notes', 'site', 'deviation', 'remark', 'unit')"
        )
        if not found:
            return
        conflict, name, row_id, column, loser = self.random.choice(found)
        await self.write(laptop, name, row_id, column)
        newest = list(self.above)[-1]
        if loser and json.loads(loser):
            self.above[f"{newest}'"] = json.loads(loser)  # the new value stands for both
            self.also.setdefault(newest, []).append(f"{newest}'")
        change = "UPDATE conflicts SET status = 'resolved' WHERE id = ?"
        await laptop.run(lambda connection: connection.execute(change, (conflict,)))

    async def sync(self, laptop: Laptop, *, faults: bool = True) -> None:
        random, calls = self.random, 0

        def fault(_call: str) -> str:
            nonlocal calls
            calls += 1
            assert calls < 2000, "a sync without end"
            return random.choice(("before", "after")) if faults and random.random() < 0.08 else ""

        async def meanwhile() -> None:
            """Between two calls somebody goes on working here, and another laptop syncs."""
            if faults and random.random() < 0.2:
                await self.edit(laptop)
            others = [other for other in self.laptops if other not in self.syncing]
            if faults and others and random.random() < 0.25:
                await self.sync(random.choice(others))

        line = BusyLine(self.centre, fault, meanwhile)
        chunk = random.choice((1, 2, 5, 50))
        one = engine.Engine(laptop.local, line, new_id=laptop.database.clock.new_id, chunk=chunk)
        self.syncing.append(laptop)
        with suppress(CentreError) if faults else nullcontext():
            await one.sync()
        self.syncing.remove(laptop)

    async def restore_laptop(self, laptop: Laptop) -> None:
        """Bring a laptop back to what it was some time ago, or keep what it is for such a time."""
        backup = self.folder / f"{laptop.path.stem}.backup"
        if not backup.exists() or self.random.random() < 0.5:
            await laptop.copy_to(backup)
            return
        await laptop.close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{laptop.path}{ending}").unlink(missing_ok=True)
        laptop.path.write_bytes(backup.read_bytes())
        await self.forget_what_is_nowhere()

    async def clone_laptop(self, laptop: Laptop) -> None:
        if len(self.laptops) < 5:
            path = self.folder / f"{len(self.laptops)}.sqlite3"
            await laptop.copy_to(path)
            self.laptops.append(Laptop(path, Random(self.random.random())))

    async def keep_centre(self, _laptop: Laptop) -> None:
        self.backups.append(self.centre.backup())

    async def rewind_centre(self, _laptop: Laptop) -> None:
        if self.backups and self.random.random() < 0.5:
            self.centre.restore(self.random.choice(self.backups))
            await self.forget_what_is_nowhere()

    # What must hold

    async def rest(self) -> None:
        for _ in range(4):
            for laptop in self.laptops:
                await self.sync(laptop, faults=False)

    async def check(self) -> None:
        there = {
            name: sorted(row[: place(name, "rev") + 1] for row in self.centre.rows[name].values())
            for name in NAMES
        }
        for laptop in self.laptops:
            assert await laptop.rows("SELECT * FROM sync_outbox") == []
            assert await laptop.rows("SELECT applying FROM sync_state") == [(0,)]
            assert await content(laptop) == there
            for name in NAMES:
                assert (
                    await laptop.rows(f"SELECT id FROM base_{name} UNION ALL SELECT id FROM sent_{name}")
                    == []
                )
        laptop = self.laptops[0]
        held = await self.held(laptop)
        lost = self.expected - self.ancestors(token for tokens in held.values() for token in tokens)
        assert not lost, f"nowhere: {sorted(lost)}"
        await self.check_conflicts(laptop)
        conflicts = self.ancestors(held.get(NOWHERE, ()))
        for record in await self.hidden(laptop):
            unseen = (
                (self.ancestors(held.get(record, ())) & self.expected)
                - self.seen.get(record, set())
                - conflicts
            )
            assert not unseen, f"deleted unseen in {record}: {sorted(unseen)}"

    async def check_conflicts(self, laptop: Laptop) -> None:
        """Nobody is asked about two values of which one was written over the other.

        Where a disk or a server was lost it can be so: what was common is not known any more.
        """
        if not self.calm:
            return
        query = (
            "SELECT winner, loser FROM conflicts WHERE kind = 'field' AND winner NOT NULL AND loser NOT NULL"
        )
        for pair in await laptop.rows(query):
            winner, loser = (json.loads(value) for value in pair)
            if winner in self.above and loser in self.above:
                assert loser not in self.ancestors([winner]), f"{winner} was written over {loser}"
                assert winner not in self.ancestors([loser]), f"{loser} was written over {winner}"

    async def held(self, laptop: Laptop) -> Held:
        """Return the tokens that lie in a laptop's records and conflicts."""
        found: Held = {}
        for name, columns in TOKENS.items():
            for row_id, *values in await laptop.rows(f"SELECT id, {', '.join(columns)} FROM {name}"):
                found[name, row_id] = {value for value in values if value}
        losers = await laptop.rows("SELECT loser FROM conflicts WHERE kind = 'field' AND loser IS NOT NULL")
        found[NOWHERE] = {value for (loser,) in losers if isinstance(value := json.loads(loser), str)}
        return found

    def ancestors(self, tokens: Iterable[str]) -> set[str]:
        """Return these tokens and all that they were written over."""
        found: set[str] = set()
        todo = [token for token in tokens if token in self.above]
        while todo:
            token = todo.pop()
            if token and token not in found and token in self.above:
                found.add(token)
                todo += [self.above[token], *self.also.get(token, ())]
        return found

    async def tree(self, laptop: Laptop, name: str, row_id: bytes) -> list[Place]:
        found = [(name, row_id)]
        if name in CHILDREN:
            child, column = CHILDREN[name]
            for (below,) in await laptop.rows(
                f"SELECT id FROM {child} WHERE hex({column}) = '{row_id.hex().upper()}'"
            ):
                found += await self.tree(laptop, child, below)
        return found

    async def hidden(self, laptop: Laptop) -> set[Place]:
        """Return the records that are deleted, or lie under one that is."""
        found: set[Place] = set()
        for name in TOKENS:
            for row_id in await self.records(laptop, name, deleted=True):
                found.update(await self.tree(laptop, name, row_id))
        return found

    async def forget_what_is_nowhere(self) -> None:
        """What only a lost disk had is lost: it is not waited for."""
        held = [await self.held(laptop) for laptop in self.laptops]
        tokens = {token for each in held for values in each.values() for token in values}
        for name, columns in TOKENS.items():
            for row in self.centre.rows[name].values():
                tokens.update(value for column in columns if (value := row[place(name, column)]))
        for row in self.centre.rows["conflicts"].values():
            loser = row[place("conflicts", "loser")]
            tokens.update([value] if loser and isinstance(value := json.loads(loser), str) else [])
        self.expected &= self.ancestors(tokens)


class BusyLine(Line):
    """A line during whose calls somebody goes on working."""

    def __init__(self, centre: ModelCentre, fault: Any, meanwhile: Any) -> None:
        super().__init__(centre, fault)
        self._meanwhile = meanwhile

    async def push(self, *arguments: Any) -> Any:
        await self._meanwhile()
        return await super().push(*arguments)

    async def pull(self, *arguments: Any) -> Any:
        await self._meanwhile()
        return await super().pull(*arguments)


async def make_template(path: Path) -> None:
    """Make an empty file of records, which every simulated laptop begins with."""
    laptop = Laptop(path, Random(0))
    await init_db(laptop.database)
    await laptop.close()
