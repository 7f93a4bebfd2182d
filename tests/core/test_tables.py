"""CSV and Excel: the same values come back, nothing is run, and no name is left where none is wanted."""

import csv
import hashlib
import json
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from io import StringIO
from pathlib import Path
from uuid import UUID

import frictionless
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell import Cell
from pypdf import PdfReader
from sqlalchemy import URL

from desktop import crud
from desktop.database import Database
from desktop.decimals import format_decimal
from desktop.errors import AppError, Invalid, NotFound
from desktop.export import xlsx_file
from desktop.export.defusing import STARTS, defused, restored
from desktop.export.formats import ExportOptions, write_export
from desktop.export.trees import read_trees, tree_hash
from desktop.schemas import NOTES_LIMIT, NewMetric, NewSession, NewTaskResult
from desktop.services.importing import run_import
from desktop.services.people import create_person
from tests.helpers import stores
from tests.helpers.records import a_document, a_session

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
REDCAP = {
    "integer": r"-?\d+",
    "number": r"-?\d+(\.\d+)?([eE][-+]?\d+)?",
    "date_ymd": r"\d{4}-\d\d-\d\d",
    "datetime_seconds_ymd": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
}
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
            child_name=text if text.strip() == text and "\n" not in text and len(text) < 256 else "Amina",
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
    assert cell_in(book, "Sessions", "session_notes").quotePrefix is (kept[0] in STARTS)


async def sessions(database: Database, session_id: UUID) -> dict[str, object]:
    async with database.read() as db:
        ((tree,),) = [page async for page in read_trees(db, [session_id])]
    return tree


def cell_in(book: openpyxl.Workbook, sheet: str, column: str) -> Cell:
    heads = [cell.value for cell in book[sheet][1]]
    return book[sheet].cell(2, heads.index(column) + 1)


def text_in(book: openpyxl.Workbook, sheet: str, column: str) -> object:
    value = cell_in(book, sheet, column).value
    return (
        value.replace("\r\n", "\n").replace("_x000D_", "\r").replace("\r\n", "\n")
        if isinstance(value, str)
        else value
    )


@pytest.mark.parametrize("text", [*FORMULAS, *HOSTILE, "", "''", "'=1"])
def test_defusing_can_be_undone(text: str):
    for separator in ("", ";", ",", "\t", "\n", ';"', ',""'):
        assert restored(defused(f"a{separator}{text}")) == f"a{separator}{text}"
    assert restored(defused(text)) == text or not text
    assert defused(text)[:1] not in {"=", "+", "-", "@"}


@given(st.text(st.sampled_from("=+-@'\";,\t\r\nab＝")))
def test_defusing_any_text_can_be_undone(text: str):
    assert restored(defused(text)) == text


@pytest.mark.parametrize("convention", ["comma", "semicolon"])
@pytest.mark.parametrize("other", [";", ",", "\t"])
@pytest.mark.parametrize("quotes", ["", '"', '""'])
async def test_a_spreadsheet_that_takes_another_separator_runs_nothing(
    records: Database, tmp_path: Path, convention: str, other: str, quotes: str
):
    """Excel takes the separator of its country, whatever the file has, and quotation marks only where a cell begins."""
    session = await stored(records, "".join(f"a{sign}{quotes}=1+1{quotes}" for sign in ";,\t\n"))
    async with records.write(actor=LENA) as db:
        task = await crud.create_task_result(db, session, NewTaskResult(task_name="walk;=1+1"))
        metric = NewMetric(metric_name="x", metric_value=1, source="capture:pose;=1+1")
        await crud.create_metrics_batch(db, task.id, [metric])
    for form in ("csv", "redcap", "datapackage"):
        path = await written(records, tmp_path / "x", [session], form=form, convention=convention)
        if form == "csv":
            tables = [path.read_text("utf-8-sig")]
        else:
            with zipfile.ZipFile(path) as packed:
                tables = [packed.read(name).decode() for name in packed.namelist() if name.endswith(".csv")]
        for table in tables:
            cells = [cell for row in csv.reader(StringIO(table, newline=""), delimiter=other) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "@"))], form


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
    for form in ("csv", "xlsx", "redcap", "datapackage"):
        path = await written(records, tmp_path / f"x.{form}", [session], form=form, deidentified=True)
        content = path.read_bytes()
        if form != "csv":
            with zipfile.ZipFile(path) as parts:
                content = b"".join(parts.read(name) for name in parts.namelist())
        for secret in (b"Zebulon", b"Quackenbush", b"Okafor", b"2019-07-14", b"09:26", str(session).encode()):
            assert secret not in content, (form, secret)


@pytest.mark.parametrize("form", ["csv", "xlsx", "fhir", "redcap", "datapackage", "pdf"])
async def test_without_identity_what_was_typed_as_a_key_is_free_text(
    records: Database, tmp_path: Path, form: str
):
    session = await stored(records)
    async with records.write(actor=LENA) as db:
        for name in ("Balance for Amina", "zoë", "zebulon_quackenbush", "raise_hand"):
            task = await crud.create_task_result(db, session, NewTaskResult(task_name=name, status="success"))
        names = ("okafor_angle", "amina", "max_angle")
        await crud.create_metrics_batch(
            db, task.id, [NewMetric(metric_name=name, metric_value=1.5) for name in names]
        )
    path = await written(records, tmp_path / "x", [session], form=form, deidentified=True)
    told = re.sub(r"\s", "", words_in(path, form).casefold())
    for secret in ("balancefor", "zoë", "zebulon", "quackenbush", "okafor", "amina"):
        assert secret not in told, secret
    assert len(set(re.findall(r"other_?task_?[0-9a-f]{8}", told))) >= 3
    assert len(set(re.findall(r"other_?metric_?[0-9a-f]{8}", told))) >= 2
    assert "raise" in told
    assert "angle" in told
    assert "Balance for Amina" in words_in(
        await written(records, tmp_path / "named", [session], form=form), form
    )


def words_in(path: Path, form: str) -> str:
    """Return all that a file says, whatever it is packed in."""
    if form == "pdf":
        return "".join(page.extract_text() for page in PdfReader(path).pages)
    if not zipfile.is_zipfile(path):
        return path.read_text()
    with zipfile.ZipFile(path) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


VALUES = (1001.0, 1002.0, 1003.0, 1004.0, 1005.0, 1006.0, 1007.0)


async def test_without_identity_nothing_joins_it_to_the_records(records: Database, tmp_path: Path):
    session = await stored(records)
    named = await written(records, tmp_path / "named.csv", [session], form="csv")
    first, second = [
        await written(records, tmp_path / f"{place}.csv", [session], form="csv", deidentified=True)
        for place in range(2)
    ]
    own = {"session_id", "task_id", "metric_id", "content_hash"}
    told, without = rows_of(named), rows_of(first)
    assert not {row[name] for row in told for name in own} & {
        row[name] for row in without for name in own if row[name]
    }
    assert [[row[name] for name in own] for row in without] == [
        [row[name] for name in own] for row in rows_of(second)
    ]


async def test_without_identity_other_names_that_a_file_brings_are_left_out(
    records: Database, tmp_path: Path
):
    session = a_session(
        protocol_name="Amina's own", protocol_version=3, app_version="Zebulon", child_code="K7MN2PQR"
    )
    await run_import(records, a_document(session), actor=LENA)
    path = await written(records, tmp_path / "x.csv", [session.id], form="csv", deidentified=True)
    assert "Amina" not in path.read_text()
    assert "Zebulon" not in path.read_text()


async def test_without_identity_units_and_sources_are_no_place_for_names(records: Database, tmp_path: Path):
    session = await stored(records)
    said = {
        "a": ("cm/s", "manual", "cm/s", "manual"),
        "b": ("Amina", "capture:Zoë's laptop", "other", "capture:program"),
        "c": ("{Amina}", "manual", "other", "manual"),
        "d": (None, "manual", "", "manual"),
        "e": ("20190714", "manual", "other", "manual"),
        "f": ("2019.7.14", "manual", "other", "manual"),
        "g": ("1/min", "manual", "1/min", "manual"),
    }
    async with records.write(actor=LENA) as db:
        task = await crud.create_task_result(db, session, NewTaskResult(task_name="reach"))
        new = [
            NewMetric(metric_name=name, metric_value=value, unit=unit, source=source)
            for value, (name, (unit, source, _, _)) in zip(VALUES, said.items(), strict=False)
        ]
        await crud.create_metrics_batch(db, task.id, new)
    path = await written(records, tmp_path / "x.csv", [session], form="csv", deidentified=True)
    told = [
        (row["unit"], row["source"]) for row in rows_of(path) if float(row["metric_value"] or 0) in VALUES
    ]
    assert sorted(told) == sorted((unit, source) for _, _, unit, source in said.values())


async def test_without_identity_the_order_does_not_tell_who_came_first(records: Database, tmp_path: Path):
    ids = [await stored(records) for _ in range(6)]
    named = rows_of(await written(records, tmp_path / "n.csv", ids, form="csv"))
    assert list(dict.fromkeys(row["session_id"] for row in named)) == [str(one) for one in ids]
    path = await written(records, tmp_path / "x.csv", ids, form="csv", deidentified=True)
    coded = list(dict.fromkeys(row["session_id"] for row in rows_of(path)))
    assert coded == sorted(coded)


async def test_a_data_package_holds(records: Database, tmp_path: Path):
    ids = [await stored(records, text) for text in ("Amina", "=1+1", "ليلى حداد", 'a;b,"c"')]
    async with records.write(actor=LENA) as db:
        ids.append((await crud.create_session(db, NewSession(child_name="Empty", child_age=4))).id)
    path = await written(records, tmp_path / "x.zip", ids, form="datapackage")
    report = frictionless.validate(str(path), type="package")
    assert report.valid, report.flatten(["title", "message"])
    assert [task.name for task in report.tasks] == ["sessions", "tasks", "metrics"]
    with zipfile.ZipFile(path) as parts:
        described = json.loads(parts.read("datapackage.json"))
        for resource in described["resources"]:
            content = parts.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert resource["bytes"] == len(content)
            assert all(field["description"] for field in resource["schema"]["fields"])


async def test_a_data_package_that_was_changed_does_not_hold(records: Database, tmp_path: Path):
    path = await written(records, tmp_path / "x.zip", [await stored(records)], form="datapackage")
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    content["tasks.csv"] = content["tasks.csv"].replace(b"success", b"perfect")
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as parts:
        for name, raw in content.items():
            parts.writestr(name, raw)
    assert not frictionless.validate(str(tmp_path / "changed.zip"), type="package").valid


MEASURED = {"value_0": 0.1, "value_1": 165.25, "value_2": 3.0, "value_3": 12.0625}


async def test_all_forms_agree_in_hash_and_values(records: Database, tmp_path: Path):
    session = await stored(records, numbers=tuple(MEASURED.values()))
    files = {
        form: await written(records, tmp_path / f"x.{form}", [session], form=form)
        for form in ("pdf", "xlsx", "csv", "json", "fhir")
    }
    rows = rows_of(files["csv"])
    book = openpyxl.load_workbook(files["xlsx"])
    (tree,) = json.loads(files["json"].read_bytes())["sessions"]
    bundle = json.loads(files["fhir"].read_bytes())
    page = "".join(page.extract_text() for page in PdfReader(files["pdf"]).pages)

    wanted = tree_hash(await sessions(records, session))
    assert {row["content_hash"] for row in rows} == {wanted}
    assert text_in(book, "Sessions", "content_hash") == tree_hash(tree) == wanted
    assert wanted in json.dumps(bundle)
    assert wanted in page

    heads = [cell.value for cell in book["Metrics"][1]]
    name, value = heads.index("metric_name"), heads.index("metric_value")
    components = [
        component
        for entry in bundle["entry"]
        for component in entry["resource"].get("component", ())
        if "valueQuantity" in component
    ]
    told = [
        {row["metric_name"]: float(row["metric_value"]) for row in rows if row["metric_name"]},
        {row[name]: row[value] for row in book["Metrics"].iter_rows(2, values_only=True)},
        {metric["metric_name"]: metric["metric_value"] for metric in tree["task_results"][0]["metrics"]},
        {
            component["code"]["text"]: component["valueQuantity"]["value"]
            for component in components
            if component["code"]["text"] in MEASURED  # the time is one too
        },
        {
            key: number
            for key, number in MEASURED.items()
            if format_decimal(number, decimals=None, sign=".") in page
        },
    ]
    assert told == [MEASURED] * len(told)


async def test_redcap_data_obey_their_dictionary(records: Database, tmp_path: Path):
    ids = [await stored(records, text) for text in ("Amina", "=1+1", "ليلى حداد")]
    path = await written(records, tmp_path / "x.zip", ids, form="redcap")
    with zipfile.ZipFile(path) as parts:
        assert set(parts.namelist()) == {"dictionary.csv", "data.csv", "README.txt"}
        dictionary = list(csv.reader(parts.read("dictionary.csv").decode().splitlines()))
        data = list(csv.DictReader(StringIO(parts.read("data.csv").decode(), newline="")))
    assert len(dictionary[0]) == 18
    fields = {row[0]: dict(zip(dictionary[0], row, strict=True)) for row in dictionary[1:]}
    assert len(fields) == len(dictionary) - 1
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", name) for name in fields)
    assert set(data[0]) == {*fields, "redcap_repeat_instrument", "redcap_repeat_instance"}
    instances = [
        tuple(row[name] for name in ("record_id", "redcap_repeat_instrument", "redcap_repeat_instance"))
        for row in data
    ]
    assert len(set(instances)) == len(data)
    for row in data:
        for name, field in fields.items():
            if name == "record_id" or not row[name]:
                continue
            assert field["Form Name"] == row["redcap_repeat_instrument"], name
            validation = field["Text Validation Type OR Show Slider Number"]
            assert re.fullmatch(REDCAP.get(validation, r"(?s:.*)"), row[name]), (name, row[name])
            choices = field["Choices, Calculations, OR Slider Labels"]
            if choices:
                assert row[name] in {choice.split(",")[0] for choice in choices.split(" | ")}
    told = {row["session_id"] for row in data if row["session_id"]}
    tasks = {row["task_id"] for row in data if row["task_id"]}
    assert told == {str(one) for one in ids}
    assert {row["task_session_id"] for row in data if row["task_id"]} <= told
    assert {row["metric_task_id"] for row in data if row["metric_id"]} <= tasks
    assert [name for name, field in fields.items() if field["Identifier?"]][:2] == ["child_id", "child_name"]


@pytest.mark.parametrize("form", ["csv", "xlsx", "redcap", "datapackage"])
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


async def test_a_text_that_is_longer_than_a_cell_is_said_and_not_cut(records: Database, tmp_path: Path):
    """Excel counts in UTF-16: https://support.microsoft.com/office/excel-specifications-and-limits."""
    for letters, fits in ((16_383, True), (16_384, False), (NOTES_LIMIT, False)):
        session = await stored(records, "😀" * letters)
        if fits:
            path = await written(records, tmp_path / "x.xlsx", [session], form="xlsx")
            book = openpyxl.load_workbook(path)
            assert text_in(book, "Sessions", "session_notes") == "😀" * letters
        else:
            with pytest.raises(Invalid, match="longer than a cell"):
                await written(records, tmp_path / "y.xlsx", [session], form="xlsx")
