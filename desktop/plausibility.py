"""Values that may be typing slips: odd ones are asked about and can be kept with a reason.

Impossible values are another matter; the schemas refuse them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from desktop.age import Age
from desktop.protocols.battery import MetricSpec
from desktop.protocols.ranges import place

DoubtCode = Literal["last_time", "unusual_at_age", "below", "above", "over_time_limit", "left_running"]


@dataclass(frozen=True)
class Doubt:
    """Why a value looks odd: `code` with the one number it speaks of, and the value that was perhaps meant.

    The window finds the words for a code.
    """

    code: DoubtCode
    value: float | None = None
    unit: str | None = None
    fix: float | None = None


class _Bounds(NamedTuple):
    low: float
    high: float

    def hold(self, value: float) -> bool:
        return self.low <= value <= self.high


# By whole years from the first number on, both sexes, rounded outwards: the low bound at the start of the band,
# the high bound at its end. Height lies 6 standard deviations either side of the median, weight under 2 years from
# -6 to +5 of the WHO Child Growth Standards (2006) and WHO Reference 2007, WHO's own limits for implausible values.
# From 2 years weight lies at modified z-scores of -5 to +8 of the CDC 2000 reference, CDC's limits since 2016.
# The first year begins where recording does, for children born early.
_GROWTH: Final[tuple[tuple[int, _Bounds, _Bounds], ...]] = (
    (0, _Bounds(20, 90), _Bounds(0.3, 17)),
    (1, _Bounds(58, 107), _Bounds(4, 26)),
    (2, _Bounds(67, 119), _Bounds(5, 32)),
    (3, _Bounds(72, 129), _Bounds(7, 40)),
    (4, _Bounds(76, 138), _Bounds(7, 48)),
    (5, _Bounds(80, 146), _Bounds(8, 58)),
    (6, _Bounds(84, 162), _Bounds(9, 82)),
    (8, _Bounds(91, 178), _Bounds(9, 114)),
    (10, _Bounds(99, 193), _Bounds(9, 149)),
    (12, _Bounds(106, 210), _Bounds(11, 174)),
    (14, _Bounds(116, 220), _Bounds(14, 191)),
    (16, _Bounds(121, 222), _Bounds(20, 203)),
)

# How far a value may lie from the last one, as a ratio. Visits may be years apart, so the bounds are wide.
_HEIGHT_CHANGE: Final = _Bounds(0.97, 1.25)
_WEIGHT_CHANGE: Final = _Bounds(0.75, 1.5)
_INFANT_HEIGHT_CHANGE: Final = _Bounds(0.97, 1.9)
_INFANT_WEIGHT_CHANGE: Final = _Bounds(0.75, 5)
_INFANT_BELOW_YEARS: Final = 3

# A decimal sign left out or slipped, then metres or grams for centimetres or kilograms.
_SLIPS: Final = (-1, 1, -2, 2, -3)

# A clock that stops at the limit, or a hand on it, is a little late.
_LATE_S: Final = 1.0
_LEFT_RUNNING_S: Final = 1800.0


def odd_height(cm: float, *, age: Age, last: float | None = None) -> Doubt | None:
    """Return why a height is odd for the age or beside the last one, or None."""
    infant = age.years < _INFANT_BELOW_YEARS
    change = _INFANT_HEIGHT_CHANGE if infant else _HEIGHT_CHANGE
    return _odd_growth(cm, last, unit="cm", usual=_growth(age)[0], change=change)


def odd_weight(kg: float, *, age: Age, last: float | None = None) -> Doubt | None:
    """Return why a weight is odd for the age or beside the last one, or None."""
    infant = age.years < _INFANT_BELOW_YEARS
    change = _INFANT_WEIGHT_CHANGE if infant else _WEIGHT_CHANGE
    return _odd_growth(kg, last, unit="kg", usual=_growth(age)[1], change=change)


def odd_metric(spec: MetricSpec, value: float) -> Doubt | None:
    """Return a doubt when `value` lies outside the possible range of its metric."""
    where = place(spec.possible, value)
    if where == "within":
        return None
    end = spec.possible.low if where == "below" else spec.possible.high
    return Doubt(where, end, spec.unit)


def odd_duration(seconds: float, time_limit_s: float | None = None) -> Doubt | None:
    """Return a doubt when a task took longer than its limit or, without one, than half an hour."""
    if time_limit_s is not None:
        return Doubt("over_time_limit", time_limit_s, "s") if seconds > time_limit_s + _LATE_S else None
    return Doubt("left_running", _LEFT_RUNNING_S / 60, "min") if seconds > _LEFT_RUNNING_S else None


def _growth(age: Age) -> tuple[_Bounds, _Bounds]:
    return next((height, weight) for years, height, weight in reversed(_GROWTH) if age.years >= years)


def _odd_growth(
    value: float, last: float | None, *, unit: str, usual: _Bounds, change: _Bounds
) -> Doubt | None:
    def fits(value: float) -> bool:
        if last is None:
            return usual.hold(value)
        # A child who was unusual last time, and is so still, needs no second question.
        return change.hold(value / last) and (usual.hold(value) or not usual.hold(last))

    if fits(value):
        return None
    fix = _meant(value, fits)
    return Doubt("unusual_at_age", fix=fix) if last is None else Doubt("last_time", last, unit, fix)


def _meant(value: float, fits: Callable[[float], bool]) -> float | None:
    """Return the first value with the same digits that fits."""
    shifted = (float(Decimal(repr(value)).scaleb(places)) for places in _SLIPS)
    return next((candidate for candidate in shifted if fits(candidate)), None)
