"""What a model can be used for: apart from the models, because the first paint needs only this."""

from __future__ import annotations

from enum import StrEnum


class Capability(StrEnum):
    """What a model can be used for; also the kind of a conversation."""

    CHAT = "chat"
    VISION = "vision"
    TEXT_TO_IMAGE = "text-to-image"
    IMAGE_EDIT = "image-edit"
