"""The numbers along the axis of a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
FARTHEST = 1e300  # beyond it the difference of two numbers is infinite
NEAREST = 1e-300  # below it a step between two numbers loses its digits, and then is zero
SAME = 1e-9


@dataclass(frozen=True)
class Scale:
    """From where to where an axis runs, where it is marked, and with how many decimals."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int


def nice_scale(values: Sequence[float], *, marks: int = 4) -> Scale:
    """An axis around values whose marks are round numbers, about `marks` of them.

    Values that do not differ stand in the middle. ValueError when there are none.
    """
    near = [min(max(value, -FARTHEST), FARTHEST) if abs(value) > NEAREST else 0.0 for value in values]
    low, high = min(near), max(near)
    if high - low <= SAME * max(abs(low), abs(high)):
        margin = abs(low) / 10 or 1.0
        low, high = low - margin, high + margin
    step = _step((high - low) / marks)
    first, last = floor(low / step), ceil(high / step)
    ticks = tuple(index * step for index in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, _decimals(step))


def _step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * 0.999)


def _decimals(step: float) -> int:
    for decimals in range(7):
        if abs(round(step, decimals) - step) < step * 1e-6:
            return decimals
    return 7
