"""Sessions as FHIR R4: three validators find nothing, and what is said is what was recorded."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import jsonschema
import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from desktop.database import Database
from desktop.errors import AppError, NotFound
from desktop.export.canonical import content_hash, plain
from desktop.export.fhir import write_fhir
from desktop.export.identity import Deidentifier
from desktop.export.snapshot import Exported, Made, Snapshot, open_snapshot
from desktop.export.ucum import ucum_code
from desktop.schemas import SessionRecord
from tests.helpers.records import (
    ASSESSOR,
    MOTOR,
    NOW,
    a_metric,
    a_session,
    a_task,
    sessions,
    stored,
)

Part = dict[str, Any]
OF_MOTOR = {"protocol_name": MOTOR.name, "protocol_version": MOTOR.version}
UCUM = {"1", "s", "cm", "m/s", "deg", "%", "1/min", "kg", "mo"}
SCHEMA = Path(__file__).parents[1] / "data" / "fhir.schema.json.gz"
HOSTILE = (
    "<img src=x>",
    "n" * 255,
    "ليلى \u202eحسن",
    "Zoe\u0308 A\u030a",
    "👩🏽‍⚕️ 🧒",
    '"}],"resourceType":"Patient',
    "=HYPERLINK(1)",
)


# Three validators


@cache
def validator(definition: str) -> Draft6Validator:
    """HL7's schema, begun at one definition: from its root every resource would be tried as every kind."""
    schema = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    return Draft6Validator({"definitions": schema["definitions"], "$ref": f"#/definitions/{definition}"})


def fits_the_official_schema(bundle: Part) -> None:
    entries = bundle.get("entry", [])
    for resource in (entry["resource"] for entry in entries):
        validator(resource["resourceType"]).validate(resource)
    bare = [{name: value for name, value in entry.items() if name != "resource"} for entry in entries]
    validator("Bundle").validate({**bundle, "entry": bare} if entries else bundle)


def inside(value: Any) -> Iterator[Part]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(item)


def holds_together(bundle: Part) -> None:
    entries = bundle.get("entry", [])
    urls = [entry["fullUrl"] for entry in entries]
    assert len(set(urls)) == len(urls)
    for entry in entries:
        resource = entry["resource"]
        assert entry["fullUrl"] == f"urn:uuid:{UUID(resource['id'])}"
        assert entry["request"] == {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    kinds = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in entries}
    for part in inside(bundle):
        if "reference" in part:
            assert part["reference"] in kinds
        for name, kind in (("subject", "Patient"), ("encounter", "Encounter"), ("actor", "Practitioner")):
            if isinstance(part.get(name), dict):
                assert kinds.get(part[name]["reference"]) == kind
        if "start" in part and "end" in part:
            assert datetime.fromisoformat(part["start"]) <= datetime.fromisoformat(part["end"])
        if part.get("system") == "http://unitsofmeasure.org":
            assert part["code"] in UCUM
        else:
            assert not ("value" in part and "code" in part)
        assert not any(value in ({}, [], "") for value in part.values())


def checked(raw: bytes) -> Part:
    """The Bundle in these bytes, after everything that could find a fault in it has found none."""
    bundle: Part = json.loads(raw)
    Bundle.model_validate(bundle)
    fits_the_official_schema(bundle)
    holds_together(bundle)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
    return bundle


def of_kind(bundle: Part, kind: str) -> list[Part]:
    found = [entry["resource"] for entry in bundle.get("entry", [])]
    return [resource for resource in found if resource["resourceType"] == kind]


def text_of(resource: Part) -> str:
    return str(resource["code"]["text"])


def of_task(bundle: Part, task_id: UUID) -> tuple[Part, Part]:
    """The Procedure and the Observation of a task result."""
    (procedure,) = [part for part in of_kind(bundle, "Procedure") if part["id"] == str(task_id)]
    (observation,) = [
        part
        for part in of_kind(bundle, "Observation")
        if part.get("partOf") == [{"reference": f"urn:uuid:{task_id}"}]
    ]
    return procedure, observation


def components(observation: Part) -> dict[str, Part]:
    return {text_of(part): part for part in observation["component"]}


def outcome(observation: Part) -> tuple[str | None, str | None]:
    """The code of what came of it, and of why nothing did."""
    value, reason = observation.get("valueCodeableConcept"), observation.get("dataAbsentReason")
    return (value and value["coding"][0]["code"], reason and reason["coding"][0]["code"])


# From a real database


async def written(
    database: Database, path: Path, *ids: UUID, deidentified: bool = False, **options: Any
) -> bytes:
    async with open_snapshot(database, ids, actor=ASSESSOR, deidentified=deidentified) as snapshot:
        count = await write_fhir(snapshot, path, **options)
    assert count == len(ids)
    return path.read_bytes()


async def bundle_of(database: Database, folder: Path, *records: SessionRecord, **options: Any) -> Part:
    await stored(database, *records)
    return checked(
        await written(database, folder / "out.json", *(record.id for record in records), **options)
    )


def motor_task(session_id: UUID, **fields: Any) -> Any:
    return a_task(session_id, **{"task_name": "jump", "metrics": (), **fields})


async def test_a_session_becomes_the_resources_that_it_holds(sqlite: Database, tmp_path: Path):
    session = a_session(child_weight_kg=28.0, **OF_MOTOR)
    bundle = await bundle_of(sqlite, tmp_path, session)
    found = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert found == [
        "Patient",
        "Practitioner",
        "Encounter",
        *["Observation"] * 3,
        *["Procedure", "Observation"] * 2,
        "Provenance",
    ]


async def test_the_child_and_the_assessor_are_named_once(sqlite: Database, tmp_path: Path):
    first = a_session(
        child_name="Zoë Haddad",
        child_identifier="S-17",
        child_sex="female",
        child_date_of_birth=date(2017, 7, 14),
    )
    child = {name: getattr(first, name) for name in type(first).model_fields if name.startswith("child_")}
    bundle = await bundle_of(sqlite, tmp_path, first, a_session(**child, session_type="follow_up"))
    (patient,) = of_kind(bundle, "Patient")
    assert patient["id"] == str(first.child_id)
    assert patient["name"] == [{"text": "Zoë Haddad"}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "2017-07-14")
    assert [one["value"] for one in patient["identifier"]] == [first.child_code, "S-17"]
    (practitioner,) = of_kind(bundle, "Practitioner")
    assert (practitioner["id"], practitioner["name"]) == (str(ASSESSOR), [{"text": "Dr. Amira Haddad"}])
    visits = of_kind(bundle, "Encounter")
    assert sorted(visit["type"][0]["text"] for visit in visits) == ["Visit 1", "Visit 2"]


async def test_the_visit_is_ambulatory_with_its_times_in_the_recorded_zone(sqlite: Database, tmp_path: Path):
    done = a_session(completed_at="2026-03-14T10:00:00Z", site="Rue <b>", utc_offset_minutes=345)
    still = a_session(utc_offset_minutes=-150)
    bundle = await bundle_of(sqlite, tmp_path, done, still)
    finished, going_on = of_kind(bundle, "Encounter")
    assert (finished["status"], finished["class"]["code"]) == ("finished", "AMB")
    assert finished["period"] == {
        "start": "2026-03-14T15:11:53.589793+05:45",
        "end": "2026-03-14T15:45:00+05:45",
    }
    assert finished["location"] == [{"location": {"display": "Rue <b>"}}]
    assert (going_on["status"], going_on["period"]) == (
        "in-progress",
        {"start": "2026-03-14T06:56:53.589793-02:30"},
    )


async def test_a_wrong_clock_makes_no_period_that_ends_before_it_begins(sqlite: Database, tmp_path: Path):
    bundle = await bundle_of(sqlite, tmp_path, a_session(completed_at="2026-03-14T09:00:00Z"))
    (visit,) = of_kind(bundle, "Encounter")
    assert (visit["status"], visit["period"].keys()) == ("finished", {"start"})


async def test_zones_that_fhir_does_not_know_are_told_in_utc(sqlite: Database, tmp_path: Path):
    bundle = await bundle_of(
        sqlite, tmp_path, a_session(utc_offset_minutes=841), a_session(utc_offset_minutes=840)
    )
    starts = [visit["period"]["start"][19:] for visit in of_kind(bundle, "Encounter")]
    assert starts == [".589793+00:00", ".589793+14:00"]


async def test_height_and_weight_are_vital_signs_and_the_age_is_told(sqlite: Database, tmp_path: Path):
    session = a_session(
        child_weight_kg=28.0, child_date_of_birth=date(2018, 1, 20), remark="Stood on tiptoe", task_results=()
    )
    bundle = await bundle_of(sqlite, tmp_path, session)
    height, weight, age = of_kind(bundle, "Observation")
    for found, code, value, unit in ((height, "8302-2", 130.5, "cm"), (weight, "29463-7", 28, "kg")):
        assert found["code"]["coding"][0]["system"] == "http://loinc.org"
        assert found["code"]["coding"][0]["code"] == code
        assert found["category"][0]["coding"][0]["code"] == "vital-signs"
        assert found["effectiveDateTime"] == "2026-03-14T10:26:53.589793+01:00"
        quantity = found["valueQuantity"]
        assert (quantity["value"], quantity["unit"], quantity["code"]) == (value, unit, unit)
        assert found["note"] == [{"text": "Stood on tiptoe"}]
    assert age["code"]["coding"][0]["code"] == "30525-0"
    assert (age["valueQuantity"]["value"], age["valueQuantity"]["code"]) == (97, "mo")


STATES = [
    ("success", 4.5, "completed", "final", ("success", None)),
    ("partial", 4.5, "completed", "final", ("partial", None)),
    ("failed", 4.5, "completed", "final", ("failed", None)),
    ("success", None, "completed", "final", ("success", None)),
    ("not_tested", None, "not-done", "cancelled", (None, "not-performed")),
    ("not_tested", 4.5, "stopped", "final", (None, "not-performed")),
    ("refused", None, "not-done", "cancelled", (None, "asked-declined")),
    ("refused", 4.5, "stopped", "final", (None, "asked-declined")),
    (None, None, "preparation", "registered", (None, "temp-unknown")),
    (None, 4.5, "in-progress", "preliminary", (None, "temp-unknown")),
]


@pytest.mark.parametrize(
    ("status", "seconds", "procedure_status", "observation_status", "came_of_it"), STATES
)
async def test_every_status_says_what_it_means_and_no_more(
    sqlite: Database,
    tmp_path: Path,
    status: str | None,
    seconds: float | None,
    procedure_status: str,
    observation_status: str,
    came_of_it: tuple[str | None, str | None],
):
    task = motor_task(session_id := uuid4(), status=status, duration_seconds=seconds)
    bundle = await bundle_of(sqlite, tmp_path, a_session(id=session_id, task_results=[task], **OF_MOTOR))
    procedure, observation = of_task(bundle, task.id)
    assert (procedure["status"], observation["status"]) == (procedure_status, observation_status)
    assert outcome(observation) == came_of_it
    said = {
        name: procedure[name]["coding"][0]["code"]
        for name in ("outcome", "statusReason")
        if name in procedure
    }
    if status in {"not_tested", "refused"}:
        assert said == {"statusReason": status}
        assert "failed" not in json.dumps([procedure, observation]).lower()
    else:
        assert said == ({"outcome": status} if status else {})
    duration = components(observation).get("Time")
    assert (duration and duration["valueQuantity"]["value"]) == seconds


async def test_a_stopwatch_that_runs_is_in_progress_since_it_was_started(sqlite: Database, tmp_path: Path):
    task = motor_task(session_id := uuid4(), started_at=NOW)
    bundle = await bundle_of(sqlite, tmp_path, a_session(id=session_id, task_results=[task]))
    procedure, _ = of_task(bundle, task.id)
    assert procedure["status"] == "in-progress"
    assert procedure["performedPeriod"] == {"start": "2026-03-14T10:26:53.589793+01:00"}


async def test_a_task_has_its_own_time_or_that_of_its_session(sqlite: Database, tmp_path: Path):
    session_id = uuid4()
    timed = motor_task(session_id, started_at=NOW, duration_seconds=66.5, utc_offset_minutes=-60)
    untimed = motor_task(session_id, position=1)
    bundle = await bundle_of(sqlite, tmp_path, a_session(id=session_id, task_results=[timed, untimed]))
    procedure, observation = of_task(bundle, timed.id)
    assert procedure["performedPeriod"] == observation["effectivePeriod"]
    assert procedure["performedPeriod"] == {
        "start": "2026-03-14T08:26:53.589793-01:00",
        "end": "2026-03-14T08:28:00.089793-01:00",
    }
    procedure, observation = of_task(bundle, untimed.id)
    assert "performedPeriod" not in procedure
    assert observation["effectiveDateTime"] == "2026-03-14T10:26:53.589793+01:00"


async def test_metrics_are_components_and_what_was_not_measured_says_why(sqlite: Database, tmp_path: Path):
    session_id, task_id = uuid4(), uuid4()
    metrics = (
        a_metric(task_id, "accuracy", 0.95, unit="1"),
        a_metric(task_id, "max_angle", 165.5, unit="deg", remark="Loose shoulder", source="capture:pose"),
    )
    task = a_task(
        session_id, id=task_id, side="left", trial=2, practice=True, status="success", metrics=metrics
    )
    bundle = await bundle_of(sqlite, tmp_path, a_session(id=session_id, task_results=[task], **OF_MOTOR))
    procedure, observation = of_task(bundle, task_id)
    assert procedure["code"] == observation["code"]
    assert procedure["code"] == {
        "coding": [{"system": "urn:kinelog:protocol:motor-screening:1:task", "code": "raise_hand"}],
        "text": "Raise hand",
    }
    assert (procedure["bodySite"][0]["text"], observation["bodySite"]["text"]) == ("Left", "Left")
    assert observation["category"][0]["coding"][0]["code"] == "exam"
    found = components(observation)
    assert found["Trial"]["valueInteger"] == 2
    assert found["practice, not scored"]["valueBoolean"] is True
    assert found["Accuracy"]["valueQuantity"] == {
        "value": 0.95,
        "system": "http://unitsofmeasure.org",
        "code": "1",
    }
    assert found["Max angle"]["valueQuantity"] == {
        "value": 165.5,
        "unit": "°",
        "system": "http://unitsofmeasure.org",
        "code": "deg",
    }
    assert found["Stability"]["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert observation["note"] == [{"text": "Max angle: Loose shoulder"}]
    assert observation["method"] == {"text": "capture:pose"}


async def test_what_was_recorded_by_name_alone_has_the_protocol_s_unit(sqlite: Database, tmp_path: Path):
    session_id, task_id = uuid4(), uuid4()
    task = a_task(session_id, id=task_id, metrics=(a_metric(task_id, "max_angle", 165.5),))
    bundle = await bundle_of(sqlite, tmp_path, a_session(id=session_id, task_results=[task], **OF_MOTOR))
    _, observation = of_task(bundle, task_id)
    assert components(observation)["Max angle"]["valueQuantity"]["code"] == "deg"


async def test_free_tasks_and_metrics_are_texts_and_units_that_nobody_knows_have_no_code(
    sqlite: Database, tmp_path: Path
):
    session_id, task_id = uuid4(), uuid4()
    metrics = (
        a_metric(task_id, "hops", 12),
        a_metric(task_id, "points", 3, unit="points"),
        a_metric(task_id, "angle", 3, unit="°"),
        a_metric(task_id, "seconds", 3, unit="sec"),
        a_metric(task_id, "زاوية", 3, unit="cm"),
    )
    task = a_task(session_id, id=task_id, task_name="Hop on one leg", metrics=metrics)
    bundle = await bundle_of(sqlite, tmp_path, a_session(id=session_id, task_results=[task]))
    procedure, observation = of_task(bundle, task_id)
    assert procedure["code"] == {"text": "Hop on one leg"}
    assert "bodySite" not in procedure
    found = {name: part["valueQuantity"] for name, part in components(observation).items() if name != "Trial"}
    assert found["hops"] == {"value": 12, "system": "http://unitsofmeasure.org", "code": "1"}
    assert found["points"] == {"value": 3, "unit": "points"}
    assert [found[name]["code"] for name in ("angle", "seconds", "زاوية")] == ["deg", "s", "cm"]


async def test_notes_and_modified_administration_are_told(sqlite: Database, tmp_path: Path):
    session_id = uuid4()
    notes = "First line\n<script>alert(1)</script>\u00a0\u2028{how}"
    task = motor_task(session_id, notes=notes, deviation="Held a hand {how}", remark="Clock late")
    session = a_session(id=session_id, notes="Wears \u00a0an orthosis", task_results=[task])
    bundle = await bundle_of(sqlite, tmp_path, session)
    procedure, observation = of_task(bundle, task.id)
    assert procedure["note"] == [
        {"text": "First line\n<script>alert(1)</script>  {how}"},
        {"text": "Modified administration: Held a hand {how}"},
    ]
    assert observation["note"] == [{"text": "Time: Clock late"}]
    assert [part["valueString"] for part in of_kind(bundle, "Observation") if "valueString" in part] == [
        "Wears  an orthosis"
    ]


async def test_the_words_are_of_the_language_that_was_asked(sqlite: Database, tmp_path: Path):
    session_id = uuid4()
    task = motor_task(session_id, side="left", status="not_tested", deviation="x")
    bundle = await bundle_of(
        sqlite, tmp_path, a_session(id=session_id, task_results=[task], **OF_MOTOR), language="ar_EG"
    )
    procedure, _ = of_task(bundle, task.id)
    assert procedure["bodySite"][0]["text"] == "يسار"
    assert procedure["code"]["text"] == MOTOR.tasks[3].labels["ar"]
    raw = await written(
        sqlite, tmp_path / "fr.json", UUID(of_kind(bundle, "Encounter")[0]["id"]), language="fr"
    )
    assert of_task(checked(raw), task.id)[0]["bodySite"][0]["text"] == "Left"


async def test_where_it_comes_from_is_told(sqlite: Database, tmp_path: Path):
    session = a_session(**OF_MOTOR)
    bundle = await bundle_of(sqlite, tmp_path, session)
    (provenance,) = of_kind(bundle, "Provenance")
    async with open_snapshot(sqlite, [session.id], actor=ASSESSOR) as snapshot:
        (page,) = [page async for page in snapshot.pages]
        tail, version, exact = snapshot.made.audit_tail, snapshot.made.app_version, page[0].content_hash
    facts = [entity["what"]["identifier"] for entity in provenance["entity"]]
    assert {fact["system"].removeprefix("urn:kinelog:"): fact["value"] for fact in facts} == {
        "content-hash": exact,
        "protocol": "motor-screening|1",
        "recorded-with": "0.1.0",
        "audit-tail": tail,
    }
    assert len(tail) == 8
    program, author = provenance["agent"]
    assert program["who"]["identifier"] == {"system": "urn:kinelog:application", "value": version}
    assert program["onBehalfOf"] == {"display": "Dr. Amira Haddad"}
    assert author["who"] == {"reference": f"urn:uuid:{ASSESSOR}"}
    told = {target["reference"] for target in provenance["target"]}
    kinds = {"Encounter", "Procedure", "Observation"}
    assert told == {
        entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] in kinds
    }
    assert datetime.fromisoformat(provenance["recorded"]).tzinfo is not None
    assert {tag["code"] for tag in bundle["meta"]["tag"]} == {version, tail}


async def test_sent_twice_it_is_the_same_but_for_the_time(sqlite: Database, tmp_path: Path):
    session = a_session(notes="x", **OF_MOTOR)
    first = await bundle_of(sqlite, tmp_path, session)
    again = checked(await written(sqlite, tmp_path / "again.json", session.id))

    def untimed(bundle: Part) -> list[Part]:
        return [
            {name: value for name, value in entry["resource"].items() if name != "recorded"}
            for entry in bundle["entry"]
        ]

    assert untimed(first) == untimed(again)


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_names_are_only_text(sqlite: Database, tmp_path: Path, hostile: str):
    session_id, task_id = uuid4(), uuid4()
    metric = a_metric(task_id, "value", 1, unit=hostile[:40].strip())
    task = a_task(session_id, id=task_id, task_name=hostile[:100], notes=hostile, metrics=(metric,))
    session = a_session(
        id=session_id,
        child_name=hostile,
        child_identifier=hostile[:64],
        site=hostile,
        protocol_name=hostile[:100],
        task_results=[task],
    )
    bundle = await bundle_of(sqlite, tmp_path, session)
    assert of_kind(bundle, "Patient")[0]["name"] == [{"text": session.child_name}]
    procedure, observation = of_task(bundle, task_id)
    assert procedure["code"] == {"text": task.task_name}
    assert procedure["note"] == [{"text": task.notes}]
    assert components(observation)["value"]["valueQuantity"] == {"value": 1, "unit": metric.unit}


async def test_no_sessions_and_no_tasks_make_bundles_too(sqlite: Database, tmp_path: Path):
    assert "entry" not in checked(await written(sqlite, tmp_path / "none.json"))
    bundle = await bundle_of(sqlite, tmp_path, a_session(task_results=(), child_height_cm=None))
    assert of_kind(bundle, "Procedure") == []
    assert [text_of(part) for part in of_kind(bundle, "Observation")] == ["Age"]


async def test_several_pages_make_one_bundle_and_progress_is_told(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("desktop.export.trees.SESSIONS_A_PAGE", 2)
    records = [a_session(task_results=()) for _ in range(5)]
    told: list[tuple[int, int]] = []
    bundle = await bundle_of(sqlite, tmp_path, *records, progress=lambda *step: told.append(step))
    assert [visit["id"] for visit in of_kind(bundle, "Encounter")] == [str(record.id) for record in records]
    assert told == [(2, 5), (4, 5), (5, 5)]


async def test_a_session_that_is_asked_twice_is_there_once(sqlite: Database, tmp_path: Path):
    session = a_session()
    await stored(sqlite, session)
    bundle = checked(await written(sqlite, tmp_path / "out.json", session.id, session.id))
    assert len(of_kind(bundle, "Encounter")) == 1


async def test_a_de_identified_bundle_holds_no_names_no_free_text_and_no_dates(
    sqlite: Database, tmp_path: Path
):
    session_id, task_id = uuid4(), uuid4()
    metric = a_metric(task_id, "max_angle", 165.5, unit="deg", remark="Planted-metric-remark")
    task = a_task(
        session_id,
        id=task_id,
        status="success",
        notes="Planted-task-notes",
        deviation="Planted-deviation",
        remark="Planted-task-remark",
        started_at="2025-12-31T10:00:00Z",
        duration_seconds=4.5,
        metrics=(metric,),
    )
    session = a_session(
        id=session_id,
        child_name="Planted-name",
        child_identifier="Planted-number",
        child_date_of_birth=date(2017, 7, 14),
        child_sex="male",
        site="Planted-site",
        notes="Planted-notes",
        remark="Planted-remark",
        started_at="2025-12-30T10:00:00Z",
        completed_at="2025-12-31T11:00:00Z",
        task_results=[task],
        **OF_MOTOR,
    )
    await stored(sqlite, session)
    raw = await written(sqlite, tmp_path / "out.json", session_id, deidentified=True)
    bundle = checked(raw)
    for planted in (
        "Planted",
        "Haddad",
        "2017-07",
        "2025-12",
        *map(str, (session_id, task_id, session.child_id)),
    ):
        assert planted.encode() not in raw
    assert str(ASSESSOR).encode() not in raw
    (patient,) = of_kind(bundle, "Patient")
    assert patient.keys() == {"resourceType", "id", "identifier", "gender"}
    assert [one["value"] for one in patient["identifier"]] == [session.child_code]
    assert of_kind(bundle, "Practitioner") == []
    (visit,) = of_kind(bundle, "Encounter")
    assert visit["status"] == "finished"
    assert not visit.keys() & {"period", "participant", "location"}
    for part in (*of_kind(bundle, "Procedure"), *of_kind(bundle, "Observation")):
        assert not part.keys() & {
            "performedPeriod",
            "effectivePeriod",
            "effectiveDateTime",
            "note",
            "performer",
        }
    ages = [part["valueQuantity"] for part in of_kind(bundle, "Observation") if text_of(part) == "Age"]
    assert [(age["value"], age["code"]) for age in ages] == [(101, "mo")]


async def test_without_dates_nobody_says_that_a_visit_with_open_tasks_is_over(
    sqlite: Database, tmp_path: Path
):
    session = a_session(completed_at="2026-03-14T11:00:00Z")
    bundle = await bundle_of(sqlite, tmp_path, session, deidentified=True)
    assert of_kind(bundle, "Encounter")[0]["status"] == "unknown"


async def test_a_session_that_is_gone_leaves_no_half_file(sqlite: Database, tmp_path: Path):
    records = [a_session(task_results=()) for _ in range(100)]
    await stored(sqlite, *records)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(NotFound):
        await written(sqlite, folder / "out.json", *(record.id for record in records), uuid4())
    assert list(folder.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_told_in_the_user_s_words(sqlite: Database, tmp_path: Path):
    session = a_session()
    await stored(sqlite, session)
    blocked = tmp_path / "file"
    blocked.write_text("kept")
    with pytest.raises(AppError, match="cannot be written"):
        await written(sqlite, blocked / "out.json", session.id)
    with pytest.raises(AppError, match="cannot be written"):
        await written(sqlite, tmp_path / "none" / "out.json", session.id)
    assert (blocked.read_text(), (tmp_path / "none").exists()) == ("kept", False)


async def test_a_full_disk_keeps_the_file_that_was_there(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    session = a_session()
    await stored(sqlite, session)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "out.json").write_text("earlier")

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desktop.files.os.fsync", full)
    with pytest.raises(AppError, match="No space left on device"):
        await written(sqlite, folder / "out.json", session.id)
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("out.json", "earlier")]


# Without a database


def by_hand(session: SessionRecord, *, deidentified: bool) -> Snapshot:
    tree = plain(session)
    exported = Exported(
        tree=Deidentifier(b"key", [MOTOR]).without_identity(tree) if deidentified else tree,
        content_hash=content_hash(session),
        day=session.started_at.date(),
        age_months=session.child_age * 12,
        corrected_months=None,
        visit=1,
    )

    async def pages() -> AsyncIterator[list[Exported]]:
        yield [exported]

    return Snapshot(
        made=Made(
            "0.1.0", datetime(2026, 4, 1, tzinfo=UTC), "" if deidentified else "Dr. Amira Haddad", "0A1B2C3D"
        ),
        people={} if deidentified else {str(session.assessor): "Dr. Amira Haddad"},
        protocols={(MOTOR.name, MOTOR.version): MOTOR},
        sessions=1,
        deidentified=deidentified,
        pages=pages(),
    )


FAULTS = {
    "a reference to nothing": (b'"subject":{"reference":"urn:uuid:', b'"subject":{"reference":"urn:uuid:0'),
    "a unit that is no UCUM": (b'"code":"deg"', b'"code":"degrees"'),
    "a time without its zone": (b"53.589793+01:00", b"53.589793"),
    "an end before the start": (b'"end":"2026-03-14T11', b'"end":"2026-03-14T09'),
    "an id that is not that of its entry": (
        b'"request":{"method":"PUT","url":"Patient/',
        b'"request":{"method":"PUT","url":"Patient/0',
    ),
    "a status of another resource": (
        b'"resourceType":"Encounter","id"',
        b'"resourceType":"Encounter","gender":"male","id"',
    ),
    "an empty list": (b'"type":"transaction"', b'"type":"transaction","link":[]'),
    "a text without letters": (b'"text":"John Doe"', b'"text":""'),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_planted_fault_is_found(tmp_path: Path, fault: str):
    session = a_session(completed_at="2026-03-14T10:00:00Z", **OF_MOTOR)
    await write_fhir(by_hand(session, deidentified=False), tmp_path / "out.json")
    raw = (tmp_path / "out.json").read_bytes()
    checked(raw)
    right, wrong = FAULTS[fault]
    assert right in raw
    with pytest.raises((AssertionError, ValueError, jsonschema.ValidationError)):
        checked(raw.replace(right, wrong))


def ids_in(session: SessionRecord) -> list[UUID]:
    return [session.id, session.child_id, session.assessor, *(task.id for task in session.task_results)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(session=sessions(), deidentified=st.booleans())
def test_any_session_makes_a_bundle_in_which_nothing_is_found(session: SessionRecord, deidentified: bool):
    assume(len(set(ids_in(session))) == len(ids_in(session)))
    assume(
        all(
            (metric.unit in (None, "") or ucum_code(metric.unit) in {*UCUM, None})
            for task in session.task_results
            for metric in task.metrics
        )
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out.json"
        asyncio.run(write_fhir(by_hand(session, deidentified=deidentified), path))
        bundle = checked(path.read_bytes())
    assert len(of_kind(bundle, "Procedure")) == len(session.task_results)


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        (None, "1"),
        ("", "1"),
        ("1", "1"),
        ("s", "s"),
        ("ms", "ms"),
        ("min", "min"),
        ("cm", "cm"),
        ("m/s", "m/s"),
        ("m/s2", "m/s2"),
        ("cm2", "cm2"),
        ("deg", "deg"),
        ("deg/s", "deg/s"),
        ("°", "deg"),
        ("sec", "s"),
        ("%", "%"),
        ("1/min", "1/min"),
        ("/min", "/min"),
        ("{steps}/min", "{steps}/min"),
        ("N.m", "N.m"),
        ("kg.m/s2", "kg.m/s2"),
        ("mm[Hg]", "mm[Hg]"),
        ("m/s²", None),
        ("points", None),
        ("reps", None),
        ("Nm", None),
        ("m/", None),
        ("m//s", None),
        ("cm s", None),
        ("%%", None),
        ("{ä}", None),
        ("10", "10"),
        ("0", None),
        ("s\n", None),
    ],
)
def test_units_have_their_ucum_code_or_none(unit: str | None, code: str | None):
    assert ucum_code(unit) == code
