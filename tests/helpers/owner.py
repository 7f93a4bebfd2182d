"""The records of an owner who has norms: a protocol with expected ranges, a child seen three times."""

from datetime import timedelta
from uuid import UUID

from desktop.core import Core
from desktop.edits import Edit, EditTask, RecordMetric
from desktop.protocols import Protocol, Range, bundled
from desktop.schemas import NewMetric, NewSession
from desktop.services.recording import begin_session, load_session

EXPECTED = {
    "accuracy": Range(low=0.8, high=1.0),
    "stability": Range(low=0.75, high=1.0),
    "max_angle": Range(low=150.0, high=180.0),
    "hold_time": Range(low=10.0),
    "sway": Range(high=3.0),
    "speed": Range(low=0.9, high=1.6),
    "distance": Range(low=90.0, high=160.0),
    "error": Range(high=2.5),
}
LIMIT_S = 60.0
VISITS = (  # weeks ago, and what was measured in the first task
    (26, (0.71, 0.66, 139.0)),
    (13, (0.78, 0.81, 148.5)),
    (0, (0.95, 0.72, 165.5)),
)
RATINGS = ("success", "partial", "failed", "not_tested", "refused")
SECONDS = (15.5, 12.04, 5.1)


def owners_protocol() -> Protocol:
    """Return the bundled tasks with expected ranges and time limits."""
    first = bundled()[0]
    tasks = tuple(
        task.model_copy(
            update={
                "time_limit_s": LIMIT_S,
                "metrics": tuple(
                    metric.model_copy(update={"expected": EXPECTED.get(metric.name)})
                    for metric in task.metrics
                ),
            }
        )
        for task in first.tasks
    )
    return first.model_copy(update={"name": "owners-screening", "tasks": tasks})


async def record_visits(core: Core, *, actor: UUID, child: str) -> UUID:
    """Store a child's three visits and return the last one, of today and half done."""
    child_id, now = core.clock.new_id(), core.clock.now()
    session_id = child_id
    for weeks, values in VISITS:
        new = NewSession(
            child_id=child_id,
            child_name=child,
            child_date_of_birth=(now - timedelta(weeks=330)).date(),
            child_height_cm=118.5 - weeks / 10,
            child_weight_kg=21.4 - weeks / 20,
            session_type="follow_up" if session_id != child_id else "initial",
            started_at=now - timedelta(weeks=weeks),
            notes="Came with her father, slept well. Left ankle taped." if weeks == 0 else "",
        )
        session_id = await begin_session(
            core.database,
            actor=actor,
            new=new,
            protocol=owners_protocol(),
            session_id=core.clock.new_id(),
        )
        await _record(core, session_id, actor=actor, values=values)
    return session_id


async def _record(core: Core, session_id: UUID, *, actor: UUID, values: tuple[float, ...]) -> None:
    record = (await load_session(core.database, session_id)).record
    first = record.task_results[0]
    edits: list[Edit] = [
        RecordMetric(
            session_id, first.id, NewMetric(metric_name=spec.name, metric_value=value, unit=spec.unit)
        )
        for spec, value in zip(owners_protocol().tasks[0].metrics, values, strict=True)
    ]
    for task, status in zip(record.task_results, RATINGS, strict=False):
        edits.append(EditTask(session_id, task.id, {"status": status}))
    for task, seconds in zip(record.task_results, SECONDS, strict=False):
        edits.append(EditTask(session_id, task.id, {"duration_seconds": seconds, "notes": ""}))
    edits.append(EditTask(session_id, record.task_results[2].id, {"notes": "Looked at the door twice."}))
    async with core.database.write(actor=actor) as db:
        for edit in edits:
            await edit.write(db)
