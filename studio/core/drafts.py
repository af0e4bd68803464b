"""What is written and not yet sent, as it is kept between two starts of the program."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.messages import ImagePart

KEEP_MS = 400  # from a change until it is given to the disk


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """What the message field of a conversation holds.

    While a message is edited, `version_of` is its id, `text` what was made of it so far, and
    `kept` the draft from before, which comes back.
    """

    text: str = ""
    pictures: tuple[ImagePart, ...] = ()
    version_of: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class PictureDraft:
    """What the form of the Images tab holds, also what its model does not allow."""

    prompt: str = ""
    negative_prompt: str = ""
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    seed_kept: bool = False
    steps: int | None = None
    guidance: float | None = None
