"""The backups on the data page: making one now, how many are kept, and going back to one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.operations.backups import Backups, KeptBackup, Reason
from studio.sessions.operations.operations import Operations
from studio.sessions.preferences import Preferences
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.look.text import byte_size, full_moment, labelled, translated
from studio.ui.widgets.controls import (
    ElidedLabel,
    hairline,
    icon_button,
    label,
    name_it,
    panel,
    push_button,
)
from studio.ui.widgets.corners import Menu
from studio.ui.widgets.switch import Switch

ROW_HEIGHT = 52
FEW = 5  # rows that are shown until all are wanted
KEPT = (3, 7, 14, 30)
_REASONS: dict[Reason, str] = {
    Reason.AUTOMATIC: QT_TRANSLATE_NOOP("settings", "Automatic"),
    Reason.BY_HAND: QT_TRANSLATE_NOOP("settings", "By hand"),
    Reason.BEFORE_UPDATE: QT_TRANSLATE_NOOP("settings", "Before an update"),
    Reason.BEFORE_RESTORE: QT_TRANSLATE_NOOP("settings", "Before going back"),
}


def words_to_find() -> list[str]:
    """What a search of the settings finds this page by."""
    translate = QCoreApplication.translate
    return [
        translate("TransferCard", "Export everything"),
        translate("TransferCard", "Import…"),
        translate("TransferCard", "Full copy"),
        translate("BackupRow", "Restore…"),
        translate("DataCard", "Data folder"),
        translate("DataCard", "Pictures folder"),
    ]


class BackupRow(QWidget):
    """One backup; `wanted(verb)` is "restore", "show_backup" or "delete_backup"."""

    wanted = Signal(str)

    def __init__(self, backup: KeptBackup, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.backup = backup
        self.setFixedHeight(ROW_HEIGHT)
        space = theme.current().space
        # In two lines, each of which may be cut: columns had no room in the smallest window.
        self._when, self._facts = ElidedLabel("strong"), ElidedLabel("muted")
        self.restore = push_button("quiet", "clock-counter-clockwise", "muted")
        self.more = icon_button("dots-three")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, 0, space.m, 0)
        row.setSpacing(space.s)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addStretch(1)
        lines.addWidget(self._when)
        lines.addWidget(self._facts)
        lines.addStretch(1)
        row.addLayout(lines, 1)
        row.addWidget(self.restore)
        row.addWidget(self.more)
        self.restore.clicked.connect(partial(self.wanted.emit, "restore"))
        self.more.clicked.connect(self._on_more)
        self.retranslate()

    @property
    def words(self) -> tuple[str, str, str, str]:
        """When, why, how many conversations and how large, as shown."""
        backup, known = self.backup, self.backup.conversations
        count = self.tr("unreadable") if known is None else self.tr("%n conversation(s)", "", known)
        why = translated("settings", _REASONS[backup.reason])
        return full_moment(backup.made_at), why, count, byte_size(backup.byte_size)

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        when, *facts = self.words
        self._when.setText(when)
        self._facts.setText(" · ".join(facts))
        self.restore.setText(self.tr("Restore…"))
        self.restore.setAccessibleName(labelled(self.tr("Restore…"), when))
        name_it(self.more, labelled(self.tr("More"), when))

    def _on_more(self) -> None:
        menu = Menu(self)
        menu.addAction(self.tr("Show in the folder"), partial(self.wanted.emit, "show_backup"))
        menu.addAction(self.tr("Delete…"), partial(self.wanted.emit, "delete_backup"))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


class BackupsCard(QWidget):
    """All of it; `wanted(verb, KeptBackup | None)` is for whoever does it."""

    wanted = Signal(str, object)

    def __init__(
        self,
        backups: Backups,
        preferences: Preferences,
        operations: Operations,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._backups, self._preferences, self._operations = (
            backups,
            preferences,
            operations,
        )
        self._all = False
        self.rows: list[BackupRow] = []
        self._title, self._note = label("title"), label("muted", wrap=True)
        self.back_up = push_button("primary", "archive", "accent_on")
        self.daily, self._daily_words = Switch(), label()
        self._kept_words = label("muted")
        self.kept = push_button("", "caret-down", "muted")
        self.kept.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._hint, self.all = label("muted", wrap=True), push_button("link")
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        head = QHBoxLayout()
        head.setSpacing(space.l)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._note)
        head.addLayout(words, 1)
        head.addWidget(self.back_up, 0, Qt.AlignmentFlag.AlignBottom)
        card = panel("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        daily = QHBoxLayout()
        daily.setContentsMargins(space.l, space.s, space.m, space.s)
        daily.setSpacing(space.m)
        daily.addWidget(self.daily)
        daily.addWidget(self._daily_words, 1)
        daily.addWidget(self._kept_words)
        daily.addWidget(self.kept)
        inside.addLayout(daily)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        inside.addLayout(self._list)
        inside.addWidget(hairline())
        foot = QHBoxLayout()
        foot.setContentsMargins(space.l, space.s, space.m, space.s)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.all)
        inside.addLayout(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(space.s)
        outer.addLayout(head)
        outer.addWidget(card)

    def _connect(self) -> None:
        self.back_up.clicked.connect(lambda: self.wanted.emit("back_up", None))
        self.daily.clicked.connect(lambda on: self._preferences.change(daily_backup=on))
        self.kept.clicked.connect(self._on_kept)
        self.all.clicked.connect(self._on_all)
        self._backups.listed.connect(self._show_rows)
        self._operations.changed.connect(self._show_busy)
        self._preferences.changed.connect(self._on_preferences_changed)

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._title.setText(self.tr("Backups"))
        self._note.setText(
            self.tr("Of all conversations, without pictures. The token is never in a backup.")
        )
        self.back_up.setText(self.tr("Back up now"))
        self._daily_words.setText(self.tr("Back up once a day"))
        self.daily.setAccessibleName(self._daily_words.text())
        self._kept_words.setText(self.tr("Keep the last"))
        self._hint.setText(
            self.tr("Your present history is backed up first, so that you can return to it.")
        )
        self._show_settings()
        self._show_rows()
        self._show_busy()

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        if names & {"daily_backup", "backups_kept"}:
            self._show_settings()

    def _show_settings(self) -> None:
        settings = self._preferences.settings
        self.daily.setChecked(settings.daily_backup)
        kept = self.tr("%n day(s)", "", settings.backups_kept)
        self.kept.setText(kept)
        self.kept.setAccessibleName(labelled(self._kept_words.text(), kept))
        self.kept.setEnabled(settings.daily_backup)

    def _show_busy(self) -> None:
        idle = self._operations.operation is None
        if self.back_up.isEnabled() == idle:
            return
        self.back_up.setEnabled(idle)
        for row in self.rows:
            row.restore.setEnabled(idle)

    def _show_rows(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        found = self._backups.backups
        self.rows = []
        for backup in found if self._all else found[:FEW]:
            row = BackupRow(backup)
            row.restore.setEnabled(self._operations.operation is None)
            row.wanted.connect(lambda verb, which=backup: self.wanted.emit(verb, which))
            self._list.addWidget(hairline())
            self._list.addWidget(row)
            self.rows.append(row)
        if not found:
            nothing = label("muted", self.tr("There is no backup yet."))
            space = theme.current().space
            nothing.setContentsMargins(space.l, space.m, space.l, space.m)
            self._list.addWidget(hairline())
            self._list.addWidget(nothing)
        self.all.setVisible(len(found) > FEW)
        many, fewer = self.tr("Show all %n", "", len(found)), self.tr("Show fewer")
        self.all.setText(fewer if self._all else many)

    def _on_all(self) -> None:
        self._all = not self._all
        self._show_rows()

    def _on_kept(self) -> None:
        menu = Menu(self)
        for days in KEPT:
            verb = partial(self._preferences.change, backups_kept=days)
            action = menu.addAction(self.tr("%n day(s)", "", days), verb)
            if days == self._preferences.settings.backups_kept:
                action.setIcon(icon("check", colour="accent_text"))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.kept.mapToGlobal(self.kept.rect().bottomLeft()))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


class TransferCard(QWidget):
    """Everything out as one file, in again from one, and a full copy; `wanted(verb)`."""

    wanted = Signal(str)

    def __init__(self, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._operations = operations
        self._titles = tuple(label("strong") for _ in range(3))
        self._notes = tuple(label("muted", wrap=True) for _ in range(3))
        self.export_all, self.import_file = push_button(), push_button()
        self.import_folder, self.copy_all = push_button("quiet"), push_button()
        self._build()
        for button, verb in (
            (self.export_all, "export_all"),
            (self.import_file, "import"),
            (self.import_folder, "import_folder"),
            (self.copy_all, "copy_all"),
        ):
            button.clicked.connect(partial(self.wanted.emit, verb))
        operations.changed.connect(self._show_busy)
        self.retranslate()
        self._show_busy()

    def _build(self) -> None:
        from studio.ui.widgets.icon_mark import IconMark

        space, side = theme.current().space, theme.current().size.icon
        card = panel("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        imports = (self.import_folder, self.import_file)
        buttons = ((self.export_all,), imports, (self.copy_all,))
        for number, icon_name in enumerate(("export", "download-simple", "copy")):
            if number:
                column.addWidget(hairline())
            row = QHBoxLayout()
            row.setContentsMargins(space.l, space.m, space.m, space.m)
            row.setSpacing(space.m)
            row.addWidget(IconMark(icon_name, side))
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(self._titles[number])
            words.addWidget(self._notes[number])
            row.addLayout(words, 1)
            for button in buttons[number]:
                row.addWidget(button)
            column.addLayout(row)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._titles[0].setText(self.tr("Export everything"))
        self._notes[0].setText(
            self.tr("Conversations and pictures as one ZIP; another computer can import it.")
        )
        self._titles[1].setText(self.tr("Import conversations"))
        self._notes[1].setText(self.tr("From exports of Moda Studio, ChatGPT and others."))
        self._titles[2].setText(self.tr("Full copy"))
        self._notes[2].setText(
            self.tr("A folder with the history and all pictures, for another disk.")
        )
        self.import_file.setText(self.tr("Import…"))
        self.import_folder.setText(self.tr("Import a folder…"))
        self.export_all.setText(self.tr("Export all…"))
        self.copy_all.setText(self.tr("Copy…"))

    def _show_busy(self) -> None:
        for button in (self.export_all, self.import_file, self.import_folder, self.copy_all):
            button.setEnabled(self._operations.operation is None)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
