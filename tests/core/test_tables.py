"""CSV and Excel: the same values come back, nothing is run, and no name is left where none is wanted."""

import csv
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import URL

from desktop import crud
from desktop.database import Database
from desktop.errors import AppError, Invalid, NotFound
from desktop.export import xlsx_file
from desktop.export.defusing import defused, restored
from desktop.export.formats import ExportOptions, write_export
from desktop.export.trees import read_trees, tree_hash
from desktop.schemas import NOTES_LIMIT, NewMetric, NewSession, NewTaskResult
from desktop.services.people import create_person
from tests.helpers import stores

LENA = UUID("0198f000-0000-7000-8000-00000000000a")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1")
HOSTILE = (
    "<img src=x>",
    'a;b,"c"',
    "l\u0151rinc\nzwei\r\nZeilen",
    "ليلى حداد",
    "😀" * 10,
    "N" * 255,
    "'quoted",
    "NULL",
)
BORN, BEGUN = date(2019, 7, 14), datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
NUMBERS = (0.1, -0.0, 1e-300, 1.7976931348623157e308, 165.25, 3.0)


@pytest.fixture
async def records(vault_url: URL) -> AsyncIterator[Database]:
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        await create_person(database, name="Lena Okafor", person_id=LENA)
        yield database


async def stored(database: Database, text: str = "Amina", numbers: tuple[float, ...] = NUMBERS) -> UUID:
    async with database.write(actor=LENA) as db:
        new = NewSession(
            child_name=text if text.strip() == text and "\n" not in text else "Amina",
            child_date_of_birth=BORN,
            notes=text,
            assessor=LENA,
            started_at=BEGUN,
        )
        session = await crud.create_session(db, new)
        task = await crud.create_task_result(
            db,
            session.id,
            NewTaskResult(task_name="jump", status="success", notes=text, duration_seconds=1.5),
        )
        await crud.create_task_result(db, session.id, NewTaskResult(task_name="walk", practice=True))
        metrics = [
            NewMetric(metric_name=f"value_{place}", metric_value=number, remark=text)
            for place, number in enumerate(numbers)
        ]
        await crud.create_metrics_batch(db, task.id, metrics)
    return session.id


async def written(database: Database, path: Path, ids: list[UUID], **options: object) -> Path:
    await write_export(database, path, ids, actor=LENA, options=ExportOptions(**options))
    return path


def rows_of(path: Path, *, convention: str = "comma") -> list[dict[str, str]]:
    encoding, delimiter = ("utf-8-sig", ";") if convention == "semicolon" else ("utf-8", ",")
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.mark.parametrize("convention", ["comma", "semicolon"])
async def test_a_csv_has_a_row_for_each_metric_and_for_what_has_none(
    records: Database, tmp_path: Path, convention: str
):
    session = await stored(records)
    async with records.write(actor=LENA) as db:
        empty = (await crud.create_session(db, NewSession(child_name="Empty", child_age=4))).id
    path = await written(records, tmp_path / "x.csv", [session, empty], form="csv", convention=convention)
    rows = rows_of(path, convention=convention)
    told = [(row["child_name"], row["task_name"], row["metric_name"]) for row in rows]
    assert set(told[: len(NUMBERS)]) == {("Amina", "jump", f"value_{place}") for place in range(len(NUMBERS))}
    assert told[len(NUMBERS) :] == [("Amina", "walk", ""), ("Empty", "", "")]
    numbers = {
        row["metric_name"]: float(row["metric_value"].replace(",", ".")) for row in rows[: len(NUMBERS)]
    }
    assert [numbers[f"value_{place}"] for place in range(len(NUMBERS))] == [
        number + 0.0 for number in NUMBERS
    ]
    assert rows[0]["practice"] == "false"
    assert rows[0]["assessor"] == "Lena Okafor"
    assert rows[0]["age_months"] == "80"
    async with records.read() as db:
        ((tree, _),) = [page async for page in read_trees(db, [session, empty])]
    assert {row["content_hash"] for row in rows[:-1]} == {tree_hash(tree)}
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") is (convention == "semicolon")


@pytest.mark.parametrize("text", [*FORMULAS, *HOSTILE])
async def test_text_comes_back_and_is_never_a_formula(records: Database, tmp_path: Path, text: str):
    session = await stored(records, text)
    rows = rows_of(await written(records, tmp_path / "x.csv", [session], form="csv"))
    kept = (await sessions(records, session))["notes"]
    assert restored(rows[0]["session_notes"]) == kept
    for row in rows:
        for name, cell in row.items():
            if name not in {"metric_value"}:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")), (
                    name
                )
    path = await written(records, tmp_path / "x.xlsx", [session], form="xlsx")
    book = openpyxl.load_workbook(path)
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert text_in(book, "Sessions", "session_notes") == kept.replace("\r\n", "\n")
    assert not book["Sessions"]._hyperlinks


async def sessions(database: Database, session_id: UUID) -> dict[str, object]:
    async with database.read() as db:
        ((tree,),) = [page async for page in read_trees(db, [session_id])]
    return tree


def text_in(book: openpyxl.Workbook, sheet: str, column: str) -> object:
    heads = [cell.value for cell in book[sheet][1]]
    value = book[sheet].cell(2, heads.index(column) + 1).value
    return (
        value.replace("\r\n", "\n").replace("_x000D_", "\r").replace("\r\n", "\n")
        if isinstance(value, str)
        else value
    )


@pytest.mark.parametrize("text", [*FORMULAS, *HOSTILE, "", "''", "'=1"])
def test_defusing_can_be_undone(text: str):
    assert restored(defused(text)) == text or not text
    assert defused(text)[:1] not in {"=", "+", "-", "@"}


async def test_a_workbook_has_typed_cells_and_says_what_they_mean(records: Database, tmp_path: Path):
    session = await stored(records)
    book = openpyxl.load_workbook(await written(records, tmp_path / "x.xlsx", [session], form="xlsx"))
    assert book.sheetnames == ["Sessions", "Tasks", "Metrics", "Codebook", "About"]
    assert text_in(book, "Sessions", "child_date_of_birth") == datetime.combine(BORN, time())
    assert text_in(book, "Sessions", "started_at") == BEGUN.replace(tzinfo=None)
    assert text_in(book, "Sessions", "age_months") == 80
    assert text_in(book, "Tasks", "practice") is False
    assert text_in(book, "Tasks", "duration_seconds") == 1.5
    heads = [cell.value for cell in book["Metrics"][1]]
    name, value = heads.index("metric_name"), heads.index("metric_value")
    values = {row[name]: row[value] for row in book["Metrics"].iter_rows(2, values_only=True)}
    assert [values[f"value_{place}"] for place in range(len(NUMBERS))] == [number + 0.0 for number in NUMBERS]
    told = {(row[0], row[1]) for row in book["Codebook"].iter_rows(2, values_only=True)}
    for sheet in ("Sessions", "Tasks", "Metrics"):
        assert {(sheet, cell.value) for cell in book[sheet][1]} <= told
    assert book["Sessions"].freeze_panes == "B2"


async def test_without_identity_no_byte_tells_who_it_was(records: Database, tmp_path: Path):
    session = await stored(records, "Zebulon Quackenbush")
    for form in ("csv", "xlsx"):
        path = await written(records, tmp_path / f"x.{form}", [session], form=form, deidentified=True)
        content = path.read_bytes()
        if form == "xlsx":
            with zipfile.ZipFile(path) as parts:
                content = b"".join(parts.read(name) for name in parts.namelist())
        for secret in (b"Zebulon", b"Quackenbush", b"Okafor", b"2019-07-14", b"09:26", str(session).encode()):
            assert secret not in content, (form, secret)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_nothing_half_is_left(records: Database, tmp_path: Path, form: str):
    session = await stored(records)
    with pytest.raises(NotFound):
        await written(records, tmp_path / "x", [session, records.clock.new_id()], form=form)
    with pytest.raises(AppError, match="cannot be written"):
        await written(records, tmp_path / "none" / "x", [session], form=form)
    assert not [path for path in tmp_path.iterdir() if path.name.lstrip(".").startswith("x")]


async def test_more_than_excel_takes_is_said(
    records: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    session = await stored(records)
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 3)
    with pytest.raises(Invalid, match="at most 3 rows"):
        await written(records, tmp_path / "x.xlsx", [session], form="xlsx")
    assert not [path for path in tmp_path.iterdir() if path.name.lstrip(".").startswith("x")]


def test_no_text_is_longer_than_a_cell():
    assert NOTES_LIMIT < 32_767  # https://support.microsoft.com/office/excel-specifications-and-limits
