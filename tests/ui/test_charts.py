"""Promises of what is drawn from numbers: range bars, charts and their axes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.ui.pixels import colours, colours_of, token
from ui import theme
from ui.widgets.chart import Chart, ChartData, ChartPoint, Drawing, arranged, draw_chart
from ui.widgets.chart_values import Sheet
from ui.widgets.range_bar import Interval, draw_range, standing
from ui.widgets.scale import nice_scale


@pytest.mark.parametrize(
    ("value", "expected", "said"),
    [
        (165.5, (150, 180), "within"),
        (150, (150, 180), "within"),
        (149.9, (150, 180), "below"),
        (180.1, (150, 180), "above"),
        (165.5, None, None),
        (None, (150, 180), None),
    ],
)
def test_a_value_stands_within_below_or_above(
    value: float | None, expected: Interval | None, said: str | None
) -> None:
    assert standing(value, expected) == said


def range_picture(value: float | None, expected: Interval | None) -> QImage:
    """A range bar of 0 to 100 over 100 x 20 pixels, eight times as large."""
    image = QImage(800, 160, QImage.Format.Format_RGB32)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    painter.scale(8, 8)
    draw_range(painter, QRectF(0, 0, 100, 20), possible=(0, 100), value=value, expected=expected)
    painter.end()
    return image


def test_a_value_in_its_range_is_a_disc_and_outside_a_diamond() -> None:
    corner = (int((50 + 3.8) * 8), int((10 + 3.8) * 8))
    inside, outside = range_picture(50, (40, 60)), range_picture(50, (60, 90))
    assert inside.pixelColor(*corner).name() == token("text")
    assert outside.pixelColor(*corner).name() != token("text")
    assert outside.pixelColor(50 * 8, 10 * 8).name() == token("text")


def test_without_an_expected_range_nothing_speaks_of_one() -> None:
    plain = colours(range_picture(50, None))
    assert not {token("band"), token("ok")} & plain
    assert {token("band"), token("ok")} <= colours(range_picture(50, (40, 80)))


@pytest.mark.parametrize("value", [-1e9, 0, 100, 1e9])
def test_a_value_at_or_beyond_an_end_stays_on_the_bar(value: float) -> None:
    image = range_picture(value, None)
    edges = colours(image.copy(0, 0, 2, 160)) | colours(image.copy(798, 0, 2, 160))
    assert token("text") not in edges
    assert token("text") in colours(image)


def points(*values: float) -> tuple[ChartPoint, ...]:
    return tuple(ChartPoint(f"{day} Nov", f"{value:g}", value, day) for day, value in enumerate(values, 1))


def chart_picture(data: ChartData) -> QImage:
    image = QImage(360, 240, QImage.Format.Format_RGB32)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    draw_chart(painter, QRectF(0, 0, 360, 240), data)
    painter.end()
    return image


@pytest.mark.parametrize("count", [1, 2, 5, 60])
def test_a_chart_draws_its_points(count: int) -> None:
    assert token("accent") in colours(chart_picture(ChartData(points(*range(count)))))


def drawing(data: ChartData) -> Drawing:
    """How a chart of 360 x 240 pixels is drawn."""
    return arranged(QRectF(0, 0, 360, 240), data)


@pytest.mark.parametrize(
    "values", [(1.11, 1.08), (1.08, 1.11), (1, 3, 2), (3, 1, 2), (0.71, 0.78, 0.95), (5, 5), (1, 2, 3, 1)]
)
def test_no_value_is_written_across_the_line(values: tuple[float, ...]) -> None:
    made = drawing(ChartData(points(*values)))
    assert sorted(value.index for value in made.values) == list(range(len(values)))
    assert all(value.clear for value in made.values)


@pytest.mark.parametrize("values", [(0, 1), (1, 0), (0.2, 1.0, 0.4)])
def test_values_at_both_ends_of_the_axis_stay_on_the_chart(values: tuple[float, ...]) -> None:
    for value in drawing(ChartData(points(*values))).values:
        assert QRectF(0, 0, 360, 240).contains(value.box)


def test_the_last_value_is_written_whatever_lies_there() -> None:
    zigzag = ChartData(points(*(place % 2 for place in range(60))))
    assert drawing(zigzag).values[0].index == 59


def test_a_line_through_the_place_of_a_value_is_seen() -> None:
    sheet = Sheet(QRectF(0, 0, 100, 100), [QPointF(0, 0), QPointF(100, 100)], [])
    assert sheet.is_on_line(QRectF(40, 40, 20, 20))
    assert sheet.is_on_line(QRectF(0, 0, 5, 5))
    assert not sheet.is_on_line(QRectF(60, 10, 20, 20))


def test_a_chart_without_points_says_so() -> None:
    drawn = colours(chart_picture(ChartData()))
    assert token("subtle") in drawn
    assert not {token("accent"), token("border")} & drawn


def test_a_chart_shows_a_band_only_where_one_is_expected() -> None:
    assert token("ok") not in colours(chart_picture(ChartData(points(1, 2))))
    assert token("ok") in colours(chart_picture(ChartData(points(1, 2), expected=(1, 1.5))))


def test_a_chart_names_its_values_for_a_screen_reader(qtbot: QtBot) -> None:
    chart = Chart()
    qtbot.addWidget(chart)
    assert chart.accessibleDescription() == "Not recorded"
    chart.show_data(
        ChartData(points(138, 165.5), (150, 180), "Expected 150–180°"), name="Max angle over follow-ups"
    )
    assert chart.accessibleName() == "Max angle over follow-ups"
    assert chart.accessibleDescription() == "1 Nov 138, 2 Nov 165.5; Expected 150–180°"
    assert token("accent") in colours_of(chart)


def test_the_numbers_of_an_axis_are_written_as_the_user_writes_them() -> None:
    data = ChartData(tick="%1°", decimal_point=",")
    assert data.tick_text(-0.25, 2) == "−0,25°"


sizes = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.lists(sizes, min_size=1, max_size=20))
def test_an_axis_holds_every_value_between_round_marks(values: list[float]) -> None:
    scale = nice_scale(values)
    room = (scale.high - scale.low) * 1e-6
    assert scale.low - room <= min(values)
    assert max(values) <= scale.high + room
    assert 2 <= len(scale.ticks) <= 8
    assert list(scale.ticks) == sorted(set(scale.ticks))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
@example([5e-324, 1e-323])
@example([1e-310, 2e-300])
@example([1.7976931348623157e308, -1.7976931348623157e308])
def test_an_axis_exists_for_any_stored_number(values: list[float]) -> None:
    scale = nice_scale(values)
    assert scale.low < scale.high


def test_an_axis_has_round_marks() -> None:
    assert nice_scale([138, 180]).ticks == (120, 140, 160, 180)
    assert nice_scale([0.38, 1.0]).ticks == (0.2, 0.4, 0.6000000000000001, 0.8, 1.0)
    assert nice_scale([0.38, 1.0]).decimals == 1
