"""How old a child is on the day of a session, by the calendar."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from desktop.errors import Invalid

_TERM_WEEKS = 40
_PRETERM_BELOW_WEEKS = 37
_CORRECTED_BELOW_MONTHS = 24


@dataclass(frozen=True, order=True)
class Age:
    """Completed years, and completed months (0 to 11) since the last birthday."""

    years: int
    months: int

    @property
    def total_months(self) -> int:
        return self.years * 12 + self.months

    def __str__(self) -> str:
        return f"{self.years};{self.months}"


def age_on(born: date, day: date) -> Age:
    """Return the age on `day` of a child born on `born`.

    A month is completed on the day with the same number as the day of birth or, where the month has no such day,
    on its last day: Regulation (EEC, Euratom) No 1182/71, article 3(2)(c), which is also how SQL adds months to
    a date. So a child born on 29 February is a year older on 28 February of a common year, and age never falls.

    Raises `Invalid` when the child is not yet born on `day`.
    """
    if day < born:
        raise Invalid("The date of birth is after this day. Please check both dates.")
    months = (day.year - born.year) * 12 + day.month - born.month
    last_of_month = monthrange(day.year, day.month)[1]
    if day.day < min(born.day, last_of_month):
        months -= 1
    return Age(*divmod(months, 12))


def whole_years(born: date, day: date) -> int:
    """Return the completed years on `day`; raises `Invalid` as `age_on` does."""
    return age_on(born, day).years


def corrected_age_on(born: date, day: date, gestational_weeks: int | None) -> Age | None:
    """Return the age counted from the expected date of birth, or None where correcting is not usual.

    Chronological age less the weeks born before 40 weeks of gestation: American Academy of Pediatrics, "Age
    terminology during the perinatal period", Pediatrics 2004;114:1362-4. It is given for children born before 37
    completed weeks, from the day they were expected until they are 24 months old.

    Raises `Invalid` when the child is not yet born on `day`.
    """
    if age_on(born, day).total_months >= _CORRECTED_BELOW_MONTHS:
        return None
    if gestational_weeks is None or gestational_weeks >= _PRETERM_BELOW_WEEKS:
        return None
    expected = born + timedelta(weeks=_TERM_WEEKS - gestational_weeks)
    return age_on(expected, day) if day >= expected else None
