"""Strokes that several controls share."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ui.theme import RADIUS, color, font, tokens


def draw_box(
    painter: QPainter,
    rect: QRectF,
    *,
    radius: float,
    fill: QColor | None = None,
    edge: QColor | None = None,
    width: float = 1,
) -> None:
    """A rounded box whose edge lies wholly inside `rect`."""
    painter.setPen(QPen(edge, width) if edge is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    inset = width / 2 if edge is not None else 0
    inner = rect.adjusted(inset, inset, -inset, -inset)
    radius = min(radius, rect.height() / 2)
    painter.drawRoundedRect(inner, radius - inset, radius - inset)


def ring_width() -> float:
    """How thick the edge of what is focused or chosen is: always thicker than a line of the theme."""
    return 2.0 * tokens().line


def key_width(text: str) -> float:
    """How wide a keycap is, in pixels."""
    metrics = QFontMetricsF(font("key"))
    return max(metrics.horizontalAdvance(text) + 14, key_height())


def key_height() -> float:
    """How high a keycap is, in pixels."""
    return max(20.0, QFontMetricsF(font("key")).height() + 4)


def draw_key(painter: QPainter, rect: QRectF, text: str, *, on_accent: bool = False) -> None:
    """A keycap in the vertical middle of `rect`."""
    height = key_height()
    box = QRectF(rect.x(), rect.center().y() - height / 2, rect.width(), height)
    fill, edge = ("key_shade", "key_edge") if on_accent else ("sunken", "border")
    draw_box(painter, box, radius=RADIUS.key - 1, fill=color(fill), edge=color(edge), width=tokens().line)
    painter.setFont(font("key"))
    painter.setPen(color("on_accent" if on_accent else "muted"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_marker(painter: QPainter, at: QPointF, radius: float, *, inside: bool) -> None:
    """A value: a disc inside its expected range, a diamond outside, in the pen and brush of the painter."""
    if inside:
        painter.drawEllipse(at, radius, radius)
        return
    reach = radius + 2
    corners = [QPointF(0, -reach), QPointF(reach, 0), QPointF(0, reach), QPointF(-reach, 0)]
    painter.drawPolygon(QPolygonF([at + corner for corner in corners]))
