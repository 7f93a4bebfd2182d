"""Where Kinelog keeps its files."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from desktop.errors import Invalid

DATA_DIR_VARIABLE = "KINELOG_DATA_DIR"


@dataclass(frozen=True)
class Paths:
    """The files of one installation; nothing outside `data` is written unless the user names it."""

    data: Path

    @property
    def database(self) -> Path:
        return self.data / "kinelog.sqlite3"

    @property
    def keys(self) -> Path:
        return self.data / "keys.json"

    @property
    def keys_copy(self) -> Path:
        return self.data / "keys-copy.json"

    @property
    def keys_lock(self) -> Path:
        return self.data / "keys.lock"

    @property
    def notes(self) -> Path:
        return self.data / "door-notes"

    @property
    def settings(self) -> Path:
        return self.data / "settings.json"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    def kept(self) -> list[Path]:
        """Return the sealed files of changes that could not be saved when Kinelog had to end, the oldest first."""
        return sorted(self.data.glob("unsaved-*.kinelog"))

    def refuse_own(self, path: Path) -> None:
        """Raise Invalid when something taken out would lie among Kinelog's own files, or in the place of one."""
        try:
            found, own = path.resolve(), self.data.resolve()
        except (OSError, RuntimeError):  # a loop of links, which is no place to write to either
            return
        if found == own or own in found.parents:
            raise Invalid(f"{path} would lie among Kinelog's own files. Please choose another folder.")

    def create(self) -> None:
        """Make the folders, readable by their owner alone."""
        for folder in (self.data, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def find_paths(data_dir: Path | None = None) -> Paths:
    """Return the paths below `data_dir`, else below KINELOG_DATA_DIR, else in the user's data folder.

    Raises Invalid for the home folder of a user who is not there.
    """
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    folder = Path(chosen or platformdirs.user_data_dir("Kinelog", appauthor=False))
    try:
        return Paths(folder.expanduser().absolute())
    except RuntimeError:
        raise Invalid(f"There is no folder {folder}: nobody of this name has a home here.") from None
