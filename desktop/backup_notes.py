"""What is noted beside the backups: what the last one holds, and how the rehearsal and the second place went."""

import json
from dataclasses import asdict, dataclass

from desktop.files import replace_file
from desktop.paths import Paths
from desktop.trouble import file_trouble

NOTE = "notes.json"


@dataclass(frozen=True)
class Notes:
    """What is known of the backups beside themselves: the last entry they hold, the last rehearsal, the second place.

    Instants are ISO 8601 text, empty for never; `trouble` is in the user's words, empty when all was well.
    """

    last_entry: int = 0
    rehearsed_at: str = ""
    rehearsed: str = ""
    rehearsal_trouble: str = ""
    second_at: str = ""
    second_trouble: str = ""


def read_notes(paths: Paths) -> Notes:
    """Return what is noted; what cannot be read counts as nothing."""
    try:
        stored = json.loads((paths.backups / NOTE).read_bytes())
        known = asdict(Notes())
        return Notes(
            **{
                name: stored[name]
                for name, value in known.items()
                if isinstance(stored.get(name), type(value))
            }
        )
    except (OSError, ValueError, AttributeError, RecursionError):
        return Notes()


def write_notes(paths: Paths, notes: Notes) -> None:
    """Note it; raises DatabaseUnavailable when the folder cannot be written."""
    with file_trouble(paths.backups):
        paths.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(paths.backups / NOTE, json.dumps(asdict(notes)).encode())
