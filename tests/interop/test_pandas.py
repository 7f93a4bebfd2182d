"""pandas reads tables and workbooks with the values and the types that were recorded."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from desktop.export.defusing import restored
from tests.interop.recorded import BEGUN, BORN, MEASURED, NUMBERS, TYPED, typed_into

if TYPE_CHECKING:  # a second to import, of every run of the tests, also of those that leave these out
    import pandas

pytestmark = pytest.mark.interop
# An empty cell is nothing; whatever else stands there was typed.
AS_TYPED: dict[str, Any] = {"keep_default_na": False, "na_values": [""]}
CONVENTIONS: dict[str, dict[str, Any]] = {
    "comma": {"encoding": "utf-8"},
    "semicolon": {"encoding": "utf-8-sig", "sep": ";", "decimal": ","},
}
DAY = datetime(BORN.year, BORN.month, BORN.day)  # noqa: DTZ001


@pytest.fixture(params=CONVENTIONS)
def table(request: pytest.FixtureRequest, tables: Path) -> "pandas.DataFrame":
    """Either CSV, read with what its convention says."""
    import pandas

    return pandas.read_csv(
        tables / f"{request.param}.csv",
        **CONVENTIONS[request.param],
        **AS_TYPED,
        parse_dates=["child_date_of_birth", "started_at"],
    )


@pytest.fixture
def workbook(tables: Path) -> dict[str, "pandas.DataFrame"]:
    """The sheets of the workbook."""
    import pandas

    return pandas.read_excel(tables / "sessions.xlsx", sheet_name=None, **AS_TYPED)


def of_session(table: "pandas.DataFrame", session_id: object) -> "pandas.Series[Any]":
    return table[table["session_id"] == str(session_id)].iloc[0]


def measured(table: "pandas.DataFrame") -> list[float]:
    """The numbers of the metrics, in the order in which they were recorded."""
    found = table.set_index("metric_name")["metric_value"]
    return [float(found[f"value_{place}"]) for place in range(len(NUMBERS))]


def types(table: "pandas.DataFrame", *columns: str) -> list[str]:
    return [table[column].dtype.kind for column in columns]


def test_a_csv_gives_what_was_typed(table: "pandas.DataFrame"):
    for session in TYPED:
        row = of_session(table, session.id)
        assert {column: restored(row[column]) for column in typed_into(session)} == typed_into(session)


def test_a_csv_gives_every_double_back(table: "pandas.DataFrame"):
    assert measured(table) == list(NUMBERS)


def test_a_csv_has_columns_of_one_type(table: "pandas.DataFrame"):
    assert types(table, "child_age", "age_months", "visit") == ["i"] * 3
    assert types(table, "metric_value", "child_height_cm", "duration_seconds") == ["f"] * 3
    assert types(table, "child_date_of_birth", "started_at") == ["M"] * 2
    row = of_session(table, MEASURED.id)
    assert (row["child_date_of_birth"], row["started_at"]) == (DAY, BEGUN)
    assert (row["practice"], row["child_height_cm"], row["duration_seconds"]) == (False, 118.5, 15.5)


def test_a_workbook_gives_what_was_typed(workbook: dict[str, "pandas.DataFrame"]):
    for session in TYPED:
        row = of_session(workbook["Sessions"], session.id)
        assert {column: row[column] for column in typed_into(session)} == typed_into(session)


def test_a_workbook_gives_every_double_back(workbook: dict[str, "pandas.DataFrame"]):
    assert measured(workbook["Metrics"]) == list(NUMBERS)


def test_a_workbook_has_columns_of_one_type(workbook: dict[str, "pandas.DataFrame"]):
    sessions, tasks = workbook["Sessions"], workbook["Tasks"]
    assert types(sessions, "child_age", "age_months", "child_height_cm") == ["i", "i", "f"]
    assert types(sessions, "child_date_of_birth", "started_at") == ["M"] * 2
    assert types(tasks, "practice", "duration_seconds") == ["b", "f"]
    row = of_session(sessions, MEASURED.id)
    assert (row["child_date_of_birth"], row["started_at"]) == (DAY, BEGUN.replace(tzinfo=None))


def test_sheets_are_joined_by_their_ids(workbook: dict[str, "pandas.DataFrame"]):
    joined = (
        workbook["Metrics"]
        .merge(workbook["Tasks"], on=["session_id", "task_id"])
        .merge(workbook["Sessions"], on="session_id")
    )
    assert len(joined) == len(NUMBERS)
    assert set(joined["child_name"]) == {"Amina Haddad"}
