"""The threats that come in files and paths, tried on the real program: each is refused in one line and changes nothing.

The bodies of hostile JSON that the parser alone must know stand in `tests/core/test_importing.py`.
"""

import gzip
import json
import os
import re
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.export.canonical import canonical
from desktop.sealing import seal
from desktop.services.auditing import Event
from desktop.terminal import event_in_words
from desktop.vault_files import VaultFiles
from tests.cli.conftest import FILLED_WITH, Run
from tests.core.test_importing import HOSTILE
from tests.helpers import stores
from tests.helpers.records import ASSESSOR, NOW, a_document, a_session
from tests.helpers.vaults import KEY

TABLES = ("people", "protocols", "sessions", "task_results", "metrics", "session_search")
NAMED = (
    "NaN", "1e999", "endless digits", "2**63", "brackets without end", "half a character", "NUL", "a field twice",
    "a number in words", "half a file", "not text",
)  # fmt: skip
LARGEST = 256 * 1024 * 1024


def counts(folder: Path) -> dict[str, object]:
    query = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    (row,) = stores.rows(folder / "kinelog.sqlite3", query, VaultFiles(KEY))
    return dict(zip(TABLES, row, strict=True))


def zip_bomb(path: Path) -> None:
    """Write a zip whose one member is 200 MB of a document's beginning, packed a thousand times smaller."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("all.json", "w") as member:
        member.write(b'{"format":"kinelog","version":1,"sessions":[')
        for _ in range(200):
            member.write(b" " * 1_000_000)


def foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE sessions (child_name TEXT)")
        connection.execute("INSERT INTO sessions VALUES ('Zebulon')")
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON sessions BEGIN SELECT load_extension('evil'); END"
        )
        connection.commit()


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"format":"kinelog",')
        file.truncate(300_000_000)


def of_another_vault(path: Path) -> None:
    path.write_bytes(seal(os.urandom(32), b"{}"))


def sealed_and_cut(path: Path) -> None:
    path.write_bytes(seal(KEY, b'{"format":"kinelog"}' * 50)[:-7])


def sealed_nonsense(path: Path) -> None:
    path.write_bytes(seal(KEY, b"holiday notes"))


FILES: dict[str, Callable[[Path], object]] = {
    **{name: lambda path, body=HOSTILE[name][0]: path.write_bytes(body) for name in NAMED},
    "nothing": lambda path: path.touch(),
    "a byte order mark": lambda path: path.write_bytes(b'\xef\xbb\xbf{"format":"kinelog"}'),
    "UTF-16": lambda path: path.write_bytes('{"format":"kinelog"}'.encode("utf-16")),
    "300 MB": too_large,
    "a zip bomb": zip_bomb,
    "a gzip": lambda path: path.write_bytes(gzip.compress(b" " * 10_000_000)),
    "another program's database": foreign_database,
    "of another vault": of_another_vault,
    "sealed, cut short": sealed_and_cut,
    "sealed nonsense": sealed_nonsense,
}


def test_no_hostile_file_brings_a_row_in_and_each_is_told_in_one_line(
    kinelogctl: Run, filled: Path, tmp_path: Path
):
    before = counts(filled)
    assert before["sessions"] == FILLED_WITH
    for name, write in FILES.items():
        file = tmp_path / "incoming.json"
        file.unlink(missing_ok=True)
        write(file)
        content = file.stat()
        for options in ((), ("--update",)) if name in {"NaN", "NUL"} else ((),):
            line = kinelogctl("import", file, *options).line
            assert 20 < len(line) < 400, (name, line)
            assert line.isprintable(), name
            assert "Something unexpected" not in line, (name, line)
        assert (file.stat().st_size, file.stat().st_mtime_ns) == (content.st_size, content.st_mtime_ns)
    assert counts(filled) == before
    assert not list(filled.glob("*incoming*"))
    assert not [log for log in (filled / "logs").glob("*") if "Zebulon" in log.read_text()]


def test_a_device_that_never_ends_is_refused_as_too_large(kinelogctl: Run, filled: Path):
    before = counts(filled)
    assert "larger than 256 MB" in kinelogctl("import", "/dev/zero").line
    assert counts(filled) == before


FLIPPED = {
    "the salt": ("kinelog.sqlite3", 3, "belong to another key file, or are damaged"),
    "the first page": ("kinelog.sqlite3", 2000, "belong to another key file, or are damaged"),
    "the newest entries": ("kinelog.sqlite3", -2000, "This file is damaged."),
}


@pytest.mark.parametrize(("name", "place", "reason"), FLIPPED.values(), ids=FLIPPED.keys())
def test_a_flipped_bit_is_told_in_one_line_and_stays(
    kinelogctl: Run, filled: Path, name: str, place: int, reason: str
):
    path = filled / name
    content = bytearray(path.read_bytes())
    content[place] ^= 8
    path.write_bytes(content)
    told = [
        seen["text"]
        for seen in json.loads(kinelogctl("check", "--json").out)["checks"]
        if seen["state"] == "failed"
    ]
    assert any("damaged" in text for text in told)
    assert path.read_bytes() == content
    ended = kinelogctl("sessions")
    if ended.code:
        assert reason in ended.line
        assert path.read_bytes() == content


def test_a_flipped_bit_in_one_key_file_is_made_good_and_in_both_is_told(kinelogctl: Run, filled: Path):
    paths = [filled / name for name in ("keys.json", "keys-copy.json")]
    for path in paths:
        sound = path.read_bytes()
        flip(path)
        assert kinelogctl("sessions").code == 0
        assert f"{path.name} cannot be used" in (filled / "logs" / "kinelog.log").read_text()
        assert path.read_bytes() == sound
    damaged = [flip(path) for path in paths]
    assert kinelogctl("sessions").line.startswith("The key file is damaged or missing")
    told = json.loads(kinelogctl("check", "--json").out)["checks"]
    assert {seen["state"] for seen in told if "damaged or missing" in seen["text"]} == {"failed"}
    assert [path.read_bytes() for path in paths] == damaged


def flip(path: Path) -> bytes:
    """Flip a bit of a file, and return what it holds now."""
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 2
    path.write_bytes(content)
    return bytes(content)


def test_no_name_steers_the_terminal(kinelogctl: Run, filled: Path, tmp_path: Path):
    """Or else a name could hide a line, or have the terminal type one."""
    hostile = "Amina \x9b2J\x9d0;owned\x9c \u202egnp \u2066x"
    session = a_session(child_name=hostile, notes=hostile, task_results=())
    file = tmp_path / "steering.json"
    file.write_bytes(canonical(a_document(session)))
    assert kinelogctl("import", file).code == 0
    listed = kinelogctl("sessions", "--search", "owned")
    shown = kinelogctl("audit", "show", session.id)
    for ended in (listed, shown, kinelogctl("sessions", "--search", hostile)):
        assert ended.code == 0
        assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ended.out + ended.err)
    assert "Amina ?2J?0;owned? ?gnp ?x, 8" in listed.out
    assert "?" not in kinelogctl("import", tmp_path / "Zoë\u200cمحمد.json").line
    assert "a?[2Jb" in kinelogctl("import", tmp_path / "a\x1b[2Jb.json").line
    told = json.loads(kinelogctl("sessions", "--search", "owned", "--json").out)["sessions"]
    assert [row["child_name"] for row in told] == [hostile]


def test_what_is_no_text_is_refused_in_words(
    kinelogctl: Run, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A shell hands on any bytes."""
    no_text = os.fsdecode(b"\xff\xfefour random words\xff")
    line = kinelogctl("audit", "repair", "--reason", no_text).line
    assert line == "The reason holds characters that cannot be written."
    assert kinelogctl("sessions", "--search", no_text).code == 0
    assert "cannot be read" in kinelogctl("import", no_text).line
    monkeypatch.setenv("KINELOG_PASSPHRASE", no_text)
    assert "passphrase is not right" in kinelogctl("sessions").line
    line = kinelogctl("init", "--data-dir", tmp_path / "new").line
    assert line == "The passphrase holds characters that cannot be written."
    assert not (tmp_path / "new").exists()


def test_a_note_of_several_lines_does_not_look_like_entries_of_the_trail():
    forged = "Tired\n2026-03-14 09:00:00 UTC  Lena Okafor  update sessions"
    event = Event(
        seq=1, at=NOW, actor=ASSESSOR, actor_name="Omar Said", action="update", entity="sessions",
        entity_id=ASSESSOR, reason=forged, before={"notes": forged}, after={"notes": forged},
    )  # fmt: skip
    first, *others = event_in_words(event).splitlines()
    assert "Omar Said" in first
    assert len(others) == 2
    assert all(line.startswith("    ") for line in others)


# Where an export may go


OWN = ("kinelog.sqlite3", "keys-copy.json", "logs/kinelog.log", "new.json")


@pytest.mark.parametrize("way", ["straight", "round about", "through a link", "through a linked folder"])
def test_an_export_never_takes_the_place_of_a_file_of_kinelogs_own(
    kinelogctl: Run, filled: Path, tmp_path: Path, way: str
):
    (tmp_path / "elsewhere").symlink_to(filled)
    before = {name: (filled / name).read_bytes() for name in ("keys.json", "keys-copy.json")}
    rows = counts(filled)
    for name in OWN if way == "straight" else OWN[:1]:
        output = {
            "straight": filled / name,
            "round about": filled / "logs" / ".." / name,
            "through a link": tmp_path / "link.json",
            "through a linked folder": tmp_path / "elsewhere" / name,
        }[way]
        if way == "through a link":
            output.symlink_to(filled / name)
        line = kinelogctl("export", "--all", "--format", "json", "--output", output).line
        assert "Kinelog's own" in line, name
    assert counts(filled) == rows
    assert {name: (filled / name).read_bytes() for name in before} == before


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "name", ["a\nb.json", "\u202egnp.json", "ü" * 100 + ".json", " .json", "a%2f..%2fb.json", "-"]
)
def test_an_export_lies_where_it_was_said_whatever_the_name(kinelogctl: Run, tmp_path: Path, name: str):
    folder = tmp_path / "exports"
    folder.mkdir()
    ended = kinelogctl("export", "--all", "--format", "json", "--output", folder / name)
    assert (ended.code, ended.err) == (0, "")
    assert [path.name for path in folder.iterdir()] == [name]
    assert len(json.loads((folder / name).read_bytes())["sessions"]) == FILLED_WITH
    assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", ["x" * 300, "none/there/all.json", "all.json/x"])
def test_a_name_that_cannot_be_is_told_in_one_line(kinelogctl: Run, tmp_path: Path, name: str):
    (tmp_path / "all.json").touch()
    line = kinelogctl("export", "--all", "--format", "json", "--output", tmp_path / name).line
    assert "cannot be written" in line
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["all.json"]


@pytest.mark.usefixtures("filled")
def test_an_export_replaces_no_pipe_or_device(kinelogctl: Run, tmp_path: Path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert "cannot be written" in kinelogctl("export", "--all", "--format", "json", "--output", pipe).line
    assert stat.S_ISFIFO(pipe.stat().st_mode)


# What is left behind


def test_everything_a_day_of_commands_leaves_is_its_owners_alone(
    kinelogctl: Run, data: Path, home: Path, tmp_path: Path
):
    """Whatever the umask of who calls, and wherever it lies: data, home, temporary files."""
    scratch, taken = tmp_path / "scratch", tmp_path / "taken"
    for folder in (scratch, taken):
        folder.mkdir(mode=0o700)
    before = os.umask(0)
    try:
        for command in (
            ("init",), ("demo", "--sessions", 2), ("sessions",), ("check",), ("import", "none.json"),
            ("export", "--all", "--format", "json", "--output", taken / "all.json"), ("audit", "verify"),
        ):  # fmt: skip
            kinelogctl(*command, env={**os.environ, "TMPDIR": str(scratch)})
    finally:
        os.umask(before)
    left = [path for place in (data, home, scratch, taken) for path in (place, *place.rglob("*"))]
    assert {data / "kinelog.sqlite3", data / "keys.json", taken / "all.json"} <= set(left)
    for path in set(left) - {home}:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert list(scratch.iterdir()) == []


def test_no_memory_goes_into_a_file_when_a_command_is_killed(kinelogctl: Run, filled: Path, home: Path):
    """A core dump would hold the data key."""
    ended = kinelogctl("sessions", preexec_fn=_allow_core_dumps)
    assert ended.code == 0
    assert not [path for folder in (home, filled) for path in folder.rglob("*core*")]


def _allow_core_dumps() -> None:
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
