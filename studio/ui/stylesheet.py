"""The look of Qt's own controls as one short style sheet, filled from a theme."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.ui.theme import Theme

# Controls choose a variant by the dynamic property `look`. Rules stay few: each one is
# matched against every widget when a window is built.
_RULES = Template("""
QToolTip { background: $surface; color: $text; border: 1px solid $line_strong; padding: 4px 8px; }
QFrame[look="bar"] { background: $window; border: none; }
QFrame[look="surface"] { background: $surface; border: none; }
QFrame[look="card"] { background: $surface; border: 1px solid $line; border-radius: ${card}px; }
QFrame[look="line"] { background: $line; border: none; }
QFrame[look="segments"] { background: $sunken; border: 1px solid $line; border-radius: ${card}px; }
QLabel { background: transparent; }
QLabel[look="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[look="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[look="label"] { font-size: ${small}px; font-weight: 600; color: $muted; }
QLabel[look="muted"] { font-size: ${small}px; color: $muted; }
QLabel[look="caption"] { font-size: ${caption}px; color: $faint; }
QLabel[look="strong"] { font-size: ${small}px; font-weight: 600; }
QLabel[look="bad"] { font-size: ${small}px; color: $bad; }
QLabel[look="warn"] { font-size: ${small}px; color: $warn; }
QLabel[look="key"] { font-size: ${caption}px; color: $faint; border: 1px solid $line;
  border-radius: 4px; padding: 0 4px; background: $window; }
QLabel[look="demo"] { font-size: ${caption}px; font-weight: 600; color: $warn;
  background: $warn_soft; border-radius: 9px; padding: 2px 8px; }
QPushButton { background: $surface; border: 1px solid $line; border-radius: ${control}px;
  padding: 0 12px; min-height: 30px; font-weight: 500; }
QPushButton:hover { background: $hover; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; background: $window; }
QPushButton[look="primary"] { background: $accent; border-color: $accent; color: $accent_on;
  font-weight: 600; }
QPushButton[look="primary"]:hover { background: $accent_press; }
QPushButton[look="primary"]:focus { border: 2px solid $accent_text; }
QPushButton[look="primary"]:disabled { background: $hover; border-color: $line; color: $faint; }
QPushButton[look="quiet"], QToolButton { background: transparent; border: 1px solid transparent;
  border-radius: ${inner}px; }
QPushButton[look="quiet"]:hover, QToolButton:hover { background: $hover; }
QPushButton[look="quiet"]:focus, QToolButton:focus { border-color: $accent; }
QPushButton[look="quiet"] { color: $muted; font-weight: 400; }
QPushButton[look="leading"] { text-align: left; font-weight: 600; }
QPushButton[look="tile"] { background: $accent_soft; border: none; padding: 0; min-height: 36px; }
QPushButton[look="link"] { background: transparent; border: 1px solid transparent; padding: 0 2px;
  color: $accent_text; font-weight: 600; }
QPushButton[look="link"]:focus { border-color: $accent; }
QPushButton[look="segment"] { background: transparent; border: 1px solid transparent;
  border-radius: ${control}px; padding: 0 16px; color: $muted; }
QPushButton[look="segment"]:hover { color: $text; background: $hover; }
QPushButton[look="segment"]:checked { background: $surface; border-color: $line; color: $text;
  font-weight: 600; }
QPushButton[look="segment"]:focus { border-color: $accent; }
QPushButton[look="chip"] { border-color: $line; min-height: 24px; color: $muted; padding: 0 8px;
  font-size: ${small}px; }
QPushButton[look="ratio"] { min-height: 46px; padding: 0; color: $muted; }
QPushButton[look="chip"]:checked, QPushButton[look="ratio"]:checked { background: $accent_soft; border-color: $accent;
  color: $accent_text; }
QPushButton[look="card"] { border-radius: ${card}px; text-align: left; padding: 12px;
  min-height: 60px; }
QPushButton[look="fold"] { background: transparent; text-align: left; color: $muted;
  font-size: ${small}px; padding: 0 8px; }
QPushButton[look="fold"]:hover { background: $hover; }
QPushButton[look="fold"]:focus { border-color: $accent; }
QPushButton::menu-indicator { image: none; width: 0; }
QToolButton { min-width: 30px; min-height: 30px; padding: 0; }
QToolButton:checked { background: $hover; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; }
QToolButton[look="veil"]:hover { background: $veil_hover; }
QToolButton[look="veil"]:focus { border: 2px solid $veil_text; }
QToolButton[look="send"] { background: $accent; color: $accent_on; border-radius: 9px; }
QToolButton[look="send"]:hover { background: $accent_press; }
QToolButton[look="send"]:focus { border: 2px solid $accent_text; }
QToolButton[look="send"]:disabled { background: $hover; }
QLineEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: $surface;
  border: 1px solid $line; border-radius: ${control}px; padding: 0 8px; min-height: 30px;
  selection-background-color: $accent; selection-color: $accent_on; }
QPlainTextEdit { padding: 6px 4px; }
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
  border-color: $accent; }
QPushButton[look="tall"], QLineEdit[look="tall"] { min-height: 36px; }
QPushButton[look="tall"] { font-weight: 600; padding: 0 14px; }
QLineEdit[look="tall"] { lineedit-password-character: 8226; }
QLineEdit[problem="true"], QPlainTextEdit[problem="true"], QSpinBox[problem="true"],
QDoubleSpinBox[problem="true"] { border-color: $bad; }
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled,
QComboBox:disabled { color: $faint; background: $window; }
QPlainTextEdit[look="bare"], QLineEdit[look="bare"] { border: none; background: transparent; }
QPlainTextEdit[look="bare"] { padding: 0; min-height: 0; }
QLineEdit[look="number"] { border: 1px solid transparent; background: transparent; padding: 0; }
QLineEdit[look="number"]:focus { border-color: $accent; padding: 0 4px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView, QListView[look="popup"] { background: $surface;
  border: 1px solid $line_strong; outline: none; selection-background-color: $accent_soft;
  selection-color: $accent_text; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button { width: 0; border: none; }
QListView { background: transparent; border: none; outline: none; }
QScrollArea, QScrollArea > QWidget > QWidget[look="page"] { background: transparent; border: none; }
QMenu { background: $surface; border: 1px solid $line_strong; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: ${inner}px; }
QMenu::item:selected { background: $accent_soft; color: $accent_text; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; border: none; width: 0; height: 0; }
QSlider { min-height: 24px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line_strong; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
  background: $surface; border: 2px solid $accent; }
QSlider::handle:horizontal:focus { background: $accent_soft; }
QSlider[look="unset"]::sub-page:horizontal { background: $line_strong; }
QSlider[look="unset"]::handle:horizontal { border-color: $line_strong; }
QSplitter::handle { background: $line; }
QCheckBox, QRadioButton { spacing: 8px; min-height: 28px; }
""")


def stylesheet(theme: Theme) -> str:
    """The style sheet of `theme`."""
    c = theme.colour
    colours = c._asdict()
    return _RULES.substitute(
        colours,
        inner=theme.radius.inner,
        control=theme.radius.control,
        card=theme.radius.card,
        caption=theme.type.caption,
        small=theme.type.small,
        title=theme.type.title,
        heading=theme.type.heading,
    )
