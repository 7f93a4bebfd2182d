"""The CSV that Kinelog exports is taken in again: the same records, or a clear word and nothing."""

import csv
import io
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from sqlalchemy import URL

from desktop.clock import SystemClock
from desktop.database import Database, sqlite_url
from desktop.errors import Invalid
from desktop.export.canonical import canonical
from desktop.export.formats import ExportOptions, write_export
from desktop.export.forms import Convention
from desktop.export.selection import select_sessions
from desktop.schema import init_db
from desktop.schemas import SessionRecord
from desktop.services.importing import Outcome, run_import
from desktop.services.parsing_csv import is_table, parse_table
from desktop.services.reading import read_document
from desktop.services.refusals import MOST_TOLD, Refused
from tests.helpers import stores
from tests.helpers.records import ASSESSOR, a_document, a_metric, a_person, a_session, a_task, sessions

CONVENTIONS: tuple[Convention, ...] = ("comma", "semicolon")
Rows = list[dict[str, str]]


@pytest.fixture
async def records(vault_url: URL) -> AsyncIterator[Database]:
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        yield database


async def csv_of(
    database: Database, folder: Path, convention: Convention = "comma", **options: bool
) -> bytes:
    path = folder / "export.csv"
    wanted = ExportOptions("csv", convention=convention, **options)
    await write_export(database, path, await select_sessions(database), actor=ASSESSOR, options=wanted)
    return path.read_bytes()


def changed(raw: bytes, change: Callable[[Rows], object], *, delimiter: str = ",") -> bytes:
    """Return a table as somebody saves it who changed it in a spreadsheet."""
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    heads = list(rows[0])
    change(rows)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, heads, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def refusals(raw: bytes) -> list[str]:
    with pytest.raises(Refused) as refused:
        parse_table(raw)
    return [str(one) for one in refused.value.refusals]


@settings(max_examples=40)
@given(session=sessions())
async def test_any_session_comes_back_from_a_table_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, session: SessionRecord
):
    folder = tmp_path_factory.mktemp("records")
    database = Database(sqlite_url(folder / "records.sqlite3"), clock=SystemClock())
    await init_db(database)
    await run_import(database, a_document(session), actor=ASSESSOR)
    for convention in CONVENTIONS:
        (found,) = parse_table(await csv_of(database, folder, convention)).sessions
        assert canonical(found) == canonical(session)
    await database.close()


@pytest.mark.parametrize("convention", CONVENTIONS)
async def test_a_table_is_the_same_in_another_folder(
    records: Database, tmp_path: Path, convention: Convention
):
    person = a_person(id=ASSESSOR, name="=Dr. Amira Haddad")
    bare = a_session(task_results=())
    await run_import(records, a_document(a_session(), bare, people=(person,)), actor=ASSESSOR)
    raw = await csv_of(records, tmp_path, convention)
    (tmp_path / "again.csv").write_bytes(raw)
    document = read_document(tmp_path / "again.csv", key=bytes(32))
    same = await run_import(records, document, actor=ASSESSOR)
    assert same == Outcome(new=0, same=2, updated=0, people=(), protocols=0, dry_run=False)
    other = Database(sqlite_url(tmp_path / "other.sqlite3"), clock=SystemClock())
    await init_db(other)
    taken = await run_import(other, document, actor=uuid4())
    assert (taken.new, taken.people) == (2, ("=Dr. Amira Haddad",))
    without = ["exported_at", "audit_tail"]
    assert rows_without(await csv_of(other, tmp_path, convention), without) == rows_without(raw, without)
    await other.close()


def rows_without(raw: bytes, names: list[str]) -> Rows:
    text = raw.decode("utf-8-sig")
    rows = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in text.splitlines()[0] else ","
    )
    return [{name: cell for name, cell in row.items() if name not in names} for row in rows]


async def a_table(records: Database, folder: Path, convention: Convention = "comma") -> bytes:
    """Return a table of one session: four metrics in the lines 2 to 5, and a task without any in line 6."""
    session = a_session()
    first, second = a_task(session.id, position=0), a_task(session.id, position=1, metrics=())
    metrics = tuple(a_metric(first.id, f"value_{place}") for place in range(4))
    session = session.model_copy(
        update={"task_results": (first.model_copy(update={"metrics": metrics}), second)}
    )
    await run_import(records, a_document(session), actor=ASSESSOR)
    return await csv_of(records, folder, convention)


async def test_a_sorted_table_says_the_same(records: Database, tmp_path: Path):
    raw = await a_table(records, tmp_path)
    backwards = changed(raw, lambda rows: rows.reverse())
    assert canonical(parse_table(backwards)) == canonical(parse_table(raw))


def set_cell(line: int, name: str, cell: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[line - 2][name] = cell

    return change


def set_column(name: str, cell: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows:
            row[name] = cell

    return change


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (
            set_cell(4, "metric_value", "a lot"),
            4,
            "“metric_value” is not written as Kinelog writes it, as in 12.5.",
        ),
        (set_cell(4, "metric_value", "NaN"), 4, "“metric_value” is not written"),
        (set_cell(4, "metric_value", "1_000"), 4, "“metric_value” is not written"),
        (set_cell(4, "metric_value", "1e999"), 4, "The value"),
        (set_column("started_at", "45730.4"), 2, "“started_at” is not written"),
        (set_column("child_age", "8.0"), 2, "“child_age” is not written"),
        (set_cell(3, "child_name", "Somebody"), 3, "It tells of its session otherwise than line 2."),
        (set_cell(5, "status", "failed"), 5, "It tells of its task otherwise than line 2."),
        (set_cell(6, "metric_name", "left_over"), 6, "It tells of a metric without its metric_id."),
        (set_cell(6, "task_id", ""), 6, "It tells of a task without its task_id."),
        (set_column("child_date_of_birth", "14.07.2019"), 2, "“child_date_of_birth” is not written"),
        (set_column("child_date_of_birth", "43660"), 2, "“child_date_of_birth” is not written"),
        (set_column("child_date_of_birth", "2019-02-30"), 2, "The date of birth"),
        (
            lambda rows: (set_cell(4, "metric_name", "other")(rows), set_column("content_hash", "")(rows)),
            4,
            "The id does not belong to the metric's name.",
        ),
        (lambda rows: rows.append(rows[1]), 7, "Its metric stands in line 3 already."),
        (set_cell(3, "metric_value", "1.5"), 2, "This session is not as it was exported"),
        (set_column("child_name", ""), 2, "The child's name"),
    ],
)
async def test_every_line_that_does_not_fit_is_told(
    records: Database, tmp_path: Path, change: Callable[[Rows], object], line: int, reason: str
):
    told = refusals(changed(await a_table(records, tmp_path), change))
    assert [one for one in told if one.startswith(f"Line {line}: {reason}")], told


async def test_all_lines_are_told_at_once(records: Database, tmp_path: Path):
    raw = changed(await a_table(records, tmp_path), set_column("metric_value", "?"))
    assert [one.split(":")[0] for one in refusals(raw)][:4] == ["Line 2", "Line 3", "Line 4", "Line 5"]
    with pytest.raises(Invalid, match=r"^Line 2: .* [34] more places do not fit\.$"):
        parse_table(raw)


async def test_who_means_a_change_empties_the_hash(records: Database, tmp_path: Path):
    def change(rows: Rows) -> None:
        rows[0]["metric_value"] = "1.5"
        set_column("content_hash", "")(rows)

    document = parse_table(changed(await a_table(records, tmp_path), change))
    outcome = await run_import(records, document, actor=ASSESSOR, update=True)
    assert outcome == Outcome(new=0, same=0, updated=1, people=(), protocols=0, dry_run=False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw.replace(b"metric_value", b"metric_worth", 1), "metric_value” is missing"),
        (lambda raw: raw.replace(b"exported_at", b"remarks_of_mine", 1), "remarks_of_mine” is not known"),
        (lambda raw: raw.replace(b"exported_at", b"child_name", 1), "child_name” is there twice"),
        (lambda raw: raw.replace(b"Amina", b"Am\xefna"), "not written in UTF-8"),
    ],
)
async def test_what_is_no_table_of_kinelog_is_refused(
    records: Database, tmp_path: Path, change: Callable[[bytes], bytes], reason: str
):
    raw = (await a_table(records, tmp_path)).replace(b"exported_with", b"exported_with")
    name = raw.splitlines()[1].split(b",")[3]
    with pytest.raises(Invalid, match=reason):
        parse_table(change(raw.replace(name, b"Amina")))


async def test_a_table_without_names_is_not_taken_in(records: Database, tmp_path: Path):
    await a_table(records, tmp_path)
    with pytest.raises(Invalid, match="without names"):
        parse_table(await csv_of(records, tmp_path, deidentified=True))


async def test_broken_lines_are_told(records: Database, tmp_path: Path):
    raw = await a_table(records, tmp_path)
    lines = raw.split(b"\r\n")
    assert refusals(b"\r\n".join([*lines[:2], b"1,2", *lines[2:]]))[0].startswith("Line 3: It has 2 cells")
    assert any("cannot be read as CSV" in one for one in refusals(raw + b'"open'))


async def test_a_spreadsheet_that_quotes_everything_says_the_same(records: Database, tmp_path: Path):
    raw = await a_table(records, tmp_path)
    rows = list(csv.reader(io.StringIO(raw.decode(), newline="")))
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    (tmp_path / "quoted.csv").write_text(file.getvalue(), encoding="utf-8-sig", newline="")
    found = read_document(tmp_path / "quoted.csv", key=bytes(32))
    assert canonical(found) == canonical(parse_table(raw))


@pytest.mark.parametrize("file", [b"session_id" + b"," * 3_000_000, b'session_id,"' + b"x" * 3_000_000])
def test_a_line_without_end_fills_no_memory(file: bytes):
    tracemalloc.start()
    with pytest.raises(Invalid, match="longer than any"):
        parse_table(file)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 10 * len(file)


def test_a_head_of_thousands_of_columns_is_refused_at_once():
    heads = ",".join(f"h{number}" for number in range(100_000))
    with pytest.raises(Invalid, match="more columns"):
        parse_table(f"session_id,{heads}\n".encode())


async def test_a_million_broken_lines_fill_no_memory(records: Database, tmp_path: Path):
    raw = await a_table(records, tmp_path)
    told = refusals(raw + b"x\n" * 1_000_000)
    assert len(told) == MOST_TOLD
    assert told[0].startswith("Line 7: It has 1 cells")


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"PK\x03\x04", b"{}", b"name,age\n", b"\xef\xbb\xbf"])
def test_other_files_are_no_tables(raw: bytes, tmp_path: Path):
    assert not is_table(raw)
    (tmp_path / "file").write_bytes(raw)
    with pytest.raises(Invalid):
        read_document(tmp_path / "file", key=bytes(32))
