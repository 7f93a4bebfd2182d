"""The order of a list: its ids and the headings between them."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID


class Listing(Protocol):
    """The ids of a list in its order; for headings by days with falling instants, in microseconds UTC."""

    @property
    def ids(self) -> list[UUID]: ...

    @property
    def instants(self) -> Sequence[int]: ...


class Heading(NamedTuple):
    """A heading and the number of the entry that it stands before."""

    before: int
    text: str


Headings = Callable[[Sequence[int]], Sequence[Heading]]


class Order:
    """Where each entry and each heading stands: a list of ids, and no other object a row.

    A row counts the headings above it, a place does not. `headings` come in rising order.
    """

    def __init__(self, ids: list[UUID], headings: Sequence[Heading] = ()) -> None:
        self.ids = ids
        self._before = [heading.before for heading in headings]
        self._texts = [heading.text for heading in headings]
        self.heading_rows: Sequence[int] = ()
        self._place_headings()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def row_count(self) -> int:
        return len(self.ids) + len(self._texts)

    def row(self, place: int) -> int:
        """Return the row of the entry at `place`."""
        return place + bisect_right(self._before, place)

    def place(self, row: int) -> int | None:
        """Return the place of the entry in `row`; None for a heading and outside of the list."""
        if not 0 <= row < self.row_count:
            return None
        above = bisect_left(self.heading_rows, row)
        return None if self._is_heading(above, row) else row - above

    def heading(self, row: int) -> str | None:
        """Return the words of the heading in `row`; None when there is no heading."""
        above = bisect_left(self.heading_rows, row)
        return self._texts[above] if self._is_heading(above, row) else None

    def find(self, ids: Collection[UUID]) -> dict[UUID, int]:
        """Return the places of those `ids` that are in the list."""
        if not ids:
            return {}
        sought = {key.int for key in ids}  # a UUID's own hash and comparison are five times slower
        return {key: place for place, key in enumerate(self.ids) if key.int in sought}

    def heading_row(self, text: str) -> int | None:
        """Return the row of the heading with these words, None when there is none."""
        return self.heading_rows[self._texts.index(text)] if text in self._texts else None

    def remove(self, place: int) -> None:
        """Take out the entry at `place`; its heading stays."""
        del self.ids[place]
        self._before = [before - (before > place) for before in self._before]
        self._place_headings()

    def _is_heading(self, above: int, row: int) -> bool:
        return above < len(self.heading_rows) and self.heading_rows[above] == row

    def _place_headings(self) -> None:
        self.heading_rows = [before + above for above, before in enumerate(self._before)]
