"""A metric over the visits of a child, on paper and as a picture: the lines, and the same as a table."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from desktop.export.forms import Language
from desktop.export.report.charts import Key, chart, counted
from desktop.export.report.content import frame
from desktop.export.report.writer import Content, Writer
from desktop.export.snapshot import Exported, Snapshot
from desktop.history import is_noise
from desktop.protocols import MetricSpec, judge


def progress_content(
    snapshot: Snapshot, visits: Sequence[Exported], keys: Sequence[Key], language: Language, *, picture: bool
) -> Content:
    """Return what is said of one metric, on the sides that `keys` name; `visits` are in their order.

    A `picture` is as high as what is on it.
    """
    writer = Writer(language, snapshot.people)
    last = visits[-1]
    protocol = snapshot.protocol(last.tree)
    task_name, _, metric_name = keys[0]
    task = protocol.task(task_name) if protocol else None
    spec = task.metric(metric_name) if task else None
    values = [(visit, counted(visit, protocol)) for visit in visits]
    values = [(visit, found) for visit, found in values if any(key in found for key in keys)]
    lines = {key: [(visit, found[key]) for visit, found in values if key in found] for key in keys}
    names = " · ".join((writer.task(protocol, task_name), writer.metric(task, metric_name)))
    return {
        **frame(writer, snapshot.made),
        "document_title": f"{writer.words['report']} {last.tree['child_code']}",
        "heading": writer.apart(last.tree["child_name"]),
        "title": names,
        "picture": picture,
        "charts": [chart(writer, protocol, key, points) for key, points in lines.items() if points],
        "heads": _heads(writer, keys),
        "rows": _rows(writer, spec, keys, values),
    }


def _heads(writer: Writer, keys: Sequence[Key]) -> list[str]:
    of_sides = [writer.side(side) or writer.words["value"] for _, side, _ in keys]
    word = writer.words
    return [word["visit"], word["date"], word["age"], *of_sides, word["change"], word["range"]]


def _rows(
    writer: Writer,
    spec: MetricSpec | None,
    keys: Sequence[Key],
    values: Sequence[tuple[Exported, Mapping[Key, float]]],
) -> list[list[str]]:
    unit = spec.unit if spec else None
    first = next((found[keys[0]] for _, found in values if keys[0] in found), None)
    rows = []
    for visit, found in values:
        value = found.get(keys[0])
        judged = judge(spec, value) if spec and value is not None else None
        rows.append(
            [
                writer.visit(visit.visit),
                writer.day(visit.day),
                writer.age(visit.age_months, exact=bool(visit.tree["child_date_of_birth"])),
                *(writer.number(found[key], unit) if key in found else "–" for key in keys),
                _change(writer, spec, first, value),
                writer.words[judged] if judged else "",
            ]
        )
    return rows


def _change(writer: Writer, spec: MetricSpec | None, first: float | None, value: float | None) -> str:
    """Return the difference from the first visit, and whether that is within the measurement's noise."""
    if first is None or value is None or first is value:
        return "–"
    amount = float(Decimal(repr(value)) - Decimal(repr(first)))
    sign = "+" if amount > 0 else ""
    said = f"{sign}{writer.number(amount, spec.unit if spec else None)}"
    noise = is_noise(amount, spec.measurement_error if spec else None)
    return f"{said} ({writer.words['noise']})" if noise else said
