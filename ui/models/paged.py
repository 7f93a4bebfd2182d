"""Lists of any length: the ids first, the rows when they are painted."""

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

import shiboken6
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ui.models.order import Headings, Listing, Order
from ui.operations import Operations, Progress

PAGE = 100
ROWS_KEPT = 50 * PAGE
PAGES_IN_REACH = 3

Q = TypeVar("Q")
Q_contra = TypeVar("Q_contra", contravariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_TEXT_ROLES = frozenset({Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole})


class Source(Protocol[Q_contra, R_co]):
    """Where a list comes from."""

    async def ids(self, query: Q_contra, /) -> Listing:
        """Return the ids that `query` finds, in their order; the list becomes the model's own."""
        ...

    async def rows(self, ids: Sequence[UUID], /) -> Mapping[UUID, R_co]:
        """Return the rows of `ids`; one that is gone is left out."""
        ...


class PagedModel(QAbstractTableModel, Generic[Q, R]):
    """Shows what a query finds, one frozen dataclass a row, in pages that are read when they are painted.

    Until then a row shows its placeholder; a row that has changed shows what it was until it is read again.
    A subclass says in `cell` what stands in a column and in `roles` which roles it answers.
    """

    loaded = Signal()
    roles: ClassVar[Collection[int]] = frozenset({Qt.ItemDataRole.DisplayRole})

    def __init__(
        self,
        source: Source[Q, R],
        operations: Operations,
        *,
        title: str,
        columns: int = 1,
        headings: Headings | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`title` tells the user what is being read; `headings` turns the instants into headings."""
        super().__init__(parent)
        self._source = source
        self._operations = operations
        self._title = title
        self._columns = columns
        self._headings = headings
        self._query: Q | None = None
        self._query_is_new = False
        self._order = Order([])
        self._rows: OrderedDict[UUID, R | None] = OrderedDict()
        self._stale: set[UUID] = set()
        self._wanted: list[int] = []
        self._asked: Sequence[UUID] = ()
        self._reading = False

    def show(self, query: Q) -> None:
        """Find the ids of `query` and show them from the top; until then the former list stays."""
        self._query = query
        self._query_is_new = True
        self._read_ids()

    def reload(self) -> None:
        """Find the ids of the same query again; what is selected and current stays so, if it is still there."""
        if self._query is not None:
            self._read_ids()

    def refresh_rows(self, ids: Iterable[UUID]) -> None:
        """Read the rows `ids` again when they are next painted."""
        changed = {key for key in ids if key in self._rows or key in self._asked}
        self._stale |= changed
        for place in self._order.find(changed).values():
            self._say_changed(place, place)

    @property
    def is_finding(self) -> bool:
        """Whether the entries are still those of the former query."""
        return self._query_is_new

    @property
    def count(self) -> int:
        """How many entries there are, headings not counted."""
        return len(self._order)

    def row_of(self, key: UUID) -> int | None:
        """Return the row of the entry with this id, None when it is not in the list."""
        place = self._order.find([key]).get(key)
        return None if place is None else self._order.row(place)

    def id_at(self, row: int) -> UUID | None:
        """Return the id of the entry in `row`; None for a heading and outside of the list."""
        place = self._order.place(row)
        return None if place is None else self._order.ids[place]

    def row_at(self, row: int) -> R | None:
        """Return what stands in `row`; None for a heading and while it is being read."""
        place = self._order.place(row)
        if place is None:
            return None
        key = self._order.ids[place]
        if key in self._stale or key not in self._rows:
            self._want(place // PAGE)
        if key not in self._rows:
            return None
        self._rows.move_to_end(key)
        return self._rows[key]

    def heading_at(self, row: int) -> str | None:
        """Return the words of the heading in `row`; None when there is no heading."""
        return self._order.heading(row)

    def heading_rows(self) -> Sequence[int]:
        """Return the rows in which headings stand, rising."""
        return self._order.heading_rows

    def cell(self, row: R, column: int, role: int) -> object:
        """Return what `row` has in `column` for one of `roles`; never waits and never raises."""
        raise NotImplementedError

    def placeholder(self, column: int, role: int) -> object:
        """Return what stands in `column` until the row is read."""
        return "…" if role == Qt.ItemDataRole.DisplayRole else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._order.row_count

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._columns

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self._order.heading(index.row()) is not None:
            return Qt.ItemFlag.ItemNeverHasChildren
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in self.roles or not index.isValid():
            return None
        try:
            return self._content(index.row(), index.column(), role)
        except Exception as error:  # noqa: BLE001 - raised here it would appear in whatever runs at the time
            sys.excepthook(type(error), error, error.__traceback__)
            return None

    def _content(self, row: int, column: int, role: int) -> object:
        heading = self._order.heading(row)
        if heading is not None:
            return heading if column == 0 and role in _TEXT_ROLES else None
        found = self.row_at(row)
        return self.placeholder(column, role) if found is None else self.cell(found, column, role)

    def _read_ids(self) -> None:
        key = ("list", id(self))
        self._operations.start(self._find, title=self._title, key=key, done=self._take)

    async def _find(self, _progress: Progress) -> Order:
        assert self._query is not None
        listing = await self._source.ids(self._query)
        return Order(listing.ids, self._headings(listing.instants) if self._headings else ())

    def _take(self, order: Order) -> None:
        if not shiboken6.isValid(self):
            return
        self._stale = set(self._rows)
        self._wanted.clear()
        if self._query_is_new or not len(self._order) or not len(order):
            self.beginResetModel()
            self._order = order
            self.endResetModel()
            self._query_is_new = False
        else:
            kept = self._let_go(order)
            self._rearrange(order, kept)
        self.loaded.emit()

    def _let_go(self, order: Order) -> dict[UUID, int]:
        """Remove the gone entries that views hold on to, one by one, so that the views move to neighbours.

        Returns the new places of those that stay.
        """
        held = {key for index in self.persistentIndexList() if (key := _key(self._order, index))}
        kept = order.find(held)
        gone = self._order.find(held - kept.keys())
        for place in sorted(gone.values(), reverse=True):
            row = self._order.row(place)
            self.beginRemoveRows(QModelIndex(), row, row)
            self._order.remove(place)
            self.endRemoveRows()
        return kept

    def _rearrange(self, order: Order, kept: dict[UUID, int]) -> None:
        """Put `order` in the place of the former one; indexes that views hold follow their entries."""
        self.layoutAboutToBeChanged.emit()
        former, held = self._order, self.persistentIndexList()
        self._order = order
        kept |= order.find({key for index in held if (key := _key(former, index))} - kept.keys())
        moved = [self._moved(index, former, kept) for index in held]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _moved(self, index: QModelIndex, former: Order, kept: Mapping[UUID, int]) -> QModelIndex:
        key = _key(former, index)
        if key is None:
            row = self._order.heading_row(former.heading(index.row()) or "")
        else:
            row = self._order.row(kept[key]) if key in kept else None
        return QModelIndex() if row is None else self.index(row, index.column())

    def _want(self, page: int) -> None:
        if page not in self._wanted:
            self._wanted.append(page)
        if not self._reading:
            self._reading = True
            self._operations.start(self._read_rows, title=self._title)

    async def _read_rows(self, _progress: Progress) -> None:
        """Read the wanted pages, the last painted first; those that were scrolled past are left out."""
        try:
            await asyncio.sleep(0)
            while self._wanted:
                page = self._wanted.pop()
                self._wanted = [near for near in self._wanted if abs(near - page) <= PAGES_IN_REACH]
                await self._read_page(page)
        finally:
            self._reading = False
            self._wanted.clear()

    async def _read_page(self, page: int) -> None:
        order = self._order
        keys = order.ids[page * PAGE : (page + 1) * PAGE]
        self._asked = [key for key in keys if key in self._stale or key not in self._rows]
        if not self._asked:
            return
        self._stale.difference_update(self._asked)
        try:
            found = await self._source.rows(self._asked)
        except BaseException:
            self._stale.update(self._asked)
            raise
        if not shiboken6.isValid(self):
            return
        if order is not self._order:  # read before the list was found again: perhaps no longer true
            self._stale.update(self._asked)
            return
        for key in self._asked:
            self._rows[key] = found.get(key)
        while len(self._rows) > ROWS_KEPT:
            self._rows.popitem(last=False)
        self._say_changed(page * PAGE, page * PAGE + len(keys) - 1)

    def _say_changed(self, first: int, last: int) -> None:
        top, bottom = self._order.row(first), self._order.row(last)
        self.dataChanged.emit(self.index(top, 0), self.index(bottom, self._columns - 1))


def _key(order: Order, index: QModelIndex) -> UUID | None:
    place = order.place(index.row())
    return None if place is None else order.ids[place]
