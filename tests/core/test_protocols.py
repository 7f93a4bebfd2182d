import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from desktop.errors import Invalid
from desktop.protocols import (
    MetricSpec,
    PlannedTask,
    Protocol,
    Range,
    Task,
    bundled,
    canonical,
    judge,
    label,
    parse,
    plan,
    possible,
    sha256,
    unit_text,
    with_unit,
)
from desktop.protocols.schema import json_schema, published

PROTOCOL = bundled()[0]
ARABIC_LETTER = re.compile("[\u0621-\u064a]")


def content() -> dict[str, Any]:
    return json.loads(canonical(PROTOCOL))


def as_file(document: object) -> bytes:
    return json.dumps(document).encode()


def metric(**changes: object) -> MetricSpec:
    given_ = {
        "name": "angle",
        "labels": {},
        "unit": "deg",
        "possible": Range(low=0, high=200),
        "direction": "none",
    }
    return MetricSpec.model_validate(given_ | changes)


def texts(part: object) -> list[dict[str, str]]:
    """Every collection of texts in a protocol file."""
    if isinstance(part, list):
        return [found for item in part for found in texts(item)]
    if not isinstance(part, dict):
        return []
    own = [part[name] for name in ("title", "labels", "instructions") if name in part]
    return own + [found for value in part.values() for found in texts(value)]


def test_the_bundled_protocol_is_motor_screening_version_1():
    assert (PROTOCOL.name, PROTOCOL.version) == ("motor-screening", 1)


def test_the_bundled_protocol_has_the_tasks_of_the_domain_model():
    assert {
        task.key: (task.sides, {m.name: (m.unit, m.possible.low, m.possible.high) for m in task.metrics})
        for task in PROTOCOL.tasks
    } == {
        "raise_hand": (
            ("left", "right"),
            {"accuracy": ("1", 0, 1), "stability": ("1", 0, 1), "max_angle": ("deg", 0, 200)},
        ),
        "one_leg_stance": (("left", "right"), {"hold_time": ("s", 0, 600), "sway": ("cm", 0, 100)}),
        "walk": (
            (),
            {"speed": ("m/s", 0, 10), "step_symmetry": ("%", 0, 200), "cadence": ("1/min", 0, 400)},
        ),
        "jump": ((), {"distance": ("cm", 0, 400), "landing_stability": ("1", 0, 1)}),
        "finger_to_nose": (("left", "right"), {"error": ("cm", 0, 30)}),
    }


def test_the_bundled_protocol_invents_no_norms():
    metrics = [spec for task in PROTOCOL.tasks for spec in task.metrics]
    assert [spec.name for spec in metrics if spec.expected or spec.measurement_error] == []


def test_every_text_is_there_in_english_and_arabic():
    found = texts(content())
    assert len(found) == 2 + 2 * 5 + 11
    for languages in found:
        assert set(languages) == {"en", "ar"}
        assert ARABIC_LETTER.search(languages["ar"])
        assert not ARABIC_LETTER.search(languages["en"])


def test_a_published_version_never_changes():
    """A change to the file is a new version: sessions in the field name this one."""
    assert sha256(PROTOCOL) == "fb962aeba967092c08a575fe403fc19bb5b6c7756623de726e9287250a9c3141"


def test_the_bundled_file_fits_the_published_schema():
    schema = json.loads(published())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(content())


def test_the_published_schema_is_the_one_of_the_models():
    assert json.loads(published()) == json_schema()


def test_a_protocol_is_read_back_equal_from_its_canonical_form():
    assert parse(canonical(PROTOCOL)) == PROTOCOL


def test_spelling_a_default_out_changes_neither_protocol_nor_hash():
    spelt = content()
    spelt["tasks"][0] |= {"practice_trials": 0, "time_limit_s": None}
    assert sha256(parse(b"\xef\xbb\xbf" + as_file(spelt))) == sha256(PROTOCOL)


def test_another_instruction_is_another_hash():
    changed = content()
    changed["tasks"][0]["instructions"]["en"] = "Raise the hand."
    assert sha256(parse(as_file(changed))) != sha256(PROTOCOL)


WRONG = {
    "unknown field": (("colour",), "blue"),
    "version as text": (("version",), "1"),
    "version nought": (("version",), 0),
    "name with a space": (("name",), "motor screening"),
    "no tasks": (("tasks",), []),
    "unknown side": (("tasks", 0, "sides"), ["up"]),
    "side none": (("tasks", 0, "sides"), ["none"]),
    "a side twice": (("tasks", 0, "sides"), ["left", "left"]),
    "no trial": (("tasks", 0, "trials"), 0),
    "no time": (("tasks", 0, "time_limit_s"), 0),
    "a key with capitals": (("tasks", 0, "key"), "RaiseHand"),
    "an empty label": (("tasks", 0, "labels", "en"), ""),
    "an odd language": (("tasks", 0, "labels", "English"), "Raise hand"),
    "no unit": (("tasks", 0, "metrics", 0, "unit"), ""),
    "unknown direction": (("tasks", 0, "metrics", 0, "direction"), "up"),
    "a number as text": (("tasks", 0, "metrics", 0, "possible", "low"), "0"),
    "a negative error": (("tasks", 0, "metrics", 0, "measurement_error"), -1),
}


@pytest.mark.parametrize(("path", "value"), WRONG.values(), ids=WRONG.keys())
def test_models_and_schema_refuse_the_same_files(path, value):
    wrong = content()
    part: Any = wrong
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(Invalid, match="This protocol file cannot be used at"):
        parse(as_file(wrong))
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(wrong)


def test_a_refusal_names_the_place_and_the_reason():
    wrong = content()
    wrong["tasks"][0]["metrics"][2]["possible"] = {"low": 200, "high": 0}
    with pytest.raises(
        Invalid,
        match="at tasks, number 1, metrics, number 3, possible: the low end must be below the high end",
    ):
        parse(as_file(wrong))


def test_two_tasks_with_one_key_are_refused():
    wrong = content()
    wrong["tasks"][1]["key"] = "raise_hand"
    with pytest.raises(Invalid, match="tasks must differ"):
        parse(as_file(wrong))


def test_two_metrics_with_one_name_are_refused():
    wrong = content()
    wrong["tasks"][0]["metrics"][1]["name"] = "accuracy"
    with pytest.raises(Invalid, match="metrics must differ"):
        parse(as_file(wrong))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"null", b"PK\x03\x04"])
def test_what_is_no_protocol_file_is_refused(raw):
    with pytest.raises(Invalid, match="This protocol file cannot be used"):
        parse(raw)


def test_not_a_number_is_refused_in_a_range():
    raw = canonical(PROTOCOL).replace(b'"high":200', b'"high":NaN')
    with pytest.raises(Invalid, match="finite"):
        parse(raw)


def test_a_protocol_in_memory_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        PROTOCOL.version = 2


def test_a_session_lays_out_task_by_task_and_side_by_side():
    assert [(row.position, row.task_name, row.side) for row in plan(PROTOCOL)] == [
        (1, "raise_hand", "left"),
        (2, "raise_hand", "right"),
        (3, "one_leg_stance", "left"),
        (4, "one_leg_stance", "right"),
        (5, "walk", "none"),
        (6, "jump", "none"),
        (7, "finger_to_nose", "left"),
        (8, "finger_to_nose", "right"),
    ]
    assert {(row.trial, row.practice) for row in plan(PROTOCOL)} == {(1, False)}


def test_practice_comes_first_on_each_side():
    task = Task(key="jump", labels={}, sides=("right", "left"), trials=2, practice_trials=1)
    protocol = Protocol(name="two", version=1, title={}, tasks=(task,))
    assert plan(protocol) == (
        PlannedTask(1, "jump", "right", 1, practice=True),
        PlannedTask(2, "jump", "right", 2, practice=False),
        PlannedTask(3, "jump", "right", 3, practice=False),
        PlannedTask(4, "jump", "left", 1, practice=True),
        PlannedTask(5, "jump", "left", 2, practice=False),
        PlannedTask(6, "jump", "left", 3, practice=False),
    )


def test_tasks_and_metrics_are_found_by_name():
    task = PROTOCOL.task("raise_hand")
    assert task is not None
    spec = task.metric("max_angle")
    assert spec is not None
    assert spec.unit == "deg"


def test_free_tasks_and_metrics_are_not_in_the_protocol():
    assert PROTOCOL.task("hopscotch") is None
    assert PROTOCOL.tasks[0].metric("hops") is None


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Walk"), ("ar", "المشي"), ("ar_EG", "المشي"), ("ar-EG", "المشي"), ("de", "Walk"), ("", "Walk")],
)
def test_a_text_falls_back_to_english(language, text):
    assert label({"en": "Walk", "ar": "المشي"}, language, "walk") == text


def test_a_text_without_english_falls_back_to_the_key():
    assert label({"ar": "المشي"}, "de", "walk") == "walk"


@pytest.mark.parametrize(
    ("ucum", "text"),
    [
        ("deg", "°"),
        ("1", ""),
        ("%", "%"),
        ("cm", "cm"),
        ("m/s", "m/s"),
        ("1/min", "/min"),
        ("s", "s"),
        (None, ""),
    ],
)
def test_units_are_shown_as_people_write_them(ucum, text):
    assert unit_text(ucum) == text


def test_a_unit_follows_after_a_thin_space_and_a_degree_without():
    assert with_unit("20.8", "kg") == "20.8\u2009kg"
    assert with_unit("165.5", "deg") == "165.5°"
    assert with_unit("0.95", "1") == "0.95"


@pytest.mark.parametrize(
    ("value", "judgement"),
    [(149.9, "below"), (150, "within"), (165.5, "within"), (180, "within"), (180.1, "above")],
)
def test_the_ends_of_the_expected_range_are_within_it(value, judgement):
    assert judge(metric(expected=Range(low=150, high=180)), value) == judgement


def test_without_an_expected_range_nothing_is_judged():
    assert judge(metric(), 1000) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_an_open_range_holds_every_value(value):
    assert possible(metric(possible=Range()), value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_possible_is_between_the_ends(value):
    assert possible(metric(), value) == (0 <= value <= 200)
    assert possible(metric(possible=Range(low=0)), value) == (value >= 0)
    assert possible(metric(possible=Range(high=0)), value) == (value <= 0)
