"""Recorded values as words: ages, dates, times, sides, numbers with their units.

Numbers stand in isolates where text around them may run from right to left. Latin digits throughout.
"""

from datetime import date, datetime

from PySide6.QtCore import QCoreApplication, QLocale

from desktop.age import Age, age_on, corrected_age_on
from desktop.clock import wall_time
from desktop.crud import local_day
from desktop.decimals import format_decimal, format_duration
from desktop.listing import SessionLine
from desktop.protocols import Protocol, label, with_unit
from desktop.schemas import SessionRecord, TaskRecord

FIRST_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
SEPARATOR = " · "
# With one of these a name would leave its isolate and turn round what stands behind it.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_LATIN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def tr(text: str) -> str:
    """Translate in this module's context."""
    return QCoreApplication.translate("words", text)


def isolated(text: str) -> str:
    """Return `text` so that its own direction does not disturb the text around it, whatever it holds."""
    return f"{FIRST_ISOLATE}{text.translate(_TURNING)}{POP_ISOLATE}"


def breakable(path: str) -> str:
    """Return a path that may go on in the next line behind each part, and reads the same in every window."""
    return isolated(path.replace("/", "/\u200b").replace("\\", "\\\u200b"))


def latin_digits(text: str) -> str:
    """Return `text` with the digits 0 to 9, which are used in every language."""
    return text.translate(_LATIN)


def decimal_sign() -> str:
    """Return the decimal sign of the window's language; only comma and point are used."""
    return "," if QLocale().decimalPoint() == "," else "."


def number(value: float, decimals: int | None = None) -> str:
    """Return a number in the window's language."""
    return format_decimal(value, decimals=decimals, sign=decimal_sign())


def measured(value: float, unit: str | None, decimals: int | None = None) -> str:
    """Return a number with its unit."""
    return with_unit(number(value, decimals), unit)


def duration(seconds: float, decimals: int = 1) -> str:
    """Return a time as "00:15.5"."""
    return format_duration(seconds, decimals, sign=decimal_sign())


def age(value: Age) -> str:
    """Return an age as "6 y 4 m", in the first year as "8 m"."""
    if value.years == 0:
        return tr("{months} m").format(months=value.months)
    return tr("{years} y {months} m").format(years=value.years, months=value.months)


def age_in(session: SessionRecord | SessionLine) -> str:
    """Return the child's age on the day of a session, by the calendar where the birth is known."""
    born, day = session.child_date_of_birth, session_day(session)
    if born is None or day < born:
        return tr("{years} y").format(years=session.child_age)
    return age(age_on(born, day))


def corrected_age_in(record: SessionRecord) -> str | None:
    """Return the corrected age in words, None where correcting is not usual."""
    born, day = record.child_date_of_birth, session_day(record)
    if born is None or day < born:
        return None
    corrected = corrected_age_on(born, day, record.gestational_weeks)
    return age(corrected) if corrected else None


def session_day(session: SessionRecord | SessionLine) -> date:
    """Return the calendar day of a session where it was recorded."""
    return local_day(session.started_at, session.utc_offset_minutes)


def day(value: date) -> str:
    """Return a date as "23 Nov 2025"."""
    return written(value, "d MMM yyyy")


def short_day(value: date) -> str:
    """Return a date of this year as "14 Nov"."""
    return written(value, "d MMM")


def written(value: date, form: str) -> str:
    """Return a date in the window's language, in one of Qt's forms such as "MMMM yyyy"."""
    return latin_digits(QLocale().toString(value, form))  # type: ignore[call-overload]


def clock_time(instant: datetime, utc_offset_minutes: int) -> str:
    """Return the time of day where it was recorded, as "09:40"."""
    return f"{wall_time(instant, utc_offset_minutes):%H:%M}"


def side(key: str) -> str:
    """Return the word for a side of the body, empty for none."""
    words = {"left": tr("Left"), "right": tr("Right"), "both": tr("Both")}
    return words.get(key, "")


def visit(count: int) -> str:
    """Return "First visit" or "Follow-up 2"; `count` is the child's visits up to this one."""
    return tr("First visit") if count <= 1 else tr("Follow-up {number}").format(number=count - 1)


def finished(rated: int, planned: int) -> str:
    """Return "Finished", and how many tasks were rated when some were left open."""
    if rated >= planned:
        return tr("Finished")
    return tr("Finished, {rated} of {planned}").format(rated=rated, planned=planned)


def language() -> str:
    """Return the language of the window, as "en" or "ar"."""
    return QLocale().name().partition("_")[0]


def task_label(protocol: Protocol | None, task_name: str) -> str:
    """Return a task's name in the window's language; a free task's own name."""
    spec = protocol.task(task_name) if protocol else None
    return label(spec.labels, language(), task_name) if spec else task_name


def metric_label(protocol: Protocol | None, task_name: str, metric_name: str) -> str:
    """Return a metric's name in the window's language; a free metric's key in plain letters."""
    task = protocol.task(task_name) if protocol else None
    spec = task.metric(metric_name) if task else None
    plain = metric_name.replace("_", " ")
    return label(spec.labels, language(), metric_name) if spec else plain[:1].upper() + plain[1:]


def task_title(protocol: Protocol | None, task: TaskRecord) -> str:
    """Return task, side and trial in one line."""
    trial = tr("Trial {number}").format(number=task.trial)
    parts = (task_label(protocol, task.task_name), side(task.side), trial)
    return SEPARATOR.join(part for part in parts if part)
