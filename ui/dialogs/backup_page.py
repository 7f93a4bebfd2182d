"""Backups in the settings: the last one, a second place, and whether one could be restored."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import shiboken6
from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from desktop.background import to_its_end
from desktop.backup_notes import Notes, read_notes
from desktop.backups import Backup, list_backups
from desktop.core import Core
from desktop.crud import local_day
from desktop.safekeeping import keep_up, rehearse
from ui import words
from ui.asking import pick_folder
from ui.dialogs.setting_rows import card, page, setting
from ui.operations import Operations, Progress
from ui.widgets.button import Button
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox


@dataclass(frozen=True)
class Seen:
    """The backups that there are, and what is noted of them."""

    backups: list[Backup]
    notes: Notes


class BackupPage(QWidget):
    """`place_changed` brings another second place, empty for none."""

    place_changed = Signal(str)

    def __init__(self, core: Core, *, second_place: str, operations: Operations) -> None:
        super().__init__()
        self._core, self._operations, self._place = core, operations, second_place
        self.make = Button(self.tr("Back up now"))
        self.folder = Button(self.tr("Open folder"))
        self.choose = Button(self.tr("Choose folder…"), name=self.tr("Choose the second place…"))
        self.forget = Button(self.tr("None"), kind="ghost", name=self.tr("Have no second place"))
        self.rehearse = Button(self.tr("Try now"), name=self.tr("Restore the last backup for trial"))
        self.last, self.second, self.trial = (
            label(role="caption", tone="muted", wrap=True) for _ in range(3)
        )
        places = QWidget()
        places.setLayout(hbox(self.forget, self.choose, spacing=8))
        how = self.tr(
            "With Kinelog closed: kinelogctl restore FOLDER. What is there then is kept as a backup of its own."
        )
        made = page(
            self.tr("Backup"),
            card(
                setting(self.tr("Last backup"), self.last, self.make),
                setting(self.tr("Where they lie"), words.breakable(str(core.paths.backups)), self.folder),
                setting(self.tr("Second place"), self.second, places),
                setting(self.tr("Restored for trial"), self.trial, self.rehearse),
                setting(self.tr("Restore"), how),
            ),
        )
        self.setLayout(vbox(made, spacing=0))
        self.make.clicked.connect(lambda _checked: self._do(self._make, self.make))
        self.rehearse.clicked.connect(lambda _checked: self._do(self._rehearse, self.rehearse))
        self.folder.clicked.connect(lambda _checked: self._open_folder())
        self.choose.clicked.connect(lambda _checked: self._choose())
        self.forget.clicked.connect(lambda _checked: self._set_place(""))
        self._show(Seen([], Notes()))
        self.read()

    def read(self) -> None:
        """Read anew what there is."""

        async def read(_progress: Progress) -> Seen:
            return await self._see()

        title = self.tr("Read the backups")
        self._operations.start(read, title=title, key=(self, "read"), done=self._show)

    # Doing

    def _do(self, work: Callable[[], Awaitable[object]], button: Button) -> None:
        async def do(_progress: Progress) -> Seen:
            await work()
            return await self._see()

        title = self.tr("Make a backup")
        self._operations.start(do, title=title, key=(BackupPage, "backup"), busy=button, done=self._show)

    async def _make(self) -> None:
        await keep_up(self._core, second_place=self._place, at_once=True)

    async def _rehearse(self) -> None:
        await rehearse(self._core)

    async def _see(self) -> Seen:
        paths = self._core.paths
        backups = await to_its_end(list_backups, paths.backups)
        return Seen(backups, await to_its_end(read_notes, paths))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._core.paths.backups)))

    def _choose(self) -> None:
        async def choose(_progress: Progress) -> Path | None:
            return await pick_folder(self.window(), title=self.tr("The second place of backups"))

        def chosen(folder: Path | None) -> None:
            if folder is not None:
                self._set_place(str(folder))

        title = self.tr("Choose the second place…")
        self._operations.start(choose, title=title, key=(self, "choose"), done=chosen)

    def _set_place(self, place: str) -> None:
        self._place = place
        self.place_changed.emit(place)
        self.read()

    # Showing

    def _show(self, seen: Seen) -> None:
        if not shiboken6.isValid(self):  # the settings were closed meanwhile
            return
        self.last.setText(self._last_words(seen.backups))
        self.second.setText(self._second_words(seen.notes))
        self.trial.setText(self._trial_words(seen.notes))
        self.forget.setVisible(bool(self._place))
        self.rehearse.setEnabled(bool(seen.backups))

    def _last_words(self, backups: list[Backup]) -> str:
        if not backups:
            return self.tr("None yet. Kinelog makes one each hour in which something changed.")
        size = sum(backup.size for backup in backups) / 1_000_000
        text = self.tr("{when}. Backups kept: {count}, {size} MB in all.")
        return text.format(
            when=self._when(backups[0].made_at), count=len(backups), size=words.number(size, 1)
        )

    def _second_words(self, notes: Notes) -> str:
        if not self._place:
            return self.tr("None. A USB stick, for instance, gets a copy of each backup, encrypted too.")
        place = words.breakable(self._place)
        if notes.second_trouble:
            return f"{place}. {notes.second_trouble}"
        return self.tr("{place}. Last copy {when}.").format(place=place, when=self._noted(notes.second_at))

    def _trial_words(self, notes: Notes) -> str:
        if notes.rehearsal_trouble:
            return self.tr("Failed on {when}: {why}").format(
                when=self._noted(notes.rehearsed_at), why=notes.rehearsal_trouble
            )
        if notes.rehearsed_at:
            return self.tr("{when}. Everything could be read.").format(when=self._noted(notes.rehearsed_at))
        return self.tr("Not yet. Kinelog does it once a week.")

    def _noted(self, instant: str) -> str:
        return self._when(datetime.fromisoformat(instant)) if instant else self.tr("not yet")

    def _when(self, instant: datetime) -> str:
        offset = self._core.clock.utc_offset_minutes()
        moment = f"{words.day(local_day(instant, offset))} {words.clock_time(instant, offset)}"
        return words.isolated(moment)
