"""The whole window over real sessions and a real disk; only the service is scripted."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import PySide6
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from studio.app.container import Late
from studio.app.options import Options
from studio.core.capabilities import Capability
from studio.core.messages import Message
from studio.providers.base import Endpoint, NetworkSettings
from studio.sessions.account.account import Account
from studio.sessions.account.proxy_password import ProxyPassword
from studio.sessions.chat.session import ChatSession
from studio.sessions.history.conversation_list import ConversationList
from studio.sessions.preferences import Preferences
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.states import SessionState
from studio.sessions.studio import Studio
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.locations import locate
from studio.storage.preferences import PreferencesFile
from studio.ui.look import theme
from studio.ui.shell.conversation_tab import ConversationTab
from studio.ui.shell.main_window import MainWindow
from studio.ui.widgets.notice import NoticeBar
from tests.memory_secrets import MemorySecrets
from tests.scripted import ScriptedBuilders, ScriptedChat, until

W = TypeVar("W", bound=QWidget)
WIDE = (1440, 900)
SMALLEST = (900, 600)

SCRIPTED = Endpoint(
    id="cn",
    title="scripted",
    openai_base="http://127.0.0.1:9/v1",
    anthropic_base="http://127.0.0.1:9",
    token_page="https://scripted.example/token",
    binding_page="https://scripted.example/bind",
    account_page="https://scripted.example/verify",
    credits_page="https://scripted.example/credits",
    needs_token=False,
)


class ScriptedLate(Late):
    """The real late sessions, but for the service and the keyring."""

    def __init__(self, folder: Path, builders: ScriptedBuilders) -> None:
        super().__init__(locate(folder), Options())
        self.builders = builders

    def service(self, studio: Studio) -> Service:
        return Service(self.builders, SCRIPTED, NetworkSettings(), studio.tasks)

    def account(self, studio: Studio) -> Account:
        return Account(
            studio.service, MemorySecrets(), studio.preferences, lambda _: SCRIPTED, studio.tasks
        )

    def proxy_password(self, studio: Studio) -> ProxyPassword:
        return ProxyPassword(MemorySecrets(), studio.preferences, studio.tasks)


class Run:
    """One run of the program: its window, its sessions, its files below `folder`."""

    late_type: type[ScriptedLate] = ScriptedLate

    def __init__(self, folder: Path, chat: ScriptedChat | None = None) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setStyle("Fusion")
        theme.apply(app, theme.LIGHT)
        self.folder = folder
        locations = locate(folder)
        self.chat = chat or ScriptedChat()
        self.builders = ScriptedBuilders(chat=self.chat)
        self.database = Database(locations.database, backup_folder=locations.backups)
        self.tasks = TaskGroup()
        file = PreferencesFile(locations.settings)
        kinds = (Capability.CHAT, Capability.VISION)
        self.studio = Studio(
            tasks=self.tasks,
            preferences=Preferences(file, file.load().settings, self.tasks),
            locations=locations,
            database=self.database,
            histories={kind: ConversationList(kind, self.database, self.tasks) for kind in kinds},
            late=self.late_type(folder, self.builders),
        )
        self.window = MainWindow(self.studio)

    async def begin(self, size: tuple[int, int] = WIDE) -> None:
        """Show the window and everything that comes after the first paint."""
        self.window.resize(*size)
        self.window.show()
        await self.wake()
        self.window.complete()
        await self.studio.drafts.load()
        for rows in self.studio.histories.values():
            await rows.reload()

    async def quit(self) -> None:
        """End in an orderly way."""
        await self.studio.drafts.close()
        await self.tasks.close()
        await self.studio.service.close()
        self.studio.pictures.close()
        self.studio.gallery.close()
        self.database.close()
        self.window.end()
        self.window.deleteLater()

    # What is there.

    @property
    def tab(self) -> ConversationTab:
        """The conversation tab that is shown."""
        tab = self.window.current_tab
        assert isinstance(tab, ConversationTab)
        return tab

    @property
    def session(self) -> ChatSession:
        """The conversation that is shown."""
        session = self.tab.presenter._session
        assert session is not None
        return session

    @property
    def shown(self) -> list[str]:
        """The words of the messages on the page."""
        view = self.tab.presenter._view
        if view is None or self.tab.pages.currentWidget() is not view:
            return []
        view.flush()
        return [message.text for message in view.stage.messages]

    @property
    def last(self) -> Message:
        """The message at the end of the page."""
        view = self.tab.presenter.view
        view.flush()
        return view.stage.messages[-1]

    @property
    def field(self) -> Any:
        """Where a message is written."""
        return self.tab.composer.field

    @property
    def said(self) -> str:
        """The remark at the bottom of the window; "" when there is none."""
        bar = self.window.findChild(NoticeBar)
        return "" if bar is None or bar.isHidden() else bar.findChildren(QLabel)[0].text()

    async def stored(self, conversation_id: str) -> list[Message]:
        """What another start of the program would show of a conversation."""
        found = await self.database.call(conversations.open_conversation, conversation_id)
        return found[1] if found else []

    # What a person does.

    async def wake(self) -> None:
        """Give the window the keyboard, as a desktop does when something over it is gone."""
        # Never by QTest.qWait… from a coroutine: what a loop within the loop takes out of the
        # queue is lost, and the task that it belongs to hangs.
        self.window.activateWindow()
        await until(lambda: QApplication.activeWindow() is self.window)

    def key(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """Press a key where the keyboard is."""
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        QTest.keyClick(QApplication.focusWidget() or self.window, key, held)

    def ctrl(self, key: Qt.Key) -> None:
        """Press a key with Ctrl."""
        self.key(key, Qt.KeyboardModifier.ControlModifier)

    def ask(self, words: str) -> None:
        """Write a message and press Enter."""
        self.field.setFocus()
        write(self.field, words)
        QTest.keyClick(self.field, Qt.Key.Key_Return)

    async def asked(self, words: str) -> None:
        """Ask, and wait for the whole answer."""
        self.ask(words)
        await self.idle()

    async def idle(self) -> None:
        """Wait until the conversation that is shown does nothing and everything is listed."""
        session = self.session
        await until(lambda: session.state is SessionState.IDLE)
        await self.studio.histories[self.tab._kind].reload()

    def press(self, action: str, message: int = -1) -> None:
        """Click a button of a message or of its card."""
        view = self.tab.presenter.view
        view.flush()
        index = message % len(view.stage.messages)
        view.scroll_to(view.stage.messages[index].id)
        box = view.stage.box(index)
        found = [*box.card_buttons(), *box.actions()]
        button = next(each for each in found if each.action == action)
        corner = QPoint(view.column_x, view.stage.y_of(index))
        click(view.viewport(), button.rect.center() + corner)

    def drop(self, *sources: Path | str, times: int = 1) -> None:
        """Drop files or addresses on the tab."""
        self.drop_data(links(*sources), times)

    def drop_data(self, data: QMimeData, times: int = 1) -> None:
        """Drop anything on the tab; some platforms deliver a drop more than once."""
        at, left, none = QPoint(700, 300), Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
        copy = Qt.DropAction.CopyAction
        entering = drag_enters(at, data)
        QApplication.sendEvent(self.tab, entering)
        assert entering.isAccepted()
        for _ in range(times):
            QApplication.sendEvent(self.tab, QDropEvent(QPointF(at), copy, data, left, none))


def drag_enters(
    at: QPoint, data: QMimeData, actions: Qt.DropAction = Qt.DropAction.CopyAction
) -> QDragEnterEvent:
    """What a widget hears when something is dragged over it with the left button."""
    # PySide6 6.12 warns of whole pixels, and 6.11 knows nothing else.
    place: Any = QPointF(at) if PySide6.__version_info__ >= (6, 12) else at
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QDragEnterEvent(place, actions, data, left, none)


def links(*sources: Path | str) -> QMimeData:
    """What a drag of files or addresses carries."""
    data = QMimeData()
    urls = [QUrl.fromLocalFile(str(s)) if isinstance(s, Path) else QUrl(s) for s in sources]
    data.setUrls(urls)
    return data


def write(widget: QWidget, words: str) -> None:
    """Type, or have an input method bring what no key has."""
    if words.isascii():
        QTest.keyClicks(widget, words)
        return
    committed = QInputMethodEvent("", [])
    committed.setCommitString(words)
    QApplication.sendEvent(widget, committed)


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """A click of the left button, in the middle unless a place is given."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(widget, left, none, at or widget.rect().center())


def visible(root: QWidget, kind: type[W]) -> list[W]:
    """The widgets of a kind that can be seen."""
    return [each for each in root.findChildren(kind) if each.isVisible()]


def child(root: QWidget, kind: type[W]) -> W:
    """The one widget of a kind, seen or not."""
    found = root.findChild(kind)
    assert isinstance(found, kind)
    return found


def focused() -> QWidget:
    """Where the keyboard is."""
    found = QApplication.focusWidget()
    assert found is not None
    return found


def named(root: QWidget, kind: type[W], name: str) -> W:
    """The visible control of a kind with an accessible name, as a screen reader finds it."""
    found = [each for each in visible(root, kind) if each.accessibleName() == name]
    assert found, (name, [each.accessibleName() for each in visible(root, kind)])
    return found[0]


def picture(path: Path, size: tuple[int, int] = (64, 48), colour: str = "teal") -> Path:
    """A real picture on disk."""
    Image.new("RGB", size, colour).save(path)
    return path


def png(size: tuple[int, int] = (64, 48), colour: str = "teal") -> bytes:
    """A real picture in memory."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "PNG")
    return made.getvalue()


def pixels(size: tuple[int, int] = (64, 48), colour: Qt.GlobalColor = Qt.GlobalColor.red) -> QImage:
    """A decoded picture, as on the clipboard."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


def spy(calls: list[Any]) -> Callable[..., None]:
    """Something to put in the place of a function: notes what it was given."""
    return lambda *given: calls.append(given[0] if len(given) == 1 else given)


def texts(root: QWidget) -> Sequence[str]:
    """Every text of a label that can be seen."""
    return [each.text() for each in visible(root, QLabel) if each.text()]
