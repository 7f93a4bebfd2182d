"""The editor over a metric of the list."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.decimals import parse_decimal
from desktop.plausibility import Doubt, odd_metric
from desktop.protocols import unit_text
from ui import ranges, words
from ui.models.metrics import MetricRow
from ui.panels.entry import Entry, Question
from ui.widgets.label import ElidedLabel
from ui.widgets.layout import hbox, vbox

NARROWEST, WIDEST = "0000", "0000000"
PADDING = 40


class MetricEditor(QWidget):
    """Name and line side by side, what there is to say below; `resized` when it needs another height."""

    resized = Signal()

    def __init__(self, row: MetricRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.entry = Entry(_question(row), self)
        metrics = self.entry.line.fontMetrics()
        for limit, digits in (
            (self.entry.line.setMinimumWidth, NARROWEST),
            (self.entry.line.setMaximumWidth, WIDEST),
        ):
            limit(metrics.horizontalAdvance(digits + unit_text(row.unit)) + PADDING)
        first = hbox((ElidedLabel(row.label, "medium"), 1), self.entry.line, spacing=8)
        self.setLayout(vbox(first, self.entry.message, None, spacing=4, margins=(16, 8, 16, 10)))
        self.setFocusProxy(self.entry.line)
        self.entry.message.resized.connect(self.resized)
        if row.draft:
            self.entry.type_text(row.draft)

    def height_for(self, width: int) -> int:
        """How high the editor is where it is so wide, in pixels."""
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout is not None else 0


def _question(row: MetricRow) -> Question:
    def read(text: str) -> float | None:
        return parse_decimal(text) if text.strip() else None

    def echo(value: float | None) -> str:
        return "" if value is None else words.measured(value, row.unit)

    def doubt(value: float | None) -> Doubt | None:
        return None if value is None or row.spec is None else odd_metric(row.spec, value)

    return Question(
        name=row.label,
        read=read,
        echo=echo,
        doubt=doubt,
        text="" if row.value is None else words.number(row.value),
        unit=row.unit,
        unit_text=unit_text(row.unit),
        hint=ranges.range_words(row.spec) if row.spec is not None else "",
        reason=row.remark,
    )
