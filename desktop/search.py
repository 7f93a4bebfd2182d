"""Finding sessions by words, whatever their case and accents.

The words of a session are kept folded in `session_search`, because SQLite's lower() knows ASCII only. On SQLite a
word of three letters or more is looked up in a trigram index; shorter ones, and all words on PostgreSQL, are
matched with an escaped LIKE.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, delete, insert, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from desktop.models import Session, SessionSearch, TaskResult

Query = TypeVar("Query", bound="Select[*tuple[Any, ...]]")
_TRIGRAM = 3
_AT_ONCE = 500  # ids in one statement
_UNHEARD = {"Cc", "Cf", "Cs"}
_INDEX = table("session_words", column("rowid"), column("session_words"))


def fold(text: str) -> str:
    """Return `text` without case, accents and needless spaces, so that "zoË" and "Zoe" are the same."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if _is_heard(c)).casefold().split())


def _is_heard(character: str) -> bool:
    """Tell letters and spaces from accents, and from control, joining and direction marks, which nobody types."""
    if unicodedata.combining(character):
        return False
    return character.isspace() or unicodedata.category(character) not in _UNHEARD


def containing(text: str) -> ColumnElement[bool] | None:
    """Return the condition that a session's words hold every word of `text`; None when there is no word."""
    terms = fold(text).split()
    return and_(*(_contains(term) for term in terms)) if terms else None


def found_ids(text: str, *, dialect: str) -> Select[UUID]:
    """Return the query for the ids of the sessions that hold every word of `text`, through the index if it can."""
    terms = fold(text).split()
    indexed = [term for term in terms if len(term) >= _TRIGRAM and dialect == "sqlite"]
    query = select(SessionSearch.session_id).where(
        *(_contains(term) for term in terms if term not in indexed)
    )
    if not indexed:
        return query
    phrases = " AND ".join('"' + term.replace('"', '""') + '"' for term in indexed)
    rows = select(_INDEX.c.rowid).where(_INDEX.c.session_words.op("MATCH")(phrases))
    return query.where(SessionSearch.number.in_(rows))


def searched(query: Query, text: str, *, dialect: str) -> Query:
    """Narrow `query` over sessions to those that hold every word of `text`; an empty `text` narrows nothing."""
    return query.where(Session.id.in_(found_ids(text, dialect=dialect))) if fold(text) else query


def _contains(term: str) -> ColumnElement[bool]:
    return SessionSearch.words.contains(term, autoescape=True)


def words_of(texts: Iterable[str | None]) -> str:
    """Return the folded words to keep for a session."""
    return "\n".join(fold(text) for text in texts if text)


async def index_session(db: AsyncSession, session_id: UUID) -> None:
    """Keep the words of a session anew, from its child, its notes and its tasks' notes."""
    found = await db.execute(
        select(Session.child_name, Session.child_code, Session.child_identifier, Session.notes).where(
            Session.id == session_id
        )
    )
    notes = await db.scalars(
        select(TaskResult.notes).where(
            TaskResult.session_id == session_id, ~TaskResult.deleted, TaskResult.notes != ""
        )
    )
    words = words_of([*found.one(), *notes])
    await db.execute(delete(SessionSearch).where(SessionSearch.session_id == session_id))
    await db.execute(insert(SessionSearch).values(session_id=session_id, words=words))


def index_sessions(connection: Any, ids: Sequence[bytes]) -> None:
    """Keep the words of many sessions anew; on the database's thread, with the driver's own connection."""
    for start in range(0, len(ids), _AT_ONCE):
        page = ids[start : start + _AT_ONCE]
        listed = f"({', '.join('?' * len(page))})"
        texts = {
            row[0]: list(row[1:])
            for row in connection.execute(
                f"SELECT id, child_name, child_code, child_identifier, notes FROM sessions WHERE id IN {listed}",
                page,
            )
        }
        for session_id, notes in connection.execute(
            f"SELECT session_id, notes FROM task_results WHERE NOT deleted AND notes != '' AND session_id IN {listed}",
            page,
        ):
            texts[session_id].append(notes)
        connection.execute(f"DELETE FROM session_search WHERE session_id IN {listed}", page)
        connection.executemany(
            "INSERT INTO session_search (session_id, words) VALUES (?, ?)",
            [(session_id, words_of(found)) for session_id, found in texts.items()],
        )
