"""What this laptop remembers about its own use: appearance and who records. No child's data.

Plain JSON and plain code: the settings are read before the first painted window, when nothing heavy is imported.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import UUID

from desktop.files import replace_file

Appearance = Literal["system", "light", "dark"]
TEXT_SCALES = (1.0, 1.15, 1.3, 1.5)
LOCK_AFTER = (1, 2, 5, 10, 30)  # minutes without a touch


@dataclass(frozen=True)
class Settings:
    """One laptop's settings; `assessor` is the person who records here, None before the first start.

    `second_place` is the folder that gets a copy of each backup, empty for none; `lock_after` are the minutes, one of
    LOCK_AFTER, after which a window that nobody touches locks itself.
    """

    appearance: Appearance = "system"
    text_scale: float = 1.0
    assessor: UUID | None = None
    site: str = ""
    second_place: str = ""
    lock_after: int = 5


LARGEST = 1_000_000  # bytes


def load_settings(path: Path) -> Settings:
    """Return the settings in `path`, and the default of each that is missing or cannot be understood.

    Raises OSError when the file is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            stored = json.loads(file.read(LARGEST))
    except (FileNotFoundError, ValueError, RecursionError):
        return Settings()
    return _understood(stored) if isinstance(stored, dict) else Settings()


def save_settings(path: Path, settings: Settings) -> None:
    """Replace the settings in `path` at once or not at all; raises OSError when it cannot be written."""
    values = asdict(settings) | {"assessor": str(settings.assessor) if settings.assessor else None}
    replace_file(path, json.dumps(values, indent=2, ensure_ascii=False).encode())


def database_url(folder: Path | None = None) -> str | None:
    """Return DATABASE_URL from the environment, else from `.env` in `folder` (the working folder)."""
    from dotenv import dotenv_values

    return os.environ.get("DATABASE_URL") or dotenv_values((folder or Path.cwd()) / ".env").get(
        "DATABASE_URL"
    )


def _understood(stored: dict[str, Any]) -> Settings:
    settings = Settings()
    if stored.get("appearance") in get_args(Appearance):
        settings = replace(settings, appearance=stored["appearance"])
    if stored.get("text_scale") in TEXT_SCALES:
        settings = replace(settings, text_scale=float(stored["text_scale"]))
    if stored.get("lock_after") in LOCK_AFTER:
        settings = replace(settings, lock_after=int(stored["lock_after"]))
    if isinstance(stored.get("site"), str) and stored["site"].isprintable():  # else no session could begin
        settings = replace(settings, site=stored["site"][:255])
    if isinstance(stored.get("second_place"), str) and "\0" not in stored["second_place"]:
        settings = replace(settings, second_place=stored["second_place"])
    try:
        return replace(settings, assessor=UUID(stored["assessor"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return settings
