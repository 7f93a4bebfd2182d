"""What the documents tell to type is there."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_run_knows_every_task_that_the_documents_name() -> None:
    named = {
        task for name in DOCUMENTS for task in re.findall(r"(?:^|`)\./run ([a-z]+)", read(name), re.MULTILINE)
    }
    known = set(re.findall(r"^  ([a-z]+)\)", read("run"), re.MULTILINE))
    assert {"test", "bench", "soak"} <= named <= known


def test_an_unknown_task_is_answered_with_the_usage_and_exit_code_2() -> None:
    answer = subprocess.run([ROOT / "run", "-n", "nonsense"], check=False, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "./run test" in answer.stderr


def test_the_continuous_integration_runs_the_readme_s_test_command() -> None:
    assert "```sh\n./run test\n```" in read("README.md")
    assert "./run test" in read(".ci/run").splitlines()


def test_the_continuous_integration_runs_what_other_programs_read() -> None:
    assert read(".ci/run").rstrip().endswith("./run test --interop tests/interop")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_linked_file_is_there(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", read(name))
    assert [link for link in links if not (ROOT / link).exists()] == []
