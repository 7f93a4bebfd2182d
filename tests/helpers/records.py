"""Records for tests: one that is easy to read, and any that may be stored at all."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st

from desktop.codes import new_code
from desktop.crud import metric_id
from desktop.database import Database
from desktop.export.canonical import Document
from desktop.protocols import Protocol, bundled, canonical
from desktop.protocols import sha256 as protocol_hash
from desktop.schemas import (
    MetricRecord,
    NewMetric,
    NewSession,
    NewTaskResult,
    PersonRecord,
    ProtocolRecord,
    SessionRecord,
    TaskRecord,
)
from desktop.services.importing import run_import

NOW = datetime(2026, 3, 14, 9, 26, 53, 589793, UTC)
ASSESSOR = UUID("01890000-0000-7000-8000-00000000000a")
MOTOR = bundled()[0]


def stamps() -> dict[str, Any]:
    return {
        "id": uuid4(),
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": ASSESSOR,
        "updated_by": ASSESSOR,
        "utc_offset_minutes": 60,
    }


def a_metric(task_id: UUID, name: str = "accuracy", value: float = 0.95, **fields: Any) -> MetricRecord:
    new = NewMetric(metric_name=name, metric_value=value).model_dump()
    return MetricRecord(**{**new, **stamps(), "id": metric_id(task_id, name), "task_id": task_id, **fields})


def a_task(session_id: UUID, **fields: Any) -> TaskRecord:
    values = {**stamps(), "session_id": session_id, "position": 0, **fields}
    metrics = values.pop("metrics", None)
    new = NewTaskResult(task_name="raise_hand").model_dump()
    if metrics is None:
        metrics = (a_metric(values["id"]), a_metric(values["id"], "max_angle", 165.5))
    return TaskRecord(**{**new, **values, "metrics": tuple(metrics)})


def a_session(**fields: Any) -> SessionRecord:
    values = {
        **NewSession(child_name="John Doe", child_age=8, child_height_cm=130.5).model_dump(),
        **stamps(),
        "child_id": uuid4(),
        "child_code": new_code(8),
        "assessor": ASSESSOR,
        "started_at": NOW,
        "signed_off_by": None,
        "signed_off_at": None,
        "signed_off_hash": None,
        "app_version": "0.1.0",
        **fields,
    }
    tasks = values.pop("task_results", None)
    if tasks is None:
        tasks = (a_task(values["id"]), a_task(values["id"], position=1, task_name="walk"))
    return SessionRecord(**{**values, "task_results": tuple(tasks)})


def a_person(**fields: Any) -> PersonRecord:
    return PersonRecord(
        **{**stamps(), "id": ASSESSOR, "name": "Dr. Amira Haddad", "role": "clinician", **fields}
    )


def a_document(*sessions: SessionRecord, people: tuple[PersonRecord, ...] = ()) -> Document:
    return Document(format="kinelog", version=1, people=people, protocols=(), sessions=sessions)


async def stored(
    database: Database, *records: SessionRecord, protocols: Sequence[Protocol] = (MOTOR,)
) -> None:
    """Take these sessions in as they are, with their ids and times, and the protocols they go by."""
    kept = tuple(
        ProtocolRecord(
            **stamps(),
            name=protocol.name,
            version=protocol.version,
            content=canonical(protocol).decode(),
            sha256=protocol_hash(protocol),
        )
        for protocol in protocols
    )
    document = a_document(*records, people=(a_person(),)).model_copy(update={"protocols": kept})
    await run_import(database, document, actor=ASSESSOR)


# Any record at all

_characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
_lines = st.text(_characters, min_size=1, max_size=20).map(
    lambda text: " ".join(unicodedata.normalize("NFC", text).split()) or "a"
)
_notes = st.one_of(st.just(""), st.text(_characters | st.sampled_from("\n\t"), max_size=30)).map(
    lambda text: unicodedata.normalize("NFC", text)
)
_reasons = _notes.map(lambda text: text if text.strip() else None)
_moments = st.datetimes(datetime(1901, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
_numbers = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
_metric_names = st.from_regex(r"[a-zäα-ω][a-z0-9_]{0,12}", fullmatch=True).map(
    lambda text: unicodedata.normalize("NFC", text)
)


def _stamps() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "id": st.uuids(),
        "created_at": _moments,
        "updated_at": _moments,
        "created_by": st.uuids(),
        "updated_by": st.uuids(),
        "utc_offset_minutes": st.integers(-1440, 1440),
    }


@st.composite
def metrics(draw: st.DrawFn, task_id: UUID, name: str) -> MetricRecord:
    record = st.builds(
        MetricRecord,
        **_stamps() | {"id": st.just(metric_id(task_id, name))},
        task_id=st.just(task_id),
        metric_name=st.just(name),
        metric_value=_numbers,
        unit=st.none() | _lines,
        source=st.sampled_from(["manual", "capture:pose"]),
        remark=_reasons,
    )
    return draw(record)


@st.composite
def tasks(draw: st.DrawFn, session_id: UUID) -> TaskRecord:
    task_id = draw(st.uuids())
    names = draw(st.lists(_metric_names, unique=True, max_size=3))
    record = st.builds(
        TaskRecord,
        **_stamps() | {"id": st.just(task_id)},
        session_id=st.just(session_id),
        position=st.integers(0, 1_000_000),
        task_name=_lines,
        side=st.sampled_from(["none", "left", "right", "both"]),
        trial=st.integers(1, 1000),
        practice=st.booleans(),
        status=st.sampled_from([None, "success", "partial", "failed", "not_tested", "refused"]),
        duration_seconds=st.none() | st.floats(0, 86_400).map(lambda number: number + 0.0),
        deviation=_reasons,
        notes=_notes,
        remark=_reasons,
        started_at=st.none() | _moments,
        metrics=st.just(tuple(draw(metrics(task_id, name)) for name in names)),
    )
    return draw(record)


@st.composite
def sessions(draw: st.DrawFn) -> SessionRecord:
    session_id = draw(st.uuids())
    record = st.builds(
        SessionRecord,
        **_stamps() | {"id": st.just(session_id)},
        child_id=st.uuids(),
        child_code=st.from_regex(r"[0-9A-Z]{8}", fullmatch=True),
        child_name=_lines,
        child_identifier=st.none() | _lines,
        child_age=st.integers(0, 120),
        child_date_of_birth=st.none() | st.dates(date(1900, 1, 1), date(1900, 12, 31)),
        child_sex=st.sampled_from([None, "female", "male", "other", "unknown"]),
        gestational_weeks=st.none() | st.integers(22, 44),
        handedness=st.sampled_from([None, "left", "right", "mixed", "not_established"]),
        child_height_cm=st.none() | st.floats(20, 250),
        child_weight_kg=st.none() | st.floats(0.3, 300),
        session_type=st.sampled_from(["initial", "follow_up"]),
        site=st.just("") | _lines,
        consent=st.sampled_from(["unknown", "given", "refused", "withdrawn"]),
        consent_at=st.none() | _moments,
        notes=_notes,
        remark=_reasons,
        completed_at=st.none() | _moments,
        assessor=st.uuids(),
        protocol_name=st.just("") | _lines,
        protocol_version=st.integers(0, 1_000_000),
        started_at=_moments,
        signed_off_by=st.none() | st.uuids(),
        signed_off_at=st.none() | _moments,
        signed_off_hash=st.none() | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
        app_version=_lines,
        task_results=st.just(tuple(draw(st.lists(tasks(session_id), max_size=3)))),
    )
    return draw(record)
