"""LibreOffice sees the values that were recorded, each as what it is, and runs nothing that somebody typed."""

from datetime import datetime
from pathlib import Path

import pytest

from desktop.export.defusing import restored
from tests.interop.programs import Row, Sheets, read_by_libreoffice
from tests.interop.recorded import BEGUN, BORN, LIKE_VALUES, MEASURED, NUMBERS, TYPED, typed_into

pytestmark = pytest.mark.interop
# Separator, quotes, UTF-8, from the first line on, and the locale, with numbers, dates and formulas looked for in text.
ENGLISH, GERMAN = "CSV:44,34,76,1,,1033,false,true", "CSV:59,34,76,1,,1031,false,true"
SHOWN_DAY = datetime(BORN.year, BORN.month, BORN.day)  # noqa: DTZ001


@pytest.fixture(scope="session")
def workbook(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    """The sheets of the workbook, as LibreOffice sees them."""
    return read_by_libreoffice(tables / "sessions.xlsx", tmp_path_factory.mktemp("workbook"))


@pytest.fixture(scope="session")
def comma(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The rows of the CSV with commas, as LibreOffice sees them when it speaks English."""
    folder = tmp_path_factory.mktemp("comma")
    return read_by_libreoffice(tables / "comma.csv", folder, opened_as=ENGLISH)["comma"]


@pytest.fixture(scope="session")
def semicolon(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The rows of the CSV with semicolons, as LibreOffice sees them when it speaks German."""
    folder = tmp_path_factory.mktemp("semicolon")
    return read_by_libreoffice(tables / "semicolon.csv", folder, opened_as=GERMAN)["semicolon"]


@pytest.fixture(params=["comma", "semicolon"])
def rows(request: pytest.FixtureRequest) -> list[Row]:
    """The rows of either CSV."""
    return request.getfixturevalue(request.param)


def of_session(rows: list[Row], session_id: object) -> Row:
    """The first row of a session."""
    return next(row for row in rows if row["session_id"] == str(session_id))


def measured(rows: list[Row]) -> list[object]:
    """The numbers of the metrics, in the order in which they were recorded."""
    found = {row["metric_name"]: row["metric_value"] for row in rows}
    return [found[f"value_{place}"] for place in range(len(NUMBERS))]


def test_a_workbook_has_its_sheets_and_a_row_for_each_record(workbook: Sheets):
    assert {
        name: len(rows) for name, rows in workbook.items() if name in {"Sessions", "Tasks", "Metrics"}
    } == {
        "Sessions": len(TYPED) + 1,
        "Tasks": 1,
        "Metrics": len(NUMBERS),
    }
    assert list(workbook)[3:] == ["Codebook", "About"]


def test_what_was_typed_is_text_in_a_workbook_whatever_it_looks_like(workbook: Sheets):
    for session in TYPED:
        row = of_session(workbook["Sessions"], session.id)
        assert {column: row[column] for column in typed_into(session)} == typed_into(session)


def test_what_was_typed_is_text_in_a_csv_and_no_formula_is_run(rows: list[Row]):
    for session in TYPED:
        if session.notes not in LIKE_VALUES:
            row = of_session(rows, session.id)
            told = {column: row[column] for column in typed_into(session)}
            assert all(isinstance(cell, str) for cell in told.values()), told
            assert {column: restored(cell) for column, cell in told.items()} == typed_into(session)


def test_a_workbook_gives_every_double_back(workbook: Sheets):
    assert measured(workbook["Metrics"]) == list(NUMBERS)


def test_a_csv_gives_every_double_back(rows: list[Row]):
    assert measured(rows) == list(NUMBERS)


def test_a_workbook_has_dates_truths_and_numbers(workbook: Sheets):
    row = of_session(workbook["Sessions"], MEASURED.id)
    assert row["child_date_of_birth"] == SHOWN_DAY
    assert row["started_at"] == BEGUN.replace(tzinfo=None)
    assert (row["child_age"], row["age_months"], row["child_height_cm"]) == (6.0, 80.0, 118.5)
    (task,) = workbook["Tasks"]
    assert (task["practice"], task["duration_seconds"], task["status"]) == (False, 15.5, None)


def test_a_csv_has_dates_and_numbers(rows: list[Row]):
    row = of_session(rows, MEASURED.id)
    assert row["child_date_of_birth"] == SHOWN_DAY
    assert row["started_at"] == BEGUN.isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert (row["child_age"], row["age_months"], row["child_height_cm"]) == (6.0, 80.0, 118.5)
    assert (row["duration_seconds"], row["status"]) == (15.5, None)
