"""What the tasks, metrics and words of a record are called in FHIR, looked up once for each."""

from collections.abc import Mapping
from functools import cached_property

from desktop.export.fhir_parts import Part, concept, system, written
from desktop.export.report.texts import words
from desktop.export.trees import Tree
from desktop.protocols import MetricSpec, Protocol, Task, label


def words_in(language: str) -> Mapping[str, str]:
    """Return the words in a language ("ar", "ar_EG" or "ar-EG"), in English where we do not speak it."""
    spoken = language.replace("_", "-").partition("-")[0]
    return words("ar") if spoken == "ar" else words("en")


class TaskCodes:
    """The codes of one task and its metrics; what the protocol does not know has its name alone, as a text."""

    def __init__(self, protocol: Protocol | None, task_name: str, language: str) -> None:
        self._system = system(f"protocol:{protocol.name}:{protocol.version}") if protocol else ""
        self._task: Task | None = protocol.task(task_name) if protocol else None
        self._task_name = task_name
        self._language = language
        self._metrics: dict[str, Part] = {}

    @cached_property
    def code(self) -> Part:
        """The CodeableConcept of the task."""
        if self._task is None:
            return {"text": written(self._task_name)}
        return self._known("task", self._task.key, self._task.labels)

    @cached_property
    def specs(self) -> Mapping[str, MetricSpec]:
        """The metrics that the protocol wants measured."""
        return {spec.name: spec for spec in self._task.metrics} if self._task else {}

    def metric(self, name: str) -> Part:
        """Return the CodeableConcept of a metric."""
        found = self._metrics.get(name)
        if found is None:
            spec = self.specs.get(name)
            found = self._known("metric", name, spec.labels) if spec else {"text": name}
            self._metrics[name] = found
        return found

    def unit(self, name: str, recorded: str | None) -> str | None:
        """Return the unit in which a metric was recorded, the protocol's where none was said."""
        if recorded or name not in self.specs:
            return recorded
        return self.specs[name].unit

    def _known(self, kind: str, key: str, labels: Mapping[str, str]) -> Part:
        return concept(f"{self._system}:{kind}", key, text=written(label(labels, self._language, key)))


class Codes:
    """The codes of all tasks of a snapshot, each made when it is met first."""

    def __init__(self, protocols: Mapping[tuple[str, int], Protocol], language: str) -> None:
        self._protocols = protocols
        self._language = language
        self._tasks: dict[tuple[str, int, str], TaskCodes] = {}

    def task(self, tree: Tree, task_name: str) -> TaskCodes:
        """Return the codes of a task in the protocol with which a session was recorded."""
        protocol = (tree["protocol_name"], tree["protocol_version"])
        found = self._tasks.get((*protocol, task_name))
        if found is None:
            found = TaskCodes(self._protocols.get(protocol), task_name, self._language)
            self._tasks[(*protocol, task_name)] = found
        return found
