"""The Images tab over real sessions and a scripted service, for tests and pictures of it."""

from __future__ import annotations

from pathlib import Path

from studio.sessions.account.account import Account
from studio.sessions.account.hosts import Hosts
from studio.sessions.account.proxy_password import ProxyPassword
from studio.sessions.chat.chats import Chats
from studio.sessions.chat.pictures import Pictures
from studio.sessions.images.gallery import GalleryModel
from studio.sessions.images.session import ImageSession
from studio.sessions.models.catalogue import Catalogue
from studio.sessions.operations.transfers import Transfers
from studio.sessions.requests.request_queue import RequestQueue
from studio.sessions.requests.service import Service
from studio.sessions.requests.usage_log import UsageLog
from studio.sessions.studio import Studio
from studio.storage.locations import locate
from tests.painting_parts import Painting


class Late:
    """Hands out what a run of the program already has; the Images tab needs no more."""

    def __init__(self, run: Painting) -> None:
        self._run = run

    def service(self, studio: Studio) -> Service:
        return self._run.service

    def request_queue(self, studio: Studio) -> RequestQueue:
        return self._run.request_queue

    def usage_log(self, studio: Studio) -> UsageLog:
        return UsageLog(self._run.database)

    def painting(self, studio: Studio) -> ImageSession:
        return self._run.session

    def gallery(self, studio: Studio) -> GalleryModel:
        return self._run.gallery

    def catalogue(self, studio: Studio) -> Catalogue:
        return Catalogue(studio.service, studio.database, studio.tasks)

    def account(self, studio: Studio) -> Account:
        raise AssertionError("the Images tab asks for no account")

    def hosts(self, studio: Studio) -> Hosts:
        raise AssertionError("the Images tab asks for no hosts")

    def proxy_password(self, studio: Studio) -> ProxyPassword:
        raise AssertionError("the Images tab asks for no proxy")

    def chats(self, studio: Studio) -> Chats:
        raise AssertionError("the Images tab asks for no conversations")

    def pictures(self, studio: Studio) -> Pictures:
        raise AssertionError("the Images tab asks for no attachments")

    def transfers(self, studio: Studio) -> Transfers:
        raise AssertionError("the Images tab takes nothing out and in")


def studio_over(run: Painting, folder: Path) -> Studio:
    """The holder that the tab is given."""
    return Studio(
        tasks=run.tasks,
        preferences=run.preferences,
        locations=locate(folder),
        database=run.database,
        histories={},
        late=Late(run),
    )
