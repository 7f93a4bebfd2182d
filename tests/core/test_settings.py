"""Settings: kept whole, and never a reason not to start."""

import json
import os
import stat
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.files import replace_file, replacing
from desktop.schemas import SESSION_EDITS, SessionRecord, validated_edit
from desktop.settings import TEXT_SCALES, Settings, load_settings, save_settings

ASSESSOR = UUID("0198f000-0000-7000-8000-000000000001")
CHOSEN = Settings(appearance="dark", text_scale=1.3, assessor=ASSESSOR, site="Klinik für Kinder, Süd")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def test_what_was_chosen_is_found_again(tmp_path: Path):
    save_settings(tmp_path / "settings.json", CHOSEN)
    assert load_settings(tmp_path / "settings.json") == CHOSEN


def test_the_file_is_its_owners_alone_and_nothing_is_left_beside_it(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    for chosen in (Settings(), CHOSEN):
        save_settings(folder / "settings.json", chosen)
    assert [path.name for path in folder.iterdir()] == ["settings.json"]
    assert stat.S_IMODE((folder / "settings.json").stat().st_mode) == 0o600


def test_without_a_file_there_are_defaults(tmp_path: Path):
    assert load_settings(tmp_path / "settings.json") == Settings()
    assert not (tmp_path / "settings.json").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe", b"\0" * 99, b"[" * 100_000]
)
def test_a_file_that_says_nothing_means_the_defaults(tmp_path: Path, content: bytes):
    (tmp_path / "settings.json").write_bytes(content)
    assert load_settings(tmp_path / "settings.json") == Settings()


def test_one_entry_that_is_wrong_costs_no_other(tmp_path: Path):
    path = tmp_path / "settings.json"
    save_settings(path, CHOSEN)
    stored = json.loads(path.read_bytes())
    for name in stored:
        path.write_text(json.dumps(stored | {name: {"of": "a newer Kinelog"}}))
        expected = {entry: getattr(CHOSEN, entry) for entry in stored} | {name: getattr(Settings(), name)}
        assert load_settings(path) == Settings(**expected)


@given(stored=st.dictionaries(st.sampled_from(["appearance", "text_scale", "assessor", "site"]), json_values))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_there_gives_settings_that_can_be_used(tmp_path: Path, stored: dict[str, object]):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(stored))
    found = load_settings(path)
    assert found.appearance in {"system", "light", "dark"}
    assert found.text_scale in TEXT_SCALES
    assert found.assessor is None or isinstance(found.assessor, UUID)
    assert validated_edit(SessionRecord, SESSION_EDITS, {"site": found.site})
    save_settings(path, found)
    assert load_settings(path) == found


@pytest.mark.parametrize("site", ["\ud800", "Ward\0", "Ward\x1b[2J", "Ward\n3"])
def test_a_site_that_no_session_could_have_is_none(tmp_path: Path, site: str):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"site": site, "text_scale": 1.5}))
    assert load_settings(path) == Settings(text_scale=1.5)


def test_a_file_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "settings.json"
    save_settings(path, CHOSEN)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_settings(path, Settings())
    assert load_settings(path) == CHOSEN
    assert [left.name for left in tmp_path.glob(".settings*")] == []


def test_a_writer_that_fails_halfway_leaves_the_former_file(tmp_path: Path):
    path = tmp_path / "report"
    replace_file(path, b"first")

    def write() -> None:
        with replacing(path) as file:
            file.write(b"sec")
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        write()
    assert path.read_bytes() == b"first"
    assert list(tmp_path.glob(".report*")) == []
