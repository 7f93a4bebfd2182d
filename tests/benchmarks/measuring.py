"""Repeating, timing and telling."""

import json
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One measurement. `limit` is what the product promises, of `ratio` when there is a bare counterpart."""

    what: str
    median: float
    low: float
    high: float
    unit: str
    bare: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.bare is None else self.median / self.bare

    @property
    def holds(self) -> bool | None:
        if self.limit is None:
            return None
        return (self.median if self.ratio is None else self.ratio) <= self.limit


def line(
    what: str,
    samples: Sequence[float],
    *,
    unit: str,
    bare: Sequence[float] | None = None,
    limit: float | None = None,
    note: str = "",
    of: Callable[[Sequence[float]], float] = statistics.median,
) -> Line:
    """Return a line from samples: what `of` gives (the median), and the quartiles as the spread."""
    low, _, high = statistics.quantiles(samples, n=4) if len(samples) > 1 else (samples[0],) * 3
    return Line(what, of(samples), low, high, unit, None if bare is None else of(bare), limit, note)


def percentile(percent: int) -> Callable[[Sequence[float]], float]:
    """Return the function that gives this percentile of samples."""
    return lambda samples: sorted(samples)[min(len(samples) - 1, len(samples) * percent // 100)]


async def timed_ms(work: Callable[[], Awaitable[object]]) -> float:
    """Return how many milliseconds `work` takes."""
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) * 1000


def print_table(lines: Sequence[Line]) -> None:
    """Print the lines for people."""
    print(f"{'':52} {'median':>10} {'quartiles':>19} {'bare':>9} {'ratio':>6} {'limit':>7}")
    for item in lines:
        bare = f"{item.bare:9.2f}" if item.bare is not None else " " * 9
        ratio = f"{item.ratio:6.2f}" if item.ratio is not None else " " * 6
        limit = f"{item.limit:7.1f}" if item.limit is not None else " " * 7
        verdict = {True: "met", False: "MISSED", None: ""}[item.holds]
        spread = f"{item.low:8.2f} – {item.high:8.2f}"
        print(
            f"{item.what:52} {item.median:10.2f} {spread:>19} {bare} {ratio} {limit} {item.unit} {verdict} {item.note}"
        )


def write_json(lines: Sequence[Line], path: Path) -> None:
    """Write the lines for programs, with what they were measured on."""
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    measured = [{**asdict(item), "ratio": item.ratio, "holds": item.holds} for item in lines]
    path.write_text(json.dumps({"on": machine, "lines": measured}, indent=2))
