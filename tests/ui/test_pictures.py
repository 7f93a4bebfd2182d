"""Every view in every look: nothing is clipped, covered, outside of the window or too small to hit.

The pictures go to shots/, or to the folder that KINELOG_SHOTS names, to be looked at.
"""

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.flaws import flaws
from tests.ui.pictures import LOOKS, Look, views, worn

SHOTS = Path(os.environ.get("KINELOG_SHOTS") or Path(__file__).parents[2] / "shots")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_view_can_be_read_and_hit(application: QApplication, tmp_path: Path, look: Look) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    wrong = []
    with worn(application, look):
        async for name, seen in views(tmp_path, look):
            seen.grab().save(str(SHOTS / f"{name}-{look.name}.png"))
            wrong += [f"{name}: {flaw}" for flaw in flaws(seen)]
    assert not wrong, "\n".join(wrong)
