"""What every column of a workbook means, and what the protocols measure, as rows of a sheet."""

from collections.abc import Iterator, Sequence

from desktop.export.columns import Column
from desktop.export.forms import Language
from desktop.export.table import Row
from desktop.protocols import MetricSpec, Protocol, Range, Task, label

CODEBOOK = (
    Column("sheet", "text", "Sheet of the column, or protocol and version"),
    Column("column", "text", "Name of the column; of a protocol the task, or task.metric"),
    Column("kind", "text", "What its values are"),
    Column("unit", "text", "Unit (UCUM)"),
    Column("values", "text", "The only values that it has; of a task its sides"),
    Column("meaning", "text", "What it means"),
    Column("possible_low", "number", "Lowest possible value; empty where open"),
    Column("possible_high", "number", "Highest possible value; empty where open"),
    Column("expected_low", "number", "Low end of the expected range; empty where the protocol has none"),
    Column("expected_high", "number", "High end of the expected range; empty where the protocol has none"),
    Column("better", "text", "Which values are better: higher, lower or none"),
)
_NO_RANGES: Row = [None] * 5


def about_columns(sheet: str, columns: Sequence[Column]) -> Iterator[Row]:
    """Give a row for each column of a sheet."""
    for column in columns:
        values = ", ".join(column.choices)
        yield [sheet, column.name, column.kind, column.unit, values, column.about, *_NO_RANGES]


def about_protocol(protocol: Protocol, language: Language) -> Iterator[Row]:
    """Give a row for each task of a protocol and for each of its metrics."""
    origin = f"{protocol.name} {protocol.version}"
    for task in protocol.tasks:
        named = label(task.labels, language, task.key)
        yield [origin, task.key, "task", None, ", ".join(task.sides), named, *_NO_RANGES]
        for metric in task.metrics:
            yield [origin, *_about_metric(task, metric, language)]


def _about_metric(task: Task, metric: MetricSpec, language: Language) -> Row:
    possible, expected = metric.possible, metric.expected or Range()
    return [
        f"{task.key}.{metric.name}",
        "number",
        metric.unit,
        None,
        label(metric.labels, language, metric.name),
        possible.low,
        possible.high,
        expected.low,
        expected.high,
        metric.direction,
    ]
