"""What is recorded here for other programs to read: numbers, texts and dates that some of them change or run."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from desktop.schemas import SessionRecord
from tests.helpers.records import MOTOR, a_metric, a_session, a_task

REPORTS = [
    f"{kind}-{language}.pdf" for kind in ("report", "reports", "letter", "day") for language in ("en", "ar")
]
BORN, BEGUN = date(2019, 7, 14), datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
NUMBERS = (
    0.1,
    0.1 + 0.2,
    1 / 3,
    165.25,
    3.0,
    0.0,
    -17.5,
    123456789.12345679,
    1e-300,
    2.2250738585072014e-308,
    1.7976931348623157e308,
)
FORMULAS = ("=cmd|' /C calc'!A0", "=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1+1", "\r=1+1", "\n=1+1")
TEXTS = (
    "<img src=x>",
    "ليلى بنت حداد",
    "Zoe\u0308 A\u0301nxe\u0301l Ti\u0323\u0302\u0301",
    "Анна Каренина",
    "王小明",
    "N" * 255,
    "'quoted",
    'a;b,"c"\td\ne',
    "NULL",
    "NA",
    '#read("/etc/passwd")',
)
NAMES = {
    "Arabic": "ليلى بنت حداد",
    "accents": "Zoe\u0308 Nguye\u0302\u0303n",
    "Cyrillic": "Анна Каренина",
    "Chinese": "王小明",
    "endless": "N" * 255,
    "code": '#read("/etc/passwd")',
    "tag": "<img src=x onerror=alert(1)>",
    "markup": "$ x^2 $ *bold* _it_ \\ `raw` @ref",
}
# A CSV does not say that these are no values: a spreadsheet takes them for such.
LIKE_VALUES = ("007", "1,5", "1e5", "2026-03-14", "TRUE", "#N/A")


def of_text(text: str) -> SessionRecord:
    """Return a session in which `text` stands wherever somebody types freely."""
    line = " ".join(text.split())
    return a_session(
        child_name=line,
        child_identifier=line[:64],
        site=line,
        notes=text,
        remark=text,
        child_date_of_birth=BORN,
        child_age=6,
        started_at=BEGUN,
        task_results=(),
    )


def of_numbers(*numbers: float) -> SessionRecord:
    """Return a session with one task result that measured these numbers, as value_0, value_1 and so on."""
    session_id, task_id = uuid4(), uuid4()
    metrics = [a_metric(task_id, f"value_{place}", number) for place, number in enumerate(numbers)]
    task = a_task(session_id, id=task_id, task_name="jump", duration_seconds=15.5, metrics=metrics)
    return a_session(
        id=session_id,
        child_name="Amina Haddad",
        child_date_of_birth=BORN,
        child_age=6,
        started_at=BEGUN,
        child_height_cm=118.5,
        task_results=(task,),
    )


TYPED = tuple(of_text(text) for text in (*FORMULAS, *TEXTS, *LIKE_VALUES))
MEASURED = of_numbers(*NUMBERS)


def typed_into(session: SessionRecord) -> dict[str, str | None]:
    """Return what was typed into a session, by the columns of an export."""
    return {
        "child_name": session.child_name,
        "child_identifier": session.child_identifier,
        "site": session.site,
        "session_notes": session.notes,
        "session_remark": session.remark,
    }


def screened(name: str, **fields: Any) -> SessionRecord:
    """Return a motor screening of a child of that name: one task went well, one with help, one was refused."""
    session_id = uuid4()
    well, helped = uuid4(), uuid4()
    tasks = (
        a_task(
            session_id,
            id=well,
            task_name="raise_hand",
            side="left",
            status="success",
            duration_seconds=15.5,
            metrics=(a_metric(well, "max_angle", 165.25, unit="deg"), a_metric(well, "accuracy", 0.95)),
        ),
        a_task(
            session_id,
            id=helped,
            position=1,
            task_name="walk",
            status="partial",
            deviation="held by one hand",
            metrics=(a_metric(helped, "speed", 0.875, unit="m/s"),),
        ),
        a_task(session_id, position=2, task_name="jump", status="refused", metrics=()),
    )
    values: dict[str, Any] = {
        "child_date_of_birth": BORN,
        "child_age": 6,
        "started_at": BEGUN,
        "utc_offset_minutes": 0,
    }
    return a_session(
        id=session_id,
        child_name=name,
        notes="Slept well.",
        site="Riverside clinic",
        protocol_name=MOTOR.name,
        protocol_version=MOTOR.version,
        task_results=tasks,
        **{**values, **fields},
    )


SCREENED = tuple(screened(name) for name in NAMES.values())
