"""What a report says of task results and their metrics."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from desktop.decimals import format_decimal
from desktop.export.report.writer import Content, Writer, typed
from desktop.protocols import MetricSpec, Protocol, Range, Task, judge, with_unit
from desktop.scoring import best_of, mean_of

NEVER_SCORED = frozenset({"not_tested", "refused"})
FEWEST_TRIALS = 2


def with_best(
    tasks: Sequence[Mapping[str, Any]], protocol: Protocol | None
) -> list[tuple[Mapping[str, Any], str]]:
    """Return the task results, each with "best" where it is the trial that counts, and the mean where that counts.

    Practice is never scored, and neither is what was not tested or refused.
    """
    alike: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for task in tasks:
        if not task["practice"]:
            alike[task["task_name"], task["side"]].append(task)
    best: dict[str, str] = {}
    for (name, _side), trials in alike.items():
        spec = protocol.task(name) if protocol else None
        if spec is None or len(trials) < FEWEST_TRIALS:
            continue
        scores = [_score(task, spec) for task in trials]
        place = best_of(scores, spec.best_by)
        if place is not None:
            best[trials[place]["id"]] = "best"
        elif spec.best_by == "mean" and mean_of(scores) is not None:
            best[trials[-1]["id"]] = f"mean:{mean_of(scores)}"
    return [(task, best.get(task["id"], "")) for task in tasks]


def _score(task: Mapping[str, Any], spec: Task) -> float | None:
    """Return the value by which trials are compared: the protocol's first metric, or the time where it has none."""
    if task["status"] in NEVER_SCORED:
        return None
    if not spec.metrics:
        found: float | None = task["duration_seconds"]
        return found
    first = spec.metrics[0].name
    values = (metric["metric_value"] for metric in task["metrics"] if metric["metric_name"] == first)
    return next(values, None)


def task_content(
    writer: Writer, protocol: Protocol | None, task: Mapping[str, Any], chosen: str, *, noted: bool = True
) -> Content:
    """Return what is said of one task result, with or without what was noted on it."""
    spec = protocol.task(task["task_name"]) if protocol else None
    modified = bool(task["deviation"])
    remarks = [
        writer.say("modified_administration", how=writer.apart(task["deviation"])) if modified else "",
        writer.say("kept_because", why=writer.apart(task["remark"])) if task["remark"] else "",
        writer.say("note", text=writer.apart(task["notes"])) if noted and task["notes"].strip() else "",
    ]
    seconds = task["duration_seconds"]
    return {
        "label": writer.task(protocol, task["task_name"]),
        "side": writer.side(task["side"]),
        "trial": task["trial"],
        "practice": task["practice"],
        "status": task["status"] or "",
        "result": writer.words[_status(task)],
        "best": _best_words(writer, chosen, spec),
        "time": "" if seconds is None else writer.time(seconds),
        "modified": modified,
        "remarks": [typed(remark) for remark in remarks if remark],
        "metrics": [metric_content(writer, spec, metric, modified) for metric in in_order(spec, task)],
    }


def _status(task: Mapping[str, Any]) -> str:
    if task["status"]:
        return str(task["status"])
    return "unrated" if task["duration_seconds"] is not None or task["metrics"] else "to_do"


def _best_words(writer: Writer, chosen: str, spec: Task | None) -> str:
    kind, _, mean = chosen.partition(":")
    if kind == "mean":
        unit = spec.metrics[0].unit if spec and spec.metrics else "s"
        return writer.say("mean", value=writer.number(round(float(mean), 6), unit))
    return writer.words["best"] if kind else ""


def in_order(spec: Task | None, task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the metrics in the protocol's order, then the free ones by name."""
    order = {metric.name: place for place, metric in enumerate(spec.metrics if spec else ())}
    return sorted(
        task["metrics"], key=lambda one: (order.get(one["metric_name"], len(order)), one["metric_name"])
    )


def metric_content(writer: Writer, task: Task | None, metric: Mapping[str, Any], modified: bool) -> Content:
    """Return what is said of one metric; a share of 0 to 1 tells where it lies in the possible range."""
    spec = task.metric(metric["metric_name"]) if task else None
    value, unit = metric["metric_value"], metric["unit"] or (spec.unit if spec else None)
    judged = judge(spec, value) if spec else None
    remark = metric["remark"]
    return {
        "label": writer.metric(task, metric["metric_name"]),
        "value": writer.number(value, unit),
        "range": _range_words(writer, spec),
        "judgement": judged or "",
        "judged": writer.words[judged] if judged else "",
        "modified": modified,
        "remark": typed(writer.say("kept_because", why=writer.apart(remark))) if remark else None,
        "bar": _bar(spec, value),
    }


def _range_words(writer: Writer, spec: MetricSpec | None) -> str:
    if spec is None:
        return ""
    span, key = (spec.expected, "expected") if spec.expected else (spec.possible, "possible")
    written = _span(writer, span, spec.unit)
    return writer.say(key, range=written) if written else ""


def _span(writer: Writer, span: Range, unit: str) -> str:
    low, high = (
        None if end is None else format_decimal(end, decimals=None, sign=".") for end in (span.low, span.high)
    )
    if low and high:
        return writer.upright(with_unit(f"{low}–{high}", unit))
    return writer.upright(with_unit(f"≥ {low}" if low else f"≤ {high}", unit)) if low or high else ""


def _bar(spec: MetricSpec | None, value: float) -> Content | None:
    """Return where value and expected range lie in the possible range, as shares; None where that is open."""
    if spec is None or spec.possible.low is None or spec.possible.high is None:
        return None
    low, high = spec.possible.low, spec.possible.high

    def share(number: float) -> float:
        return min(max((number - low) / (high - low), 0), 1)

    span = spec.expected
    expected = (
        None
        if span is None
        else [share(low if span.low is None else span.low), share(high if span.high is None else span.high)]
    )
    return {"value": share(value), "expected": expected}
