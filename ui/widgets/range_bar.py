"""Where a value lies: in what is possible, and in what is expected if anybody has said so."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from ui.theme import color, tokens
from ui.widgets.painting import draw_box, draw_marker

Interval = tuple[float, float]
Standing = Literal["within", "below", "above"]
TRACK = 8
REACH = 9  # of the diamond, so that it is never cut at an end


@dataclass(frozen=True)
class RangeLook:
    """The icon and the tone of a standing; the words are the caller's."""

    icon: str
    tone: str


STANDINGS: dict[Standing, RangeLook] = {
    "within": RangeLook("check", "ok"),
    "below": RangeLook("arrow-down", "warn"),
    "above": RangeLook("arrow-up", "warn"),
}


def standing(value: float | None, expected: Interval | None) -> Standing | None:
    """Where a value stands to what is expected, ends included; None when there is nothing to compare."""
    if value is None or expected is None:
        return None
    low, high = expected
    if value < low:
        return "below"
    return "above" if value > high else "within"


def draw_range(
    painter: QPainter,
    rect: QRectF,
    *,
    possible: Interval,
    value: float | None = None,
    expected: Interval | None = None,
) -> None:
    """A bar in the middle of `rect`, at least 18 px high: never mirrored, since numbers rise to the right.

    Without an expected range the value is a plain disc and nothing says that it is within one.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    track = QRectF(rect.x(), rect.center().y() - TRACK / 2, rect.width(), TRACK)
    draw_box(painter, track, radius=TRACK / 2, fill=color("sunken"), edge=_edge())
    if expected is not None:
        _draw_band(painter, track, possible, expected)
    if value is not None:
        x = min(max(_place(track, possible, value), track.left() + REACH), track.right() - REACH)
        painter.setPen(QPen(color("raised"), 2.5))
        painter.setBrush(color("text"))
        inside = standing(value, expected) in {None, "within"}
        draw_marker(painter, QPointF(x, track.center().y()), 7, inside=inside)
    painter.restore()


def _draw_band(painter: QPainter, track: QRectF, possible: Interval, expected: Interval) -> None:
    left, right = (_place(track, possible, end) for end in expected)
    draw_box(
        painter,
        QRectF(left, track.y(), max(right - left, 2), track.height()),
        radius=TRACK / 2,
        fill=color("band"),
        edge=_edge(),
    )
    painter.setPen(QPen(color("ok"), 1.5))
    for end, x in zip(expected, (left, right), strict=True):
        if possible[0] < end < possible[1]:
            painter.drawLine(QPointF(x, track.top() - 1), QPointF(x, track.bottom() + 1))


def _edge() -> QColor | None:
    """An outline where the theme has no soft grounds."""
    return color("border_strong") if tokens().line > 1 else None


def _place(track: QRectF, possible: Interval, value: float) -> float:
    low, high = possible
    if high <= low:
        return track.center().x()
    return track.x() + (min(max(value, low), high) - low) / (high - low) * track.width()
