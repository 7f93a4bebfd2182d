"""A child's progress: one metric over the visits, side by side where there are two, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QWidget

from desktop import history
from desktop.background import in_background
from desktop.core import Core
from desktop.crud import local_day
from desktop.export.forms import Language
from desktop.export.report.making import make_progress
from desktop.export.report.visits import visits_of_child
from desktop.listing import HistoryPoint, MetricKey, SessionLine, metric_histories, session_lines
from desktop.protocols import MetricSpec, Protocol, judge, unit_text
from desktop.schemas import SessionRecord
from desktop.services.auditing import enter
from desktop.trials import SIDES
from ui import ranges, words
from ui.dialogs.paper import ROOM, close_button
from ui.operations import Operations, Progress
from ui.printing import choose_printer, print_pages
from ui.theme import HEIGHT
from ui.visits import visit_labels
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.chart import Chart, ChartData, ChartPoint
from ui.widgets.choice import Choice
from ui.widgets.field import Field
from ui.widgets.label import label
from ui.widgets.layout import frame, hbox, rule, vbox
from ui.widgets.plain_table import PlainTable
from ui.widgets.segmented import Segmented

SIZE = 1040, 752
TABLE_ROWS = 180
COMPARE = "compare"


@dataclass(frozen=True)
class _Known:
    histories: dict[MetricKey, list[HistoryPoint]]
    lines: dict[UUID, SessionLine]


class ProgressDialog(QDialog):
    """Shows what was measured at each visit; what it means is for the clinician to say."""

    def __init__(
        self,
        parent: QWidget | None,
        *,
        core: Core,
        record: SessionRecord,
        protocol: Protocol | None,
        operations: Operations,
    ) -> None:
        super().__init__(parent)
        self._core, self._record, self._protocol, self._operations = core, record, protocol, operations
        self._known = _Known({}, {})
        self.setWindowTitle(self.tr("Progress"))
        self.setProperty("ground", "surface")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.task, self.metric_choice = Choice(name=self.tr("Task")), Choice(name=self.tr("Metric"))
        self.side: Segmented | None = None
        self._side_room = hbox(spacing=0)
        self._about = label(role="caption", tone="muted", wrap=True)
        self.charts = [Chart(), Chart()]
        self.table = PlainTable(self._headings(), name=self.tr("Visits"), wide=4, samples=self._samples())
        self.copy = Button(self.tr("Copy as picture"), icon="copy", height=HEIGHT.dialog_primary)
        self.print = Button(self.tr("Print…"), icon="printer", height=HEIGHT.dialog_primary)
        self._build()
        self._connect()
        self._read()

    def keys(self) -> list[MetricKey]:
        """Return what is shown: one metric, on one side or two."""
        task, metric = self.task.currentData(), self.metric_choice.currentData()
        sides = self._sides(task, metric)
        chosen = self.side.current() if self.side is not None else None
        shown = sides if chosen == COMPARE else [chosen] if chosen in sides else sides[:1]
        return [(task, side, metric) for side in shown if side is not None]

    def done(self, result: int) -> None:
        for what in ("read", "picture", "print"):
            self._operations.cancel((self, what))
        super().done(result)

    # Building

    def _headings(self) -> list[str]:
        return [
            self.tr("Visit"), self.tr("Date"), self.tr("Age"), self.tr("Value"),
            self.tr("Change since the first"), self.tr("Range"),
        ]  # fmt: skip

    def _samples(self) -> list[str]:
        return ["Follow-up 10", "28 September 2025", "10 y 10 m", "100.25 cm", "", self.tr("Within range")]

    def _build(self) -> None:
        name = words.isolated(self._record.child_name)
        title = label(self.tr("Progress of {name}").format(name=name), "heading", wrap=True)
        head = vbox(title, self._about, spacing=4, margins=(28, 20, 28, 14))
        choices = hbox(
            (Field(self.tr("Task"), self.task), 2),
            vbox(label(self.tr("Side"), "strong"), self._side_room, None, spacing=6),
            (Field(self.tr("Metric"), self.metric_choice), 2),
            spacing=16,
        )
        drawn = frame(
            hbox(*((chart, 1) for chart in self.charts), spacing=12, margins=(16, 12, 16, 12)), role="card"
        )
        self.table.setMinimumHeight(TABLE_ROWS)
        for button in (self.copy, self.print):
            button.setAutoDefault(False)
        foot = hbox(self.copy, self.print, None, close_button(self), spacing=12, margins=(28, 14, 28, 14))
        body = vbox(choices, (drawn, 3), (self.table, 2), spacing=14, margins=(28, 14, 28, 14))
        self.setLayout(vbox(head, rule(), (body, 1), rule(), foot, spacing=0))
        parent = self.parentWidget()
        room = parent.window().size() if parent is not None else self.maximumSize()
        self.resize(min(SIZE[0], room.width() - ROOM), min(SIZE[1], room.height() - ROOM))
        self.task.setFocus()

    def _connect(self) -> None:
        self.task.currentIndexChanged.connect(lambda _place: self._offer_metrics())
        self.metric_choice.currentIndexChanged.connect(lambda _place: self._offer_sides())
        self.copy.clicked.connect(lambda _checked: self._copy())
        self.print.clicked.connect(lambda _checked: self._print())

    # What there is

    def _read(self) -> None:
        record, database = self._record, self._core.database

        async def read(_progress: Progress) -> _Known:
            ids = await visits_of_child(database, record.child_id)
            return _Known(
                await metric_histories(database, record.child_id), dict(await session_lines(database, ids))
            )

        title = self.tr("Read the visits")
        self._operations.start(read, title=title, key=(self, "read"), done=self._arrived)

    def _arrived(self, known: _Known) -> None:
        self._known = known
        days = sorted(words.session_day(line) for line in known.lines.values())
        if days:
            self._about.setText(
                self.tr("%n visits since {day}", "", len(days)).format(day=words.isolated(words.day(days[0])))
            )
        self.task.blockSignals(True)
        for name in dict.fromkeys(task for task, _, _ in known.histories):
            self.task.addItem(words.task_label(self._protocol, name), name)
        self.task.blockSignals(False)
        self._offer_metrics()

    def _offer_metrics(self) -> None:
        task = self.task.currentData()
        self.metric_choice.blockSignals(True)
        self.metric_choice.clear()
        for name in dict.fromkeys(metric for of, _, metric in self._known.histories if of == task):
            self.metric_choice.addItem(words.metric_label(self._protocol, task, name), name)
        self.metric_choice.blockSignals(False)
        self._offer_sides()

    def _sides(self, task: str | None, metric: str | None) -> list[str]:
        found = {side for of, side, name in self._known.histories if (of, name) == (task, metric)}
        return [side for side in (*SIDES, "none") if side in found]

    def _offer_sides(self) -> None:
        """Offer the sides on which the metric was measured, and both beside each other."""
        sides = self._sides(self.task.currentData(), self.metric_choice.currentData())
        if self.side is not None:
            self.side.deleteLater()
            self._side_room.removeWidget(self.side)
        named = [(side, words.side(side) or self.tr("No side")) for side in sides]
        if len(sides) > 1:
            named.append((COMPARE, self.tr("Compare")))
        self.side = Segmented(named, name=self.tr("Side"), current=sides[0] if sides else None, physical=True)
        self.side.chosen.connect(lambda _key: self._show())
        self._side_room.addWidget(self.side)
        self._show()

    # Showing

    def _spec(self) -> MetricSpec | None:
        task = self._protocol.task(self.task.currentData() or "") if self._protocol else None
        return task.metric(self.metric_choice.currentData() or "") if task else None

    def _show(self) -> None:
        keys, spec = self.keys(), self._spec()
        for place, chart in enumerate(self.charts):
            chart.setVisible(place < max(len(keys), 1))
            key = keys[place] if place < len(keys) else None
            points = self._known.histories.get(key, []) if key else []
            name = " · ".join(
                filter(None, (self.metric_choice.currentText(), words.side(key[1]) if key else ""))
            )
            chart.show_data(self._data(points, spec, keys), name=name)
        rows = self._rows(keys, spec)
        self.table.show_rows(rows, [", ".join(filter(None, row)) for row in rows])
        for button in (self.copy, self.print):
            button.setEnabled(bool(keys))

    def _data(
        self, points: Sequence[HistoryPoint], spec: MetricSpec | None, keys: Sequence[MetricKey]
    ) -> ChartData:
        unit = spec.unit if spec else None
        expected = ranges.interval(spec.expected, spec.possible) if spec else None
        days = [local_day(point.started_at, self._record.utc_offset_minutes) for point in points]
        return ChartData(
            points=tuple(
                ChartPoint(
                    named, words.measured(point.value, unit), point.value, point.started_at.timestamp()
                )
                for named, point in zip(visit_labels(days), points, strict=True)
            ),
            expected=expected,
            expected_text=ranges.range_words(spec) if expected is not None and spec else "",
            tick="%1°" if unit_text(unit) == "°" else "%1",
            decimal_point=words.decimal_sign(),
            error=spec.measurement_error if spec else None,
            also=tuple(point.value for key in keys for point in self._known.histories[key]),
        )

    def _rows(self, keys: Sequence[MetricKey], spec: MetricSpec | None) -> list[list[str]]:
        unit = spec.unit if spec else None
        found = [{point.session_id: point for point in self._known.histories[key]} for key in keys]
        rows = []
        for session_id, line in self._visits():
            values = [of_side.get(session_id) for of_side in found]
            if not any(values):
                continue
            said = " / ".join(words.measured(one.value, unit) if one else "–" for one in values)
            judged = judge(spec, values[0].value) if spec and values[0] else None
            rows.append(
                [
                    words.visit(line.visit),
                    words.day(words.session_day(line)),
                    words.age_in(line),
                    said,
                    self._change(keys, spec, values[0]),
                    ranges.judgement_word(judged) if judged else "",
                ]
            )
        return rows

    def _visits(self) -> list[tuple[UUID, SessionLine]]:
        return sorted(self._known.lines.items(), key=lambda item: item[1].visit)

    def _change(self, keys: Sequence[MetricKey], spec: MetricSpec | None, point: HistoryPoint | None) -> str:
        first = self._known.histories[keys[0]][0]
        if point is None or point is first:
            return "–"
        found = history.difference([first, point])
        assert found is not None
        amount = words.measured(abs(found.amount), spec.unit if spec else None)
        sign = "+" if found.amount > 0 else "−" if found.amount < 0 else ""
        said = words.isolated(f"{sign}{amount}")
        noise = history.is_noise(found.amount, spec.measurement_error if spec else None)
        return self.tr("{change}, within measurement noise").format(change=said) if noise else said

    # On paper and elsewhere

    async def _picture(self, *, picture: bool) -> bytes:
        keys, child, actor = self.keys(), self._record.child_id, self._core.unlocked.actor
        language: Language = "ar" if words.language() == "ar" else "en"
        return await in_background(
            self._core.database,
            lambda database: make_progress(
                database, child, keys, actor=actor, language=language, picture=picture
            ),
        )

    async def _enter(self, action: str) -> None:
        """Have the trail say that the child's progress leaves the window."""
        visits = list(self._known.lines)
        actor, count = self._core.unlocked.actor, len(visits)
        await enter(
            self._core.database, actor=actor, action=action, of=visits, format="progress", sessions=count
        )

    def _copy(self) -> None:
        async def draw(_progress: Progress) -> bytes:
            await self._enter("copy")
            return await self._picture(picture=True)

        def done(png: bytes) -> None:
            QGuiApplication.clipboard().setImage(QImage.fromData(png))
            announce(self, self.tr("Copied"))

        self._operations.start(
            draw, title=self.tr("Copy as picture"), key=(self, "picture"), busy=self.copy, done=done
        )

    def _print(self) -> None:
        async def work(_progress: Progress) -> None:
            printer = await choose_printer(
                self, self.tr("Progress {code}").format(code=self._record.child_code)
            )
            if printer is not None:
                await self._enter("print")
                print_pages(printer, [await self._picture(picture=False)])

        self._operations.start(work, title=self.tr("Print"), key=(self, "print"), busy=self.print)
