"""Sessions without what tells who a child is: no names, no free text, no dates, other ids, another order."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from desktop.export.trees import Tree
from desktop.export.ucum import ucum_code

OTHER_TASK, OTHER_UNIT, CAPTURED = "other_task", "other", "capture:program"
_KEY = re.compile(r"[a-z][a-z0-9_]*")
PSEUDONYMS = uuid5(NAMESPACE_URL, "kinelog:deidentified")


def without_identity(tree: Tree) -> Tree:
    """Return a session without names, free text and dates; its ids are others, always the same ones for the same.

    A free name of a task, a unit that is none and the name of a capturing program are free text too.

    Ids tell when they were made: they are replaced by UUIDs of version 5, from which no way leads back.
    """
    tasks = [
        {
            **task,
            **dict.fromkeys(_TASK_SECRETS),
            "id": _pseudonym(task["id"]),
            "session_id": _pseudonym(tree["id"]),
            "task_name": task["task_name"] if _KEY.fullmatch(task["task_name"]) else OTHER_TASK,
            "notes": "",
            "metrics": [_metric_without_identity(metric) for metric in task["metrics"]],
        }
        for task in tree["task_results"]
    ]
    return {
        **tree,
        **dict.fromkeys(_SESSION_SECRETS),
        "id": _pseudonym(tree["id"]),
        "child_id": _pseudonym(tree["child_id"]),
        "child_name": tree["child_code"],
        "notes": "",
        "site": "",
        "task_results": tasks,
    }


def _metric_without_identity(metric: dict[str, Any]) -> dict[str, Any]:
    ids = {"id": _pseudonym(metric["id"]), "task_id": _pseudonym(metric["task_id"])}
    said = {
        "unit": _unit_without_identity(metric["unit"]),
        "source": metric["source"] if metric["source"] == "manual" else CAPTURED,
        "remark": None,
    }
    return {**metric, **dict.fromkeys(_STAMPS), **said, **ids}


def _unit_without_identity(unit: str | None) -> str | None:
    """Return a unit that UCUM knows; between its braces it lets anything stand."""
    return unit if not unit or (ucum_code(unit) and "{" not in unit) else OTHER_UNIT


def in_no_order(ids: Sequence[UUID]) -> list[UUID]:
    """Return ids of sessions in an order that does not tell which was recorded first."""
    return sorted(ids, key=lambda session_id: _pseudonym(str(session_id)))


def _pseudonym(row_id: str) -> str:
    return str(uuid5(PSEUDONYMS, row_id))


_STAMPS = ("created_at", "updated_at", "created_by", "updated_by", "utc_offset_minutes")
_TASK_SECRETS = (*_STAMPS, "deviation", "remark", "started_at")
_SESSION_SECRETS = (
    *_STAMPS,
    "child_identifier",
    "child_date_of_birth",
    "assessor",
    "consent_at",
    "remark",
    "started_at",
    "completed_at",
    "signed_off_by",
    "signed_off_at",
    "signed_off_hash",
)
