"""Why a file is not taken in: each place of it that does not fit, with the reason."""

from dataclasses import dataclass

from desktop.errors import Invalid

MOST_TOLD = 1000


@dataclass(frozen=True)
class Refusal:
    """One place, as in "Line 17" or "Session 3, task 2", and what is wrong there; the whole file has no place."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else self.reason


class Refused(Invalid):
    """A file does not fit. `refusals` has every place, at most the first thousand; the message tells the first."""

    def __init__(self, *refusals: Refusal) -> None:
        more = len(refusals) - 1
        rest = "" if not more else f" {more:,} more {'place does' if more == 1 else 'places do'} not fit."
        super().__init__(f"{refusals[0]}{rest}")
        self.refusals = refusals
