"""A desk to test panels on: a real core on a folder of its own, and what the window would put around it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtWidgets import QWidget

from desktop.core import Core
from desktop.models import Person
from desktop.paths import Paths
from desktop.protocols import bundled
from desktop.rows import insert_rows
from desktop.schemas import NewSession
from desktop.services.recording import begin_session
from tests.helpers.vaults import RECORDS_HERE, unlocked
from ui.notify import Notifier
from ui.opened import OpenSession
from ui.operations import Operations
from ui.recorder import Recorder


@dataclass(frozen=True)
class Desk:
    """What a panel is given by the window. `unexpected` collects errors that are bugs."""

    core: Core
    actor: UUID
    owner: QWidget
    operations: Operations
    notifier: Notifier
    opened: OpenSession
    recorder: Recorder
    unexpected: list[BaseException]

    async def begin(self, name: str = "John Doe", **fields: object) -> UUID:
        """Store a session of the bundled protocol and open it."""
        new = NewSession.model_validate({"child_name": name, "child_age": 8, **fields})
        session_id = await begin_session(
            self.core.database,
            actor=self.actor,
            new=new,
            protocol=bundled()[0],
            session_id=self.core.clock.new_id(),
        )
        self.opened.show(session_id)
        await self.operations.settle()
        return session_id


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with nothing recorded yet; every error that is a bug fails the test."""
    paths = Paths(tmp_path / "kinelog")
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        actor = RECORDS_HERE
        async with core.database.write(actor=actor) as db:
            await insert_rows(db, Person, [{"id": actor, "name": "Lena Okafor", "role": "clinician"}])
        owner, unexpected, notifier = QWidget(), [], Notifier()
        operations = Operations(owner, notifier=notifier, unexpected=unexpected.append)
        opened = OpenSession(core, actor=actor, operations=operations, notifier=notifier)
        recorder = Recorder(opened, clock=core.clock, notifier=notifier)
        yield Desk(core, actor, owner, operations, notifier, opened, recorder, unexpected)
        await operations.settle()
        await operations.close()
        owner.deleteLater()
        assert not unexpected, unexpected
