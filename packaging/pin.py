"""Write the exact versions in use into pyproject.toml, and with their hashes into packaging/requirements/.

`uv run packaging/pin.py` after a dependency was added or removed; with `--upgrade`, take the newest versions that
pyproject.toml allows.
"""

import argparse
import re
import subprocess
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "pyproject.toml"
REQUIREMENTS = ROOT / "packaging" / "requirements"
EXPORTS = {"base.txt": ["--no-dev"], "dev.txt": []}
FORMAT = ["--format", "requirements-txt", "--no-emit-project", "--no-header", "--no-annotate"]

_CONSTRAINTS = re.compile(r"^constraint-dependencies = \[\n.*?^\]$", re.MULTILINE | re.DOTALL)
_PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))?(?: \\)?$", re.MULTILINE
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that are allowed")
    if parser.parse_args().upgrade:
        write_constraints([])
        uv("lock", "--quiet", "--upgrade")
    write_constraints(pins(uv("export", "--quiet", *FORMAT)))
    for name, options in EXPORTS.items():
        (REQUIREMENTS / name).write_text(uv("export", "--quiet", *FORMAT, *options), encoding="utf-8")


def uv(*arguments: str) -> str:
    return subprocess.run(["uv", *arguments], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout


def pins(export: str) -> list[str]:
    """Return the pins of an export; the marker stays only where one name has several versions."""
    found = list(_PIN.finditer(export))
    versions = Counter(pin["name"] for pin in found)
    return [
        f"{pin['name']}=={pin['version']}" + (f"; {pin['marker']}" if versions[pin["name"]] > 1 else "")
        for pin in found
    ]


def write_constraints(lines: list[str]) -> None:
    block = "\n".join(["constraint-dependencies = [", *(f'  "{line}",' for line in lines), "]"])
    text = PROJECT.read_text(encoding="utf-8")
    PROJECT.write_text(_CONSTRAINTS.sub(lambda _: block, text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
