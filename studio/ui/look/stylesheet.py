"""The look of Qt's own controls as one short style sheet, filled from a theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.ui.look.theme import Theme

# Controls choose a variant by the dynamic property `look`. Rules stay few: each one is
# matched against every widget when a window is built.
_RULES = """
QToolTip { background: %(surface)s; color: %(text)s; border: 1px solid %(line_strong)s;
  padding: 4px 8px; }
QFrame[look="bar"] { background: %(window)s; border: none; }
QFrame[look="surface"] { background: %(surface)s; border: none; }
QFrame[look="card"] { background: %(surface)s; border: 1px solid %(line)s;
  border-radius: %(card)spx; }
QFrame[look="card"]:focus { border-color: %(accent)s; }
QFrame[look="line"] { background: %(line)s; border: none; }
QFrame[look="segments"] { background: %(sunken)s; border: 1px solid %(line)s;
  border-radius: %(card)spx; }
QLabel { background: transparent; }
QPushButton, QToolButton, QCheckBox, QRadioButton, QComboBox, QSlider { outline: none; }
QLabel[look="title"] { font-size: %(title)spx; font-weight: 600; }
QLabel[look="heading"] { font-size: %(heading)spx; font-weight: 600; }
QLabel[look="label"] { font-size: %(small)spx; font-weight: 600; color: %(muted)s; }
QLabel[look="muted"] { font-size: %(small)spx; color: %(muted)s; }
QLabel[look="caption"] { font-size: %(caption)spx; color: %(faint)s; }
QLabel[look="strong"] { font-size: %(small)spx; font-weight: 600; }
QLabel[look="bad"] { font-size: %(small)spx; color: %(bad)s; }
QLabel[look="warn"] { font-size: %(small)spx; color: %(warn)s; }
QLabel[look="key"] { font-size: %(caption)spx; color: %(faint)s; border: 1px solid %(line)s;
  border-radius: 4px; padding: 0 4px; background: %(window)s; }
QLabel[look="demo"] { font-size: %(caption)spx; font-weight: 600; color: %(warn)s;
  background: %(warn_soft)s; border-radius: 9px; padding: 2px 8px; }
QPushButton { background: %(surface)s; border: 1px solid %(line)s; border-radius: %(control)spx;
  padding: 0 12px; min-height: 30px; font-weight: 500; }
QPushButton:hover { background: %(hover)s; }
QPushButton:focus { border-color: %(accent)s; }
QPushButton:disabled { color: %(faint)s; background: %(window)s; }
QPushButton[look="primary"] { background: %(accent)s; border-color: %(accent)s;
  color: %(accent_on)s;
  font-weight: 600; }
QPushButton[look="primary"]:hover { background: %(accent_press)s; }
QPushButton[look="primary"]:focus { border: 2px solid %(text)s; }
QPushButton[look="primary"]:disabled { background: %(hover)s; border-color: %(line)s;
  color: %(faint)s; }
QPushButton[look="quiet"], QToolButton { background: transparent; border: 1px solid transparent;
  border-radius: %(inner)spx; }
QPushButton[look="quiet"]:hover, QToolButton:hover { background: %(hover)s; }
QPushButton[look="quiet"]:focus, QToolButton:focus { border-color: %(accent)s; }
QPushButton[look="quiet"] { color: %(muted)s; font-weight: 400; }
QPushButton[look="strong"] { font-weight: 600; }
QPushButton[look="leading"] { text-align: left; font-weight: 600; }
QPushButton[look="link"] { background: transparent; border: 1px solid transparent; padding: 0 2px;
  color: %(accent_text)s; font-weight: 600; }
QPushButton[look="link"]:focus { border-color: %(accent)s; }
QPushButton[look="segment"] { background: transparent; border: 1px solid transparent;
  border-radius: %(control)spx; padding: 0 16px; color: %(muted)s; }
QPushButton[look="segment"]:hover { color: %(text)s; background: %(hover)s; }
QPushButton[look="segment"]:checked { background: %(surface)s; border-color: %(line)s;
  color: %(text)s;
  font-weight: 600; }
QPushButton[look="segment"]:focus { border-color: %(accent)s; }
QPushButton[look="chip"] { border-color: %(line)s; min-height: 24px; color: %(muted)s;
  padding: 0 8px;
  font-size: %(small)spx; }
QPushButton[look="ratio"] { min-height: 46px; padding: 0; color: %(muted)s; }
QPushButton[look="chip"]:checked,
  QPushButton[look="ratio"]:checked { background: %(accent_soft)s; border-color: %(accent)s;
  color: %(accent_text)s; }
QPushButton[look="chip"]:focus { border-color: %(accent)s; }
QPushButton[look="chip"]:checked:focus, QPushButton[look="ratio"]:checked:focus,
  QToolButton[look="kept"]:checked:focus { border: 2px solid %(accent)s; }
QPushButton[look="card"] { border-radius: %(card)spx; text-align: left; padding: 12px;
  min-height: 60px; }
QPushButton[look="fold"] { background: transparent; text-align: left; color: %(muted)s;
  font-size: %(small)spx; padding: 0 8px; }
QPushButton[look="fold"]:hover { background: %(hover)s; }
QPushButton[look="fold"]:focus { border-color: %(accent)s; }
QPushButton::menu-indicator { image: none; width: 0; }
QToolButton { min-width: 30px; min-height: 30px; padding: 0; }
QLineEdit QToolButton { min-width: 0; min-height: 0; border: none; background: transparent; }
QLineEdit QToolButton:focus { border: 1px solid %(accent)s; }
QToolButton:checked { background: %(hover)s; }
QToolButton[look="kept"]:checked { background: %(accent_soft)s; border-color: %(accent)s; }
QToolButton:disabled { color: %(faint)s; }
QToolButton::menu-indicator { image: none; }
QToolButton[look="row"] { min-width: 26px; min-height: 26px; }
QToolButton[look="row"]:hover { background: %(line)s; }
QToolButton[look="veil"]:hover { background: %(veil_hover)s; }
QToolButton[look="veil"]:focus { border: 2px solid %(veil_text)s; }
QToolButton[look="send"] { background: %(accent)s; color: %(accent_on)s; border-radius: 9px; }
QToolButton[look="send"]:hover { background: %(accent_press)s; }
QToolButton[look="send"]:focus { border: 2px solid %(text)s; }
QToolButton[look="send"]:disabled { background: %(hover)s; }
QLineEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: %(surface)s;
  border: 1px solid %(line)s; border-radius: %(control)spx; padding: 0 8px; min-height: 30px;
  selection-background-color: %(accent)s; selection-color: %(accent_on)s; }
QPlainTextEdit { padding: 6px 4px; }
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
  border-color: %(accent)s; }
QPushButton[look="tall"], QLineEdit[look="tall"] { min-height: 36px; }
QPushButton[look="tall"] { font-weight: 600; padding: 0 14px; }
QLineEdit[look="tall"] { lineedit-password-character: 8226; }
QLineEdit[problem="true"], QPlainTextEdit[problem="true"], QSpinBox[problem="true"],
QDoubleSpinBox[problem="true"] { border-color: %(bad)s; }
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled,
QComboBox:disabled { color: %(faint)s; background: %(window)s; }
QPlainTextEdit[look="bare"], QLineEdit[look="bare"] { border: none; background: transparent; }
QPlainTextEdit[look="bare"] { padding: 0; min-height: 0; }
QLineEdit[look="number"] { border: 1px solid transparent; background: transparent; padding: 0; }
QLineEdit[look="number"]:focus { border-color: %(accent)s; padding: 0 4px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView, QListView[look="popup"] { background: %(surface)s;
  border: 1px solid %(line_strong)s; outline: none; selection-background-color: %(accent_soft)s;
  selection-color: %(accent_text)s; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button { width: 0; border: none; }
QListView, QTableView { background: transparent; border: none; outline: none; }
QListView:window { background: %(surface)s; border: 1px solid %(line)s; }
QHeaderView, QHeaderView::section { background: transparent; border: none; color: %(muted)s;
  font-size: %(caption)spx; padding: 4px 2px; }
QScrollArea, QScrollArea > QWidget > QWidget[look="page"] { background: transparent; border: none; }
QMenu { background: %(surface)s; border: 1px solid %(line_strong)s; padding: 4px; }
QMenu[look="round"] { border-radius: %(control)spx; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: %(inner)spx; }
QMenu::item:selected { background: %(accent_soft)s; color: %(accent_text)s; }
QMenu::item:disabled { color: %(faint)s; }
QMenu::separator { height: 1px; background: %(line)s; margin: 4px 8px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: %(line_strong)s; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: %(faint)s; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; border: none; width: 0; height: 0; }
QSlider { min-height: 24px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: %(line_strong)s; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: %(accent)s; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
  background: %(surface)s; border: 2px solid %(accent)s; }
QSlider::handle:horizontal:focus { background: %(accent_soft)s; }
QSlider[look="unset"]::sub-page:horizontal { background: %(line_strong)s; }
QSlider[look="unset"]::handle:horizontal { background: transparent; border-color: transparent; }
QSlider[look="unset"]::handle:horizontal:hover { background: %(surface)s;
  border-color: %(line_strong)s; }
QSlider[look="unset"]::handle:horizontal:focus { background: %(surface)s;
  border-color: %(accent)s; }
QSplitter::handle { background: %(line)s; }
QCheckBox, QRadioButton { spacing: 8px; min-height: 28px; }
"""


def stylesheet(theme: Theme) -> str:
    """The style sheet of `theme`."""
    c = theme.colour
    colours = c._asdict()
    return _RULES % {
        **colours,
        "inner": theme.radius.inner,
        "control": theme.radius.control,
        "card": theme.radius.card,
        "caption": theme.type.caption,
        "small": theme.type.small,
        "title": theme.type.title,
        "heading": theme.type.heading,
    }
