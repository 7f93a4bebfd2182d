"""What a protocol file holds."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Texts = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=2000)]],
    Field(json_schema_extra={"additionalProperties": False}),
]
Key = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
Ucum = Annotated[str, Field(max_length=40, pattern=r"^[!-~]+$", description="A UCUM code; 1 means no unit")]
Trials = Annotated[int, Field(le=99)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Range(_Part):
    """Values from `low` to `high`, both included; a missing end is open."""

    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("the low end must be below the high end")
        return self


class MetricSpec(_Part):
    """One value that is measured in a task."""

    name: Key
    labels: Texts
    unit: Ucum
    possible: Range
    expected: Range | None = None
    direction: Literal["higher", "lower", "none"] = Field(description="Which values are better")
    measurement_error: Annotated[float, Field(ge=0)] | None = None


class Task(_Part):
    """One thing the child is asked to do."""

    key: Key
    labels: Texts
    instructions: Texts = {}
    sides: tuple[Literal["left", "right", "both"], ...] = Field(
        default=(), json_schema_extra={"uniqueItems": True}
    )
    trials: Trials = Field(default=1, ge=1)
    practice_trials: Trials = Field(default=0, ge=0)
    time_limit_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    best_by: Literal["max", "min", "mean", "last"] | None = None
    metrics: tuple[MetricSpec, ...] = ()

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        _refuse_repeats("sides", self.sides)
        _refuse_repeats("metrics", (metric.name for metric in self.metrics))
        return self

    def metric(self, name: str) -> MetricSpec | None:
        """Return the metric called `name`, or None when it was added freely."""
        return next((metric for metric in self.metrics if metric.name == name), None)


class Protocol(_Part):
    """A versioned battery of tasks; a published version never changes."""

    name: str = Field(max_length=100, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
    version: int = Field(ge=1, le=1_000_000)
    title: Texts
    instructions: Texts = {}
    tasks: tuple[Task, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        _refuse_repeats("tasks", (task.key for task in self.tasks))
        return self

    def task(self, key: str) -> Task | None:
        """Return the task with this key, or None when it was added freely."""
        return next((task for task in self.tasks if task.key == key), None)


def label(texts: Mapping[str, str], language: str, key: str) -> str:
    """Return the text in `language` ("ar", "ar_EG" or "ar-EG"), else in English, else `key`."""
    tag = language.replace("_", "-")
    for wanted in (tag, tag.partition("-")[0], "en"):
        if wanted in texts:
            return texts[wanted]
    return key


def _refuse_repeats(what: str, names: Iterable[Hashable]) -> None:
    listed = list(names)
    if len(set(listed)) < len(listed):
        raise ValueError(f"{what} must differ from each other")
