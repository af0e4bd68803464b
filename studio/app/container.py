"""Builds the sessions that the first paint does without, importing each when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from studio.core.settings import ProxyMode, Settings

if TYPE_CHECKING:
    from studio.app.options import Options
    from studio.core.messages import Conversation
    from studio.core.transfer.common import Imported
    from studio.providers.base import Endpoint, NetworkSettings
    from studio.sessions.account.account import Account
    from studio.sessions.account.hosts import Hosts
    from studio.sessions.account.proxy_password import ProxyPassword
    from studio.sessions.chat.chats import Chats
    from studio.sessions.chat.pictures import Pictures
    from studio.sessions.chat.session import ChatSession
    from studio.sessions.images.gallery import GalleryModel
    from studio.sessions.images.session import ImageSession
    from studio.sessions.models.catalogue import Catalogue
    from studio.sessions.operations.transfers import Transfers
    from studio.sessions.requests.metering import Registry
    from studio.sessions.requests.request_queue import RequestQueue
    from studio.sessions.requests.service import Service
    from studio.sessions.requests.usage_log import UsageLog
    from studio.sessions.studio import Studio
    from studio.storage.locations import Locations
    from studio.storage.pictures.attachments import Attachments
    from studio.storage.transfer.export import Source


class Late:
    """The real parts around the late sessions."""

    def __init__(self, locations: Locations, options: Options) -> None:
        self._locations, self._options = locations, options

    @cached_property
    def _attachments(self) -> Attachments:
        from studio.storage.pictures.attachments import Attachments

        return Attachments(self._locations.attachments)

    def service(self, studio: Studio) -> Service:
        """The site of the settings, or what the command line says."""
        from studio.providers import registry

        settings = studio.preferences.settings
        network = network_of(settings, studio.proxy_password.password)
        return self.metered(studio, registry, self._endpoint(settings), network)

    def metered(
        self, studio: Studio, registry: Registry, endpoint: Endpoint, network: NetworkSettings
    ) -> Service:
        """A service whose calls go through the usage log."""
        from studio.sessions.requests.metering import MeteredBuilders
        from studio.sessions.requests.service import Service

        usage_log = studio.usage_log
        builders = MeteredBuilders(
            registry,
            usage_log,
            studio.exchange_log,
            studio.lessons,
            lambda: studio.account.balance.available,
        )
        service = Service(builders, endpoint, network, studio.tasks)
        service.set_streaming(studio.preferences.settings.stream_answers)
        service.set_admission(
            lambda model: usage_log.admit(service.key, model, service.endpoint.host)
        )
        return service

    def _endpoint(self, settings: Settings) -> Endpoint:
        from studio.providers import registry

        if self._options.base_url:
            return registry.endpoint_for("openai", self._options.base_url)
        if self._options.site:
            return registry.endpoint_for(self._options.site)
        return home(settings)

    def request_queue(self, studio: Studio) -> RequestQueue:
        """As many requests and pictures at once as the settings allow."""
        from studio.sessions.requests.request_queue import RequestQueue

        settings = studio.preferences.settings
        return RequestQueue(settings.requests_at_once, settings.pictures_at_once)

    def usage_log(self, studio: Studio) -> UsageLog:
        """What was used and what is left."""
        from studio.sessions.requests.usage_log import UsageLog

        return UsageLog(studio.database)

    def account(self, studio: Studio) -> Account:
        """The token, kept in the system's keyring."""
        from studio.providers import registry
        from studio.sessions.account.account import Account
        from studio.storage.secrets import KeyringSecrets

        return Account(
            studio.service,
            KeyringSecrets(),
            studio.preferences,
            registry.endpoint_for,
            studio.tasks,
            home=lambda: home(studio.preferences.settings),
        )

    def proxy_password(self, studio: Studio) -> ProxyPassword:
        """The password of the own proxy, kept in the system's keyring."""
        from studio.sessions.account.proxy_password import ProxyPassword
        from studio.storage.secrets import KeyringSecrets

        return ProxyPassword(KeyringSecrets(), studio.preferences, studio.tasks)

    def hosts(self, studio: Studio) -> Hosts:
        """The other hosts."""
        from studio.providers import registry
        from studio.sessions.account.hosts import Hosts

        return Hosts(
            studio.service, studio.account, studio.preferences, registry.endpoint_for, studio.tasks
        )

    def catalogue(self, studio: Studio) -> Catalogue:
        """The models."""
        from studio.sessions.models.catalogue import Catalogue

        catalogue = Catalogue(studio.service, studio.database, studio.tasks)
        usage_log, service = studio.usage_log, studio.service
        usage_log.call_ended.connect(catalogue.note_call)
        catalogue.set_done_lookup(lambda model: usage_log.done_until(service.key, model))
        usage_log.marks_changed.connect(catalogue.changed)
        return catalogue

    def chats(self, studio: Studio) -> Chats:
        """The open conversations; the history follows them."""
        from studio.sessions.chat.chats import Chats
        from studio.sessions.chat.session import ChatSession
        from studio.sessions.chat.titles import Titles

        titles = Titles(
            studio.service,
            studio.request_queue,
            studio.catalogue,
            studio.preferences,
            studio.database,
            studio.tasks,
        )

        def build(conversation: Conversation) -> ChatSession:
            session = ChatSession(
                conversation,
                studio.database,
                self._attachments,
                studio.service,
                studio.request_queue,
                studio.tasks,
            )
            titles.follow(session)
            studio.service.choose(conversation.protocol)
            session.conversation_changed.connect(lambda now: studio.service.choose(now.protocol))
            return session

        chats = Chats(build, studio.database, studio.tasks)
        for rows in studio.histories.values():
            chats.changed.connect(rows.refresh)
            rows.edited.connect(chats.follow)
        return chats

    def pictures(self, studio: Studio) -> Pictures:
        """The pictures of questions."""
        from studio.sessions.chat.pictures import Pictures

        return Pictures(
            self._attachments,
            studio.tasks,
            lambda: network_of(studio.preferences.settings, studio.proxy_password.password),
        )

    def painting(self, studio: Studio) -> ImageSession:
        """The queue of pictures from words."""
        from studio.sessions.images.session import ImageSession
        from studio.storage.pictures.library import Library
        from studio.storage.pictures.thumbnails import Thumbnails

        painting = ImageSession(
            studio.database,
            Library(studio.database, self._locations.pictures),
            Thumbnails(self._locations.thumbnails),
            studio.preferences,
            studio.service,
            studio.request_queue,
            studio.tasks,
        )
        painting.image_added.connect(studio.gallery.add)
        painting.image_added.connect(
            lambda image: studio.usage_log.count_pictures(studio.service.key, image.request.model)
        )
        return painting

    def gallery(self, studio: Studio) -> GalleryModel:
        """The pictures that were made; new ones come from the queue."""
        from studio.sessions.images.gallery import GalleryModel
        from studio.storage.pictures.library import Library
        from studio.storage.pictures.thumbnails import Thumbnails

        return GalleryModel(
            studio.database,
            Library(studio.database, self._locations.pictures),
            Thumbnails(self._locations.thumbnails),
            studio.preferences,
            studio.tasks,
        )

    def transfers(self, studio: Studio) -> Transfers:
        """Export and import; what came in shows at once."""
        # Both here, although one prints in a thread: PySide makes its classes when they are
        # imported, and in another thread that races with Qt.
        from studio.app.pdf import write_pdf
        from studio.sessions.operations.transfers import Transfers

        locations = self._locations

        def source() -> Source:
            from studio.storage.transfer.export import Source

            return Source(locations.database, self._attachments, locations.pictures)

        transfers = Transfers(studio.database, source, write_pdf, studio.operations)
        for rows in studio.histories.values():
            transfers.imported.connect(rows.refresh)

        def show(imported: Imported) -> None:
            if imported.pictures:
                studio.tasks.start(studio.gallery.reload(), "list the pictures")
            if imported.merged:
                studio.tasks.start(studio.chats.reload(), "read the conversations anew")

        transfers.imported.connect(show)
        return transfers


def home(settings: Settings) -> Endpoint:
    """The host of the settings, or their site."""
    from studio.providers import registry
    from studio.sessions.account.hosts import home_endpoint

    def site() -> Endpoint:
        return registry.endpoint_for(settings.site)

    return home_endpoint(settings.other_hosts, settings.host, site, registry.endpoint_for)


def network_of(settings: Settings, proxy_password: str = "") -> NetworkSettings:
    """How the settings want the network to be reached."""
    from studio.core.proxies import with_password
    from studio.providers.base import NetworkSettings

    proxies = {
        ProxyMode.SYSTEM: "system",
        ProxyMode.NONE: "",
        ProxyMode.OWN: with_password(settings.proxy_url.strip(), proxy_password),
    }
    return NetworkSettings(
        proxy=proxies[settings.proxy_mode],
        certificate_file=settings.certificate_file.strip(),
        connect_seconds=float(settings.connect_seconds),
        idle_seconds=float(settings.idle_seconds),
        allow_plain_http=any(
            host.plain_http for host in settings.other_hosts if host.address == settings.host
        ),
    )
