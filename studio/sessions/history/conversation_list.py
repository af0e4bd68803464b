"""The list of conversations, and what a user does with those that are listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal

from studio.sessions.history.pages import HistoryPages, HistoryRole, Stretch

__all__ = ["ConversationList", "HistoryRole", "Stretch"]

Then = Callable[[], object]


def nothing() -> None:
    """Nobody waits for the end."""


class ConversationList(HistoryPages):
    """Conversations of one kind, newest first, below headings; each verb shows what came of it.

    `edited` is for whoever has the conversation open, and would write the old title back with
    its next message. What a verb is given as `then` is called once the database has done it, and
    not when it refuses: then the error is told instead.
    """

    shared_changed = Signal()  # folders or trash, by the user here: other lists show them too
    edited = Signal(str, dict)  # a conversation's id, and what the user changed of it

    def resolve(self, stretches: Sequence[Stretch], use: Callable[[list[str]], None]) -> None:
        """Give the ids of conversations to `use`: at once, or when those not loaded were read."""
        loaded = [each.id for each in self.summaries(stretches)]
        if len(loaded) == sum(length for _, _, length in stretches):
            use(loaded)
        else:
            self._tasks.start(self._resolve(stretches, use), "read the history")

    async def _resolve(
        self, stretches: Sequence[Stretch], use: Callable[[list[str]], None]
    ) -> None:
        from studio.storage.history import layout

        scope, ids = self.scope, list[str]()
        for stretch in stretches:
            ids += await self._database.call(layout.read_ids, scope, *stretch)
        use(ids)

    def find_models(self, use: Callable[[list[str]], None]) -> None:
        """Give the models that conversations here ask to `use`, the most used first."""
        self._tasks.start(self._find_models(use), "read the models of the history")

    async def _find_models(self, use: Callable[[list[str]], None]) -> None:
        from studio.storage.history import layout

        use(await self._database.call(layout.list_models, self._kind))

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        words = title.strip()
        if words:
            edited = partial(self.edited.emit, conversation_id, {"title": words})
            self._do("rename", conversation_id, words, then=edited)

    def pin(self, conversation_id: str, pinned: bool) -> None:
        """Keep a conversation on top, or no longer."""
        self.pin_all((conversation_id,), pinned)

    def pin_all(self, conversation_ids: Sequence[str], pinned: bool) -> None:
        """Keep conversations on top, or no longer."""

        def edited() -> None:
            for each in conversation_ids:
                self.edited.emit(each, {"pinned": pinned})

        self._do("pin_all", tuple(conversation_ids), pinned=pinned, then=edited)

    def delete(self, *conversation_ids: str, then: Then = nothing) -> None:
        """Move conversations to the trash; `restore` brings them back."""
        self._do("delete", conversation_ids, then=then)

    def restore(self, *conversation_ids: str, then: Then = nothing) -> None:
        """Bring conversations back from the trash."""
        self._do("restore", conversation_ids, then=then)

    def change_folders(
        self, verb: str, *args: object, then: Then = nothing, **named: object
    ) -> None:
        """Do a verb of storage/history/folders.py and show what came of it."""
        work = self._change_folders(verb, *args, then=then, **named)
        self._tasks.start(work, "change the folders")

    async def _change_folders(self, verb: str, *args: object, then: Then, **named: object) -> None:
        from studio.storage.history import folders

        change: Callable[..., None] = getattr(folders, verb)
        await self._database.call(change, *args, **named)
        then()
        await self.reload()
        self.shared_changed.emit()

    def _do(self, verb: str, *args: object, then: Then = nothing, **named: object) -> None:
        from studio.storage.history import conversations  # not before the first paint

        change: Callable[..., None] = getattr(conversations, verb)

        async def change_and_reload() -> None:
            await self._database.call(change, *args, **named)
            then()
            await self.reload()

        self._tasks.start(change_and_reload(), "change the history")
