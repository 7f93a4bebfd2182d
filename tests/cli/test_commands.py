"""kinelogctl from outside: what it answers, and how it ends."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from desktop import __version__
from desktop.export.canonical import published
from desktop.paths import Paths
from desktop.vault_files import VaultFiles
from tests.cli.conftest import FILLED_WITH, PROGRAM, Run
from tests.helpers import stores
from tests.helpers.vaults import PASSPHRASE, unlocked
from tests.helpers.waiting import until


def test_help_names_every_command_and_imports_nothing_heavy(kinelogctl: Run):
    ended = kinelogctl("--help")
    assert ended.code == 0
    for command in ("init", "check", "demo", "sessions", "export", "import"):
        assert f"  {command} " in ended.out
    ask = "import desktop.cli, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "alembic", "pydantic", "PySide6"} & set(loaded.stdout.split())


def test_the_version_is_told(kinelogctl: Run):
    assert kinelogctl("--version").out == f"kinelogctl {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("check", "--loud"),
        ("demo",),
        ("demo", "--sessions", "0"),
        ("demo", "--sessions", "many"),
        ("sessions", "--limit", "-1"),
        ("sessions", "--limit", "99999999999999999999"),
        ("sessions", "--data-dir", "~nobody-of-this-name/kinelog"),
        ("export", "--all", "--format", "json"),
        ("export", "--all", "--output", "x.json"),
        ("export", "--format", "json", "--output", "x.json"),
        ("export", "--all", "--format", "docx", "--output", "x.docx"),
        ("export", "--all", "--date", "2026-03-14", "--format", "json", "--output", "x.json"),
        ("export", "seven", "--format", "json", "--output", "x.json"),
        ("export", "--date", "14.3.2026", "--format", "json", "--output", "x.json"),
        ("import",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_makes_nothing(kinelogctl: Run, data: Path, arguments: tuple[str, ...]):
    assert kinelogctl(*arguments).code == 2
    assert not data.exists()


@pytest.mark.usefixtures("vault")
def test_demo_fills_an_empty_folder(kinelogctl: Run):
    assert json.loads(kinelogctl("demo", "--sessions", 5, "--json").out) == {"sessions_made": 5}
    listed = json.loads(kinelogctl("sessions", "--json").out)["sessions"]
    assert len(listed) == 5


@pytest.mark.usefixtures("filled")
def test_sessions_are_listed_newest_first(kinelogctl: Run):
    listed = json.loads(kinelogctl("sessions", "--json").out)["sessions"]
    assert len(listed) == FILLED_WITH
    assert listed == sorted(listed, key=lambda row: row["started_at"], reverse=True)
    assert json.loads(kinelogctl("sessions", "--json", "--limit", 2).out)["sessions"] == listed[:2]


@pytest.mark.usefixtures("filled")
def test_export_and_import_tell_their_counts(kinelogctl: Run, tmp_path: Path):
    file = tmp_path / "all.json"
    written = json.loads(kinelogctl("export", "--all", "--format", "json", "--output", file, "--json").out)
    assert written == {"format": "json", "path": str(file), "sessions_written": FILLED_WITH}
    counts = json.loads(kinelogctl("import", file, "--json").out)
    assert counts == {
        "new": 0, "same": FILLED_WITH, "updated": 0, "people": 0, "protocols": 0, "dry_run": False
    }  # fmt: skip


@pytest.mark.usefixtures("filled")
def test_a_sound_installation_passes_every_check(kinelogctl: Run):
    checks = json.loads(kinelogctl("check", "--json").out)["checks"]
    assert {check["state"] for check in checks} <= {"ok", "warning"}
    assert {"paths", "permissions", "database", "schema", "integrity", "search", "clock", "disk"} <= {
        check["name"] for check in checks
    }


@pytest.mark.usefixtures("filled")
def test_an_exported_folder_comes_back_byte_for_byte_in_an_empty_one(kinelogctl: Run, tmp_path: Path):
    first, second, other = tmp_path / "first.json", tmp_path / "second.json", tmp_path / "other"
    kinelogctl("export", "--all", "--format", "json", "--output", first)
    assert kinelogctl("init", "--data-dir", other).code == 0
    assert kinelogctl("import", first, "--data-dir", other).code == 0
    assert (
        kinelogctl("--data-dir", other, "export", "--all", "--format", "json", "--output", second).code == 0
    )
    assert first.read_bytes() == second.read_bytes()
    jsonschema.Draft202012Validator(json.loads(published())).validate(json.loads(first.read_bytes()))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("options", "begins"),
    [
        (("--format", "pdf"), b"%PDF-"),
        (("--format", "pdf", "--kind", "family", "--lang", "ar"), b"%PDF-"),
        (("--format", "pdf", "--deidentified"), b"%PDF-"),
        (("--format", "pdf", "--no-notes", "--no-charts"), b"%PDF-"),
        (("--format", "fhir"), b'{"resourceType":"Bundle"'),
    ],
)
def test_reports_and_bundles_are_written(
    kinelogctl: Run, tmp_path: Path, options: tuple[str, ...], begins: bytes
):
    newest = json.loads(kinelogctl("sessions", "--limit", "1", "--json").out)["sessions"][0]
    file = tmp_path / "out"
    ended = kinelogctl("export", newest["id"], *options, "--output", file, "--json")
    assert json.loads(ended.out)["sessions_written"] == 1
    assert file.read_bytes().startswith(begins)
    if "--deidentified" in options:
        assert newest["child_name"].encode() not in file.read_bytes()


@pytest.mark.usefixtures("filled")
def test_a_day_is_listed_as_pdf_and_names_are_not_left_out_of_a_letter(kinelogctl: Run, tmp_path: Path):
    newest = json.loads(kinelogctl("sessions", "--limit", "1", "--json").out)["sessions"][0]
    day = newest["started_at"][:10]
    file = tmp_path / "day.pdf"
    assert kinelogctl("export", "--date", day, "--format", "pdf", "--output", file).code == 0
    letter = ("export", newest["id"], "--format", "pdf", "--kind", "family", "--deidentified")
    refused = kinelogctl(*letter, "--output", tmp_path / "letter.pdf")
    assert refused.code == 1
    assert "about names" in refused.line
    assert not (tmp_path / "letter.pdf").exists()


@pytest.mark.usefixtures("filled")
def test_one_session_one_child_and_one_day_can_be_exported(kinelogctl: Run, tmp_path: Path):
    file = tmp_path / "some.json"
    listed = json.loads(kinelogctl("sessions", "--json").out)["sessions"]
    newest = listed[0]

    def ids(*choice: str) -> set[str]:
        assert kinelogctl("export", *choice, "--format", "json", "--output", file).code == 0
        return {session["id"] for session in json.loads(file.read_bytes())["sessions"]}

    assert ids(newest["id"]) == {newest["id"]}
    child = {row["id"] for row in listed if row["child_id"] == newest["child_id"]}
    assert ids("--child", newest["child_id"]) == child
    assert newest["utc_offset_minutes"] == 0
    day = {row["id"] for row in listed if row["started_at"][:10] == newest["started_at"][:10]}
    assert ids("--date", newest["started_at"][:10]) == day


def test_files_are_readable_by_their_owner_alone(kinelogctl: Run, data: Path, tmp_path: Path):
    kinelogctl("init")
    kinelogctl("demo", "--sessions", 2)
    kinelogctl("export", "--all", "--format", "json", "--output", tmp_path / "all.json")
    for path in (data, *data.iterdir(), tmp_path / "all.json"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.usefixtures("filled")
def test_an_import_of_other_content_needs_update(kinelogctl: Run, tmp_path: Path):
    file = tmp_path / "all.json"
    kinelogctl("export", "--all", "--format", "json", "--output", file)
    document = json.loads(file.read_bytes())
    document["sessions"][0]["notes"] = "Jumps like a kangaroo"
    file.write_text(json.dumps(document))
    refused = kinelogctl("import", file, "--json").line
    assert refused.startswith("1 session of this file is here already with other content.")
    assert "--update" in refused
    counts = {"new": 0, "same": FILLED_WITH - 1, "updated": 1, "people": 0, "protocols": 0}
    dry = kinelogctl("import", file, "--update", "--dry-run", "--json")
    assert json.loads(dry.out) == {**counts, "dry_run": True}
    assert json.loads(kinelogctl("sessions", "--search", "kangaroo", "--json").out) == {"sessions": []}
    assert json.loads(kinelogctl("import", file, "--update", "--json").out) == {**counts, "dry_run": False}
    assert len(json.loads(kinelogctl("sessions", "--search", "KANGAROO", "--json").out)["sessions"]) == 1


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("convention", ["comma", "semicolon"])
def test_a_csv_is_taken_in_elsewhere_and_is_the_same_here(kinelogctl: Run, tmp_path: Path, convention: str):
    file, other = tmp_path / "all.csv", tmp_path / "other"
    written = kinelogctl("export", "--all", "--format", "csv", "--csv", convention, "--output", file)
    assert written.code == 0, written
    assert json.loads(kinelogctl("import", file, "--json").out)["same"] == FILLED_WITH
    kinelogctl("init", "--data-dir", other)
    assert json.loads(kinelogctl("import", file, "--data-dir", other, "--json").out)["new"] == FILLED_WITH


@pytest.mark.usefixtures("filled")
def test_a_csv_that_does_not_fit_names_the_line(kinelogctl: Run, tmp_path: Path):
    file = tmp_path / "all.csv"
    kinelogctl("export", "--all", "--format", "csv", "--output", file)
    lines = file.read_bytes().split(b"\r\n")
    file.write_bytes(b"\r\n".join([*lines[:2], b"broken", *lines[2:]]))
    assert kinelogctl("import", file).line.startswith("Line 3: It has 1 cells")


NOBODY = "00000000-0000-4000-8000-000000000000"
FAILURES = {
    "a second demo": (("demo", "--sessions", "1"), "There are records here already."),
    "an unknown session": (("export", NOBODY), "This session is no longer there."),
    "an unknown child": (("export", "--child", NOBODY), "There are no such sessions."),
    "a day without sessions": (("export", "--date", "1999-12-31"), "There are no such sessions."),
    "no such file": (("import", "none.json"), "none.json cannot be read: No such file or directory."),
    "a broken file": (("import", "broken.json"), "This file is damaged or incomplete"),
    "a folder for a file": (("import", "."), ". cannot be read: Is a directory."),
}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("arguments", "reason"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_one_clear_line(kinelogctl: Run, home: Path, arguments: tuple[str, ...], reason: str):
    (home / "broken.json").write_text("{")
    to_file = ("--format", "json", "--output", "out.json") if arguments[0] == "export" else ()
    assert kinelogctl(*arguments, *to_file).line.startswith(reason)
    assert not (home / "out.json").exists()


@pytest.mark.usefixtures("filled")
def test_a_file_that_cannot_be_written_is_named(kinelogctl: Run):
    line = kinelogctl("export", "--all", "--format", "json", "--output", "no/folder/out.json").line
    assert line == "no/folder/out.json cannot be written: No such file or directory."


def test_a_folder_that_is_a_file_is_named(kinelogctl: Run, tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in kinelogctl("sessions", "--data-dir", tmp_path / "file").line


def test_what_nobody_expected_is_one_line_with_its_details_in_the_log(kinelogctl: Run, filled: Path):
    """A row that vanished although it is always there is a bug or a vandal, not the user's business."""
    files = VaultFiles(unlocked(Paths(filled)).key)
    with stores.freely(filled / "kinelog.sqlite3", files) as connection:
        connection.execute("DELETE FROM installation")
    line = kinelogctl("sessions", "--search", "Zoë").line
    log = filled / "logs" / "kinelog.log"
    assert line == f"Something unexpected went wrong. The details are in {log}."
    assert "TypeError" in log.read_text()
    assert "Zoë" not in log.read_text()


@pytest.mark.usefixtures("filled")
def test_a_reader_who_has_seen_enough_is_no_failure_to_shout_about(home: Path):
    command = f"{PROGRAM} sessions | head -n 1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, cwd=home)
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == ""


@pytest.mark.usefixtures("filled")
def test_names_survive_a_terminal_that_knows_only_ascii(kinelogctl: Run):
    narrow = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert kinelogctl("sessions", env=narrow).code == 0
    plain, wide = kinelogctl("sessions", "--json", env=narrow), kinelogctl("sessions", "--json")
    assert json.loads(plain.out) == json.loads(wide.out)
    assert any(not row["child_name"].isascii() for row in json.loads(wide.out)["sessions"])


async def test_ctrl_c_ends_without_a_word_and_leaves_a_whole_file(kinelogctl: Run, vault: Path, home: Path):
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "demo", "--sessions", "100000", stderr=asyncio.subprocess.PIPE, cwd=home
    )
    try:
        await until((vault / "kinelog.sqlite3-wal").exists, timeout=60)
        process.send_signal(signal.SIGINT)
        _, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert (process.returncode, complaint) == (130, b"")
    assert kinelogctl("check").code == 0


# The vault


def test_init_prints_the_recovery_key_once_and_it_opens_everything(
    kinelogctl: Run, data: Path, monkeypatch: pytest.MonkeyPatch
):
    recovery_key = json.loads(kinelogctl("init", "--name", "Lena Okafor", "--json").out)["recovery_key"]
    assert [len(group) for group in recovery_key.split("-")] == [4] * 8
    for path in data.rglob("*"):
        assert path.is_dir() or recovery_key.encode() not in path.read_bytes()
    monkeypatch.setenv("KINELOG_PASSPHRASE", recovery_key)
    assert kinelogctl("demo", "--sessions", "1").code == 0


@pytest.mark.parametrize(
    ("passphrase", "reason"),
    [
        ("short", "A passphrase has at least 12 characters."),
        ("password1234", "This passphrase is among the first"),
    ],
)
def test_a_passphrase_that_keeps_nobody_out_is_refused(
    kinelogctl: Run, data: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str, reason: str
):
    monkeypatch.setenv("KINELOG_PASSPHRASE", passphrase)
    assert kinelogctl("init").line.startswith(reason)
    assert not data.exists()


@pytest.mark.usefixtures("vault")
def test_a_second_vault_is_refused(kinelogctl: Run):
    assert kinelogctl("init").line == "This folder has a vault already."


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("command", [("sessions",), ("demo", "--sessions", "1"), ("check",)])
def test_nothing_opens_by_a_wrong_passphrase(
    kinelogctl: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
):
    monkeypatch.setenv("KINELOG_PASSPHRASE", "not those words")
    ended = kinelogctl(*command)
    assert ended.code == 1
    assert "That passphrase is not right" in ended.out + ended.err


@pytest.mark.usefixtures("filled")
def test_without_a_passphrase_the_records_stay_locked(kinelogctl: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KINELOG_PASSPHRASE")
    assert kinelogctl("sessions", stdin=subprocess.DEVNULL).line.startswith("The records are locked.")
    checks = json.loads(kinelogctl("check", "--json", stdin=subprocess.DEVNULL).out)["checks"]
    assert {"name": "vault", "state": "warning"}.items() <= checks[-1].items()


@pytest.mark.usefixtures("filled")
def test_the_passphrase_can_stand_in_a_file_which_counts_more_than_the_environment(
    kinelogctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\nand a note\n")
    monkeypatch.setenv("KINELOG_PASSPHRASE", "not those words")
    assert kinelogctl("sessions", "--passphrase-file", file).code == 0
    assert kinelogctl("--passphrase-file", file, "sessions").code == 0
    missing = tmp_path / "missing"
    assert kinelogctl("sessions", "--passphrase-file", missing).line == (
        f"The passphrase file {missing} cannot be read."
    )


def test_plain_records_of_an_earlier_kinelog_are_encrypted_by_init(kinelogctl: Run, data: Path):
    paths = Paths(data)
    paths.create()
    plain = stores.migrated_file(data)
    plain.rename(paths.database)
    assert "kinelogctl init" in kinelogctl("sessions").line
    assert kinelogctl("init").code == 0
    assert not paths.database.read_bytes().startswith(b"SQLite format 3")
    assert json.loads(kinelogctl("sessions", "--json").out) == {"sessions": []}


# The audit trail


@pytest.mark.usefixtures("filled")
def test_the_trail_is_verified_and_shown(kinelogctl: Run, tmp_path: Path):
    newest = json.loads(kinelogctl("sessions", "--json", "--limit", 1).out)["sessions"][0]["id"]
    kinelogctl("export", newest, "--format", "json", "--output", tmp_path / "one.json")
    verdict = json.loads(kinelogctl("audit", "verify", "--json").out)
    assert verdict["whole"] is True
    assert verdict["entries"] > FILLED_WITH
    events = json.loads(kinelogctl("audit", "show", newest, "--json").out)["events"]
    assert events[0]["entity_id"] == newest
    assert {event["action"] for event in events} == {"insert", "export"}
    assert "insert sessions" in kinelogctl("audit", "show", newest).out
    assert kinelogctl("audit", "show", NOBODY).line == "Nothing is known of this record."


def entered(folder: Path) -> list[tuple[str, dict[str, object]]]:
    """Return what was entered beside the records' own changes, and what was said of it."""
    query = "SELECT action, after FROM audit_log WHERE entity = 'vault' AND action != 'unlock' ORDER BY seq"
    files = VaultFiles(unlocked(Paths(folder)).key)
    found = stores.rows(folder / "kinelog.sqlite3", query, files)
    return [(str(action), json.loads(str(after)) if after else {}) for action, after in found]


def test_every_look_at_the_records_and_every_export_stands_in_the_trail(
    kinelogctl: Run, filled: Path, tmp_path: Path
):
    kinelogctl("check")
    kinelogctl("sessions", "--search", "zoe")
    listed = json.loads(kinelogctl("sessions", "--json", "--limit", 3).out)["sessions"]
    kinelogctl("export", "--all", "--format", "json", "--output", tmp_path / "all.json")
    kinelogctl("export", "--all", "--format", "json", "--output", tmp_path / "none" / "all.json")
    kinelogctl("audit", "show", listed[0]["id"])
    found = entered(filled)
    assert [action for action, _ in found] == [
        "check", "list", "list", "export", "export", "export_failed", "show"
    ]  # fmt: skip
    assert found[2:] == [
        ("list", {"sessions": 3}),
        ("export", {"format": "json", "sessions": FILLED_WITH, "names": "named"}),
        ("export", {"format": "json", "sessions": FILLED_WITH, "names": "named"}),
        ("export_failed", {"format": "json"}),
        ("show", {"record": listed[0]["id"]}),
    ]
    assert "zoe" not in json.dumps(found)
    assert json.loads(kinelogctl("audit", "verify", "--json").out)["whole"] is True


def test_an_export_that_was_killed_stands_in_the_trail(filled: Path, tmp_path: Path):
    output = tmp_path / "all.json"
    command = ["--data-dir", filled, "export", "--all", "--format", "json", "--output", output]
    with subprocess.Popen([PROGRAM, *command], stdout=subprocess.DEVNULL) as running:
        while not list(tmp_path.glob("*all.json*")) and running.poll() is None:
            pass
        running.kill()
    assert [action for action, _ in entered(filled)] == ["export"]


def test_a_look_at_records_that_are_not_sound_stands_in_the_trail_once_they_are(
    kinelogctl: Run, filled: Path
):
    files = VaultFiles(unlocked(Paths(filled)).key)
    with stores.freely(filled / "kinelog.sqlite3", files) as connection:
        connection.execute("DROP TRIGGER audit_metrics_update")
    assert kinelogctl("check").code == 1
    assert entered(filled) == []
    kinelogctl("audit", "repair", "--reason", "lost")
    assert [action for action, _ in entered(filled)] == ["check", "repair"]


def test_rules_that_were_changed_are_told_and_put_back(kinelogctl: Run, filled: Path):
    files = VaultFiles(unlocked(Paths(filled)).key)
    with stores.freely(filled / "kinelog.sqlite3", files) as connection:
        connection.execute("DROP TRIGGER audit_metrics_update")
    assert "audit_metrics_update" in kinelogctl("sessions").line
    assert kinelogctl("check").code == 1
    assert kinelogctl("audit", "repair", "--reason", "lost", "--json").code == 0
    assert kinelogctl("sessions").code == 0
    assert kinelogctl("check").code == 0


def test_a_trail_that_was_forged_ends_with_1(kinelogctl: Run, filled: Path):
    files = VaultFiles(unlocked(Paths(filled)).key)
    with stores.freely(filled / "kinelog.sqlite3", files) as connection:
        (guard,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'audit_log_update'"
        ).fetchone()
        connection.execute("DROP TRIGGER audit_log_update")
        connection.execute("UPDATE audit_log SET after = '{}' WHERE seq = 2")
        connection.execute(guard)
    ended = kinelogctl("audit", "verify")
    assert (ended.code, ended.err) == (
        1,
        "The audit trail was changed. The values of entry 2 were changed.\n",
    )
