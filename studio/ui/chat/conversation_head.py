"""The bar over a conversation: title, model, protocol, and the switch of the inspector."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.ui.actions import keys_of
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.widgets.controls import ElidedLabel, icon_button, label, name_it, push_button
from studio.ui.widgets.corners import Menu
from studio.ui.widgets.model_picker import ModelPicker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QToolButton

    from studio.core.messages import ChatProtocol, Conversation
    from studio.sessions.models.choices import ModelChoices


class ConversationHead(QFrame):
    """Tells what the user chooses; shows what it is told."""

    model_chosen = Signal(str)
    protocol_chosen = Signal(object)
    inspector_toggled = Signal(bool)
    rename_requested = Signal(str)  # the id of the conversation that is shown

    def __init__(self, choices: Callable[[], ModelChoices], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "surface")
        self.setFixedHeight(theme.current().size.head)
        space = theme.current().space
        self._title = ElidedLabel("title")
        self._demo = label("demo")
        self.picker = ModelPicker(choices)
        self._protocol = push_button("", "caret-down", "muted")
        self._protocol.setLayoutDirection(self.layoutDirection().RightToLeft)
        self._inspector = icon_button("sliders-horizontal")
        self._inspector.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, 0, space.m, 0)
        row.setSpacing(space.s)
        row.addWidget(self._title, 1)
        row.addWidget(self._demo)
        row.addWidget(self.picker)
        row.addWidget(self._protocol)
        row.addWidget(self._inspector)
        self._row = row
        self._more: QToolButton | None = None
        self._shown: Conversation | None = None
        self._protocols: tuple[ChatProtocol, ...] = ()
        self.picker.picked.connect(self.model_chosen)
        self._protocol.clicked.connect(self._on_protocol)
        self._inspector.toggled.connect(self.inspector_toggled)
        self._empty_title = ""
        self._demo.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all words anew."""
        name_it(self._inspector, self.tr("Parameters"), keys_of("inspector"))
        if self._more is not None:
            name_it(self._more, self.tr("More"))
        self._demo.setText(self.tr("Demo"))
        self._demo.setToolTip(self.tr("Answers come from this computer, not from a model."))
        self._show_protocol()

    def add_more(self, export: Callable[[], None]) -> None:
        """Offer what is seldom done, after the first paint."""
        self._export = export
        self._more = icon_button("dots-three")
        self._row.addWidget(self._more)
        self._more.clicked.connect(self._on_more)
        self.retranslate()

    def _on_more(self) -> None:

        assert self._more is not None
        menu = Menu(self)
        menu.addAction(icon("export"), self.tr("Export…"), self._export)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click on the title asks for another one."""
        shown = self._shown
        on_title = self._title.geometry().contains(event.position().toPoint())
        if on_title and shown is not None and shown.title:
            self.rename_requested.emit(shown.id)

    def show_conversation(self, conversation: Conversation, empty_title: str) -> None:
        """Show title, model and protocol; `empty_title` names a conversation without a question."""
        self._shown, self._empty_title = conversation, empty_title
        self._title.setText(conversation.title or empty_title)
        self.picker.show_model(conversation.model)
        self._show_protocol()

    def show_demo(self, demo: bool) -> None:
        """Mark that the service in a box answers."""
        self._demo.setVisible(demo)

    def show_protocols(self, protocols: Sequence[ChatProtocol]) -> None:
        """Offer only the interfaces that the service has."""
        self._protocols = tuple(protocols)
        self._show_protocol()

    def show_inspector(self, shown: bool) -> None:
        """Show whether the inspector is open, without telling."""
        self._inspector.blockSignals(True)
        self._inspector.setChecked(shown)
        self._inspector.blockSignals(False)

    def toggle_inspector(self) -> None:
        """Open or close the inspector as the button does."""
        self._inspector.toggle()

    def set_narrow(self, narrow: bool) -> None:
        """Give way in a narrow window: the protocol goes first."""
        self._protocol.setVisible(not narrow)

    def _name_of(self, protocol: ChatProtocol) -> str:
        if protocol.value == "anthropic":
            return self.tr("Anthropic-compatible")
        return self.tr("OpenAI-compatible")

    def _show_protocol(self) -> None:
        if self._shown is None:
            return
        name = self._name_of(self._protocol_in_use(self._shown.protocol))
        self._protocol.setText(name)
        self._protocol.setEnabled(len(self._protocols) != 1)
        self._protocol.setAccessibleName(self.tr("Interface: {name}").replace("{name}", name))
        self._protocol.setToolTip(self.tr("Which of the service's two interfaces is used"))

    def _protocol_in_use(self, wanted: ChatProtocol) -> ChatProtocol:
        return wanted if wanted in self._protocols or not self._protocols else self._protocols[0]

    def _on_protocol(self) -> None:

        from studio.core.messages import ChatProtocol

        menu = Menu(self)
        for protocol in self._protocols or tuple(ChatProtocol):
            action = menu.addAction(
                self._name_of(protocol), partial(self.protocol_chosen.emit, protocol)
            )
            if self._shown is not None and protocol is self._shown.protocol:
                action.setIcon(icon("check", colour="accent_text"))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._protocol.mapToGlobal(self._protocol.rect().bottomLeft()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
