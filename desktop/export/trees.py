"""Sessions as plain values, many at a time: what every export of more than a page is made of.

A tree is a session as the canonical JSON has it: text, numbers and None, its task results below it and their metrics
below those, lists and keys in canonical order. Columns are read, and no objects made of them: an export has many rows.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import rfc8785
from pydantic import BaseModel
from sqlalchemy import Select, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from desktop.errors import NotFound
from desktop.export.canonical import ORDERS, plain
from desktop.models import Metric, Session, TaskResult
from desktop.schemas import MetricRecord, SessionRecord, TaskRecord
from desktop.types import Id, IdText, Instant, InstantText

Tree = dict[str, Any]
SESSIONS_A_PAGE = 100
_EXACT = 2**53
_MOST_WHOLE = 1e16  # below it the shortest digits of a whole double are all its digits
_ENCODER = json.JSONEncoder(sort_keys=False, separators=(",", ":"), ensure_ascii=False, check_circular=False)
# Where Python writes an exponent JavaScript does not always do so.
_EXPONENT = re.compile(rb":-?[0-9.]+e")


async def read_trees(db: AsyncSession, ids: Sequence[UUID]) -> AsyncIterator[list[Tree]]:
    """Give the sessions `ids` page by page, in their order; raises NotFound when one of them is not there."""
    for start in range(0, len(ids), SESSIONS_A_PAGE):
        page = ids[start : start + SESSIONS_A_PAGE]
        found = {tree["id"]: tree for tree in await _read_page(db, page)}
        if len(found) < len(set(page)):
            raise NotFound("This session is no longer there.")
        yield [found[str(session_id)] for session_id in page]


def tree_of(record: BaseModel) -> Tree:
    """Return a record, with what lies under it, as the tree that reading it gives."""
    return {name: _plain(getattr(record, name)) for name in sorted(type(record).model_fields)}


def canonical_tree(tree: Tree) -> bytes:
    """Return a tree as it was read in canonical form (RFC 8785), the same bytes as `canonical` makes of its record."""
    text = _ENCODER.encode(tree).encode()
    return rfc8785.dumps(_in_doubles(tree)) if _EXPONENT.search(text) else text


def tree_hash(tree: Tree) -> str:
    """Return the content hash of a session, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_tree(tree)).hexdigest()


def _in_doubles(value: Any) -> Any:
    """Return plain values without integers that no double stands beside, which the library refuses."""
    if isinstance(value, dict):
        return {name: _in_doubles(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_doubles(item) for item in value]
    return float(value) if type(value) is int and abs(value) >= _EXACT else value


async def _read_page(db: AsyncSession, ids: Sequence[UUID]) -> list[Tree]:
    wanted = Session.id.in_(ids) & ~Session.deleted
    tasks_of = Session.id == TaskResult.session_id
    tasks = _columns(TaskRecord, TaskResult).join(Session, tasks_of).where(wanted, ~TaskResult.deleted)
    metrics = (
        _columns(MetricRecord, Metric)
        .join(TaskResult, TaskResult.id == Metric.task_id)
        .join(Session, tasks_of)
        .where(wanted, ~TaskResult.deleted, ~Metric.deleted)
    )
    under_task = await _children(db, metrics.order_by(Metric.id), MetricRecord, "task_id")
    in_order = tasks.order_by(TaskResult.position, TaskResult.trial, TaskResult.id)
    under_session = await _children(db, in_order, TaskRecord, "session_id")
    trees = await _read(db, _columns(SessionRecord, Session).where(wanted), SessionRecord)
    for tree in trees:
        tree["task_results"] = under_session[tree["id"]]
        for task in tree["task_results"]:
            task["metrics"] = under_task[task["id"]]
    return trees


async def _children(
    db: AsyncSession, query: Select[Any], record: type[BaseModel], parent: str
) -> dict[str, list[Tree]]:
    under: dict[str, list[Tree]] = defaultdict(list)
    for child in await _read(db, query, record):
        under[child[parent]].append(child)
    return under


async def _read(db: AsyncSession, query: Select[Any], record: type[BaseModel]) -> list[Tree]:
    names = _names(record)
    makers = [(place, _MAKERS[name]) for place, name in enumerate(names) if name in _MAKERS]
    blank = dict.fromkeys(sorted(record.model_fields))  # the keys in order, those of children too
    trees = []
    connection = await db.connection()  # which makes no objects of rows
    for row in await connection.execute(query):
        values = list(row)
        for place, make in makers:
            if values[place] is not None:
                values[place] = make(values[place])
        tree = blank.copy()
        tree.update(zip(names, values, strict=True))
        trees.append(tree)
    return trees


@cache
def _columns(record: type[BaseModel], model: type[Any]) -> Select[Any]:
    return select(*(_as_text(getattr(model, name)) for name in _names(record)))


@cache
def _names(record: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of a record that are columns."""
    return tuple(name for name in record.model_fields if name not in {"task_results", "metrics"})


def _as_text(column: Any) -> Any:
    if isinstance(column.type, Id):
        return type_coerce(column, IdText())
    return type_coerce(column, InstantText()) if isinstance(column.type, Instant) else column


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, tuple):
        order = ORDERS.get(type(value[0])) if value else None
        return [tree_of(item) for item in (sorted(value, key=order) if order else value)]
    return plain(value)


def _number(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < _MOST_WHOLE else value


# How the columns are made plain whose values are not so when they are read.
_MAKERS: dict[str, Callable[[Any], Any]] = {
    "child_date_of_birth": date.isoformat,
    **dict.fromkeys(("child_height_cm", "child_weight_kg", "duration_seconds", "metric_value"), _number),
}
