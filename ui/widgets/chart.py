"""One metric over a child's sessions: a line, the expected band if there is one, the last value in bold."""

from dataclasses import dataclass
from math import floor

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Role, color, font
from ui.widgets.chart_values import Sheet, place_values
from ui.widgets.painting import draw_marker
from ui.widgets.range_bar import standing
from ui.widgets.scale import Scale, nice_scale

LARGE = 1e7
PAD = 26
HALO = 5.0
LOW = 6.0  # how far under the lowest mark a value may reach


@dataclass(frozen=True)
class ChartPoint:
    """A value; `label` names its session below it, `text` is the value as it is written, `position` its time."""

    label: str
    text: str
    value: float
    position: float


@dataclass(frozen=True)
class ChartData:
    """What a chart shows, points in the order of time; `expected_text` is written in the band: "Expected 150-180°".

    `tick` writes a number on the axis with "%1" for the number, such as "%1°"; no unit means the bare number. `error`
    is how far a measurement may be off; `also` are values that the axis holds too, so that two charts can be compared.
    """

    points: tuple[ChartPoint, ...] = ()
    expected: tuple[float, float] | None = None
    expected_text: str = ""
    tick: str = "%1"
    decimal_point: str = "."
    error: float | None = None
    also: tuple[float, ...] = ()

    def scale(self) -> Scale:
        """The axis that holds every point and the band."""
        off = self.error or 0.0
        values = [point.value for point in self.points] + list(self.also)
        spread = [end for value in values for end in (value - off, value + off)]
        return nice_scale([*spread, *(self.expected or ())])

    def tick_text(self, value: float, decimals: int) -> str:
        """A number of the axis as it is written."""
        number = f"{value:.{decimals}f}" if abs(value) < LARGE else f"{value:.3g}"
        return self.tick.replace("%1", number.replace("-", "−").replace(".", self.decimal_point))


def draw_chart(painter: QPainter, rect: QRectF, data: ChartData) -> None:
    """Paint a chart into `rect`, on a window, a picture or a page. Time runs to the right in every language."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    if data.points:
        arranged(rect, data).draw(painter)
    else:
        painter.setFont(font("body"))
        painter.setPen(color("subtle"))
        empty = QCoreApplication.translate("Chart", "Not recorded in any session yet")
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, empty)
    painter.restore()


def arranged(rect: QRectF, data: ChartData) -> "Drawing":
    """Return the chart as it fits into `rect`, with room under its lowest mark where a value needs it."""
    drawing = Drawing(rect, data)
    if all(value.clear for value in drawing.values):
        return drawing
    roomy = Drawing(rect, data, below=QFontMetricsF(font("strong")).height())
    return max(drawing, roomy, key=lambda made: sum(value.clear for value in made.values))


class Drawing:
    """Where points lie, and what is written where. `below` is room under the lowest mark."""

    def __init__(self, rect: QRectF, data: ChartData, *, below: float = 0.0) -> None:
        self._data, self._scale = data, data.scale()
        metrics = QFontMetricsF(font("caption"))
        self._line = metrics.height()
        ticks = [data.tick_text(tick, self._scale.decimals) for tick in self._scale.ticks]
        axis = max(metrics.horizontalAdvance(text) for text in ticks) + 10
        last = QFontMetricsF(font("strong")).height() + 10
        self._below = below
        self._plot = rect.adjusted(axis, last / 2, -4, -self._line - 12 - below)
        self._spots = [self._spot(point) for point in data.points]
        left, right = self._plot.left() + 2, self._plot.right()
        room = QRectF(QPointF(left, rect.top()), QPointF(right, self._plot.bottom() + LOW + below))
        taken = [self._band_words(data.expected)] if data.expected is not None else []
        self.values = place_values(Sheet(room, self._spots, taken), self._sizes())

    def draw(self, painter: QPainter) -> None:
        """Paint it."""
        if self._data.expected is not None:
            self._draw_band(painter, self._data.expected)
        self._draw_axis(painter)
        if self._data.expected is not None:
            self._draw_band_edges(painter, self._data.expected)
            self._draw_band_words(painter, self._data.expected)
        self._draw_errors(painter)
        self._draw_line(painter)
        self._draw_values(painter)
        self._draw_dates(painter)

    def _spot(self, point: ChartPoint) -> QPointF:
        first, last = self._data.points[0].position, self._data.points[-1].position
        share = (point.position - first) / (last - first) if last > first else 0.5
        return QPointF(self._plot.x() + PAD + share * (self._plot.width() - 2 * PAD), self._y(point.value))

    def _y(self, value: float) -> float:
        share = (value - self._scale.low) / (self._scale.high - self._scale.low)
        share = min(max(share, 0.0), 1.0)
        return self._plot.bottom() - share * self._plot.height()

    def _crisp(self, value: float) -> float:
        """The height of a level line, on the middle of a pixel so that it is not blurred."""
        return floor(self._y(value)) + 0.5

    def _draw_band(self, painter: QPainter, expected: tuple[float, float]) -> None:
        low, high = self._crisp(expected[0]), self._crisp(expected[1])
        ground = color("band")
        ground.setAlphaF(0.55)
        painter.fillRect(QRectF(self._plot.x(), high, self._plot.width(), low - high), ground)

    def _draw_band_edges(self, painter: QPainter, expected: tuple[float, float]) -> None:
        painter.setPen(QPen(color("ok"), 1, Qt.PenStyle.DashLine))
        for end in expected:
            y = self._crisp(end)
            painter.drawLine(QPointF(self._plot.x(), y), QPointF(self._plot.right(), y))

    def _draw_band_words(self, painter: QPainter, expected: tuple[float, float]) -> None:
        box = self._band_words(expected)
        self._write(painter, box, self._data.expected_text, role="caption", tone=color("ok"))

    def _band_words(self, expected: tuple[float, float]) -> QRectF:
        width = QFontMetricsF(font("caption")).horizontalAdvance(self._data.expected_text)
        return QRectF(self._plot.x() + 10, self._y(expected[1]) + 4, width + 4, self._line)

    def _draw_axis(self, painter: QPainter) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font("caption"))
        for tick in self._scale.ticks:
            y = self._crisp(tick)
            painter.setPen(QPen(color("border"), 1))
            painter.drawLine(QPointF(self._plot.x(), y), QPointF(self._plot.right(), y))
            painter.setPen(color("muted"))
            box = QRectF(self._plot.x() - 210, y - self._line / 2, 202, self._line)
            painter.drawText(box, right, self._data.tick_text(tick, self._scale.decimals))

    def _draw_errors(self, painter: QPainter) -> None:
        """Draw how far each measurement may be off."""
        error = self._data.error
        if not error:
            return
        ground = color("accent")
        ground.setAlphaF(0.45)
        painter.setPen(QPen(ground, 1.5))
        for spot, point in zip(self._spots, self._data.points, strict=True):
            top, bottom = self._y(point.value + error), self._y(point.value - error)
            painter.drawLine(QPointF(spot.x(), top), QPointF(spot.x(), bottom))
            for y in (top, bottom):
                painter.drawLine(QPointF(spot.x() - 5, y), QPointF(spot.x() + 5, y))

    def _draw_line(self, painter: QPainter) -> None:
        path = QPainterPath(self._spots[0])
        for spot in self._spots[1:]:
            path.lineTo(spot)
        pen = QPen(color("accent"), 2.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        for spot, point in zip(self._spots, self._data.points, strict=True):
            is_last = spot is self._spots[-1]
            painter.setPen(QPen(color("accent"), 2.5))
            painter.setBrush(color("accent" if is_last else "raised"))
            inside = standing(point.value, self._data.expected) in {None, "within"}
            draw_marker(painter, spot, 6 if is_last else 5, inside=inside)

    def _draw_values(self, painter: QPainter) -> None:
        for value in self.values:
            text, role = self._data.points[value.index].text, self._role(value.index)
            self._write(painter, value.box, text, role=role, tone=color("text"), halo=True)

    def _role(self, index: int) -> Role:
        return "strong" if index == len(self._spots) - 1 else "caption_strong"

    def _sizes(self) -> list[QSizeF]:
        """Return how large the values are when they are written."""
        sizes = []
        for index, point in enumerate(self._data.points):
            metrics = QFontMetricsF(font(self._role(index)))
            sizes.append(QSizeF(metrics.horizontalAdvance(point.text), metrics.height()))
        return sizes

    def _draw_dates(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(font("caption"))
        free_until = float("inf")
        for spot, point in zip(reversed(self._spots), reversed(self._data.points), strict=True):
            width = metrics.horizontalAdvance(point.label)
            left = min(max(spot.x() - width / 2, self._plot.left() - 8), self._plot.right() + 4 - width)
            if left + width + 8 > free_until:
                continue
            free_until = left
            box = QRectF(left, self._plot.bottom() + self._below + 10, width + 1, self._line)
            self._write(painter, box, point.label, role="caption", tone=color("muted"))

    def _write(
        self, painter: QPainter, box: QRectF, text: str, *, role: Role, tone: QColor, halo: bool = False
    ) -> None:
        """Text in a box, with a ground around its letters where a line may run behind it."""
        if halo:
            letters = QPainterPath()
            letters.addText(QPointF(box.x(), box.y() + QFontMetricsF(font(role)).ascent()), font(role), text)
            pen = QPen(color("raised"), HALO)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(letters, pen)
        painter.setFont(font(role))
        painter.setPen(tone)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
        painter.drawText(box, flags, text)


class Chart(QWidget):
    """The chart on the window; its values are read out too."""

    def __init__(self, *, name: str = "") -> None:
        super().__init__()
        self._data = ChartData()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        self.show_data(self._data, name=name)

    def data(self) -> ChartData:
        return self._data

    def show_data(self, data: ChartData, *, name: str) -> None:
        """Show other values; `name` says of what, such as "Max angle over follow-ups"."""
        self._data = data
        self.setAccessibleName(name)
        values = ", ".join(f"{point.label} {point.text}" for point in data.points)
        self.setAccessibleDescription(
            "; ".join(filter(None, (values, data.expected_text))) or self.tr("Not recorded")
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_chart(QPainter(self), QRectF(self.rect()), self._data)
