"""One moment of the records, from which every format is made: who exports what, and from what state."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import __version__
from desktop.age import age_on, corrected_age_on
from desktop.crud import local_day
from desktop.database import Database
from desktop.export.identity import PURPOSE, Deidentifier
from desktop.export.signatures import signed_here
from desktop.export.trees import Tree, read_trees, tree_hash
from desktop.models import AuditEntry, Person, Session
from desktop.protocols import Protocol, bundled
from desktop.stored_protocols import stored_protocols

TAIL = 8  # digits of the audit trail's newest seal


@dataclass(frozen=True)
class Made:
    """By whom, when and with what an export was made; `audit_tail` are the last digits of the trail's newest seal."""

    app_version: str
    made_at: datetime
    made_by: str
    audit_tail: str


@dataclass(frozen=True, slots=True)
class Exported:
    """One session: its tree, the hash of its content, and what follows from it.

    `corrected_months` is None where correcting is not usual. `visit` counts the child's sessions from 1, and
    `signed_here` tells whether its sign-off was made on this laptop. In a de-identified export the tree has neither
    names nor free text nor dates, and other ids, and the hash is that of what is left: it joins nothing to the records.
    """

    tree: Tree
    content_hash: str
    day: date
    age_months: int
    corrected_months: int | None
    visit: int
    signed_here: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What is exported, all as it is at one moment.

    `pages` gives the sessions in the order of their ids as asked, as often as it is gone through.
    """

    made: Made
    people: Mapping[str, str]
    protocols: Mapping[tuple[str, int], Protocol]
    sessions: int
    deidentified: bool
    pages: AsyncIterable[list[Exported]]

    def protocol(self, tree: Tree) -> Protocol | None:
        """Return the protocol with which a session was recorded, None when it is not known here."""
        return self.protocols.get((tree["protocol_name"], tree["protocol_version"]))


@asynccontextmanager
async def open_snapshot(
    database: Database, ids: Sequence[UUID], *, actor: UUID, deidentified: bool = False
) -> AsyncIterator[Snapshot]:
    """Hold one moment of the sessions `ids` within the block, read as `actor`.

    `pages` raises NotFound when one of them is not there.
    """
    async with database.read() as db:
        names = {str(row.id): row.name for row in await db.execute(select(Person.id, Person.name))}
        by = "" if deidentified else names.get(str(actor), "")
        made = Made(__version__, database.clock.now(), by, await _audit_tail(database, db))
        protocols = await stored_protocols(db)
        key = database.files.secret(PURPOSE)
        yield Snapshot(
            made=made,
            people={} if deidentified else names,
            protocols=protocols,
            sessions=len(ids),
            deidentified=deidentified,
            pages=_Pages(
                db, ids, Deidentifier(key, (*bundled(), *protocols.values())) if deidentified else None
            ),
        )


@dataclass(frozen=True)
class _Pages:
    """The sessions of a snapshot, read anew each time they are gone through: at the same moment of the records."""

    db: AsyncSession
    ids: Sequence[UUID]
    deidentifier: Deidentifier | None

    async def __aiter__(self) -> AsyncIterator[list[Exported]]:
        visits = await _visits(self.db)
        async for trees in read_trees(self.db, self.ids):
            signed = [UUID(tree["id"]) for tree in trees if tree["signed_off_at"]]
            here = {str(one) for one in await signed_here(self.db, signed)} if signed else set()
            yield [
                _exported(
                    tree,
                    visits[tree["id"]],
                    self.deidentifier,
                    signed_here=tree["id"] in here,
                )
                for tree in trees
            ]


def _exported(tree: Tree, visit: int, deidentifier: Deidentifier | None, *, signed_here: bool) -> Exported:
    day = local_day(datetime.fromisoformat(tree["started_at"]), tree["utc_offset_minutes"])
    born = date.fromisoformat(tree["child_date_of_birth"]) if tree["child_date_of_birth"] else None
    age = age_on(born, day) if born else None
    corrected = corrected_age_on(born, day, tree["gestational_weeks"]) if born else None
    given = deidentifier.without_identity(tree) if deidentifier else tree
    return Exported(
        tree=given,
        content_hash=tree_hash(given),
        day=day,
        age_months=age.total_months if age else tree["child_age"] * 12,
        corrected_months=corrected.total_months if corrected else None,
        visit=visit,
        signed_here=signed_here,
    )


async def _visits(db: AsyncSession) -> dict[str, int]:
    order = func.row_number().over(partition_by=Session.child_id, order_by=(Session.started_at, Session.id))
    rows = await db.execute(select(Session.id, order).where(~Session.deleted))
    return {str(row_id): visit for row_id, visit in rows}


async def _audit_tail(database: Database, db: AsyncSession) -> str:
    if not database.is_sqlite:
        return ""
    newest = select(AuditEntry.hash).where(AuditEntry.hash.is_not(None))
    seal = await db.scalar(newest.order_by(AuditEntry.seq.desc()).limit(1))
    return seal.hex()[-TAIL:].upper() if seal else ""
