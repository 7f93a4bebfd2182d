"""The three-way merge of one row: the centre's, this laptop's, and the last that both had.

Pure: no database, no clock. Versions tell that rows differ, the centre's order decides who has to merge, and the hybrid
clock only chooses which value of a field that clashes is shown; the other one becomes a clash that somebody reviews.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

Values = Mapping[str, Any]
# They follow the edit that they belong to, and clash with nothing.
STAMPS = frozenset({"updated_at", "updated_by"})


@dataclass(frozen=True)
class Row:
    """A row as one side has it: its fields without those of the sync, and where it stands in that.

    `rev` counts the versions that the centre accepted, 0 for none; `srv_seq` is the centre's number of the last one;
    (`hlc`, `origin`) are reading and replica of the last edit.
    """

    values: Values
    deleted: bool = False
    rev: int = 0
    srv_seq: int = 0
    hlc: int = 0
    origin: UUID | None = None


@dataclass(frozen=True)
class Clash:
    """Two edits of one thing: the value that is shown, and the one that is kept for review, with who made it.

    A delete against an edit has the field "deleted": the row is shown, and the loser is that it was deleted.
    """

    field: str
    kind: Literal["field", "delete_vs_edit"]
    base: Any
    winner: Any
    loser: Any
    loser_hlc: int
    loser_origin: UUID | None


@dataclass(frozen=True)
class Merged:
    """What a laptop keeps when the centre's row arrived: its row, the new base, and whether it is still to be sent."""

    row: Row
    base: Row | None
    dirty: bool
    clashes: tuple[Clash, ...] = ()


def merge(remote: Row, local: Row | None, base: Row | None, *, dirty: bool) -> Merged:
    """Return what becomes of a row for which the centre's version arrived.

    `local` is None where this laptop has no such row; `base` is the last version that was the same here and there, None
    when there was none; `dirty` tells that `local` has edits that the centre has not accepted.
    """
    if local is None:
        return Merged(remote, remote, dirty=False)
    if not dirty:
        newer = remote.rev > local.rev
        return Merged(remote if newer else local, remote if newer else base, dirty=False)
    if base is not None and remote.rev <= base.rev:
        return Merged(local, base, dirty=True)
    return _rebase(remote, local, base)


def _rebase(remote: Row, local: Row, base: Row | None) -> Merged:
    values, clashes = _merged_fields(remote, local, base)
    deleted, died = _merged_deletion(remote, local, base)
    clashes += died
    if deleted == remote.deleted and _same(values, remote.values):
        return Merged(remote, remote, dirty=False, clashes=clashes)
    later = max(remote, local, key=_order)
    row = replace(
        remote,
        values=values,
        deleted=deleted,
        hlc=later.hlc,
        origin=later.origin,
    )
    return Merged(row, remote, dirty=True, clashes=clashes)


def _merged_fields(remote: Row, local: Row, base: Row | None) -> tuple[dict[str, Any], tuple[Clash, ...]]:
    """Return each field as the side has it that changed it; where both did, as the later one has it."""
    local_wins = _order(local) > _order(remote)
    stamps = local.values if local_wins else remote.values
    values: dict[str, Any] = {}
    clashes: list[Clash] = []
    for name, theirs in remote.values.items():
        ours = local.values[name]
        if name in STAMPS:
            values[name] = stamps[name]
        elif ours == theirs or not _changed(local, base, name):
            values[name] = theirs
        elif not _changed(remote, base, name):
            values[name] = ours
        else:
            winner, loser, by = (ours, theirs, remote) if local_wins else (theirs, ours, local)
            values[name] = winner
            was = None if base is None else base.values[name]
            clashes.append(Clash(name, "field", was, winner, loser, by.hlc, by.origin))
    return values, tuple(clashes)


def _merged_deletion(remote: Row, local: Row, base: Row | None) -> tuple[bool, tuple[Clash, ...]]:
    """Return whether the row is deleted: a delete never beats an edit that it did not see."""
    if remote.deleted == local.deleted:
        return remote.deleted, ()
    before = base is not None and base.deleted
    if before:  # one side brought it back
        return False, ()
    dead, alive = (remote, local) if remote.deleted else (local, remote)
    if base is not None and _same(alive.values, base.values):
        return True, ()
    was = None if base is None else base.deleted
    return False, (Clash("deleted", "delete_vs_edit", was, False, True, dead.hlc, dead.origin),)


def _changed(row: Row, base: Row | None, name: str) -> bool:
    return base is None or row.values[name] != base.values[name]


def _same(ours: Values, theirs: Values) -> bool:
    return all(theirs[name] == value for name, value in ours.items() if name not in STAMPS)


def _order(row: Row) -> tuple[int, bytes]:
    return row.hlc, b"" if row.origin is None else row.origin.bytes
