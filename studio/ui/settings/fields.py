"""Rows of the settings pages, made from what `core/settings.py` says of each field."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from urllib.parse import urlsplit

from PySide6.QtCore import QEvent, QFileInfo, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.settings import SPECS, Appearance, Language, ProxyMode, Spec
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.preferences import Preferences
from studio.ui.look import theme
from studio.ui.look.text import translated
from studio.ui.widgets.controls import (
    Segments,
    hairline,
    label,
    panel,
    push_button,
    set_problem,
)
from studio.ui.widgets.language_button import OWN_NAMES
from studio.ui.widgets.problem_label import ProblemLabel
from studio.ui.widgets.switch import Switch
from studio.ui.widgets.words_line import WordsLine

_FIELD_WIDTH, _FIELD_LEAST = 280, 160
_NUMBER_WIDTH = 96

# The words of each value of a choice; names of languages are in their own language.
CHOICES: dict[type[StrEnum], dict[StrEnum, str]] = {
    Language: {
        Language.SYSTEM: QT_TRANSLATE_NOOP("settings", "System"),
        Language.ENGLISH: OWN_NAMES[Language.ENGLISH],
        Language.CHINESE: OWN_NAMES[Language.CHINESE],
    },
    Appearance: {
        Appearance.SYSTEM: QT_TRANSLATE_NOOP("settings", "System"),
        Appearance.LIGHT: QT_TRANSLATE_NOOP("settings", "Light"),
        Appearance.DARK: QT_TRANSLATE_NOOP("settings", "Dark"),
    },
    ProxyMode: {
        ProxyMode.SYSTEM: QT_TRANSLATE_NOOP("settings", "System"),
        ProxyMode.NONE: QT_TRANSLATE_NOOP("settings", "None"),
        ProxyMode.OWN: QT_TRANSLATE_NOOP("settings", "Custom"),
    },
}
# A field that has an effect only while another has a value.
NEEDS: dict[str, tuple[str, object]] = {"proxy_url": ("proxy_mode", ProxyMode.OWN)}

_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h", "socks")
_BAD_PROXY = QT_TRANSLATE_NOOP(
    "settings", "A proxy's address looks like http://host:port or socks5://host:port."
)
_NO_FILE = QT_TRANSLATE_NOOP("settings", "There is no such file.")


def _proxy_fault(text: str) -> str:
    # Name and password may hold whatever they want.
    scheme, mark, rest = text.partition("://") if "://" in text else ("http", "://", text)
    text = f"{scheme}{mark}{rest.rpartition('@')[2]}"
    address = text
    try:
        parts = urlsplit(address)
        fine = parts.scheme in _PROXY_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    return "" if fine and not any(letter.isspace() for letter in text) else _BAD_PROXY


def _file_fault(text: str) -> str:
    return "" if QFileInfo(text).isFile() else _NO_FILE


# What is wrong with a text, as an English sentence of the context "settings"; empty is fine.
FAULTS: dict[str, Callable[[str], str]] = {
    "proxy_url": _proxy_fault,
    "certificate_file": _file_fault,
}


class _NumberBox(QSpinBox):
    """A spin box that the wheel passes over on its way through the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Line(WordsLine):
    """A field that gives way where a window is small or a font is wide."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumWidth(_FIELD_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_FIELD_WIDTH, super().sizeHint().height())


class SettingRow(QWidget):
    """One setting: its words at the left, the control that fits its type at the right."""

    def __init__(self, spec: Spec, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = spec.name
        self._label, self._help = spec.label, spec.help
        self._low, self._high = spec.low, spec.high
        self._preferences = preferences
        self._fault = ""
        self._title, self._note = label(), label("muted", wrap=True)
        self._remark = label("muted", wrap=True)
        self._problem = ProblemLabel()
        self._browse = push_button()
        self.control = self._make_control(spec.default)
        self._build()
        self.retranslate()
        self.refresh()
        preferences.changed.connect(self._on_changed)

    def _make_control(self, default: object) -> QWidget:
        if isinstance(default, bool):
            return self._make_switch()
        if isinstance(default, StrEnum):
            return self._make_segments(type(default))
        if isinstance(default, int):
            return self._make_spin_box()
        return self._make_line()

    def _make_switch(self) -> QWidget:
        switch = Switch()
        switch.clicked.connect(lambda on: self._preferences.change(**{self.name: on}))
        self._show: Callable[[object], None] = lambda value: switch.setChecked(bool(value))
        self._name = switch.setAccessibleName
        return switch

    def _make_segments(self, kind: type[StrEnum]) -> QWidget:
        members = list(kind)
        segments = Segments(len(members))
        segments.chosen.connect(
            lambda index: self._preferences.change(**{self.name: members[index]})
        )
        self._show = lambda value: segments.choose(members.index(kind(str(value))))

        def name(title: str) -> None:
            words = CHOICES[kind]
            segments.set_names([translated("settings", words[each]) for each in members])
            segments.setAccessibleName(title)

        self._name = name
        return segments

    def _make_spin_box(self) -> QWidget:
        box = _NumberBox()
        box.setRange(int(self._low or 0), int(self._high or 0))
        box.setFixedWidth(_NUMBER_WIDTH)
        box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.setKeyboardTracking(False)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.valueChanged.connect(lambda value: self._preferences.change(**{self.name: value}))
        self._show = lambda value: box.setValue(int(str(value)))
        self._name = box.setAccessibleName
        return box

    def _make_line(self) -> QWidget:
        line = _Line()
        line.editingFinished.connect(lambda: self._take(line.text().strip()))
        line.textEdited.connect(lambda: self._say(""))
        line.takes_files = self._is_file
        line.file_dropped.connect(self._on_file_selected)

        def show(value: object) -> None:
            if not self._fault and line.text().strip() != value:
                line.setText(str(value))

        self._show = show
        self._name = line.setAccessibleName
        return line

    def _build(self) -> None:
        space = theme.current().space
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self._title, self._note, self._remark, self._problem):
            words.addWidget(part)
        self._remark.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.m, space.l, space.m)
        row.setSpacing(space.s)
        row.addLayout(words, 1)
        row.addSpacing(space.l)
        row.addWidget(self.control)
        self._browse.setParent(self)  # shown without one, it would be a window for a moment
        if self._is_file:
            self._browse.clicked.connect(self._on_browse)
            row.addWidget(self._browse)
        else:
            self._browse.hide()

    @property
    def problem(self) -> str:
        """What is wrong with the text; "" when nothing is."""
        return self._problem.text()

    def set_remark(self, words: str) -> None:
        """Say more below the help, in the language of the moment; "" takes it away."""
        self._remark.setText(words)
        self._remark.setVisible(bool(words))

    @property
    def _is_file(self) -> bool:
        return self.name.endswith("_file")

    def refresh(self) -> None:
        """Show the value in force."""
        settings = self._preferences.settings
        self._show(getattr(settings, self.name))
        needs = NEEDS.get(self.name)
        self.setEnabled(needs is None or getattr(settings, needs[0]) == needs[1])

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._title.setText(translated("settings", self._label))
        self._note.setText(translated("settings", self._help) if self._help else "")
        self._note.setVisible(bool(self._help))
        self._browse.setText(self.tr("Choose…"))
        self._name(self._title.text())
        self.control.setAccessibleDescription(self._note.text())
        self._say(self._fault)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _take(self, text: str) -> None:
        check = FAULTS.get(self.name)
        fault = check(text) if check and text else ""
        self._say(fault)
        if not fault:
            self._preferences.change(**{self.name: text})

    def _say(self, fault: str) -> None:
        self._fault = fault
        self._problem.say(translated("settings", fault) if fault else "")
        if isinstance(self.control, QLineEdit):
            set_problem(self.control, bool(fault))

    def _on_changed(self, names: frozenset[str]) -> None:
        needs = NEEDS.get(self.name)
        if self.name in names or (needs and needs[0] in names):
            self.refresh()

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self._title.text())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["PEM (*.pem *.crt *.cer)", "* (*)"])
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()  # not exec: a loop within the loop would hold up what is under way

    def _on_file_selected(self, path: str) -> None:
        if path and isinstance(self.control, QLineEdit):
            self.control.setText(path)
            self._take(path)


def words_of(page: str) -> list[str]:
    """Titles and helps of all settings of a page, as shown; what a search looks into."""
    texts = [
        text for spec in SPECS if spec.page == page for text in (spec.label, spec.help) if text
    ]
    return [translated("settings", text) for text in texts]


class FieldCard(QWidget):
    """All settings of one page in one card; nothing where a page has none."""

    def __init__(self, page: str, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = [SettingRow(spec, preferences) for spec in SPECS if spec.page == page]
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        card = panel("card")
        outer.addWidget(card)
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for row in self.rows:
            if row is not self.rows[0]:
                column.addWidget(hairline())
            column.addWidget(row)
        if not self.rows:
            self.hide()

    def row(self, name: str) -> SettingRow:
        """The row of a setting; StopIteration for none."""
        return next(row for row in self.rows if row.name == name)
