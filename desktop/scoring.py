"""Which of several trials counts, by the protocol's rule. Pure questions about values."""

from collections.abc import Sequence
from typing import Literal

BestBy = Literal["max", "min", "mean", "last"]


def best_of(values: Sequence[float | None], best_by: BestBy | None) -> int | None:
    """Return the place of the trial that counts among `values`, of which None was not measured.

    The first one among equals. None where no trial counts alone: no rule, the mean of all, or nothing measured.
    """
    measured = [(place, value) for place, value in enumerate(values) if value is not None]
    if not measured or best_by in {None, "mean"}:
        return None
    if best_by == "last":
        return measured[-1][0]
    sign = 1 if best_by == "max" else -1
    return max(measured, key=lambda one: (sign * one[1], -one[0]))[0]


def mean_of(values: Sequence[float | None]) -> float | None:
    """Return the mean of what was measured, None when nothing was."""
    measured = [value for value in values if value is not None]
    return sum(measured) / len(measured) if measured else None
