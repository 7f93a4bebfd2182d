"""The whole practice, many times over: see `simulation`."""

from pathlib import Path

import pytest

from tests.sync.simulation import Practice, make_template

SEEDS = range(200)
STEPS = 60


@pytest.fixture(scope="session")
def template_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("practice")


async def play(folder: Path, template_folder: Path, seed: int, steps: int = STEPS) -> Practice:
    template = template_folder / "template.sqlite3"
    if not template.exists():
        await make_template(template)
    practice = Practice(folder, seed)
    try:
        await practice.open(template)
        await practice.play(steps)
    except BaseException:
        print(f"seed {seed}: {', '.join(practice.told)}")
        raise
    finally:
        await practice.close()
    return practice


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 2200))
async def test_nothing_is_lost_in_a_long_run(tmp_path: Path, template_folder: Path, seed: int):
    await play(tmp_path, template_folder, seed, steps=2 * STEPS)


@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_is_lost_doubled_or_different(tmp_path: Path, template_folder: Path, seed: int):
    await play(tmp_path, template_folder, seed)
