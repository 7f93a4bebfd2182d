"""What was entered, and which of it the program has promised to keep."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.blackbox.clinician import FOOTER_LAG_SECONDS
from tests.blackbox.database import left_behind

Place = tuple[str, str]  # a row of the task table, and what of it
Stored = dict[Place, Any]

ANYTHING = object()  # a time that was taken while nobody looked
LABELS = {
    "raise_hand": "Raise hand",
    "one_leg_stance": "One-leg stance",
    "walk": "Walk",
    "jump": "Jump",
    "finger_to_nose": "Finger to nose",
}


@dataclass
class Entry:
    """A value; `seen_at` is when it was first seen in the window, None while it was not."""

    value: Any
    seen_at: float | None = None


@dataclass
class Ledger:
    """For every place the value that was promised last, and all that were entered there since."""

    entries: dict[Place, list[Entry]] = field(default_factory=dict)

    def enter(self, row: str, what: str, value: Any) -> Entry:
        """Note a value that is being typed."""
        entry = Entry(value)
        self.entries.setdefault((row, what), [Entry(None, 0.0)]).append(entry)
        return entry

    def latest(self, row: str, what: str) -> Any:
        """Return what was entered last, None where nothing was."""
        return self.entries.get((row, what), [Entry(None)])[-1].value

    def footer_said_saved(self, at: float) -> None:
        """Take what was seen long enough before as promised; what was there before it may go."""
        for place, entries in self.entries.items():
            binding = [
                number
                for number, entry in enumerate(entries)
                if entry.seen_at is not None and entry.seen_at <= at - FOOTER_LAG_SECONDS
            ]
            self.entries[place] = entries[max(binding, default=0) :]

    def compare(self, stored: Stored) -> list[str]:
        """Return what is missing, and what is there though nobody entered it; both in words."""
        wrong = []
        for place in {*self.entries, *stored}:
            kept = stored.get(place)
            allowed = [entry.value for entry in self.entries.get(place, [Entry(None)])]
            if kept not in allowed and ANYTHING not in allowed:
                wrong.append(f"{', '.join(place)}: {kept!r} is stored, not one of {allowed}")
        return wrong

    def go_on_from(self, stored: Stored) -> None:
        """What was found after a kill is shown as saved, so it is promised."""
        self.entries = {place: [Entry(value, 0.0)] for place, value in stored.items()}


def read_stored(data: Path) -> Stored:
    """Return every value in the database, by the words of its row in the window. The file must be sound."""
    stored: Stored = {}
    with left_behind(data) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = {row["id"]: dict(row) for row in connection.execute(_TASKS)}
        for row in rows.values():
            sides = () if row["side"] == "none" else (row["side"],)
            row["words"] = ", ".join((LABELS[row["task_name"]], *sides, f"trial {row['trial']}"))
            stored[row["words"], "started"] = row["started_at"] is not None
            stored[row["words"], "status"] = row["status"]
            stored[row["words"], "notes"] = row["notes"]
            seconds = row["duration_seconds"]
            stored[row["words"], "seconds"] = None if seconds is None else round(seconds, 2)
        for metric in connection.execute(_METRICS):
            stored[rows[metric["task_id"]]["words"], metric["metric_name"]] = metric["metric_value"]
    return {place: value for place, value in stored.items() if value}


_TASKS = "SELECT * FROM task_results WHERE NOT deleted ORDER BY position, trial, id"
_METRICS = "SELECT * FROM metrics WHERE NOT deleted"
