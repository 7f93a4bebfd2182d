"""What may be recorded: the one validation for window, API and import.

`NewSession`, `NewTaskResult` and `NewMetric` are what somebody may enter; `SessionRecord`, `TaskRecord` and
`MetricRecord` are whole records as they are read and exported. Bounds are those of the domain model: impossible
values are refused here, odd ones are a matter for `plausibility`.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    TypeAdapter,
    ValidationError,
)

from desktop.errors import Invalid

NOTES_LIMIT = 20_000
PROTOCOL_LIMIT = 1_000_000
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SNAKE_CASE = re.compile(r"[^\W\d_]\w*")


def _clean(text: str) -> str:
    """NFC, without line ends of another system; raises ValueError for what no keyboard makes."""
    if _UNPRINTABLE.search(text):
        raise ValueError("holds characters that cannot be written")
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")


def _line(text: str) -> str:
    """One trimmed line of text."""
    return " ".join(_clean(text).split())


def _metric_name(text: str) -> str:
    name = unicodedata.normalize("NFC", text)
    if not _SNAKE_CASE.fullmatch(name) or name != name.lower():
        raise ValueError("is made of small letters, digits and underscores, as in max_angle")
    return name


def _positive_zero(value: float) -> float:
    """-0.0 becomes 0.0, which SQLite would do silently."""
    return value + 0.0


def _nothing_for_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the years 1 to 9999") from None


Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[Line, Field(min_length=1, max_length=255)]
Notes = Annotated[str, AfterValidator(_clean), Field(max_length=NOTES_LIMIT)]
Reason = Annotated[Notes | None, BeforeValidator(_nothing_for_empty)]
Number = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_positive_zero)]
Height = Annotated[Number, Field(ge=20, le=250)]
Weight = Annotated[Number, Field(ge=0.3, le=300)]
Duration = Annotated[Number, Field(ge=0, le=86_400)]
WholeAge = Annotated[int, Field(ge=0, le=120)]
Weeks = Annotated[int, Field(ge=22, le=44)]
Position = Annotated[int, Field(ge=0, le=1_000_000)]
ProtocolVersion = Annotated[int, Field(ge=0, le=1_000_000)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Identifier = Annotated[
    Annotated[Line, Field(min_length=1, max_length=64)] | None, BeforeValidator(_nothing_for_empty)
]
Unit = Annotated[Annotated[Line, Field(max_length=40)] | None, BeforeValidator(_nothing_for_empty)]
TaskName = Annotated[Line, Field(min_length=1, max_length=100)]
MetricName = Annotated[str, AfterValidator(_metric_name), Field(min_length=1, max_length=100)]

SessionType = Literal["initial", "follow_up"]
Sex = Literal["female", "male", "other", "unknown"]
Handedness = Literal["left", "right", "mixed", "not_established"]
Consent = Literal["unknown", "given", "refused", "withdrawn"]
Side = Literal["none", "left", "right", "both"]
Status = Literal["success", "partial", "failed", "not_tested", "refused"]
Role = Literal["clinician", "program"]
ConflictKind = Literal["field", "delete_vs_edit"]
ConflictStatus = Literal["open", "resolved"]


class Strict(BaseModel):
    """Unknown fields are refused, values are not changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChildFields(Strict):
    """What is known of the child; copies stand in each of the child's sessions."""

    child_name: Name
    child_identifier: Identifier = None
    child_age: WholeAge | None = None
    child_date_of_birth: date | None = None
    child_sex: Sex | None = None
    gestational_weeks: Weeks | None = None


class SessionFields(ChildFields):
    """What somebody may say of a session."""

    handedness: Handedness | None = None
    child_height_cm: Height | None = None
    child_weight_kg: Weight | None = None
    session_type: SessionType = "initial"
    site: Annotated[Line, Field(max_length=255)] = ""
    consent: Consent = "unknown"
    consent_at: Moment | None = None
    notes: Notes = ""
    remark: Reason = None
    completed_at: Moment | None = None


class NewSession(SessionFields):
    """A session to begin; without `child_id` it is a new child, without `started_at` it begins now."""

    child_id: UUID | None = None
    assessor: UUID | None = None
    protocol_name: Annotated[Line, Field(max_length=100)] = ""
    protocol_version: ProtocolVersion = 0
    started_at: Moment | None = None


class TaskFields(Strict):
    """What somebody may say of one attempt at a task."""

    task_name: TaskName
    side: Side = "none"
    trial: Annotated[int, Field(ge=1, le=1000)] = 1
    practice: bool = False
    status: Status | None = None
    duration_seconds: Duration | None = None
    deviation: Reason = None
    notes: Notes = ""
    remark: Reason = None
    started_at: Moment | None = None


class NewTaskResult(TaskFields):
    """An attempt to record; without `position` it comes last."""

    position: Position | None = None


class NewMetric(Strict):
    """A measured value to record under a task result."""

    metric_name: MetricName
    metric_value: Number
    unit: Unit = None
    source: Annotated[Line, Field(pattern=r"^(manual|capture:.{1,100})$")] = "manual"
    remark: Reason = None


class Stamps(Strict):
    """Who made and changed a record, and when."""

    id: UUID
    created_at: Moment
    updated_at: Moment
    created_by: UUID
    updated_by: UUID
    utc_offset_minutes: Annotated[int, Field(ge=-1440, le=1440)]


class MetricRecord(Stamps, NewMetric):
    """A metric as it is stored."""

    task_id: UUID


class TaskRecord(Stamps, TaskFields):
    """A task result with its metrics."""

    session_id: UUID
    position: Position
    metrics: Annotated[tuple[MetricRecord, ...], FailFast()] = ()


class SessionRecord(Stamps, SessionFields):
    """A session with its task results."""

    child_id: UUID
    child_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{8}$")]
    child_age: WholeAge
    assessor: UUID
    protocol_name: Annotated[Line, Field(max_length=100)]
    protocol_version: ProtocolVersion
    started_at: Moment
    signed_off_by: UUID | None = None
    signed_off_at: Moment | None = None
    signed_off_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    app_version: Annotated[Line, Field(max_length=40)]
    task_results: Annotated[tuple[TaskRecord, ...], FailFast()] = ()


class PersonRecord(Stamps):
    """Somebody, or a program, that records."""

    name: Name
    role: Role


class ProtocolRecord(Stamps):
    """A protocol as it was used; `content` is its canonical JSON."""

    name: Annotated[Line, Field(min_length=1, max_length=100)]
    version: Annotated[ProtocolVersion, Field(ge=1)]
    content: Annotated[str, Field(max_length=PROTOCOL_LIMIT)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


CHILD_FIELDS = frozenset(ChildFields.model_fields) - {"child_age"}
SESSION_EDITS = frozenset(SessionFields.model_fields) | {"assessor", "started_at"}
TASK_EDITS = frozenset(TaskFields.model_fields) | {"position"}
METRIC_EDITS = frozenset(NewMetric.model_fields) - {"metric_name"}

WORDS = {
    "child_name": "The child's name",
    "child_identifier": "The identifier",
    "child_age": "The age",
    "child_date_of_birth": "The date of birth",
    "child_sex": "The sex",
    "gestational_weeks": "The weeks of pregnancy",
    "child_height_cm": "The height in cm",
    "child_weight_kg": "The weight in kg",
    "duration_seconds": "The time in seconds",
    "task_name": "The task's name",
    "metric_name": "The metric's name",
    "metric_value": "The value",
    "trial": "The trial",
    "notes": "The note",
    "remark": "The reason",
    "name": "The name",
}


@cache
def _field(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    kind: Any = field.annotation
    return TypeAdapter(Annotated[kind, *field.metadata] if field.metadata else kind)


def validated_edit(
    model: type[BaseModel], allowed: frozenset[str], edit: Mapping[str, object]
) -> dict[str, Any]:
    """Return the values of `edit` as they are to be stored; raises Invalid in the user's words."""
    unknown = sorted(set(edit) - allowed)
    if unknown:
        raise Invalid(f"These fields cannot be changed: {', '.join(unknown)}.")
    clean: dict[str, Any] = {}
    for name, value in edit.items():
        try:
            clean[name] = _field(model, name).validate_python(value)
        except ValidationError as error:
            raise invalid(error, name) from None
    return clean


def invalid(error: ValidationError, field: str | None = None) -> Invalid:
    """Return the first of pydantic's complaints as one sentence about a field, without the value."""
    (_, sentence), *_ = complaints(error, field)
    return Invalid(sentence)


def complaints(error: ValidationError, field: str | None = None) -> list[tuple[tuple[int | str, ...], str]]:
    """Return each of pydantic's complaints: its place, and a sentence about a field, without the value."""
    return [
        (each["loc"], _sentence(each["loc"], each["msg"], field))
        for each in error.errors(include_url=False, include_input=False)
    ]


def _sentence(place: tuple[int | str, ...], message: str, field: str | None) -> str:
    path = [str(part) for part in place if not str(part).startswith("function-")]
    name = field or next((part for part in reversed(path) if part in WORDS), path[-1] if path else "")
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    subject = WORDS.get(name, f"The field “{name}”" if name else "The record")
    return f"{subject} {message[:1].lower()}{message[1:]}."
