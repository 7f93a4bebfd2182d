"""Sessions without what tells who a child is: no names, no free text, no dates, other ids, another order."""

import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from desktop.export.trees import Tree
from desktop.export.ucum import ucum_code
from desktop.protocols import Protocol

PURPOSE = b"kinelog de-identified exports"  # of the key
OTHER_UNIT, CAPTURED = "other", "capture:program"
_VERSION = re.compile(r"\d{1,3}(\.\d{1,3}){1,3}")
# Numbers as factors can be a date, and between braces UCUM lets anything stand.
_CAN_HIDE = re.compile(r"[{}]|(?:^|[./])(?!1(?:[./]|$))\d")


class Deidentifier:
    """Takes out of sessions what tells who a child is.

    Ids tell when they were made, and join an export to the records: they become others, the same for the same `key`,
    which leaves no export. What is no key of `protocols` was typed freely, and becomes a code in the same way.
    """

    def __init__(self, key: bytes, protocols: Iterable[Protocol]) -> None:
        self._key = key
        known = list(protocols)
        self._protocols = {protocol.name for protocol in known}
        self._tasks = {task.key for protocol in known for task in protocol.tasks}
        self._metrics = {
            metric.name for protocol in known for task in protocol.tasks for metric in task.metrics
        }

    def without_identity(self, tree: Tree) -> Tree:
        """Return a session without names, free text and dates."""
        return {
            **tree,
            **dict.fromkeys(_SESSION_SECRETS),
            "id": self._pseudonym(tree["id"]),
            "child_id": self._pseudonym(tree["child_id"]),
            "child_name": tree["child_code"],
            "notes": "",
            "site": "",
            "protocol_name": self._known(tree["protocol_name"], self._protocols, "other_protocol"),
            "app_version": tree["app_version"] if _VERSION.fullmatch(tree["app_version"]) else "other",
            "task_results": [self._task(task) for task in tree["task_results"]],
        }

    def _task(self, task: dict[str, Any]) -> dict[str, Any]:
        metrics = (self._metric(metric) for metric in task["metrics"])
        return {
            **task,
            **dict.fromkeys(_TASK_SECRETS),
            "id": self._pseudonym(task["id"]),
            "session_id": self._pseudonym(task["session_id"]),
            "task_name": self._known(task["task_name"], self._tasks, "other_task"),
            "notes": "",
            "metrics": sorted(metrics, key=lambda metric: str(metric["id"])),
        }

    def _metric(self, metric: dict[str, Any]) -> dict[str, Any]:
        return {
            **metric,
            **dict.fromkeys(_STAMPS),
            "id": self._pseudonym(metric["id"]),
            "task_id": self._pseudonym(metric["task_id"]),
            "metric_name": self._known(metric["metric_name"], self._metrics, "other_metric"),
            "unit": _unit_without_identity(metric["unit"]),
            "source": metric["source"] if metric["source"] == "manual" else CAPTURED,
            "remark": None,
        }

    def _known(self, name: str, known: set[str], other: str) -> str:
        return name if not name or name in known else f"{other}_{_pseudonym(name, self._key).hex[:8]}"

    def _pseudonym(self, row_id: str) -> str:
        return str(_pseudonym(row_id, self._key))


def in_no_order(ids: Sequence[UUID], key: bytes) -> list[UUID]:
    """Return ids of sessions in an order that does not tell which was recorded first."""
    return sorted(ids, key=lambda session_id: _pseudonym(str(session_id), key))


def _pseudonym(text: str, key: bytes) -> UUID:
    return UUID(bytes=hmac.digest(key, text.encode(), "sha256")[:16], version=5)


def _unit_without_identity(unit: str | None) -> str | None:
    """Return a unit that UCUM knows and that hides nothing."""
    return unit if not unit or (ucum_code(unit) and not _CAN_HIDE.search(unit)) else OTHER_UNIT


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
