"""Studio: a plain holder of everything that goes on, handed to every tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.core.models import Capability
from studio.sessions.account import Account
from studio.sessions.catalogue import Catalogue
from studio.sessions.chats import Chats
from studio.sessions.gallery import GalleryModel
from studio.sessions.gate import Gate
from studio.sessions.history import ConversationList
from studio.sessions.painting import ImageSession
from studio.sessions.pictures import Pictures
from studio.sessions.preferences import Preferences
from studio.sessions.service import Service
from studio.sessions.tasks import TaskGroup
from studio.storage.database import Database
from studio.storage.locations import Locations


@dataclass(frozen=True, slots=True)
class Studio:
    """All sessions of the running program; it has no verbs of its own."""

    tasks: TaskGroup
    preferences: Preferences
    locations: Locations
    database: Database
    service: Service
    account: Account
    catalogue: Catalogue
    gate: Gate
    chats: Chats
    histories: Mapping[Capability, ConversationList]
    pictures: Pictures
    painting: ImageSession
    gallery: GalleryModel
