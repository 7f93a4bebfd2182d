"""Invented results of the motor screening, as a child of some age and skill might have them."""

from dataclasses import dataclass
from random import Random

from desktop.schemas import Status

_RATINGS: tuple[Status, ...] = ("success", "partial", "failed", "not_tested", "refused")
_CHANCES = (72, 12, 7, 6, 3)
_WHY_NOT = (
    "Tired after the walk.",
    "No free floor in this room.",
    "Wears an orthosis today.",
    "Parent asked to stop.",
)
_HOW = ("Shown twice.", "Held the examiner’s hand at first.", "In shoes, the floor was cold.")


@dataclass(frozen=True)
class Span:
    """A value at 4 and at 11 years of age, how much it scatters, and to how many decimals it is taken."""

    at_4: float
    at_11: float
    scatter: float
    decimals: int
    least: float
    most: float

    def draw(self, random: Random, *, months: int, skill: float) -> float:
        share = (months - 48) / (132 - 48)
        middle = self.at_4 + share * (self.at_11 - self.at_4)
        better = 1 if self.at_11 >= self.at_4 else -1
        value = middle + self.scatter * (0.8 * better * skill + random.gauss(0, 0.6))
        return round(max(self.least, min(self.most, value)), self.decimals)


_SPANS = {
    "accuracy": Span(0.78, 0.95, 0.06, 2, 0.2, 1),
    "stability": Span(0.66, 0.90, 0.07, 2, 0.1, 1),
    "max_angle": Span(158, 170, 6, 1, 60, 185),
    "hold_time": Span(6, 26, 4, 1, 0.8, 45),
    "sway": Span(7.5, 3.2, 1.1, 1, 0.8, 20),
    "speed": Span(0.86, 1.25, 0.12, 2, 0.3, 2),
    "step_symmetry": Span(93, 99, 4, 1, 70, 120),
    "cadence": Span(152, 126, 9, 0, 80, 190),
    "distance": Span(68, 148, 13, 1, 15, 220),
    "landing_stability": Span(0.60, 0.88, 0.08, 2, 0.1, 1),
    "error": Span(4.2, 1.5, 0.7, 1, 0, 12),
}
_SECONDS = {
    "raise_hand": Span(15, 10, 2, 1, 4, 40),
    "walk": Span(5.4, 3.4, 0.5, 1, 2, 15),
    "jump": Span(8, 6, 1.2, 1, 3, 20),
    "finger_to_nose": Span(12, 8, 1.5, 1, 4, 30),
}


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt."""

    status: Status | None
    duration_seconds: float | None
    deviation: str | None
    notes: str
    values: dict[str, float]


NOT_YET = Attempt(None, None, None, "", {})


def measure(
    random: Random, task_name: str, metric_names: tuple[str, ...], *, months: int, skill: float
) -> Attempt:
    """Return what a child of this age and skill achieves in one attempt at a task."""
    status = random.choices(_RATINGS, _CHANCES)[0]
    if status in ("not_tested", "refused"):
        return Attempt(status, None, None, random.choice(_WHY_NOT) if status == "not_tested" else "", {})
    worse = {"success": 0.0, "partial": 1.0}.get(status, 2.0)
    values = {
        name: _SPANS[name].draw(random, months=months, skill=skill - worse)
        for name in metric_names
        if status != "failed" or random.random() < 0.5
    }
    seconds = values.get("hold_time")
    if seconds is None and task_name in _SECONDS:
        seconds = _SECONDS[task_name].draw(random, months=months, skill=skill - worse)
    deviation = random.choice(_HOW) if random.random() < 0.05 else None
    return Attempt(status, seconds, deviation, "", values)
