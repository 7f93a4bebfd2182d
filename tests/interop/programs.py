"""Running the programs that read what Kinelog writes: each within a time, and none is left behind."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import xlrd

SECONDS = 60
Row = dict[str, object]
Sheets = dict[str, list[Row]]


def run(*command: str, home: Path) -> str:
    """Return what a program printed; CalledProcessError when it failed, and what it had started is ended."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(home)},
        start_new_session=True,
    )
    try:
        said, complained = process.communicate(timeout=SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, said, complained)
    return said


def read_by_libreoffice(path: Path, folder: Path, *, opened_as: str | None = None) -> Sheets:
    """Return the sheets that LibreOffice sees in a file, opened with the settings `opened_as`, by their names.

    It saves what it sees as .xls, the one of its forms that keeps a double whole.
    """
    settings = [f"--infilter={opened_as}"] if opened_as else []
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    to = ["--convert-to", "xls", "--outdir", str(folder)]
    run("soffice", profile, "--headless", "--norestore", *settings, *to, str(path), home=folder)
    book = xlrd.open_workbook(folder / f"{path.stem}.xls")
    return {sheet.name: _rows(sheet) for sheet in book.sheets()}


def _rows(sheet: xlrd.sheet.Sheet) -> list[Row]:
    heads = sheet.row_values(0)
    return [dict(zip(heads, map(_value, sheet.row(place)), strict=True)) for place in range(1, sheet.nrows)]


def _value(cell: xlrd.sheet.Cell) -> object:
    """Return a cell as text, float, bool, datetime or None; what a formula came to is never the text it was."""
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, 0)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return None if cell.ctype in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK} else cell.value
