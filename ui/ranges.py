"""Ranges of a metric in words: what is expected, what is possible, where a value lies."""

from PySide6.QtCore import QCoreApplication

from desktop.protocols import Judgement, MetricSpec, Range, with_unit
from ui import words
from ui.widgets.range_bar import Interval

EN_DASH = "\u2013"


def range_text(span: Range, unit: str | None) -> str:
    """Return "150–180°", "from 0 cm" or "up to 5 cm"; empty for a range without ends."""
    if span.low is not None and span.high is not None:
        dash = f" {EN_DASH} " if span.low < 0 else EN_DASH  # "−20 – 20", never "−20–20"
        return words.isolated(with_unit(f"{words.number(span.low)}{dash}{words.number(span.high)}", unit))
    if span.low is not None:
        return _tr("from {value}").format(value=words.isolated(words.measured(span.low, unit)))
    if span.high is not None:
        return _tr("up to {value}").format(value=words.isolated(words.measured(span.high, unit)))
    return ""


def range_words(spec: MetricSpec) -> str:
    """Return "Expected 150–180°" where the protocol expects anything, else "Possible 0–200°", else nothing."""
    if spec.expected is not None and (expected := range_text(spec.expected, spec.unit)):
        return _tr("Expected {range}").format(range=expected)
    possible = range_text(spec.possible, spec.unit)
    return _tr("Possible {range}").format(range=possible) if possible else ""


def judgement_word(judgement: Judgement) -> str:
    """Return where a value lies against what is expected."""
    return {
        "within": _tr("Within range"),
        "below": _tr("Below range"),
        "above": _tr("Above range"),
    }[judgement]


def interval(span: Range | None, around: Range) -> Interval | None:
    """Return the ends of `span` on a bar over `around`; None where they cannot be drawn."""
    if span is None or around.low is None or around.high is None:
        return None
    low = around.low if span.low is None else span.low
    high = around.high if span.high is None else span.high
    return low, high


def _tr(text: str) -> str:
    return QCoreApplication.translate("ranges", text)
