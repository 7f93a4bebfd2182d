"""What packaging installs is what the tests ran with."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "packaging" / "requirements"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")

Pin = tuple[str, str]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pin(line: str) -> Pin:
    requirement = Requirement(line)
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return canonicalize_name(requirement.name), specifier.version


def constraints() -> set[Pin]:
    return {pin(line) for line in project()["tool"]["uv"]["constraint-dependencies"]}


def exported(name: str) -> dict[Pin, str]:
    """Return the pins of an exported file, each with its hashes."""
    text = (REQUIREMENTS / name).read_text(encoding="utf-8").replace("\\\n", "")
    entries = (line.partition("--hash") for line in text.splitlines())
    return {pin(requirement): mark + hashes for requirement, mark, hashes in entries}


def declared(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_the_exported_development_set_is_the_set_of_constraints() -> None:
    assert set(exported("dev.txt")) == constraints()


def test_what_users_get_is_part_of_what_was_tested() -> None:
    assert set(exported("base.txt")) < set(exported("dev.txt"))


def test_every_declared_dependency_is_pinned() -> None:
    settings = project()
    groups = settings["dependency-groups"]
    base = declared(settings["project"]["dependencies"])
    development = declared([*groups["test"], *groups["lint"]])
    assert base <= {name for name, _ in exported("base.txt")}
    assert base | development <= {name for name, _ in constraints()}


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_every_pin_has_its_hashes_and_no_host_is_named(name: str) -> None:
    assert [pin for pin, hashes in exported(name).items() if not HASH.match(hashes)] == []
    assert "://" not in (REQUIREMENTS / name).read_text(encoding="utf-8")
