"""Opening a data folder: made when new, refused when it is not ours, and found again as it was."""

import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop import crud
from desktop.core import Core
from desktop.errors import DatabaseUnavailable, WrongKey
from desktop.paths import Paths, find_paths
from desktop.schema import HEAD, revision_of
from desktop.schemas import NewSession
from desktop.settings import Settings, save_settings
from tests.helpers.clocks import NOON, StillClock
from tests.helpers.vaults import unlocked


async def begin(core: Core, session_id: UUID | None = None) -> UUID:
    async with core.database.write(actor=UUID(int=7)) as db:
        new = NewSession(child_name="John Doe", child_age=8)
        return (await crud.create_session(db, new, session_id=session_id)).id


async def refusal(paths: Paths) -> DatabaseUnavailable:
    with pytest.raises(DatabaseUnavailable) as refused:
        async with Core.open(paths, unlocked=unlocked(paths)):
            raise AssertionError("opened")
    return refused.value


async def test_a_new_folder_is_made_with_an_empty_database(tmp_path: Path):
    paths = Paths(tmp_path / "deep" / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        assert await revision_of(core.database) == HEAD
        assert core.settings == Settings()
    assert stat.S_IMODE(paths.data.stat().st_mode) == stat.S_IMODE(paths.logs.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths.database.stat().st_mode) == 0o600


async def test_what_was_recorded_is_found_again(tmp_path: Path):
    paths = Paths(tmp_path / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        session_id = await begin(core)
        save_settings(paths.settings, replace(core.settings, appearance="dark"))
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        assert core.settings.appearance == "dark"
        async with core.database.read() as db:
            assert (await crud.get_session(db, session_id)).child_name == "John Doe"


async def test_ids_rise_over_a_restart_with_a_clock_that_went_back(tmp_path: Path):
    paths = Paths(tmp_path / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths), clock=StillClock()) as core:
        first = await begin(core)
    earlier = StillClock(wall=NOON.replace(year=2001))
    async with Core.open(paths, unlocked=unlocked(paths), clock=earlier) as core:
        assert core.clock.new_id() > first


async def test_ids_of_other_programs_do_not_hide_ours(tmp_path: Path):
    paths = Paths(tmp_path / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths), clock=StillClock()) as core:
        first = await begin(core)
        for _ in range(5):
            await begin(core, uuid4())
        await begin(core, UUID(int=2**128 - 1))
    earlier = StillClock(wall=NOON.replace(year=2001))
    async with Core.open(paths, unlocked=unlocked(paths), clock=earlier) as core:
        assert core.clock.new_id() > first


async def test_a_file_in_the_folders_place_is_told(tmp_path: Path):
    (tmp_path / "kinelog").write_text("a note")
    assert (await refusal(Paths(tmp_path / "kinelog"))).kind == "gone"
    assert (tmp_path / "kinelog").read_text() == "a note"


async def test_a_damaged_database_is_told_and_left(tmp_path: Path):
    paths = Paths(tmp_path / "kinelog")
    unlocked(paths)
    paths.database.write_bytes(b"no database")
    with pytest.raises(WrongKey, match="or are damaged"):
        async with Core.open(paths, unlocked=unlocked(paths)):
            raise AssertionError("opened")
    assert paths.database.read_bytes() == b"no database"


async def test_records_that_were_there_are_never_made_anew(tmp_path: Path):
    paths = Paths(tmp_path / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await begin(core)
    paths.database.rename(tmp_path / "elsewhere")
    assert "is missing" in str(await refusal(paths))
    assert not paths.database.exists()
    (tmp_path / "elsewhere").rename(paths.database)
    async with Core.open(paths, unlocked=unlocked(paths)) as core, core.database.read() as db:
        assert len(await crud.list_sessions(db)) == 1


@pytest.fixture
def forbidden() -> Iterator[Path]:
    """A folder that may not be written by this process, which is an ordinary user's until the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        if os.geteuid() != 0:
            yield folder
            folder.chmod(0o700)
            return
        os.setresuid(65534, 65534, 0)
        try:
            yield folder
        finally:
            os.setresuid(0, 0, 0)


async def test_a_folder_that_may_not_be_made_is_told(forbidden: Path):
    refused = await refusal(Paths(forbidden / "kinelog"))
    assert refused.kind == "read_only"
    assert str(forbidden) in str(refused)


def test_the_data_folder_is_the_given_one_else_the_environments_else_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
):
    monkeypatch.setenv("KINELOG_DATA_DIR", str(tmp_path / "from-environment"))
    assert find_paths(tmp_path / "given").data == tmp_path / "given"
    assert find_paths().data == tmp_path / "from-environment"
    monkeypatch.delenv("KINELOG_DATA_DIR")
    assert find_paths().data == home / "data" / "Kinelog"
    assert find_paths(Path("relative")).data == home / "relative"
