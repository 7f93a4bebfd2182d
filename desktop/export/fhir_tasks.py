"""A task result in FHIR: a Procedure for what was done, and an Observation for what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.export.fhir_codes import TaskCodes
from desktop.export.fhir_parts import (
    HL7,
    Part,
    absent,
    concept,
    lasting,
    notes,
    other_id,
    reference,
    system,
    written,
)
from desktop.export.trees import Tree
from desktop.export.ucum import quantity

_EXAM = concept(f"{HL7}/observation-category", "exam", display="Exam")
_FIELDS = system("field")


@dataclass(frozen=True)
class _State:
    """How far a task result came: the status of its Procedure and of its Observation."""

    procedure: str
    observation: str


_COMPLETED = _State("completed", "final")
_STOPPED = _State("stopped", "final")
_NOT_DONE = _State("not-done", "cancelled")
_IN_PROGRESS = _State("in-progress", "preliminary")
_TO_DO = _State("preparation", "registered")
# Why a result has no outcome: such a one is never a failed one.
_NO_OUTCOME: Mapping[str | None, Part] = {
    "not_tested": absent("not-performed"),
    "refused": absent("asked-declined"),
    None: absent("temp-unknown"),
}
_NOT_MEASURED = absent("unknown")


def _state_of(task: Tree) -> _State:
    """Return how far a task result came; what was given up counts as begun when something was measured."""
    measured = task["duration_seconds"] is not None or bool(task["metrics"])
    if task["status"] is None:
        return _IN_PROGRESS if measured or task["started_at"] else _TO_DO
    if task["status"] in _NO_OUTCOME:
        return _STOPPED if measured else _NOT_DONE
    return _COMPLETED


class TaskParts:
    """Makes the resources of task results; `common` of each is what all resources of its session say."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._sides = {
            side: concept(system("side"), side, text=words[side]) for side in ("left", "right", "both")
        }
        self._outcomes = {
            status: concept(system("status"), status, text=words[status])
            for status in ("success", "partial", "failed", "not_tested", "refused")
        }
        self._duration = concept(_FIELDS, "duration_seconds", text=words["time"])
        self._trial = concept(_FIELDS, "trial", text=words["trial"])
        self._practice = concept(_FIELDS, "practice", text=words["practice"])

    def procedure(self, task: Tree, codes: TaskCodes, common: Part, performer: Part | None) -> Part:
        """Return the Procedure of a task result."""
        made = {
            "resourceType": "Procedure",
            "id": task["id"],
            "status": _state_of(task).procedure,
            "code": codes.code,
            **common,
            **notes(written(task["notes"]), self._deviation(task)),
        }
        if task["status"] in self._outcomes:
            name = "statusReason" if task["status"] in _NO_OUTCOME else "outcome"
            made[name] = self._outcomes[task["status"]]
        if task["side"] in self._sides:
            made["bodySite"] = [self._sides[task["side"]]]
        if performer is not None:
            made["performer"] = [{"actor": performer}]
        if task["started_at"]:
            made["performedPeriod"] = _time_of(task)
        return made

    def observation(
        self, task: Tree, codes: TaskCodes, common: Part, performer: Part | None, effective: Part
    ) -> Part:
        """Return the Observation of a task result; `effective` says when, where its own time is not known."""
        made = {
            "resourceType": "Observation",
            "id": other_id(task["id"], "observation"),
            "partOf": [reference(task["id"])],
            "status": _state_of(task).observation,
            "category": [_EXAM],
            "code": codes.code,
            **common,
            **({"effectivePeriod": _time_of(task)} if task["started_at"] else effective),
            **notes(*self._remarks(task, codes)),
            "component": [*self._fields(task), *_measured(task, codes), *_missing(task, codes)],
        }
        if task["status"] in _NO_OUTCOME:
            made["dataAbsentReason"] = _NO_OUTCOME[task["status"]]
        else:
            made["valueCodeableConcept"] = self._outcomes[task["status"]]
        if task["side"] in self._sides:
            made["bodySite"] = self._sides[task["side"]]
        if performer is not None:
            made["performer"] = [performer]
        sources = {metric["source"] for metric in task["metrics"]} - {"manual"}
        if sources:
            made["method"] = {"text": written(", ".join(sorted(sources)))}
        return made

    def _deviation(self, task: Tree) -> str:
        how = written(task["deviation"])
        return self._words["modified_administration"].format(how=how) if how else ""

    def _remarks(self, task: Tree, codes: TaskCodes) -> Iterable[str]:
        """Give why odd values were kept, each after the name of its value."""
        yield _remark(self._duration, task)
        for metric in task["metrics"]:
            if metric["remark"]:
                yield _remark(codes.metric(metric["metric_name"]), metric)

    def _fields(self, task: Tree) -> Iterable[Part]:
        yield {"code": self._trial, "valueInteger": task["trial"]}
        if task["practice"]:
            yield {"code": self._practice, "valueBoolean": True}
        if task["duration_seconds"] is not None:
            yield {"code": self._duration, "valueQuantity": quantity(task["duration_seconds"], "s")}


def _time_of(task: Tree) -> Part:
    return lasting(task["started_at"], task["duration_seconds"], task["utc_offset_minutes"])


def _remark(code: Part, row: Mapping[str, Any]) -> str:
    why = written(row["remark"])
    return f"{code.get('text', '')}: {why}" if why else ""


def _measured(task: Tree, codes: TaskCodes) -> Iterable[Part]:
    for metric in task["metrics"]:
        name = metric["metric_name"]
        value = quantity(metric["metric_value"], codes.unit(name, metric["unit"]))
        yield {"code": codes.metric(name), "valueQuantity": value}


def _missing(task: Tree, codes: TaskCodes) -> Iterable[Part]:
    """Give the metrics that the protocol wants and that were not measured, each with why."""
    measured = {metric["metric_name"] for metric in task["metrics"]}
    reason = _NO_OUTCOME.get(task["status"], _NOT_MEASURED)
    return (
        {"code": codes.metric(name), "dataAbsentReason": reason}
        for name in codes.specs
        if name not in measured
    )
