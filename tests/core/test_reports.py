"""Reports as PDF: what they say, in which form, and that what was typed stays text."""

import io
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import URL

from desktop import crud
from desktop.database import Database
from desktop.errors import AppError, Invalid, NotFound
from desktop.export.formats import ExportOptions, write_export
from desktop.export.report.making import ReportOptions, make_pdf, read_content, write_pdf
from desktop.export.report.texts import words
from desktop.export.report.writer import Writer
from desktop.export.trees import read_trees, tree_hash
from desktop.protocols import Protocol, bundled
from desktop.schemas import NewMetric, NewSession, NewTaskResult
from desktop.services.people import create_person
from desktop.services.recording import begin_session
from tests.helpers import stores
from tests.helpers.logs import WatchedLog
from tests.helpers.owner import owners_protocol

LENA = UUID("0198f000-0000-7000-8000-00000000000a")
HOSTILE = (
    '#read("/etc/passwd")',
    "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "$ x^2 $ *bold* _it_ \\ `raw` @ref <label> // no",
    "N" * 255,
    "ليلى بنت حداد",
    "Zoë Ça\u0301va e\u0301\u0323",
    "Анна Каренина",
)


@pytest.fixture
async def records(vault_url: URL) -> AsyncIterator[Database]:
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        await create_person(database, name="Lena Okafor", person_id=LENA)
        yield database


def with_best_trials() -> Protocol:
    """Return the bundled protocol with a rule for the trials of one task."""
    protocol = bundled()[0]
    tasks = tuple(
        task.model_copy(update={"best_by": "max"}) if task.key == "one_leg_stance" else task
        for task in protocol.tasks
    )
    return protocol.model_copy(update={"name": "with-best-trials", "tasks": tasks})


async def visit(
    database: Database, *, days_ago: int = 0, protocol: Protocol | None = None, **fields: object
) -> UUID:
    """Store a visit with one scored task on both sides, one with trials, and what else a report may show."""
    at = database.clock.now() - timedelta(days=days_ago)
    values = {
        "child_name": "Amina Haddad",
        "child_date_of_birth": date(2019, 7, 30),
        "started_at": at,
        **fields,
    }
    new = NewSession.model_validate({"child_height_cm": 118.5, "notes": "Slept well.", **values})
    session_id = await begin_session(
        database, actor=LENA, new=new, protocol=protocol or bundled()[0], session_id=database.clock.new_id()
    )
    async with database.write(actor=LENA) as db:
        tasks = await crud.get_task_results_by_session(db, session_id)
        first = tasks[0]
        await crud.update_task_result(db, first.id, {"status": "success", "duration_seconds": 15.5})
        await crud.create_metrics_batch(
            db,
            first.id,
            [
                NewMetric(metric_name="max_angle", metric_value=165.25 - days_ago, unit="deg"),
                NewMetric(metric_name="accuracy", metric_value=0.95),
            ],
        )
        helped = {"status": "partial", "duration_seconds": 12.04, "deviation": "held by one hand"}
        await crud.update_task_result(db, tasks[1].id, helped)
        await crud.create_metric(db, tasks[1].id, NewMetric(metric_name="max_angle", metric_value=101))
        await crud.update_task_result(db, tasks[2].id, {"status": "not_tested"})
        await crud.update_task_result(db, tasks[3].id, {"status": "refused"})
    return session_id


async def text_of(database: Database, ids: list[UUID], **options: object) -> str:
    made = await make_pdf(database, ids, actor=LENA, options=ReportOptions(**options))
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)


async def test_a_report_is_tagged_and_says_so(records: Database):
    session = await visit(records)
    made = await make_pdf(records, [session], actor=LENA, options=ReportOptions())
    reader = PdfReader(io.BytesIO(made))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert catalog["/Lang"] == "en"
    metadata = catalog["/Metadata"].get_object().get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert reader.metadata is not None
    assert reader.metadata.title is not None
    assert "Amina" not in reader.metadata.title
    assert b"Amina" not in metadata
    assert len(reader.pages) == 1


async def test_it_says_all_that_was_recorded(records: Database):
    session = await visit(records)
    said = await text_of(records, [session])
    for wanted in (
        "Amina Haddad", "First visit", "118.5", "Lena Okafor", "Slept well.", "Raise hand", "Success", "00:15.5",
        "165.25°", "0.95", "possible 0–200°", "Partial", "Modified administration: held by one hand",
        "Not tested", "Refused", "4 of 8 tasks", "Page 1 of 1",
    ):  # fmt: skip
        assert wanted in said, wanted
    async with records.read() as db:
        ((tree,),) = [page async for page in read_trees(db, [session])]
    assert tree_hash(tree) in said


async def test_every_value_of_a_modified_task_says_so(records: Database):
    session = await visit(records)
    content = await read_content(records, [session], actor=LENA, options=ReportOptions())
    first, second = content["sessions"][0]["tasks"][:2]
    assert not first["modified"]
    assert second["modified"]
    assert [metric["modified"] for metric in second["metrics"]] == [True]
    said = await text_of(records, [session])
    assert (
        said.count("modified") - said.count("modified administration") >= 2
    )  # beside the time and the angle


async def test_the_best_trial_is_marked_and_practice_never(records: Database):
    session = await visit(records, protocol=with_best_trials())
    async with records.write(actor=LENA) as db:
        for trial, (seconds, practice) in enumerate([(4.0, False), (9.0, False), (30.0, True)], 1):
            task = await crud.create_task_result(
                db,
                session,
                NewTaskResult(
                    task_name="one_leg_stance",
                    side="right",
                    trial=trial + 1,
                    status="success",
                    practice=practice,
                ),
            )
            await crud.create_metric(db, task.id, NewMetric(metric_name="hold_time", metric_value=seconds))
    content = await read_content(records, [session], actor=LENA, options=ReportOptions())
    stance = [task for task in content["sessions"][0]["tasks"] if task["label"].startswith("One-leg")]
    assert [(task["trial"], task["best"]) for task in stance if task["best"]] == [(3, "best")]


async def test_earlier_visits_are_drawn_and_later_ones_are_not(records: Database):
    child = records.clock.new_id()
    old, middle, new = [await visit(records, days_ago=days, child_id=child) for days in (400, 200, 0)]
    content = await read_content(records, [middle], actor=LENA, options=ReportOptions())
    chart = next(chart for chart in content["sessions"][0]["charts"] if "angle" in chart["title"])
    assert len(chart["points"]) == 2
    assert chart["alt"].startswith("Raise hand · Left · Max angle over 2 visits, from ")
    assert "Over the visits" in await text_of(records, [new])
    assert "Over the visits" not in await text_of(records, [old])


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_was_typed_is_only_text(records: Database, text: str, watched_log: WatchedLog):
    watched_log.allow("The bundled fonts lack a letter")
    session = await visit(records, child_name=text, notes=text, site=text)
    async with records.write(actor=LENA) as db:
        task = await crud.create_task_result(
            db, session, NewTaskResult(task_name=text[:100], status="failed", deviation=text, notes=text)
        )
        await crud.create_metric(db, task.id, NewMetric(metric_name="free", metric_value=1, remark=text))
    for kind in ("clinician", "family"):
        made = await make_pdf(records, [session], actor=LENA, options=ReportOptions(kind=kind))
        said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
        assert b"root:x:0" not in made
        if text.isascii():
            assert "".join(text.split()) in "".join(said.replace("\u200b", "").split())


async def test_arabic_stands_in_its_own_words_and_figures_stay_as_they_are(records: Database):
    session = await visit(records, child_name="ليلى حداد")
    made = await make_pdf(records, [session], actor=LENA, options=ReportOptions(language="ar"))
    reader = PdfReader(io.BytesIO(made))
    assert reader.trailer["/Root"]["/Lang"] == "ar"
    content = await read_content(records, [session], actor=LENA, options=ReportOptions(language="ar"))
    assert content["direction"] == "rtl"
    metric = next(one for one in content["sessions"][0]["tasks"][0]["metrics"] if "165" in one["value"])
    assert metric["value"] == "\u2066165.25°\u2069"
    assert content["sessions"][0]["tasks"][0]["result"] == words("ar")["success"]


def test_both_languages_say_the_same_things():
    english, arabic = words("en"), words("ar")
    assert english.keys() == arabic.keys()
    for key, said in english.items():
        fields = {part.split("}")[0] for part in said.split("{")[1:]}
        assert {part.split("}")[0] for part in arabic[key].split("{")[1:]} == fields, key
        assert arabic[key] != said or key == "comma"


async def test_the_letter_has_no_figures_of_measurement(records: Database):
    session = await visit(records)
    said = await text_of(records, [session], kind="family")
    assert "Dear family of Amina Haddad," in said
    assert "Raise hand – went differently from try to try, with some help" in said.replace("\n", " ")
    for figure in ("165", "0.95", "15.5", "°"):
        assert figure not in said


async def test_a_day_is_listed_by_the_clock(records: Database):
    noon = datetime(2026, 3, 14, 12, tzinfo=records.clock.now().tzinfo)
    later = await visit(records, child_name="Later", started_at=noon)
    earlier = await visit(records, child_name="Earlier", started_at=noon - timedelta(hours=3))
    said = await text_of(records, [later, earlier], kind="day", day=date(2026, 3, 14))
    assert "Sessions of the day, 14 Mar 2026" in said
    assert said.index("Earlier") < said.index("Later")


async def test_without_identity_nothing_tells_who_it_was(records: Database):
    child = records.clock.new_id()
    visits = [
        await visit(records, days_ago=days, child_id=child, child_identifier="MRN-4711", site="Kabul Clinic")
        for days in (30, 0)
    ]
    said = await text_of(records, visits[-1:], deidentified=True)
    content = str(
        await read_content(records, visits[-1:], actor=LENA, options=ReportOptions(deidentified=True))
    )
    for secret in (
        "Amina",
        "Haddad",
        "MRN-4711",
        "Kabul",
        "Okafor",
        "Slept well",
        "held by one hand",
        "2019",
    ):
        assert secret not in said
        assert secret not in content
    async with records.read() as db:
        code = (await crud.get_session(db, visits[0])).child_code
    assert code in said
    assert "7;" in said or "6;" in said


async def test_several_sessions_each_begin_a_page(records: Database):
    sessions = [await visit(records, child_name=f"Child {number}") for number in range(3)]
    made = await make_pdf(records, sessions, actor=LENA, options=ReportOptions())
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
    assert [number for number in range(3) if f"Child {number}" in pages[number]] == [0, 1, 2]


async def test_letters_that_no_bundled_font_has_do_not_stop_a_report(
    records: Database, watched_log: WatchedLog, caplog: pytest.LogCaptureFixture
):
    watched_log.allow("The bundled fonts lack a letter of a report|No font here has a letter of a report")
    session = await visit(records, child_name="王小明 𓀀")
    assert (await make_pdf(records, [session], actor=LENA, options=ReportOptions())).startswith(b"%PDF-")
    assert "王" not in caplog.text


async def test_nothing_half_is_left_where_it_cannot_be_written(records: Database, tmp_path: Path):
    session = await visit(records)
    with pytest.raises(NotFound):
        await write_pdf(
            records,
            tmp_path / "r.pdf",
            [session, records.clock.new_id()],
            actor=LENA,
            options=ReportOptions(),
        )
    with pytest.raises(AppError, match="cannot be written"):
        await write_pdf(
            records, tmp_path / "not there" / "r.pdf", [session], actor=LENA, options=ReportOptions()
        )
    for options in (
        ExportOptions("pdf", kind="family", deidentified=True),
        ExportOptions("json", deidentified=True),
    ):
        with pytest.raises(Invalid):
            await write_export(records, tmp_path / "r.pdf", [session], actor=LENA, options=options)
    assert list(tmp_path.glob("*r.pdf*")) == []


async def test_many_reports_go_into_a_folder_each_under_a_name_that_tells_no_child(
    records: Database, tmp_path: Path
):
    child = records.clock.new_id()
    sessions = [
        await visit(records, child_id=child),
        await visit(records, child_id=child),
        await visit(records),
    ]
    told: list[tuple[int, int]] = []
    folder = tmp_path / "reports"
    folder.mkdir()
    written = await write_export(
        records,
        folder,
        sessions,
        actor=LENA,
        options=ExportOptions("pdf"),
        progress=lambda done, total: told.append((done, total)),
    )
    assert written == 3
    assert told == [(1, 3), (2, 3), (3, 3)]
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3
    assert sum("report-2" in name for name in names) == 1
    assert not [name for name in names if "Amina" in name]
    for path in folder.iterdir():
        assert path.read_bytes().startswith(b"%PDF-")


async def test_hundreds_of_sessions_are_not_made_one_pdf(records: Database, tmp_path: Path):
    session = await visit(records)
    with pytest.raises(Invalid, match="Choose a folder"):
        await write_pdf(records, tmp_path / "r.pdf", [session] * 51, actor=LENA, options=ReportOptions())


@pytest.mark.parametrize(
    ("typed_in", "shown"),
    [
        ("Zoë أمينة <b>", "\u2066Zoë أمينة <b>\u2069"),
        ("أمينة Zoë 3", "\u2067أمينة Zoë 3\u2069"),
        ("\u202eevil\u2069", "\u2066evil\u2069"),
        ("S" * 20, f"\u2066{'S' * 14}\u200b{'S' * 6}\u2069"),
        ("", ""),
    ],
)
def test_what_was_typed_runs_its_own_way_and_always_finds_an_end(typed_in: str, shown: str):
    assert Writer("ar", {}).apart(typed_in) == shown


async def test_charts_stand_in_the_order_of_the_protocol(records: Database):
    child = records.clock.new_id()
    await visit(records, days_ago=20, child_id=child)
    last = await visit(records, child_id=child)
    content = await read_content(records, [last], actor=LENA, options=ReportOptions())
    titles = [drawn["title"].split(" · ")[-1] for drawn in content["sessions"][0]["charts"]]
    assert titles[:2] == ["Accuracy", "Max angle"]


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_deviation_runs_its_own_way(records: Database, language: str):
    session = await visit(records)
    options = ReportOptions(language=language)
    content = await read_content(records, [session], actor=LENA, options=options)
    (remark,) = content["sessions"][0]["tasks"][1]["remarks"]
    assert remark["text"].endswith("\u2066held by one hand\u2069")


async def test_notes_and_charts_can_be_left_out_and_a_deviation_never(records: Database):
    child = records.clock.new_id()
    await visit(records, days_ago=20, child_id=child)
    last = await visit(records, child_id=child)
    whole = await text_of(records, [last])
    short = await text_of(records, [last], leave_out=frozenset({"notes", "charts"}))
    for said in ("Slept well.", "Over the visits"):
        assert said in whole
        assert said not in short
    assert "Modified administration: held by one hand" in short


async def test_a_chart_shows_the_expected_range_where_there_is_one(records: Database):
    child, protocol = records.clock.new_id(), owners_protocol()
    await visit(records, days_ago=20, child_id=child, protocol=protocol)
    last = await visit(records, child_id=child, protocol=protocol)
    content = await read_content(records, [last], actor=LENA, options=ReportOptions())
    drawn = {chart["title"]: chart for chart in content["sessions"][0]["charts"]}
    angle = drawn["Raise hand · Left · Max angle"]
    assert (angle["low"], angle["high"]) == (
        "145.25°",
        "180°",
    )  # measured 145.25° and 165.25°, expected 150° to 180°
    assert angle["band"] == [pytest.approx((150 - 145.25) / (180 - 145.25)), 1]
    assert angle["points"] == [[0, 0], [1, pytest.approx(20 / (180 - 145.25))]]
