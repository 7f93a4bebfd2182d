"""Sessions as a list for programs."""

from desktop import crud
from desktop.database import Database
from desktop.export.canonical import plain
from desktop.models import Session

_SHOWN = (
    "id",
    "child_id",
    "child_code",
    "child_name",
    "child_age",
    "child_date_of_birth",
    "session_type",
    "assessor",
    "protocol_name",
    "protocol_version",
    "started_at",
    "completed_at",
    "utc_offset_minutes",
)


async def overview(database: Database, *, search: str = "", limit: int = 100) -> list[dict[str, object]]:
    """Return the newest sessions that hold the words of `search`, with values as in the canonical JSON."""
    async with database.read() as db:
        return [_row(session) for session in await crud.list_sessions(db, search=search, limit=limit)]


def _row(session: Session) -> dict[str, object]:
    return {name: plain(getattr(session, name)) for name in _SHOWN}
