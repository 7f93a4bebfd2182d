"""What a report says, as plain values in one language: the template only lays it out.

Everything that was typed is text and nothing else; the numbers are written here, so that page and record agree.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from desktop.clock import wall_time
from desktop.export.forms import Language, Part
from desktop.export.report.charts import charts
from desktop.export.report.tasks import task_content, with_best
from desktop.export.report.writer import Content, Writer, typed
from desktop.export.signatures import Sign, sign_of
from desktop.export.snapshot import Exported, Made, Snapshot
from desktop.protocols import Protocol

_CONSENTS = {"given": "given", "refused": "consent_refused", "withdrawn": "withdrawn"}


def report_content(
    snapshot: Snapshot,
    sessions: Sequence[Exported],
    earlier: Mapping[str, Sequence[Exported]],
    language: Language,
    *,
    leave_out: Collection[Part] = (),
) -> Content:
    """Return the content of reports on `sessions`; `earlier` has the visits of each child, the oldest first."""
    writer = Writer(language, snapshot.people)
    made = [
        session_content(
            writer, snapshot, exported, earlier.get(exported.tree["child_id"], ()), leave_out=leave_out
        )
        for exported in sessions
    ]
    return {**frame(writer, snapshot.made), "sessions": made, "title": writer.words["report"]}


def day_content(snapshot: Snapshot, sessions: Sequence[Exported], day: date, language: Language) -> Content:
    """Return the content of the list of one day's sessions."""
    writer = Writer(language, snapshot.people)
    by_time = sorted(sessions, key=lambda exported: exported.tree["started_at"])
    rows = [_day_row(writer, snapshot, exported) for exported in by_time]
    heads = ("time", "name", "age", "visit", "protocol", "assessor", "result")
    return {
        **frame(writer, snapshot.made),
        "title": f"{writer.words['day_list']}{writer.words['comma']}{writer.day(day)}",
        "heads": [writer.words[head] for head in heads],
        "rows": rows,
        "hashes": [exported.content_hash for exported in sessions],
    }


def frame(writer: Writer, made: Made) -> Content:
    """Return what every report has."""
    return {
        "language": writer.language,
        "direction": "rtl" if writer.language == "ar" else "ltr",
        "words": dict(writer.words),
        "made": writer.say(
            "made", when=writer.moment(made.made_at), who=made.made_by or "Kinelog", version=made.app_version
        ),
        "audit_tail": made.audit_tail,
    }


def session_content(
    writer: Writer,
    snapshot: Snapshot,
    exported: Exported,
    visits: Sequence[Exported],
    *,
    leave_out: Collection[Part] = (),
) -> Content:
    """Return what is said of one session."""
    tree, protocol = exported.tree, snapshot.protocol(exported.tree)
    noted = "notes" not in leave_out
    drawn = [] if "charts" in leave_out else [one for one in visits if one.visit <= exported.visit]
    tasks = [
        task_content(writer, protocol, task, chosen, noted=noted)
        for task, chosen in with_best(tree["task_results"], protocol)
    ]
    return {
        "heading": writer.apart(tree["child_name"]),
        "subtitle": [
            writer.day(exported.day) if tree["started_at"] else "",
            writer.visit(exported.visit),
            tree["child_code"],
        ],
        "facts": [[what, value] for what, value in _facts(writer, exported, protocol) if value],
        "state": _state(writer, exported),
        "tasks": tasks,
        "notes": typed(tree["notes"]) if noted else None,
        "remark": typed(tree["remark"] or ""),
        "charts": charts(writer, protocol, drawn),
        "hash": exported.content_hash,
    }


def _facts(writer: Writer, exported: Exported, protocol: Protocol | None) -> Iterable[tuple[str, str]]:
    tree, word = exported.tree, writer.words
    born = tree["child_date_of_birth"]
    title = writer.protocol(protocol, tree["protocol_name"])
    yield word["age"], writer.age(exported.age_months, exact=bool(born) or exported.age_months % 12 > 0)
    if exported.corrected_months is not None:
        yield word["corrected_age"], writer.age(exported.corrected_months, exact=True)
    yield word["born"], writer.day(date.fromisoformat(born)) if born else ""
    yield word["sex"], word.get(tree["child_sex"] or "", "")
    yield word["height"], _measure(writer, tree["child_height_cm"], "cm")
    yield word["weight"], _measure(writer, tree["child_weight_kg"], "kg")
    yield word["handedness"], word.get(tree["handedness"] or "", "")
    yield word["weeks"], str(tree["gestational_weeks"] or "")
    yield word["identifier"], writer.apart(tree["child_identifier"] or "")
    yield word["assessor"], writer.person(tree["assessor"])
    yield word["site"], writer.apart(tree["site"])
    if title:
        version = writer.say("version", number=tree["protocol_version"])
        yield word["protocol"], f"{title}{word['comma']}{version}"
    yield word["consent"], word.get(_CONSENTS.get(tree["consent"], ""), "")


def _measure(writer: Writer, value: float | None, unit: str) -> str:
    return "" if value is None else writer.number(value, unit)


def _state(writer: Writer, exported: Exported) -> list[str]:
    """Return whether the session is finished and who stands for it."""
    tree = exported.tree
    rated = sum(task["status"] is not None for task in tree["task_results"])
    done = writer.say("done_of", done=rated, total=len(tree["task_results"]))
    said = [done]
    if tree["completed_at"]:
        said.append(writer.words["finished"])
    sign = sign_of(tree, here=exported.signed_here)
    if sign is Sign.BROKEN:
        said.append(writer.words["sign_off_changed"])
    elif sign is not Sign.NONE:
        at = datetime.fromisoformat(tree["signed_off_at"])
        who, offset = writer.person(tree["signed_off_by"]), tree["utc_offset_minutes"]
        signed = "signed_off" if sign is Sign.VALID else "signed_elsewhere"
        said.append(writer.say(signed, who=who, day=writer.moment(at, offset)))
    return said


def _day_row(writer: Writer, snapshot: Snapshot, exported: Exported) -> list[str]:
    tree, protocol = exported.tree, snapshot.protocol(exported.tree)
    begun = wall_time(datetime.fromisoformat(tree["started_at"]), tree["utc_offset_minutes"])
    rated = sum(task["status"] is not None for task in tree["task_results"])
    return [
        f"{begun:%H:%M}",
        writer.apart(tree["child_name"]),
        writer.age(exported.age_months, exact=bool(tree["child_date_of_birth"])),
        writer.visit(exported.visit),
        writer.protocol(protocol, tree["protocol_name"]),
        writer.person(tree["assessor"]),
        writer.say("done_of", done=rated, total=len(tree["task_results"])),
    ]
