"""The merge of one row: nothing is dropped unseen, whatever three versions meet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.sync.hybrid_clock import MOST_AHEAD_MS, clamped, heard, tick
from desktop.sync.merge import STAMPS, Clash, Merged, Row, merge

FIELDS = ("notes", "value", "side")
HERE, THERE = UUID(int=1), UUID(int=2)
BASE = Row({"notes": "", "value": 1.5, "side": "left", "updated_at": 1}, rev=3, srv_seq=30, hlc=100)


def ours(*, deleted: bool = False, hlc: int = 200, **values: Any) -> Row:
    return replace(
        BASE,
        values={**BASE.values, "updated_at": 2, **values},
        deleted=deleted,
        hlc=hlc,
        origin=HERE,
    )


def theirs(*, deleted: bool = False, hlc: int = 300, **values: Any) -> Row:
    return replace(
        BASE,
        values={**BASE.values, "updated_at": 3, **values},
        deleted=deleted,
        rev=4,
        srv_seq=40,
        hlc=hlc,
        origin=THERE,
    )


def shown(merged: Merged) -> dict[str, Any]:
    return {name: merged.row.values[name] for name in FIELDS}


def test_what_was_not_edited_here_is_as_the_centre_has_it():
    assert merge(theirs(notes="x"), BASE, BASE, dirty=False) == Merged(
        theirs(notes="x"), theirs(notes="x"), dirty=False
    )
    assert merge(BASE, None, None, dirty=False) == Merged(BASE, BASE, dirty=False)


def test_an_old_version_that_arrives_late_changes_nothing():
    old = replace(BASE, values={**BASE.values, "notes": "old"}, rev=2)
    assert merge(old, BASE, BASE, dirty=False).row == BASE
    edited = ours(notes="mine")
    assert merge(replace(old, rev=3), edited, BASE, dirty=True) == Merged(edited, BASE, dirty=True)


def test_edits_of_different_fields_are_both_kept_and_sent():
    merged = merge(theirs(side="right"), ours(notes="mine"), BASE, dirty=True)
    assert shown(merged) == {"notes": "mine", "value": 1.5, "side": "right"}
    assert (merged.dirty, merged.clashes) == (True, ())
    assert (merged.row.rev, merged.row.srv_seq, merged.base) == (4, 40, theirs(side="right"))


def test_the_same_edit_on_both_sides_is_nothing_to_send():
    merged = merge(theirs(notes="same"), ours(notes="same"), BASE, dirty=True)
    assert merged == Merged(theirs(notes="same"), theirs(notes="same"), dirty=False)


@pytest.mark.parametrize(("hlc", "winner", "loser", "by"), [(200, 2.0, 3.0, HERE), (400, 3.0, 2.0, THERE)])
def test_of_two_edits_of_a_field_the_later_is_shown_and_the_other_kept(
    hlc: int, winner: float, loser: float, by: UUID
):
    merged = merge(theirs(value=2.0), ours(value=3.0, hlc=hlc), BASE, dirty=True)
    assert merged.row.values["value"] == winner
    lost_at = hlc if by == HERE else 300
    assert merged.clashes == (Clash("value", "field", 1.5, winner, loser, lost_at, by),)
    assert merged.dirty is (winner == 3.0)


def test_a_delete_that_saw_all_deletes():
    merged = merge(theirs(deleted=True), ours(), BASE, dirty=True)
    assert (merged.row.deleted, merged.dirty, merged.clashes) == (True, False, ())
    merged = merge(theirs(), ours(deleted=True), BASE, dirty=True)
    assert (merged.row.deleted, merged.dirty, merged.clashes) == (True, True, ())
    merged = merge(theirs(deleted=True), ours(deleted=True), BASE, dirty=True)
    assert (merged.row.deleted, merged.clashes) == (True, ())


def test_a_delete_never_beats_an_edit_that_it_did_not_see():
    merged = merge(theirs(deleted=True), ours(notes="mine"), BASE, dirty=True)
    assert (merged.row.deleted, merged.row.values["notes"], merged.dirty) == (False, "mine", True)
    assert merged.clashes == (Clash("deleted", "delete_vs_edit", False, False, True, 300, THERE),)
    merged = merge(theirs(notes="yours"), ours(deleted=True), BASE, dirty=True)
    assert (merged.row.deleted, merged.row.values["notes"], merged.dirty) == (False, "yours", False)
    assert merged.clashes == (Clash("deleted", "delete_vs_edit", False, False, True, 200, HERE),)


def test_what_one_side_brings_back_is_back():
    gone = replace(BASE, deleted=True)
    assert merge(replace(theirs(), deleted=False), ours(deleted=True), gone, dirty=True).row.deleted is False
    assert merge(theirs(deleted=True), ours(), gone, dirty=True).row.deleted is False


def test_the_same_id_made_twice_is_one_row_and_every_difference_a_clash():
    assert merge(theirs(), ours(), None, dirty=True) == Merged(theirs(), theirs(), dirty=False)
    merged = merge(theirs(notes="a", value=2.0), ours(notes="b", value=3.0), None, dirty=True)
    assert [(clash.field, clash.base, clash.winner, clash.loser) for clash in merged.clashes] == [
        ("notes", None, "a", "b"),
        ("value", None, 2.0, 3.0),
    ]


# Any three versions

_values = st.fixed_dictionaries(
    {**{name: st.sampled_from(["a", "b", "c"]) for name in FIELDS}, "updated_at": st.integers(0, 3)}
)


def versions(rev: st.SearchStrategy[int], origin: UUID | None) -> st.SearchStrategy[Row]:
    return st.builds(
        Row,
        values=_values,
        deleted=st.booleans(),
        rev=rev,
        srv_seq=st.integers(0, 9),
        hlc=st.integers(0, 9),
        origin=st.just(origin),
    )


three = given(
    remote=versions(st.integers(2, 4), THERE),
    local=versions(st.just(1), HERE),
    base=st.none() | versions(st.just(1), None),
)


def edits(row: Row, base: Row | None) -> Mapping[str, Any]:
    """What a side changed, the stamps aside."""
    return {
        name: value
        for name, value in row.values.items()
        if name not in STAMPS and (base is None or base.values[name] != value)
    }


@three
def test_no_edit_is_dropped_without_a_clash(remote: Row, local: Row, base: Row | None):
    merged = merge(remote, local, base, dirty=True)
    lost = {clash.field: clash.loser for clash in merged.clashes}
    for side in (remote, local):
        for name, value in edits(side, base).items():
            assert value in (merged.row.values[name], lost.get(name)), name
    for clash in merged.clashes:
        if clash.kind == "field":
            assert merged.row.values[clash.field] == clash.winner != clash.loser


@three
def test_a_row_with_an_edit_that_its_delete_did_not_see_lives(remote: Row, local: Row, base: Row | None):
    merged = merge(remote, local, base, dirty=True)
    living = [side for side in (remote, local) if not side.deleted]
    if living and any(edits(side, base) for side in living):
        assert not merged.row.deleted
    if merged.row.deleted is not remote.deleted and remote.deleted:
        assert merged.dirty


@three
def test_a_second_time_is_nothing(remote: Row, local: Row, base: Row | None):
    once = merge(remote, local, base, dirty=True)
    again = merge(remote, once.row, once.base, dirty=once.dirty)
    assert (again.row, again.base, again.dirty, again.clashes) == (once.row, once.base, once.dirty, ())


@three
def test_the_order_of_fields_is_of_no_matter(remote: Row, local: Row, base: Row | None):
    def turned(row: Row) -> Row:
        return replace(row, values=dict(reversed(row.values.items())))

    straight = merge(remote, local, base, dirty=True)
    other = merge(turned(remote), turned(local), base and turned(base), dirty=True)
    assert (other.row, other.dirty, set(other.clashes)) == (
        straight.row,
        straight.dirty,
        set(straight.clashes),
    )


@three
def test_what_is_not_sent_is_what_the_centre_has(remote: Row, local: Row, base: Row | None):
    merged = merge(remote, local, base, dirty=True)
    assert merged.base == remote
    assert merged.row.rev == remote.rev
    if not merged.dirty:
        assert merged.row == remote
    else:
        assert edits(merged.row, remote) or merged.row.deleted != remote.deleted


# The clock


@given(st.integers(0, 2**62), st.integers(0, 2**45), st.integers(0, 2**62))
def test_a_reading_always_rises_and_comes_after_what_was_heard(last: int, now_ms: int, remote: int):
    assert tick(last, now_ms) > last
    assert tick(heard(last, remote), now_ms) > remote


def test_a_clock_in_2099_is_held_back_and_one_in_2010_is_not():
    centre = 1_764_000_000_000
    wrong = tick(0, centre + 70 * 365 * 86_400_000)
    assert clamped(wrong, centre) == (centre + MOST_AHEAD_MS) << 16
    late = tick(0, 1_262_304_000_000)
    assert clamped(late, centre) == late
