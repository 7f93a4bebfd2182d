"""The chart of a metric over a child's visits: what it shows, what it says, and when it is there."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from sys import float_info
from uuid import UUID

import pytest
from PySide6.QtWidgets import QMenu

from desktop import history
from desktop.edits import RecordMetric
from desktop.listing import HistoryPoint
from desktop.metrics import new_metric
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from ui.panels.metric_chart import MetricChart
from ui.panels.metrics import MetricsPanel
from ui.visits import since_words, visit_labels

MARCH, JUNE, NOVEMBER = (datetime(2025, month, 9, 9, 40, tzinfo=UTC) for month in (3, 6, 11))


@pytest.fixture
async def panel(desk: Desk) -> AsyncIterator[MetricsPanel]:
    made = MetricsPanel(opened=desk.opened, operations=desk.operations, database=desk.core.database)
    made.resize(352, 900)
    made.show()
    yield made
    await desk.operations.settle()
    made.close()
    made.deleteLater()


def chart_of(panel: MetricsPanel) -> MetricChart:
    found = panel.findChild(MetricChart)
    assert found is not None
    return found


def record(desk: Desk, value: float, name: str = "max_angle") -> None:
    session, task = desk.opened.record, desk.opened.task
    assert session is not None
    assert task is not None
    assert desk.opened.do(RecordMetric(session.id, task.id, new_metric(name, value, unit="deg")))


async def visit(desk: Desk, child: UUID, day: datetime, value: float | None) -> UUID:
    session_id = await desk.begin("Amina Haddad", child_id=child, started_at=day)
    if value is not None:
        record(desk, value)
    await desk.operations.settle()
    return session_id


async def test_the_chart_comes_with_the_second_value(desk: Desk, panel: MetricsPanel) -> None:
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    panel.choose("max_angle")
    await desk.operations.settle()
    assert chart_of(panel).isHidden()
    await visit(desk, child, NOVEMBER, 165.5)
    chart = chart_of(panel)
    assert chart.isVisible()
    assert [point.text for point in chart.data().points] == ["138°", "165.5°"]
    assert [point.label for point in chart.data().points] == ["Mar", "Nov"]
    assert chart.caption() == "\u206827.5°\u2069 more than in March"
    assert chart.title() == "Max angle over follow-ups"


async def test_a_change_shows_at_once_and_a_fall_is_said_without_a_sign(
    desk: Desk, panel: MetricsPanel
) -> None:
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    await visit(desk, child, NOVEMBER, None)
    panel.choose("max_angle")
    await desk.operations.settle()
    record(desk, 130.25)
    assert chart_of(panel).caption() == "\u20687.75°\u2069 less than in March"
    record(desk, 138)
    assert chart_of(panel).caption() == "The same as in March"


async def test_the_last_value_of_another_visit_is_named_as_such(desk: Desk, panel: MetricsPanel) -> None:
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    await visit(desk, child, JUNE, 146.5)
    await visit(desk, child, NOVEMBER, None)
    panel.choose("max_angle")
    await desk.operations.settle()
    assert chart_of(panel).caption() == "Last recorded on 9 Jun 2025"


async def test_an_older_visit_shows_what_was_known_then(desk: Desk, panel: MetricsPanel) -> None:
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    june = await visit(desk, child, JUNE, 146.5)
    await visit(desk, child, NOVEMBER, 165.5)
    desk.opened.show(june)
    await desk.operations.settle()
    panel.choose("max_angle")
    await desk.operations.settle()
    assert [point.value for point in chart_of(panel).data().points] == [138, 146.5]


async def test_another_child_has_another_chart(desk: Desk, panel: MetricsPanel) -> None:
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    await visit(desk, child, JUNE, 146.5)
    panel.choose("max_angle")
    await desk.operations.settle()
    assert chart_of(panel).isVisible()
    await visit(desk, desk.core.clock.new_id(), NOVEMBER, 165.5)
    assert chart_of(panel).isHidden()


async def test_the_cards_are_never_squeezed_for_the_chart(desk: Desk, panel: MetricsPanel) -> None:
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    await visit(desk, child, NOVEMBER, 165.5)
    panel.choose("max_angle")
    await desk.operations.settle()
    assert chart_of(panel).height() > chart_of(panel).minimumHeight()
    for height in range(900, 440, -20):
        panel.resize(352, height)
        await until(lambda: panel.list.height() == panel.list.sizeHint().height())
    assert chart_of(panel).isHidden()


async def test_a_small_window_has_no_chart(desk: Desk, panel: MetricsPanel) -> None:
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    await visit(desk, child, NOVEMBER, 165.5)
    panel.choose("max_angle")
    await desk.operations.settle()
    panel.set_compact(True)
    assert chart_of(panel).isHidden()
    panel.set_compact(False)
    assert chart_of(panel).isVisible()
    panel.resize(352, 420)
    await until(chart_of(panel).isHidden)


async def test_the_menu_of_the_chart_chooses_another_metric(
    desk: Desk, panel: MetricsPanel, watched_log: WatchedLog
) -> None:
    watched_log.allow("This plugin does not support (raise|grabbing)")  # offscreen, of every menu
    child = desk.core.clock.new_id()
    await visit(desk, child, MARCH, 138)
    await visit(desk, child, NOVEMBER, 165.5)
    panel.choose("max_angle")
    await desk.operations.settle()
    chart = chart_of(panel)
    chart.more_button.click()
    menu = chart.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Accuracy", "Stability", "Max angle"]
    assert [action.isChecked() for action in menu.actions()] == [False, False, True]
    menu.actions()[0].trigger()
    menu.close()
    current = panel.current()
    assert current is not None
    assert current.name == "accuracy"


def point(day: datetime, value: float) -> HistoryPoint:
    return HistoryPoint(UUID(int=day.month), day, value)


def test_the_difference_is_what_the_digits_say() -> None:
    found = history.difference([point(MARCH, 0.9), point(JUNE, 5), point(NOVEMBER, 0.95)])
    assert found == history.Difference(0.05, MARCH)
    assert history.difference([point(MARCH, 0.9)]) is None


def test_a_difference_of_the_largest_values_is_still_a_number() -> None:
    found = history.difference([point(MARCH, -1.7e308), point(JUNE, 1.7e308)])
    assert found == history.Difference(float_info.max, MARCH)


def test_days_are_named_as_briefly_as_tells_them_apart() -> None:
    assert visit_labels([date(2025, 3, 3), date(2025, 6, 9)]) == ["Mar", "Jun"]
    assert visit_labels([date(2025, 3, 3), date(2025, 3, 9)]) == ["3 Mar", "9 Mar"]
    assert visit_labels([date(2024, 3, 3), date(2025, 3, 9)]) == ["Mar 2024", "Mar 2025"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2025, 3, 3), "in March"),
        (date(2024, 11, 23), "in November 2024"),
        (date(2025, 11, 3), "on 3 November"),
        (date(2025, 11, 23), "earlier that day"),
    ],
)
def test_an_earlier_visit_is_named_as_people_say_it(day: date, said: str) -> None:
    assert since_words(day, date(2025, 11, 23)) == said
