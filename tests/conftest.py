"""What holds for every test: its own home folder, a watched log, a real PostgreSQL for those who ask."""

import os
from collections.abc import Iterator
from pathlib import Path

# Before any import of Qt: no test opens a window on somebody's screen.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"

import hypothesis
import platformdirs
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from tests.helpers import logs
from tests.helpers.postgres import PostgresServer, running_server

# Tests run in an empty home; the ones that call ./run should find there what uv has fetched before.
os.environ.setdefault("UV_CACHE_DIR", platformdirs.user_cache_dir("uv"))
set_hypothesis_home_dir(Path(__file__).parents[1] / ".hypothesis")
hypothesis.settings.register_profile("kinelog", deadline=None)
hypothesis.settings.load_profile("kinelog")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder; the user's own data, settings and .env files are out of reach."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    monkeypatch.setenv("KINELOG_DATA_DIR", str(folder / "kinelog"))
    for name in ("DATABASE_URL", "CENTRE_DATABASE_URL", "KINELOG_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(autouse=True)
def watched_log() -> Iterator[logs.WatchedLog]:
    """The log of this test: a warning or worse, Qt's messages too, fails it unless `.allow(pattern)` was called."""
    with logs.watch() as watched:
        yield watched
    unexpected = watched.unexpected()
    assert not unexpected, "Unexpected log:\n" + "\n".join(unexpected)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this test run."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, empty database of this test alone."""
    with postgres_server.database() as url:
        yield url
