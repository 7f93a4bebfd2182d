"""Writing sessions as one FHIR R4 (4.0.1) Bundle, however many there are.

Every entry is a PUT under an id that follows from its record, so a server that gets the same Bundle twice has nothing
twice. Nothing is asked of a library: resources are plain dicts, and the tests validate them.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from desktop.errors import AppError
from desktop.export.fhir_codes import Codes, words_in
from desktop.export.fhir_parts import Part, coding, entry, system
from desktop.export.fhir_tasks import TaskParts
from desktop.export.fhir_visit import Visit, patient, practitioner
from desktop.export.snapshot import Exported, Snapshot
from desktop.files import replacing

Progress = Callable[[int, int], None]


async def write_fhir(
    snapshot: Snapshot, path: Path, *, language: str = "en", progress: Progress | None = None
) -> int:
    """Write a snapshot as a Bundle of type transaction to `path` at once or not at all.

    Returns how many sessions were written. Tasks and metrics are called as the protocol calls them in `language`.
    `progress` is told how many sessions are done, and of how many. Raises NotFound when one of them is not there, and
    AppError when the file cannot be written.
    """
    try:
        with replacing(path) as file:
            return await _write(snapshot, file, language, progress)
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None


async def _write(snapshot: Snapshot, file: BinaryIO, language: str, progress: Progress | None) -> int:
    resources = _Resources(snapshot, language)
    file.write(_json(_head(snapshot))[:-1])
    before = b',"entry":['
    done = 0
    async for page in snapshot.pages:
        entries = [entry(resource) for exported in page for resource in resources.of(exported)]
        if entries:
            file.write(before + _json(entries)[1:-1])
            before = b","
        done += len(page)
        if progress is not None:
            progress(done, snapshot.sessions)
    # FHIR allows no empty list.
    file.write(b"]}" if before == b"," else b"}")
    return done


class _Resources:
    """Makes the resources of one Bundle, a child and a person once."""

    def __init__(self, snapshot: Snapshot, language: str) -> None:
        self._snapshot = snapshot
        self._words = words_in(language)
        self._codes = Codes(snapshot.protocols, language)
        self._tasks = TaskParts(self._words)
        self._met: set[str] = set()

    def of(self, exported: Exported) -> Iterator[Part]:
        """Give the resources of a session: whom it names, itself, its task results, and where they come from.

        There are none when the same session comes again.
        """
        tree, deidentified = exported.tree, self._snapshot.deidentified
        if not self._first("Encounter", tree["id"]):
            return
        if self._first("Patient", tree["child_id"]):
            yield patient(tree, deidentified=deidentified)
        if tree["assessor"] and self._first("Practitioner", tree["assessor"]):
            yield practitioner(tree["assessor"], self._snapshot.people.get(tree["assessor"], ""))
        visit = Visit(exported, self._words, deidentified=deidentified)
        recorded = [visit.encounter(), *visit.observations(), *self._results(visit)]
        yield from recorded
        yield visit.provenance(self._snapshot.made, recorded)

    def _first(self, kind: str, row_id: str) -> bool:
        """Return whether something is met for the first time."""
        key = f"{kind}/{row_id}"
        if key in self._met:
            return False
        self._met.add(key)
        return True

    def _results(self, visit: Visit) -> Iterator[Part]:
        tree, common, assessor, effective = visit.exported.tree, visit.common, visit.assessor, visit.effective
        for task in tree["task_results"]:
            codes = self._codes.task(tree, task["task_name"])
            yield self._tasks.procedure(task, codes, common, assessor)
            yield self._tasks.observation(task, codes, common, assessor, effective)


def _head(snapshot: Snapshot) -> Part:
    made = snapshot.made
    tags = {"application": made.app_version, "audit-tail": made.audit_tail}
    return {
        "resourceType": "Bundle",
        "meta": {"tag": [coding(system(name), value) for name, value in tags.items() if value]},
        "type": "transaction",
        "timestamp": made.made_at.isoformat(),
    }


def _json(value: Part | list[Part]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode()
