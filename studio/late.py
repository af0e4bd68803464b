"""Builds the sessions that the first paint does without, importing each when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.providers import registry

if TYPE_CHECKING:
    from studio.core.messages import Conversation
    from studio.sessions.account import Account
    from studio.sessions.catalogue import Catalogue
    from studio.sessions.chat import ChatSession
    from studio.sessions.chats import Chats
    from studio.sessions.gallery import GalleryModel
    from studio.sessions.painting import ImageSession
    from studio.sessions.pictures import Pictures
    from studio.sessions.studio import Studio
    from studio.storage.locations import Locations


class Late:
    """The real parts around the late sessions."""

    def __init__(self, locations: Locations) -> None:
        from studio.storage.attachments import Attachments

        self._locations = locations
        self._attachments = Attachments(locations.attachments)

    def account(self, studio: Studio) -> Account:
        """The token, kept in the system's keyring."""
        from studio.sessions.account import Account
        from studio.storage.secrets import KeyringSecrets

        return Account(
            studio.service,
            KeyringSecrets(),
            studio.preferences,
            registry.endpoint_for,
            studio.tasks,
        )

    def catalogue(self, studio: Studio) -> Catalogue:
        """The models."""
        from studio.sessions.catalogue import Catalogue

        return Catalogue(studio.service)

    def chats(self, studio: Studio) -> Chats:
        """The open conversations; the history follows them."""
        from studio.sessions.chat import ChatSession
        from studio.sessions.chats import Chats

        def build(conversation: Conversation) -> ChatSession:
            return ChatSession(
                conversation,
                studio.database,
                self._attachments,
                studio.service,
                studio.gate,
                studio.tasks,
            )

        chats = Chats(build)
        for rows in studio.histories.values():
            chats.changed.connect(rows.refresh)
        return chats

    def pictures(self, studio: Studio) -> Pictures:
        """The pictures of questions."""
        from studio.sessions.pictures import Pictures

        return Pictures(self._attachments, studio.tasks)

    def painting(self, studio: Studio) -> ImageSession:
        """The queue of pictures from words."""
        from studio.sessions.painting import ImageSession
        from studio.storage.library import Library
        from studio.storage.thumbnails import Thumbnails

        painting = ImageSession(
            studio.database,
            Library(studio.database, self._locations.pictures),
            Thumbnails(self._locations.thumbnails),
            studio.preferences,
            studio.service,
            studio.gate,
            studio.tasks,
        )
        painting.image_added.connect(studio.gallery.add)
        return painting

    def gallery(self, studio: Studio) -> GalleryModel:
        """The pictures that were made; new ones come from the queue."""
        from studio.sessions.gallery import GalleryModel
        from studio.storage.library import Library
        from studio.storage.thumbnails import Thumbnails

        return GalleryModel(
            studio.database,
            Library(studio.database, self._locations.pictures),
            Thumbnails(self._locations.thumbnails),
            studio.preferences,
            studio.tasks,
        )
