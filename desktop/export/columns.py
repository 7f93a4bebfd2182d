"""The columns of every tabular export: their names, kinds and meaning, in one place."""

from dataclasses import dataclass
from typing import Literal, get_args

from desktop.schemas import Consent, Handedness, SessionType, Sex, Side, Status

Kind = Literal["text", "whole", "number", "truth", "day", "instant"]


@dataclass(frozen=True)
class Column:
    """One column: `choices` are the only values it has, if it has such; `private` leaves no de-identified export.

    A `plain` text is made by the program, and never looks like a formula. `field` is what a record calls it, if it does
    so otherwise; what is `derived` is no part of the record and follows from others.
    """

    name: str
    kind: Kind
    about: str
    private: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""
    field: str = ""
    derived: bool = False
    plain: bool = False

    @property
    def record_field(self) -> str:
        """What a record calls it."""
        return self.field or self.name


def _private(name: str, kind: Kind, about: str, *, field: str = "", derived: bool = False) -> Column:
    return Column(name, kind, about, private=True, field=field, derived=derived)


def _stamps(of: str) -> tuple[Column, ...]:
    """Return who made and changed a record, and when: a table that is taken in again has them."""
    return (
        _private(f"{of}_created_at", "instant", f"When the {of} was recorded (UTC)", field="created_at"),
        _id(f"{of}_created_by", "Id of who recorded it", private=True, field="created_by"),
        _private(f"{of}_updated_at", "instant", "When it was last changed (UTC)", field="updated_at"),
        _id(f"{of}_updated_by", "Id of who changed it last", private=True, field="updated_by"),
        _private(
            f"{of}_utc_offset_minutes",
            "whole",
            "Minutes from UTC where it was recorded",
            field="utc_offset_minutes",
        ),
    )


def _id(name: str, about: str, *, private: bool = False, field: str = "") -> Column:
    return Column(name, "text", f"{about} (UUID)", private=private, field=field, plain=True)


def _choice(name: str, about: str, choices: object) -> Column:
    return Column(name, "text", about, choices=get_args(choices), plain=True)


SESSIONS = (
    _id("session_id", "Id of the session", field="id"),
    Column("child_code", "text", "Pseudonym of the child, the same in all its sessions"),
    _id("child_id", "Id of the child", private=True),
    _private("child_name", "text", "Name of the child"),
    _private("child_identifier", "text", "Patient or school number"),
    _private("child_date_of_birth", "day", "Date of birth"),
    Column("child_age", "whole", "Age on the day of the session, completed years", unit="a"),
    Column("age_months", "whole", "Age on the day of the session, completed months", unit="mo", derived=True),
    Column(
        "corrected_age_months",
        "whole",
        "Age from the expected date of birth, completed months; for children born before 37 weeks, to 24 months",
        unit="mo",
        derived=True,
    ),
    _choice("child_sex", "Sex", Sex),
    Column("gestational_weeks", "whole", "Completed weeks of pregnancy at birth", unit="wk"),
    _choice("handedness", "Handedness", Handedness),
    Column("child_height_cm", "number", "Height", unit="cm"),
    Column("child_weight_kg", "number", "Weight", unit="kg"),
    _choice("session_type", "First session of the child, or a later one", SessionType),
    Column("visit", "whole", "Which session of the child it is, from 1", derived=True),
    _private("assessor", "text", "Who assessed", field="assessor_name", derived=True),
    _private("site", "text", "Where"),
    Column("protocol_name", "text", "Protocol"),
    Column("protocol_version", "whole", "Version of the protocol"),
    _choice("consent", "Consent", Consent),
    _private("started_at", "instant", "When the session began (UTC)"),
    _private("completed_at", "instant", "When it was finished (UTC)"),
    _private("signed_off_at", "instant", "When it was signed off (UTC)"),
    _private("signed_off_by", "text", "Who signed it off", field="signed_off_by_name", derived=True),
    _private("session_notes", "text", "Notes on the session", field="notes"),
    _private("session_remark", "text", "Why an odd value was kept", field="remark"),
    Column("app_version", "text", "Version of Kinelog that began the session"),
    Column("content_hash", "text", "SHA-256 of the session's canonical JSON", derived=True, plain=True),
)
TASKS = (
    _id("task_id", "Id of the task result", field="id"),
    Column("position", "whole", "Place in the session, from 0"),
    Column("task_name", "text", "Key of the task in the protocol, or its free name"),
    _choice("side", "Side", Side),
    Column("trial", "whole", "Number of the attempt at this task and side, from 1"),
    Column("practice", "truth", "Whether it was a practice trial, which is not scored"),
    _choice("status", "Outcome; empty while not rated", Status),
    Column("duration_seconds", "number", "Duration", unit="s"),
    _private("deviation", "text", "How the administration was modified"),
    _private("task_notes", "text", "Notes on the task result", field="notes"),
    _private("task_remark", "text", "Why an odd time was kept", field="remark"),
    _private("task_started_at", "instant", "When it began (UTC)", field="started_at"),
)
METRICS = (
    _id("metric_id", "Id of the metric", field="id"),
    Column("metric_name", "text", "Key of the metric", plain=True),
    Column("metric_value", "number", "Measured value"),
    Column("unit", "text", "Unit (UCUM)"),
    Column("source", "text", "Typed by hand (manual), or the program that measured it (capture:NAME)"),
    _private("metric_remark", "text", "Why an odd value was kept", field="remark"),
)

# Beside those above, what a table needs that is taken in again.
SESSION_KEPT = (
    _id("assessor_id", "Id of who assessed", private=True, field="assessor"),
    _private("consent_at", "instant", "When the consent was given or refused (UTC)"),
    _id("signed_off_by_id", "Id of who signed it off", private=True, field="signed_off_by"),
    _private("signed_off_hash", "text", "SHA-256 of the content that was signed off"),
    *_stamps("session"),
)
TASK_KEPT = _stamps("task")
METRIC_KEPT = _stamps("metric")


def shown(columns: tuple[Column, ...], *, deidentified: bool) -> tuple[Column, ...]:
    """Return the columns that an export has."""
    return tuple(column for column in columns if not (deidentified and column.private))
