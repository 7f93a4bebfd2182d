"""Protocols: which tasks a session has, what is measured in them, and what a value may be."""

from desktop.protocols.battery import MetricSpec, Protocol, Range, Task, Texts, label
from desktop.protocols.load import bundled, canonical, parse, sha256
from desktop.protocols.plan import PlannedTask, plan
from desktop.protocols.ranges import Judgement, judge, possible
from desktop.protocols.units import unit_text, with_unit

__all__ = [
    "Judgement",
    "MetricSpec",
    "PlannedTask",
    "Protocol",
    "Range",
    "Task",
    "Texts",
    "bundled",
    "canonical",
    "judge",
    "label",
    "parse",
    "plan",
    "possible",
    "sha256",
    "unit_text",
    "with_unit",
]
