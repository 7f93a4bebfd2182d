"""The chosen metric over the child's visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy

from desktop import history
from desktop.crud import local_day
from desktop.database import Database
from desktop.listing import HistoryPoint, metric_history
from desktop.protocols import unit_text
from desktop.schemas import SessionRecord
from ui import ranges, words
from ui.models.metrics import MetricRow
from ui.opened import OpenSession
from ui.operations import Operations, Progress
from ui.visits import since_words, visit_labels
from ui.widgets.button import Button
from ui.widgets.chart import Chart, ChartData, ChartPoint
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import ElidedLabel, label
from ui.widgets.layout import hbox, vbox

FEWEST = 2
HEIGHTS = 240, 420


@dataclass(frozen=True)
class _Subject:
    """What the values of other visits were read for."""

    session_id: UUID
    child_id: UUID
    task_name: str
    side: str
    metric_name: str


class MetricChart(QFrame):
    """A card with the chart, hidden below two values; `chosen` names another metric that is wanted.

    The open session's value is the one in memory, so a change shows at once.
    """

    chosen = Signal(str)

    def __init__(self, *, opened: OpenSession, operations: Operations, database: Database) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._opened, self._operations, self._database = opened, operations, database
        self._allowed = True
        self._row: MetricRow | None = None
        self._rows: Sequence[MetricRow] = ()
        self._subject: _Subject | None = None
        self._stored: list[HistoryPoint] = []
        self._build()
        self.hide()

    def set_allowed(self, allowed: bool) -> None:
        """Tell whether there is room for the chart."""
        if allowed != self._allowed:
            self._allowed = allowed
            self._draw()

    def show_metric(self, row: MetricRow | None, rows: Sequence[MetricRow]) -> None:
        """Show a metric of the selected task result; `rows` are those that can be chosen."""
        self._row, self._rows = row, rows
        subject = self._subject_of(row)
        if subject != self._subject:
            self._subject, self._stored = subject, []
            self._operations.cancel((self, "history"))
            if subject is not None:
                self._read(subject)
        self._draw()

    def sizeHint(self) -> QSize:
        """As low as it may be: the cards above come first."""
        return QSize(super().sizeHint().width(), HEIGHTS[0])

    def hasHeightForWidth(self) -> bool:
        """The wrapping caption alone would ask for it, and for more height than is due."""
        return False

    def title(self) -> str:
        return self._title.text()

    def caption(self) -> str:
        """What is said under the chart."""
        return self._caption.text()

    def data(self) -> ChartData:
        return self._chart.data()

    def _build(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(HEIGHTS[0])
        self.setMaximumHeight(HEIGHTS[1])
        self._title = ElidedLabel(role="strong")
        self.more_button = Button(icon="chevrons-up-down", kind="icon", name=self.tr("Choose the metric"))
        self.more_button.clicked.connect(lambda _checked: self._open_menu())
        self._chart = Chart()
        self._trend = IconLabel("trending-up", size=18)
        self._caption = label(role="caption_strong", wrap=True)
        head = hbox((self._title, 1), self.more_button)
        foot = hbox(self._trend, (self._caption, 1), spacing=10)
        self.setLayout(vbox(head, (self._chart, 1), foot, spacing=6, margins=(16, 8, 12, 14)))

    def _subject_of(self, row: MetricRow | None) -> _Subject | None:
        record, task = self._opened.record, self._opened.task
        if record is None or task is None or row is None:
            return None
        return _Subject(record.id, record.child_id, task.task_name, task.side, row.name)

    def _read(self, subject: _Subject) -> None:
        async def read(_progress: Progress) -> list[HistoryPoint]:
            return await metric_history(
                self._database,
                child_id=subject.child_id,
                task_name=subject.task_name,
                side=subject.side,
                metric_name=subject.metric_name,
            )

        title = self.tr("Read the earlier visits")
        self._operations.start(read, title=title, key=(self, "history"), done=self._arrived)

    def _arrived(self, stored: list[HistoryPoint]) -> None:
        self._stored = stored
        self._draw()

    def _draw(self) -> None:
        record, task, row = self._opened.record, self._opened.task, self._row
        points = history.up_to(self._stored, record, task, row.name) if record and task and row else []
        self.setVisible(self._allowed and len(points) >= FEWEST)
        if record is None or row is None or len(points) < FEWEST:
            return
        title = self.tr("{metric} over follow-ups").format(metric=row.label)
        self._title.setText(title)
        self.more_button.setVisible(len(self._rows) > 1)
        self._chart.show_data(_data(points, row, record), name=title)
        self._say(points, row, record)

    def _say(self, points: Sequence[HistoryPoint], row: MetricRow, record: SessionRecord) -> None:
        """Say how far the value is from the first one; whether that is good is not ours to say."""
        last = points[-1]
        found = history.difference(points)
        if found is None or last.session_id != record.id:
            self._trend.show_icon("history", "muted")
            self._caption.setText(self.tr("Last recorded on {day}").format(day=words.day(_day(last, record))))
            return
        amount = words.isolated(words.measured(abs(found.amount), row.unit))
        when = since_words(_day(points[0], record), _day(last, record))
        icon, text = "minus", self.tr("The same as {when}")
        if found.amount:
            more = found.amount > 0
            icon = "trending-up" if more else "trending-down"
            text = self.tr("{amount} more than {when}") if more else self.tr("{amount} less than {when}")
        self._trend.show_icon(icon, "muted")
        self._caption.setText(text.format(amount=amount, when=when))

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for row in self._rows:
            action = menu.addAction(row.label.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(self._row is not None and row.name == self._row.name)
            action.triggered.connect(lambda _checked, name=row.name: self.chosen.emit(name))
        menu.popup(self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))


def _data(points: Sequence[HistoryPoint], row: MetricRow, record: SessionRecord) -> ChartData:
    expected = ranges.interval(row.spec.expected, row.spec.possible) if row.spec is not None else None
    labels = visit_labels([_day(point, record) for point in points])
    return ChartData(
        points=tuple(
            ChartPoint(name, words.measured(point.value, row.unit), point.value, point.started_at.timestamp())
            for name, point in zip(labels, points, strict=True)
        ),
        expected=expected,
        expected_text=ranges.range_words(row.spec) if expected is not None and row.spec is not None else "",
        tick="%1°" if unit_text(row.unit) == "°" else "%1",
        decimal_point=words.decimal_sign(),
    )


def _day(point: HistoryPoint, record: SessionRecord) -> date:
    return local_day(point.started_at, record.utc_offset_minutes)
