"""The real `kinelogctl`, as a process of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desktop.paths import Paths
from tests.helpers.vaults import PASSPHRASE, unlocked

PROGRAM = Path(sys.executable).with_name("kinelogctl")
FILLED_WITH = 24


@dataclass(frozen=True)
class Ended:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line on stderr of a command that failed."""
        assert (self.code, self.out) == (1, ""), self
        (line,) = self.err.splitlines()
        return line


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINELOG_PASSPHRASE", PASSPHRASE)


@pytest.fixture
def kinelogctl(home: Path) -> Run:
    """Run a command on the test's own data folder; `options` go to subprocess.run."""

    def run(*arguments: object, **options: Any) -> Ended:
        ended = subprocess.run(
            [PROGRAM, *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, cwd=home, **options,
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, ended.stderr
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "kinelog"
    unlocked(Paths(folder))
    demo = [PROGRAM, "--data-dir", folder, "demo", "--sessions", str(FILLED_WITH)]
    environment = os.environ | {"KINELOG_PASSPHRASE": PASSPHRASE}
    subprocess.run(demo, check=True, capture_output=True, env=environment)
    return folder


@pytest.fixture
def vault(data: Path) -> Path:
    """The data folder of this test, with a vault and no records."""
    unlocked(Paths(data))
    return data


@pytest.fixture
def filled(_filled: Path, data: Path) -> Path:
    """The data folder of this test, with `FILLED_WITH` sessions."""
    return shutil.copytree(_filled, data)


@pytest.fixture
def data(home: Path) -> Path:
    """The data folder that the commands of this test use."""
    return Path(os.environ["KINELOG_DATA_DIR"])
