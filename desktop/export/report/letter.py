"""What the family's letter says: how it went, in plain words, without a number that needs training to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from desktop.export.forms import Language
from desktop.export.report.content import frame
from desktop.export.report.writer import Content, Writer
from desktop.export.snapshot import Exported, Snapshot
from desktop.export.trees import Tree


def letter_content(snapshot: Snapshot, sessions: Sequence[Exported], language: Language) -> Content:
    """Return the content of a letter for each session."""
    writer = Writer(language, snapshot.people)
    letters = [_letter(writer, snapshot, exported) for exported in sessions]
    return {**frame(writer, snapshot.made), "title": writer.words["letter"], "letters": letters}


def _letter(writer: Writer, snapshot: Snapshot, exported: Exported) -> Content:
    tree = exported.tree
    name = writer.apart(tree["child_name"])
    day = writer.day(exported.day) if tree["started_at"] else ""
    return {
        "day": day,
        "site": writer.apart(tree["site"]),
        "greeting": writer.say("dear", name=name) if day else writer.words["dear_family"],
        "opening": writer.say("we_met", day=day, name=name),
        "tasks": _tasks(writer, snapshot, tree),
        "assessor": writer.person(tree["assessor"]),
    }


def _tasks(writer: Writer, snapshot: Snapshot, tree: Tree) -> list[Content]:
    """Return each task once, with how its scored trials went on all sides; what was not reached is left out."""
    protocol = snapshot.protocol(tree)
    together: dict[str, list[Mapping[str, Any]]] = {}
    for task in tree["task_results"]:
        if task["status"] and not task["practice"]:
            together.setdefault(task["task_name"], []).append(task)
    said = []
    for name, trials in together.items():
        statuses = {task["status"] for task in trials}
        went = statuses.pop() if len(statuses) == 1 else "differs"
        said.append(
            {
                "label": writer.task(protocol, name),
                "went": writer.words[f"went_{went}"],
                "helped": any(task["deviation"] for task in trials),
            }
        )
    return said
