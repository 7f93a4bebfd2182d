"""Long lists: ids first, rows when painted, selection and current row kept by id.

One file above 400 lines: all promises of the list are kept by one fake source of a hundred thousand rows.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, QObject, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QListView

from desktop.errors import DatabaseUnavailable
from tests.helpers.waiting import signal, until
from ui.models.days import day_headings
from ui.models.order import Heading, Headings, Order
from ui.models.paged import PAGE, ROWS_KEPT, PagedModel
from ui.notify import Notifier
from ui.operations import Operations


@dataclass(frozen=True)
class Line:
    name: str


@dataclass(frozen=True)
class Listed:
    ids: list[UUID]
    instants: Sequence[int]


class Shelf:
    """A source in memory that can hold its answers back."""

    def __init__(self, count: int) -> None:
        self.names = {UUID(int=number): f"n{number}" for number in range(1, count + 1)}
        self.asked: list[list[UUID]] = []
        self.lets_rows_go = asyncio.Event()
        self.lets_rows_go.set()
        self.trouble: Exception | None = None

    async def ids(self, query: str, /) -> Listed:
        await asyncio.sleep(0)
        found = [key for key, name in self.names.items() if name.startswith(query)]
        return Listed(found, [-place for place in range(len(found))])

    async def rows(self, ids: Sequence[UUID], /) -> Mapping[UUID, Line]:
        self.asked.append(list(ids))
        found = {key: Line(self.names[key]) for key in ids if key in self.names}
        await self.lets_rows_go.wait()
        if self.trouble is not None:
            raise self.trouble
        return found


class Lines(PagedModel[str, Line]):
    def cell(self, row: Line, column: int, role: int) -> object:
        return row.name


class Bench:
    def __init__(self) -> None:
        self.owner = QObject()
        self.notifier = Notifier()
        self.unexpected: list[BaseException] = []
        self.operations = Operations(self.owner, notifier=self.notifier, unexpected=self.unexpected.append)

    async def lines(self, shelf: Shelf, *, headings: Headings | None = None) -> Lines:
        """Return a model that has found all ids of `shelf`; Qt's own model test watches the short ones."""
        model = Lines(shelf, self.operations, title="Read the list", headings=headings, parent=self.owner)
        if len(shelf.names) <= 1000:
            QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
        loaded = signal(model.loaded)
        model.show("n")
        await loaded
        return model

    async def reload(self, model: Lines) -> None:
        loaded = signal(model.loaded)
        model.reload()
        await loaded

    async def read(self, model: Lines, row: int) -> Any:
        """Return what `row` shows when everything is read."""
        model.index(row, 0).data()
        await self.operations.settle()
        return model.index(row, 0).data()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.operations.close()
    assert bench.unexpected == []


def every_third(instants: Sequence[int]) -> list[Heading]:
    return [Heading(place, f"h{place}") for place in range(0, len(instants), 3)]


def shown(model: Lines) -> list[str]:
    return [model.index(row, 0).data() for row in range(model.rowCount())]


async def test_a_row_shows_its_placeholder_until_it_is_read(bench: Bench) -> None:
    shelf = Shelf(3)
    shelf.lets_rows_go.clear()
    model = await bench.lines(shelf)
    assert shown(model) == ["…", "…", "…"]
    changed = signal(model.dataChanged)
    shelf.lets_rows_go.set()
    await changed
    assert shown(model) == ["n1", "n2", "n3"]


async def test_only_the_pages_that_are_painted_are_read(bench: Bench) -> None:
    shelf = Shelf(100_000)
    model = await bench.lines(shelf)
    assert await bench.read(model, 70_000) == "n70001"
    [page] = shelf.asked
    assert [page[0].int, page[-1].int] == [70_001, 70_000 + PAGE]


async def test_pages_that_were_scrolled_past_are_not_read(bench: Bench) -> None:
    shelf = Shelf(100_000)
    model = await bench.lines(shelf)
    for row in range(1000, 90_000, PAGE):
        model.index(row, 0).data()
    await bench.operations.settle()
    assert len(shelf.asked) <= 4
    assert model.index(89_950, 0).data() == "n89951"


async def test_rows_painted_long_ago_are_let_go(bench: Bench) -> None:
    shelf = Shelf(2 * ROWS_KEPT)
    model = await bench.lines(shelf)
    for row in range(0, 2 * ROWS_KEPT, PAGE):
        await bench.read(model, row)
    shelf.asked.clear()
    assert await bench.read(model, 2 * ROWS_KEPT - 1) == f"n{2 * ROWS_KEPT}"
    assert shelf.asked == []
    assert model.index(0, 0).data() == "…"


async def test_a_changed_row_shows_what_it_was_until_it_is_read_again(bench: Bench) -> None:
    shelf = Shelf(2)
    model = await bench.lines(shelf)
    assert await bench.read(model, 0) == "n1"
    shelf.lets_rows_go.clear()
    shelf.names[UUID(int=1)] = "n1 Ann"
    model.refresh_rows([UUID(int=1)])
    assert shown(model) == ["n1", "n2"]
    shelf.lets_rows_go.set()
    await bench.operations.settle()
    assert shown(model) == ["n1 Ann", "n2"]
    assert shelf.asked[-1] == [UUID(int=1)]


async def test_a_row_that_changes_while_it_is_read_is_read_once_more(bench: Bench) -> None:
    shelf = Shelf(1)
    shelf.lets_rows_go.clear()
    model = await bench.lines(shelf)
    assert shown(model) == ["…"]
    await until(lambda: shelf.asked)
    shelf.names[UUID(int=1)] = "n1 Ann"
    model.refresh_rows([UUID(int=1)])
    shelf.lets_rows_go.set()
    await bench.operations.settle()
    assert await bench.read(model, 0) == "n1 Ann"


async def test_rows_that_were_asked_for_before_a_reload_are_read_again(bench: Bench) -> None:
    shelf = Shelf(3)
    shelf.lets_rows_go.clear()
    model = await bench.lines(shelf)
    assert shown(model) == ["…", "…", "…"]
    await until(lambda: shelf.asked)
    shelf.names[UUID(int=1)] = "n1 Ann"
    await bench.reload(model)
    shelf.lets_rows_go.set()
    await bench.operations.settle()
    assert await bench.read(model, 0) == "n1 Ann"


async def test_a_row_that_is_gone_is_asked_for_once(bench: Bench) -> None:
    shelf = Shelf(2)
    model = await bench.lines(shelf)
    del shelf.names[UUID(int=2)]
    model.refresh_rows([UUID(int=2)])
    assert await bench.read(model, 1) == "…"
    asked = len(shelf.asked)
    assert await bench.read(model, 1) == "…"
    assert len(shelf.asked) == asked


async def test_a_page_that_could_not_be_read_is_asked_for_again(bench: Bench) -> None:
    shelf = Shelf(2)
    shelf.trouble = DatabaseUnavailable("Another program is holding the records.", kind="locked")
    model = await bench.lines(shelf)
    assert await bench.read(model, 0) == "…"
    assert [message.title for message in bench.notifier.messages()] == ["Read the list"]
    shelf.trouble = None
    assert await bench.read(model, 0) == "n1"
    assert bench.notifier.messages() == ()


async def test_the_newest_query_wins(bench: Bench) -> None:
    model = await bench.lines(Shelf(1000))
    for query in ("n1", "n2", "n99"):
        model.show(query)
    await bench.operations.settle()
    assert model.count == 11


async def test_a_row_has_its_id_and_an_id_its_row(bench: Bench) -> None:
    model = await bench.lines(Shelf(7), headings=every_third)
    assert [model.heading_at(row) for row in range(4)] == ["h0", None, None, None]
    assert model.row_of(UUID(int=4)) == 5
    assert model.id_at(5) == UUID(int=4)
    assert model.id_at(4) is None
    assert model.row_of(UUID(int=99)) is None
    assert model.id_at(99) is None


async def test_headings_stand_between_the_rows_and_cannot_be_chosen(bench: Bench) -> None:
    model = await bench.lines(Shelf(4), headings=every_third)
    assert await bench.read(model, 1) == "n1"
    assert shown(model) == ["h0", "n1", "n2", "n3", "h3", "n4"]
    assert list(model.heading_rows()) == [0, 4]
    assert model.count == 4
    selectable = [bool(model.index(row, 0).flags() & Qt.ItemFlag.ItemIsSelectable) for row in range(6)]
    assert selectable == [False, True, True, True, False, True]


class Viewed:
    """A model in a list, with one row chosen."""

    def __init__(self, model: Lines, chosen: int) -> None:
        self.model = model
        self.view = QListView()
        self.view.setUniformItemSizes(True)
        self.view.setModel(model)
        self.view.resize(200, 100)
        self.choose(chosen)

    def choose(self, number: int) -> None:
        row = self.model.row_of(UUID(int=number))
        assert row is not None
        self.view.setCurrentIndex(self.model.index(row, 0))

    def current(self) -> int | None:
        key = self.model.id_at(self.view.currentIndex().row())
        return None if key is None else key.int

    def selected(self) -> list[int | None]:
        keys = [self.model.id_at(index.row()) for index in self.view.selectionModel().selectedIndexes()]
        return [None if key is None else key.int for key in keys]


@pytest.mark.parametrize("headings", [None, every_third])
async def test_the_chosen_row_stays_chosen_when_others_come_and_go(
    bench: Bench, headings: Headings | None
) -> None:
    shelf = Shelf(9)
    viewed = Viewed(await bench.lines(shelf, headings=headings), 5)
    shelf.names = {UUID(int=20): "n20", **shelf.names}
    for gone in (1, 2, 8):
        del shelf.names[UUID(int=gone)]
    await bench.reload(viewed.model)
    assert (viewed.current(), viewed.selected()) == (5, [5])
    assert viewed.model.count == 7


async def test_the_chosen_row_stays_chosen_when_it_moves(bench: Bench) -> None:
    shelf = Shelf(9)
    viewed = Viewed(await bench.lines(shelf, headings=every_third), 5)
    shelf.names = {UUID(int=5): shelf.names.pop(UUID(int=5)), **shelf.names}
    await bench.reload(viewed.model)
    assert viewed.current() == 5
    assert viewed.model.row_of(UUID(int=5)) == 1


@pytest.mark.parametrize(("gone", "next_one"), [(3, 4), (9, 8)])
async def test_when_the_chosen_row_goes_its_neighbour_is_chosen(
    bench: Bench, gone: int, next_one: int
) -> None:
    shelf = Shelf(9)
    viewed = Viewed(await bench.lines(shelf, headings=every_third), gone)
    del shelf.names[UUID(int=gone)]
    await bench.reload(viewed.model)
    assert (viewed.current(), viewed.selected()) == (next_one, [next_one])


async def test_a_lone_row_is_not_taken_for_the_one_that_follows_it(bench: Bench) -> None:
    shelf = Shelf(1)
    viewed = Viewed(await bench.lines(shelf), 1)
    shelf.names = {UUID(int=2): "n2"}
    await bench.reload(viewed.model)
    assert viewed.selected() == []
    assert viewed.current() is None


async def test_a_lone_chosen_row_is_joined_by_others_that_are_not_chosen(bench: Bench) -> None:
    shelf = Shelf(1)
    viewed = Viewed(await bench.lines(shelf), 1)
    shelf.names = {UUID(int=2): "n2", **shelf.names}
    await bench.reload(viewed.model)
    assert (viewed.current(), viewed.selected()) == (1, [1])


async def test_a_new_row_above_does_not_move_the_list_under_the_eyes(bench: Bench) -> None:
    shelf = Shelf(100)
    viewed = Viewed(await bench.lines(shelf), 50)
    viewed.view.show()
    viewed.view.scrollTo(viewed.model.index(49, 0), QListView.ScrollHint.PositionAtTop)
    former = viewed.view.verticalScrollBar().value()
    assert former > 0
    del shelf.names[UUID(int=80)]
    await bench.reload(viewed.model)
    assert viewed.view.verticalScrollBar().value() == former
    viewed.view.close()


async def test_a_list_becomes_empty_and_fills_again(bench: Bench) -> None:
    shelf = Shelf(3)
    model = await bench.lines(shelf, headings=every_third)
    names, shelf.names = shelf.names, {}
    await bench.reload(model)
    assert model.rowCount() == 0
    shelf.names = names
    await bench.reload(model)
    assert model.rowCount() == 4


class Faulty(Lines):
    def cell(self, row: Line, column: int, role: int) -> object:
        raise KeyError(row.name)


async def test_a_bug_in_a_cell_is_told_and_does_not_escape(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: told.append(kind))
    model = Faulty(Shelf(1), bench.operations, title="Read the list", parent=bench.owner)
    model.show("n")
    await until(lambda: model.count)
    assert await bench.read(model, 0) is None
    assert set(told) == {KeyError}


def microseconds(day: date, hour: int) -> int:
    begins = datetime.combine(day, time(hour)).astimezone()
    return round(begins.timestamp() * 1_000_000)


def test_days_are_named_from_today_back_to_the_months() -> None:
    today = date(2025, 11, 23)
    days = [
        (date(2025, 11, 24), 0),
        (date(2025, 11, 23), 23),
        (date(2025, 11, 23), 0),
        (date(2025, 11, 22), 23),
        (date(2025, 11, 1), 0),
        (date(2025, 10, 31), 23),
        (date(2024, 2, 29), 12),
    ]
    headings = day_headings([microseconds(day, hour) for day, hour in days], today, QLocale("en_GB"))
    assert headings == [
        (0, "Later"),
        (1, "Today"),
        (3, "Yesterday"),
        (4, "Earlier this month"),
        (5, "October"),
        (6, "February 2024"),
    ]


def test_on_the_first_of_a_month_yesterday_is_yesterday() -> None:
    days = [date(2025, 10, 31), date(2025, 10, 30)]
    headings = day_headings([microseconds(day, 12) for day in days], date(2025, 11, 1), QLocale("en_GB"))
    assert headings == [(0, "Yesterday"), (1, "October")]


def test_an_empty_list_has_no_headings() -> None:
    assert day_headings([], date(2025, 11, 1), QLocale("en_GB")) == []


@given(st.lists(st.integers(0, 40), unique=True).map(sorted), st.integers(1, 40), st.data())
def test_every_row_is_a_heading_or_one_entry_in_its_order(
    before: list[int], count: int, data: st.DataObject
) -> None:
    headings = [Heading(place, f"h{place}") for place in before if place < count]
    order = Order([UUID(int=number) for number in range(count)], headings)
    if data.draw(st.booleans()):
        order.remove(data.draw(st.integers(0, count - 1)))
    rows = range(order.row_count)
    assert [row for row in rows if order.heading(row) is not None] == list(order.heading_rows)
    places = [place for row in rows if (place := order.place(row)) is not None]
    assert places == list(range(len(order)))
    assert all(order.place(order.row(place)) == place for place in places)
