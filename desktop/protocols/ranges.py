"""Where a value lies in the ranges of its metric. The clinician judges, not Kinelog."""

from typing import Literal

from desktop.protocols.battery import MetricSpec, Range

Judgement = Literal["within", "below", "above"]


def judge(spec: MetricSpec, value: float) -> Judgement | None:
    """Return where `value` lies against the expected range, ends included; None when the protocol has none."""
    return None if spec.expected is None else place(spec.expected, value)


def possible(spec: MetricSpec, value: float) -> bool:
    """Return whether `value` lies in the possible range, ends included."""
    return place(spec.possible, value) == "within"


def place(span: Range, value: float) -> Judgement:
    """Return where `value` lies against `span`, ends included."""
    if span.low is not None and value < span.low:
        return "below"
    if span.high is not None and value > span.high:
        return "above"
    return "within"
