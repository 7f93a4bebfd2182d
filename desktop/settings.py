"""What this laptop remembers about its own use: appearance and who records. No child's data."""

import json
import os
from pathlib import Path
from typing import Literal
from uuid import UUID

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desktop.files import replace_file

Appearance = Literal["system", "light", "dark"]
TEXT_SCALES = (1.0, 1.15, 1.3, 1.5)


class Settings(BaseModel):
    """One laptop's settings; unknown entries of a newer Kinelog are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    appearance: Appearance = "system"
    text_scale: float = Field(default=1.0, ge=1.0, le=1.5)
    assessor: UUID | None = None
    site: str = ""


def load_settings(path: Path) -> Settings:
    """Return the settings in `path`; the defaults when there is none or when it cannot be understood."""
    try:
        return Settings.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return Settings()


def save_settings(path: Path, settings: Settings) -> None:
    """Replace the settings in `path` at once or not at all; raises OSError when it cannot be written."""
    replace_file(path, json.dumps(settings.model_dump(mode="json"), indent=2).encode())


def database_url(folder: Path | None = None) -> str | None:
    """Return DATABASE_URL from the environment, else from `.env` in `folder` (the working folder)."""
    return os.environ.get("DATABASE_URL") or dotenv_values((folder or Path.cwd()) / ".env").get(
        "DATABASE_URL"
    )
