"""A child's progress: every metric over the visits, sides beside each other, and what is only noise."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop import crud, history
from desktop.protocols import Protocol, bundled
from desktop.schemas import NewMetric, NewSession
from desktop.services.recording import begin_session
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from ui.dialogs.progress import COMPARE, ProgressDialog

VALUES = {"left": (138.0, 146.5, 165.5), "right": (140.0, 141.0, 140.5)}


def with_error() -> Protocol:
    """The bundled protocol, whose angle may be off by three degrees."""
    protocol = bundled()[0]
    task = protocol.tasks[0]
    metrics = tuple(
        metric.model_copy(update={"measurement_error": 3.0}) if metric.name == "max_angle" else metric
        for metric in task.metrics
    )
    tasks = (task.model_copy(update={"metrics": metrics}), *protocol.tasks[1:])
    return protocol.model_copy(update={"name": "with-an-error", "tasks": tasks})


async def visits(desk: Desk) -> UUID:
    """Store three visits of one child, with the angle on both sides; returns the last one."""
    child, now = desk.core.clock.new_id(), desk.core.clock.now()
    for place in range(3):
        new = NewSession(
            child_id=child,
            child_name="<b>Amina</b>",
            child_age=6,
            started_at=now - timedelta(days=90 * (2 - place)),
        )
        session_id = await begin_session(
            desk.core.database,
            actor=desk.actor,
            new=new,
            protocol=with_error(),
            session_id=desk.core.clock.new_id(),
        )
        async with desk.core.database.write(actor=desk.actor) as db:
            tasks = await crud.get_task_results_by_session(db, session_id)
            for task in tasks[:2]:
                value = VALUES[task.side][place]
                await crud.create_metric(db, task.id, NewMetric(metric_name="max_angle", metric_value=value))
    return session_id


@pytest.fixture
async def dialog(desk: Desk) -> AsyncIterator[ProgressDialog]:
    window = QWidget()
    window.resize(1440, 900)
    desk.opened.show(await visits(desk))
    await desk.operations.settle()
    record = desk.opened.record
    assert record is not None
    made = ProgressDialog(
        window, core=desk.core, record=record, protocol=desk.opened.protocol, operations=desk.operations
    )
    made.open()
    await until(made.isActiveWindow)
    await desk.operations.settle()
    yield made
    await desk.operations.settle()
    made.reject()
    window.deleteLater()


def rows(dialog: ProgressDialog) -> list[list[str]]:
    model = dialog.table.model()
    plain = str.maketrans("", "", "\u2068\u2069\u2009")
    return [
        [str(model.index(row, column).data()).translate(plain) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


async def test_each_visit_has_its_value_and_its_change(dialog: ProgressDialog) -> None:
    assert dialog.keys() == [("raise_hand", "left", "max_angle")]
    assert [point.value for point in dialog.charts[0].data().points] == [138.0, 146.5, 165.5]
    assert dialog.charts[0].data().error == 3.0
    found = rows(dialog)
    assert [row[0] for row in found] == ["First visit", "Follow-up 1", "Follow-up 2"]
    assert [row[3] for row in found] == ["138°", "146.5°", "165.5°"]
    assert [row[4] for row in found] == ["–", "+8.5°", "+27.5°"]


async def test_a_difference_within_the_measurement_error_is_noise(dialog: ProgressDialog) -> None:
    assert dialog.side is not None
    dialog.side.button("right").click()
    assert [row[4] for row in rows(dialog)] == [
        "–",
        "+1°, within measurement noise",
        "+0.5°, within measurement noise",
    ]
    assert history.is_noise(3.0, 3.0)
    assert not history.is_noise(3.1, 3.0)
    assert not history.is_noise(0.0, None)


async def test_sides_stand_beside_each_other_on_one_scale(dialog: ProgressDialog) -> None:
    assert dialog.side is not None
    assert not dialog.charts[1].isVisible()
    dialog.side.button(COMPARE).click()
    assert dialog.charts[1].isVisible()
    left, right = (chart.data().scale() for chart in dialog.charts)
    assert (left.low, left.high) == (right.low, right.high)
    assert [row[3] for row in rows(dialog)] == ["138° / 140°", "146.5° / 141°", "165.5° / 140.5°"]


async def test_it_is_copied_as_a_picture(desk: Desk, dialog: ProgressDialog) -> None:
    QGuiApplication.clipboard().clear()
    dialog.copy.click()
    await desk.operations.settle()
    picture = QGuiApplication.clipboard().image()
    assert picture.width() > 800
    assert picture.height() < picture.width() * 1.2  # as high as what is on it
    query = "SELECT entity, count(*) FROM audit_log WHERE action = 'copy' GROUP BY entity ORDER BY entity"
    with closing(desk.core.database.files.connect(desk.core.paths.database)) as connection:
        assert connection.execute(query).fetchall() == [("sessions", 3), ("vault", 1)]  # the child's visits
    QGuiApplication.clipboard().clear()
