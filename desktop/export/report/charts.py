"""A metric over a child's visits, as a line from the first to the last."""

from collections import defaultdict
from collections.abc import Sequence

from desktop.export.report.tasks import NEVER_SCORED, in_order, with_best
from desktop.export.report.writer import Content, Writer
from desktop.export.snapshot import Exported
from desktop.protocols import MetricSpec, Protocol, Range

FEWEST_POINTS = 2
Key = tuple[str, str, str]  # task, side, metric


def charts(writer: Writer, protocol: Protocol | None, visits: Sequence[Exported]) -> list[Content]:
    """Return the metrics that were measured at several of `visits`, the oldest first; each side by itself."""
    lines: dict[Key, list[tuple[Exported, float]]] = defaultdict(list)
    for visit in visits:
        for key, value in counted(visit, protocol).items():
            lines[key].append((visit, value))
    return [
        chart(writer, protocol, key, points) for key, points in lines.items() if len(points) >= FEWEST_POINTS
    ]


def counted(visit: Exported, protocol: Protocol | None) -> dict[Key, float]:
    """Return the values of a visit that count: of the best trial, or of the last one that was scored."""
    found: dict[Key, float] = {}
    sure: set[Key] = set()
    for task, chosen in with_best(visit.tree["task_results"], protocol):
        if task["practice"] or task["status"] in NEVER_SCORED:
            continue
        for metric in in_order(protocol.task(task["task_name"]) if protocol else None, task):
            key = (task["task_name"], task["side"], metric["metric_name"])
            if chosen == "best" or key not in sure:
                found[key] = metric["metric_value"]
            if chosen == "best":
                sure.add(key)
    return found


def chart(
    writer: Writer, protocol: Protocol | None, key: Key, points: Sequence[tuple[Exported, float]]
) -> Content:
    """Return one line: where its points lie, what stands at its ends, and all of it in words."""
    task_name, side, metric_name = key
    task = protocol.task(task_name) if protocol else None
    spec = task.metric(metric_name) if task else None
    title = " · ".join(
        filter(
            None,
            [writer.task(protocol, task_name), writer.side(side), writer.metric(task, metric_name)],
        )
    )
    numbers = [writer.number(value, spec.unit if spec else None) for _, value in points]
    when = [_when(writer, visit) for visit, _ in points]
    ends = _ends([value for _, value in points], spec)
    return {
        "title": title,
        "points": _shares(points, ends, dated=bool(points[0][0].tree["started_at"])),
        "band": _band(ends, spec),
        "low": writer.number(ends[0], spec.unit if spec else None),
        "high": writer.number(ends[1], spec.unit if spec else None),
        "first_day": when[0],
        "last_day": when[-1],
        "alt": writer.say(
            "chart_alt",
            metric=title,
            count=len(points),
            first=numbers[0],
            first_day=when[0],
            last=numbers[-1],
            last_day=when[-1],
        ),
    }


def _when(writer: Writer, visit: Exported) -> str:
    """Return the day of a visit; which visit it was, where the report is to tell no dates."""
    return writer.day(visit.day) if visit.tree["started_at"] else writer.visit(visit.visit)


def _ends(values: Sequence[float], spec: MetricSpec | None) -> tuple[float, float]:
    """Return what is drawn of a metric, from below to above: all values, and the expected range."""
    expected = spec.expected if spec and spec.expected else Range()
    seen = [*values, *(end for end in (expected.low, expected.high) if end is not None)]
    return min(seen), max(seen)


def _band(ends: tuple[float, float], spec: MetricSpec | None) -> list[float] | None:
    """Return the expected range from 0 to 1 up, None where there is none."""
    if spec is None or spec.expected is None:
        return None
    low, high = spec.expected.low, spec.expected.high
    return [0 if low is None else _share(low, ends), 1 if high is None else _share(high, ends)]


def _shares(
    points: Sequence[tuple[Exported, float]], ends: tuple[float, float], *, dated: bool
) -> list[list[float]]:
    """Return where each point lies, from 0 to 1 across and up."""
    places = [visit.day.toordinal() if dated else visit.visit for visit, _ in points]
    length = (places[-1] - places[0]) or 1
    return [
        [(place - places[0]) / length, _share(value, ends)]
        for place, (_, value) in zip(places, points, strict=True)
    ]


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return (value - low) / ((high - low) or 1)
