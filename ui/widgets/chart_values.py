"""Where the values of a chart are written: beside their points, and not across the line where there is room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF

GAP = 10.0  # between a point and its value, above and below
BESIDE = 13.0  # and at its side
LEAN = 2.0  # how far from the middle of its point a value begins that leans to one side
MARKER = 6.0


@dataclass(frozen=True)
class Sheet:
    """What is drawn already: values stand within `room`, not on `taken`, and rather not on the line."""

    room: QRectF
    spots: Sequence[QPointF]
    taken: Sequence[QRectF]

    def is_free(self, box: QRectF, written: Sequence[QRectF]) -> bool:
        """Tell whether nothing else is written in `box`, and no point lies there."""
        markers = (
            QRectF(spot.x() - MARKER, spot.y() - MARKER, 2 * MARKER, 2 * MARKER) for spot in self.spots
        )
        return not any(box.intersects(other) for other in (*self.taken, *written, *markers))

    def is_on_line(self, box: QRectF) -> bool:
        """Tell whether the line runs through `box`."""
        return any(_crosses(QLineF(one, other), box) for one, other in pairwise(self.spots))


@dataclass(frozen=True)
class Placed:
    """Where the value of the point `index` is written; `clear` of the line or not."""

    index: int
    box: QRectF
    clear: bool


def place_values(sheet: Sheet, sizes: Sequence[QSizeF]) -> list[Placed]:
    """Return where values of these sizes stand, from the last to the first.

    One that would lie on another is left out, but never the last one.
    """
    placed: list[Placed] = []
    for index in reversed(range(len(sizes))):
        written = [other.box for other in placed]
        boxes = list(_beside(sheet, sheet.spots[index], sizes[index]))
        free = [box for box in boxes if sheet.is_free(box, written)]
        clear = next((box for box in free if not sheet.is_on_line(box)), None)
        is_last = index == len(sizes) - 1
        if clear is not None:
            placed.append(Placed(index, clear, clear=True))
        elif free or is_last:
            placed.append(
                Placed(index, (free or boxes or [_nearest(sheet, index, sizes[index])])[0], clear=False)
            )
    return placed


def _beside(sheet: Sheet, spot: QPointF, size: QSizeF) -> Iterator[QRectF]:
    """Yield the places around a point that are within the room, the best first."""
    width, height = size.width(), size.height()
    above, below, level = spot.y() - GAP - height, spot.y() + GAP, spot.y() - height / 2
    middle, before, behind = spot.x() - width / 2, spot.x() - LEAN - width, spot.x() + LEAN
    places = [(x, y) for x in (middle, before, behind) for y in (above, below)]
    places += [(spot.x() - BESIDE - width, level), (spot.x() + BESIDE, level)]
    for x, y in places:
        left = min(max(x, sheet.room.left()), sheet.room.right() - width)
        box = QRectF(left, y, width, height)
        if sheet.room.top() <= box.top() and box.bottom() <= sheet.room.bottom():
            yield box


def _nearest(sheet: Sheet, index: int, size: QSizeF) -> QRectF:
    """Return the place above a point, moved into the room."""
    spot, room = sheet.spots[index], sheet.room
    left = min(max(spot.x() - size.width() / 2, room.left()), room.right() - size.width())
    return QRectF(QPointF(left, max(spot.y() - GAP - size.height(), room.top())), size)


def _crosses(line: QLineF, box: QRectF) -> bool:
    if box.contains(line.p1()) or box.contains(line.p2()):
        return True
    corners = (box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft(), box.topLeft())
    bounded = QLineF.IntersectionType.BoundedIntersection
    return any(line.intersects(QLineF(one, other))[0] == bounded for one, other in pairwise(corners))
