"""What is imported when: no window in the application, nothing heavy before it is needed."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = {"sqlalchemy", "alembic", "asyncpg", "aiosqlite", "pydantic", "rfc8785", "dotenv", "typer"}
QT = {"PySide6", "shiboken6", "qasync", "ui"}

ALL_OF_DESKTOP = """
import importlib, pkgutil, desktop
for module in pkgutil.walk_packages(desktop.__path__, "desktop."):
    importlib.import_module(module.name)
"""


def modules_after(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has after running `code`."""
    ask = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, check=True)
    return set(json.loads(ran.stdout))


def imported_by(code: str) -> set[str]:
    """Return the packages that a fresh interpreter has after running `code`, by their first names."""
    return {name.partition(".")[0] for name in modules_after(code)}


def test_all_of_desktop_runs_without_a_window():
    found = imported_by(ALL_OF_DESKTOP)
    assert {"desktop", "sqlalchemy", "pydantic"} <= found
    assert not found & QT


def test_the_application_itself_is_light():
    assert not imported_by("import desktop") & (HEAVY | QT)


def test_what_the_first_painted_window_needs_is_light():
    light = (
        "import desktop.paths, desktop.settings, desktop.logs, desktop.errors, desktop.clock, desktop.files"
    )
    assert not imported_by(light) & (HEAVY | QT)


def test_opening_the_records_needs_no_migrations_and_no_server_driver():
    assert not imported_by("import desktop.core") & {"alembic", "asyncpg", *QT}


def test_the_window_opens_without_what_only_exports_imports_and_servers_need():
    found = modules_after("import ui.workplace, ui.window")
    assert "sqlalchemy.dialects.sqlite" in found
    later = {"sqlalchemy.dialects.postgresql", "desktop.services.importing", "desktop.export.formats"}
    assert not found & (later | {"typst", "xlsxwriter", "PySide6.QtPrintSupport"})
