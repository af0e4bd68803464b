"""The one form between other programs' conversations and ours, and how it becomes ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from studio.core.messages import (
    Conversation,
    ImagePart,
    Message,
    MessageStatus,
    Part,
    Role,
    TextPart,
    title_from,
)
from studio.core.transfer.json_format import Exported
from studio.core.transfer.values import line

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a message names it: ids or file names in the export, or the picture itself.

    `data` is a `data:` address; `name` is for people.
    """

    names: tuple[str, ...] = ()
    data: str = ""
    name: str = ""

    @property
    def placeholder(self) -> str:
        """What stands in its place where it cannot be had."""
        shown = self.name or next(iter(self.names), "")
        return f"[{shown or '…'}]"


Piece = Part | Picture
# What a picture is here; None where the export does not hold it.
FindPicture = Callable[[Picture], ImagePart | None]


@dataclass(slots=True)
class Said:
    """A message; `parent` is the id of the one before, `time` in seconds since 1970 UTC."""

    role: Role
    pieces: list[Piece]
    id: str = ""
    parent: str | None = None
    time: float | None = None
    model: str = ""
    cut: bool = False  # it was not finished


@dataclass(slots=True)
class ForeignConversation:
    """A conversation; `said` has parents before their children, `head` ends the shown branch."""

    client: str
    id: str = ""
    title: str = ""
    said: list[Said] = field(default_factory=list)
    prompt: str = ""
    model: str = ""
    begun: float | None = None
    changed: float | None = None
    head: str = ""
    ids: set[str] = field(default_factory=set)

    def add(self, message: Said) -> None:
        """Add a message below the last one; what says nothing is left out."""
        self.put(message, self.said[-1].id if self.said else None)

    def put(self, message: Said, parent: str | None) -> None:
        """Add a message below `parent`; what says nothing is left out."""
        if message.pieces:
            message.parent = parent
            if not message.id or message.id in self.ids:
                message.id = self._made_id(message)
            self.ids.add(message.id)
            self.said.append(message)

    def grow(self, found: list[Said]) -> None:
        """Add messages that name their parents, in any order; what says nothing is left out."""
        nodes = {each.id: each for each in found if each.id}
        children: dict[str, list[Said]] = {}
        for each in found:
            known = each.parent in nodes and each.parent != each.id
            children.setdefault(each.parent or "" if known else "", []).append(each)
        homes: dict[int, str | None] = {}  # where each one is, or which one it comes after
        # Circles have no beginning: they are entered at the first of them that was found.
        for start in [*children.get("", []), *found]:
            waiting = [start]
            while waiting:
                each = waiting.pop()
                if id(each) in homes:
                    continue
                above = nodes.get(each.parent or "")
                parent = homes.get(id(above)) if above is not None else None
                waiting += reversed(children.get(each.id, []) if each.id else [])
                self.put(each, parent)
                homes[id(each)] = each.id if each.pieces else parent

    def _made_id(self, message: Said) -> str:
        """An id for a message without one: the same when the same is said after the same."""
        return derived("message", message.parent or "", message.role, repr(message.pieces))


def exported(foreign: ForeignConversation, find: FindPicture, otherwise: float) -> Exported | None:
    """Our conversation; None when nothing was said. `otherwise` is its time where none is known.

    The ids are the same whenever the same conversation is read.
    """
    if not foreign.said:
        return None
    times = [each.time for each in foreign.said if each.time is not None]
    known = [each for each in (foreign.begun, foreign.changed) if each is not None]
    begun = foreign.begun or min(times, default=min(known, default=otherwise))
    name = _name(foreign)
    conversation_id = identity_of(foreign)
    messages: dict[str, Message] = {}
    for each in foreign.said:
        above = messages.get(each.parent or "")
        time = each.time or (above.created_at if above else begun)
        messages[each.id] = Message(
            conversation_id,
            each.role,
            _joined(each.pieces, find),
            above.id if above else None,
            MessageStatus.INTERRUPTED if each.cut else MessageStatus.COMPLETE,
            model=(each.model or foreign.model) if each.role is Role.ASSISTANT else "",
            created_at=time,
            id=derived(foreign.client, name, each.id),
        )
    return Exported(
        _conversation(foreign, conversation_id, messages, begun), tuple(messages.values())
    )


def _name(foreign: ForeignConversation) -> str:
    return foreign.id or derived(
        "talk", f"{foreign.begun}", foreign.said[0].id if foreign.said else ""
    )


def identity_of(foreign: ForeignConversation) -> str:
    """The id that the conversation has here, whenever it is read."""
    return derived(foreign.client, _name(foreign))


def _conversation(
    foreign: ForeignConversation, identity: str, messages: dict[str, Message], begun: float
) -> Conversation:
    last = max(each.created_at for each in messages.values())
    head = messages.get(foreign.head) or list(messages.values())[-1]
    # Attached files are named before the words.
    words = [(each.role, _last_words(each)) for each in foreign.said]
    asked = next((said for role, said in words if said and role is Role.USER), "")
    said = asked or next((said for _, said in words if said), "")
    models = [m.model for m in messages.values() if m.model]
    return Conversation(
        title=" ".join(foreign.title.split())[:LONGEST_TITLE] or title_from(said),
        model=models[-1] if models else foreign.model,
        system_prompt=foreign.prompt.strip(),
        head_id=head.id,
        created_at=begun,
        updated_at=max(foreign.changed or last, last),
        id=identity,
    )


def _last_words(said: Said) -> str:
    return next((p.text for p in reversed(said.pieces) if isinstance(p, TextPart)), "")


def _joined(pieces: list[Piece], find: FindPicture) -> tuple[Part, ...]:
    """Texts that follow one another as one, and a gap before each other one: a message shows them
    without what is in between.
    """
    joined: list[Part] = []
    spoken = False
    for piece in pieces:
        part: Part | None = piece if not isinstance(piece, Picture) else find(piece)
        if part is None and isinstance(piece, Picture):
            part = TextPart(piece.placeholder)
        last = joined[-1] if joined else None
        if isinstance(part, TextPart):
            part = TextPart(f"\n\n{part.text}" if spoken else part.text)
            spoken = True
        if isinstance(part, TextPart) and isinstance(last, TextPart):
            joined[-1] = TextPart(last.text + part.text)
        elif part is not None:
            joined.append(part)
    return tuple(joined)


def derived(*names: str) -> str:
    """The same id of ours whenever the same names are given."""
    said = line(list(names))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
