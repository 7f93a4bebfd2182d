"""The feed: everybody hears of every commit, whatever the others do."""

from uuid import UUID

import pytest

from desktop.changes import Change, ChangeFeed, Changes, Intention
from tests.helpers.clocks import NOON, StillClock
from tests.helpers.logs import WatchedLog

ACTOR = UUID(int=7)


def changes(*tables: str, sweeping: bool = False) -> Changes:
    rows = tuple(Change(table, UUID(int=place), None, {}) for place, table in enumerate(tables))
    return Changes(ACTOR, "", rows, sweeping)


def test_every_listener_hears_in_the_order_of_publishing():
    feed, heard = ChangeFeed(), []
    feed.subscribe(lambda told: heard.append(("one", told.reason)))
    feed.subscribe(lambda told: heard.append(("two", told.reason)))
    for reason in ("a", "b"):
        feed.publish(Changes(ACTOR, reason, ()))
    assert heard == [("one", "a"), ("two", "a"), ("one", "b"), ("two", "b")]


def test_who_has_left_hears_nothing_more():
    feed, heard = ChangeFeed(), []
    leave = feed.subscribe(heard.append)
    feed.publish(changes("sessions"))
    leave()
    feed.publish(changes("sessions"))
    assert len(heard) == 1


def test_a_listener_may_leave_while_it_is_told():
    feed, heard = ChangeFeed(), []
    leaves = []

    def once(told: Changes) -> None:
        heard.append(told)
        leaves[0]()

    leaves.append(feed.subscribe(once))
    feed.subscribe(heard.append)
    feed.publish(changes("sessions"))
    feed.publish(changes("sessions"))
    assert len(heard) == 3


def test_a_listener_that_fails_is_logged_and_the_next_one_hears(watched_log: WatchedLog):
    watched_log.allow("A listener of the change feed failed")
    feed, heard = ChangeFeed(), []
    feed.subscribe(lambda _told: 1 / 0)
    feed.subscribe(heard.append)
    feed.publish(changes("sessions"))
    assert len(heard) == 1
    assert len(watched_log.records) == 1


def test_changes_name_their_tables():
    assert changes("sessions", "metrics", "metrics").tables() == {"sessions", "metrics"}
    assert changes().tables() == frozenset()


@pytest.mark.parametrize("at", [None, NOON])
def test_an_intention_has_one_instant(at: object):
    clock = StillClock()
    clock.pass_time(hours=1)
    intention = Intention(actor=ACTOR, reason="", clock=clock, at=at)  # type: ignore[arg-type]
    expected = at or clock.now()
    clock.pass_time(hours=1)
    assert intention.now == expected


def test_an_intention_knows_what_it_made_itself():
    intention = Intention(actor=ACTOR, reason="why", clock=StillClock())
    made, edited = UUID(int=1), UUID(int=2)
    intention.declare(Change("metrics", made, None, {"metric_value": 1.0}))
    intention.declare(Change("metrics", edited, {"metric_value": 1.0}, {"metric_value": 2.0}))
    assert intention.made(made)
    assert not intention.made(edited)
    told = intention.changes()
    assert (told.actor, told.reason, [row.id for row in told.rows]) == (ACTOR, "why", [made, edited])
