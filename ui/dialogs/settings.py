"""The settings of this laptop; each takes effect at once."""

from dataclasses import replace

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from desktop import __version__, access
from desktop.core import Core
from desktop.schemas import PersonRecord
from desktop.services.people import find_person
from desktop.settings import TEXT_SCALES, Appearance, Settings
from ui import words
from ui.dialogs.backup_page import BackupPage
from ui.dialogs.licences import Licence, LicenceDialog, licences
from ui.dialogs.name_setting import NameSetting
from ui.dialogs.section_list import SectionList
from ui.dialogs.security_page import SecurityPage
from ui.dialogs.setting_rows import card, heading, page, setting
from ui.operations import Operations, Progress
from ui.widgets.button import Button
from ui.widgets.label import label
from ui.widgets.layout import frame, hbox, rule, vbox
from ui.widgets.line_edit import LineEdit
from ui.widgets.segmented import Segmented

SIZE = 960, 680
NAV = 240
SITE_WIDTH = 260
SITE_LIMIT = 255
SECTIONS = ("appearance", "recording", "security", "backup", "about")
APPEARANCES: tuple[Appearance, ...] = ("system", "light", "dark")


class SettingsDialog(QDialog):
    """Sections at the side, what is set on cards. `changed` brings the Settings after each change."""

    changed = Signal(object)

    def __init__(
        self, parent: QWidget | None, *, core: Core, settings: Settings, operations: Operations
    ) -> None:
        super().__init__(parent)
        self._core, self._settings, self._operations = core, settings, operations
        self.setWindowTitle(self.tr("Settings"))
        self.setProperty("ground", "surface")
        self._build_controls()
        self._build()
        self._connect()
        self.show_section("appearance")
        self._read_name()

    def settings(self) -> Settings:
        """The settings as they are now."""
        return self._settings

    def show_section(self, name: str) -> None:
        """Turn to a section: one of SECTIONS; ValueError for another."""
        self.sections.choose(SECTIONS.index(name))

    # Building

    def _build_controls(self) -> None:
        texts = {"system": self.tr("System"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        self.appearance = Segmented(
            [(key, texts[key]) for key in APPEARANCES],
            name=self.tr("Theme"),
            current=self._settings.appearance,
        )
        sizes = [
            (f"{scale}", self.tr("{percent} %").format(percent=round(scale * 100))) for scale in TEXT_SCALES
        ]
        self.text_size = Segmented(sizes, name=self.tr("Text size"), current=f"{self._settings.text_scale}")
        self.site = LineEdit(name=self.tr("Site"), placeholder=self.tr("Not set"), max_length=SITE_LIMIT)
        self.site.setText(self._settings.site)
        self.site.setFixedWidth(SITE_WIDTH)
        self.name = NameSetting()
        self.folder = Button(self.tr("Open folder"))

    def _build(self) -> None:
        names = (
            (self.tr("Appearance"), "palette"),
            (self.tr("Recording"), "timer"),
            (self.tr("Security"), "lock"),
            (self.tr("Backup"), "hard-drive"),
            (self.tr("About"), "info"),
        )
        self.sections = SectionList(names, name=self.tr("Settings"))
        self._pages = QStackedWidget()
        self.backup = BackupPage(
            self._core, second_place=self._settings.second_place, operations=self._operations
        )
        self.security = SecurityPage(
            self._core, lock_after=self._settings.lock_after, operations=self._operations
        )
        settings = self._appearance_page(), self._recording_page()
        for made in (*settings, self.security, self.backup, self._about_page()):
            self._pages.addWidget(made)
        side = frame(
            vbox(label(self.tr("Settings"), "heading"), 8, (self.sections, 1), margins=(20, 20, 12, 16)),
            pane="side",
        )
        side.setMinimumWidth(NAV)
        self.setLayout(hbox(side, rule(vertical=True), (self._pages, 1), spacing=0))
        parent = self.parentWidget()
        room = parent.size() if parent is not None else self.size().expandedTo(self.maximumSize())
        self.resize(min(SIZE[0], room.width() - 32), min(SIZE[1], room.height() - 32))

    def _appearance_page(self) -> QWidget:
        return page(
            self.tr("Appearance"),
            card(
                setting(
                    self.tr("Theme"), self.tr("System follows the settings of your computer"), self.appearance
                ),
                setting(self.tr("Text size"), self.tr("Of everything in the window"), self.text_size),
            ),
        )

    def _recording_page(self) -> QWidget:
        return page(
            self.tr("Recording"),
            card(
                setting(self.tr("Your name"), self.tr("Kept with everything you record"), self.name),
                setting(self.tr("Site"), self.tr("Kept with every new session"), self.site),
            ),
        )

    def _about_page(self) -> QWidget:
        version = setting(self.tr("Kinelog {version}").format(version=__version__), self._purpose())
        folder = setting(self.tr("Your records"), words.breakable(str(self._core.paths.data)), self.folder)
        made_of = (setting(licence.what, licence.terms, self._shower(licence)) for licence in licences())
        return page(self.tr("About"), card(version, folder), heading(self.tr("Licences")), card(*made_of))

    def _purpose(self) -> str:
        return self.tr("Records children's motor assessments on this laptop")

    def _shower(self, licence: Licence) -> Button | None:
        if not licence.path:
            return None
        name = self.tr("Show the licence of {what}").format(what=licence.what)
        button = Button(self.tr("Show"), name=name)
        button.clicked.connect(lambda _checked: LicenceDialog(self, licence).open())
        return button

    # Changing

    def _connect(self) -> None:
        self.sections.chosen.connect(self._pages.setCurrentIndex)
        self.appearance.chosen.connect(self._choose_appearance)
        self.text_size.chosen.connect(self._choose_text_size)
        self.site.editingFinished.connect(self._name_site)
        self.name.named.connect(self._rename)
        self.security.lock_after_changed.connect(
            lambda minutes: self._change(replace(self._settings, lock_after=minutes))
        )
        self.backup.place_changed.connect(
            lambda place: self._change(replace(self._settings, second_place=place))
        )
        self.folder.clicked.connect(lambda _checked: self._open_folder())

    def _choose_appearance(self, key: str) -> None:
        appearance = next(known for known in APPEARANCES if known == key)
        self._change(replace(self._settings, appearance=appearance))

    def _choose_text_size(self, key: str) -> None:
        self._change(replace(self._settings, text_scale=float(key)))

    def _name_site(self) -> None:
        self._change(replace(self._settings, site=" ".join(self.site.text().split())))

    def _change(self, settings: Settings) -> None:
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._core.paths.data)))

    def _read_name(self) -> None:
        person_id = self._settings.assessor
        if person_id is None:
            return

        async def find(_progress: Progress) -> PersonRecord | None:
            return await find_person(self._core.database, person_id)

        title = self.tr("Read your name")
        self._operations.start(find, title=title, key=(self, "name"), done=self._show_name)

    def _show_name(self, person: PersonRecord | None) -> None:
        self.name.show_name(person.name if person is not None else "")

    def _rename(self, name: str) -> None:
        async def rename(_progress: Progress) -> None:
            await access.rename(self._core, name)

        self._operations.start(rename, title=self.tr("Keep your name"), key=(type(self), "rename"))
