"""The columns of every tabular export: their names, kinds and meaning, in one place."""

from dataclasses import dataclass
from typing import Literal, get_args

from desktop.schemas import Consent, Handedness, SessionType, Sex, Side, Status

Kind = Literal["text", "whole", "number", "truth", "day", "instant"]


@dataclass(frozen=True)
class Column:
    """One column: `choices` are the only values it has, if it has such; `private` leaves no de-identified export."""

    name: str
    kind: Kind
    about: str
    private: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""


def _private(name: str, kind: Kind, about: str) -> Column:
    return Column(name, kind, about, private=True)


def _choice(name: str, about: str, choices: object) -> Column:
    return Column(name, "text", about, choices=get_args(choices))


SESSIONS = (
    Column("session_id", "text", "Id of the session (UUID)"),
    Column("child_code", "text", "Pseudonym of the child, the same in all its sessions"),
    _private("child_id", "text", "Id of the child (UUID)"),
    _private("child_name", "text", "Name of the child"),
    _private("child_identifier", "text", "Patient or school number"),
    _private("child_date_of_birth", "day", "Date of birth"),
    Column("child_age", "whole", "Age on the day of the session, completed years", unit="a"),
    Column("age_months", "whole", "Age on the day of the session, completed months", unit="mo"),
    Column(
        "corrected_age_months",
        "whole",
        "Age from the expected date of birth, completed months; for children born before 37 weeks, to 24 months",
        unit="mo",
    ),
    _choice("child_sex", "Sex", Sex),
    Column("gestational_weeks", "whole", "Completed weeks of pregnancy at birth", unit="wk"),
    _choice("handedness", "Handedness", Handedness),
    Column("child_height_cm", "number", "Height", unit="cm"),
    Column("child_weight_kg", "number", "Weight", unit="kg"),
    _choice("session_type", "First session of the child, or a later one", SessionType),
    Column("visit", "whole", "Which session of the child it is, from 1"),
    _private("assessor", "text", "Who assessed"),
    _private("site", "text", "Where"),
    Column("protocol_name", "text", "Protocol"),
    Column("protocol_version", "whole", "Version of the protocol"),
    _choice("consent", "Consent", Consent),
    _private("started_at", "instant", "When the session began (UTC)"),
    _private("completed_at", "instant", "When it was finished (UTC)"),
    _private("signed_off_at", "instant", "When it was signed off (UTC)"),
    _private("signed_off_by", "text", "Who signed it off"),
    _private("session_notes", "text", "Notes on the session"),
    _private("session_remark", "text", "Why an odd value was kept"),
    Column("app_version", "text", "Version of Kinelog that began the session"),
    Column("content_hash", "text", "SHA-256 of the session's canonical JSON"),
)
TASKS = (
    Column("task_id", "text", "Id of the task result (UUID)"),
    Column("position", "whole", "Place in the session, from 0"),
    Column("task_name", "text", "Key of the task in the protocol, or its free name"),
    _choice("side", "Side", Side),
    Column("trial", "whole", "Number of the attempt at this task and side, from 1"),
    Column("practice", "truth", "Whether it was a practice trial, which is not scored"),
    _choice("status", "Outcome; empty while not rated", Status),
    Column("duration_seconds", "number", "Duration", unit="s"),
    _private("deviation", "text", "How the administration was modified"),
    _private("task_notes", "text", "Notes on the task result"),
    _private("task_remark", "text", "Why an odd time was kept"),
    _private("task_started_at", "instant", "When it began (UTC)"),
)
METRICS = (
    Column("metric_id", "text", "Id of the metric (UUID)"),
    Column("metric_name", "text", "Key of the metric"),
    Column("metric_value", "number", "Measured value"),
    Column("unit", "text", "Unit (UCUM)"),
    Column("source", "text", "Typed by hand (manual), or the program that measured it (capture:NAME)"),
    _private("metric_remark", "text", "Why an odd value was kept"),
)


def shown(columns: tuple[Column, ...], *, deidentified: bool) -> tuple[Column, ...]:
    """Return the columns that an export has."""
    return tuple(column for column in columns if not (deidentified and column.private))
