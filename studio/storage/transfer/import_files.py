"""Opens what is to be imported, whatever it is: our zip, our JSON, other programs' exports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from studio.core.transfer.clients import reasons
from studio.core.transfer.common import BROKEN_ZIP, NOT_OURS, WRONG_SHAPE, Skipped, Watch, refused
from studio.core.transfer.json_format import Exported, ExportedPicture, StoredFolder
from studio.storage.transfer.import_foreign import Foreign, skipped_file
from studio.storage.transfer.import_found import FoundPictures
from studio.storage.transfer.import_ours import OurArchive, OurLines, OurWhole
from studio.storage.transfer.import_sources import Gathered, gather

OURS = "Moda Studio"


@contextmanager
def open_import(
    paths: Path | Sequence[Path],
    *,
    scratch: Path | None = None,
    wanted: frozenset[str] | None = None,
    only_count: bool = False,
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Iterator[Import]:
    """Open files and folders; raises StudioError when there is nothing that we know.

    `wanted` are the ids of the conversations that are read, None is all. `scratch` is a folder
    with room for what has to be unpacked. With `only_count` no picture is prepared.
    """
    with ExitStack() as stack:
        chosen = [paths] if isinstance(paths, Path) else list(paths)
        found = gather(chosen, stack, scratch, lambda: watch.step(0, 0))
        if not found.texts and not found.ours:
            raise found.failed[0][1] if found.failed else refused(NOT_OURS)
        pictures = FoundPictures(found.others, scratch, only_count=only_count)
        stack.callback(pictures.close)
        yield Import(found, pictures, wanted, watch)


class Import:
    """All that was chosen, as one file; `done` of `total` bytes of its words have been read."""

    def __init__(
        self, found: Gathered, pictures: FoundPictures, wanted: frozenset[str] | None, watch: Watch
    ) -> None:
        self._wanted, self._pictures = wanted, pictures
        self._watch = watch
        self._failed, self._cut = found.failed, found.cut
        self._ours: list[OurArchive | OurLines | OurWhole] = []
        self._archives: list[OurArchive] = []
        for archive in found.ours:
            self._archives.append(OurArchive(archive))
        self._ours += self._archives
        self._foreign = Foreign(
            found.texts, pictures.find, self._is_wanted, self._adopt, self._step
        )
        self.newest_last = len(self._archives) == 1 and not found.texts
        self._given = 0

    def _step(self) -> None:
        self._watch.step(self.done, self.total)

    def _is_wanted(self, conversation_id: str) -> bool:
        return self._wanted is None or conversation_id in self._wanted

    def _adopt(self, ours: OurLines | OurWhole) -> Iterator[Exported]:
        """Our own JSON file, found among the others."""
        self._ours.append(ours)
        self.newest_last = len(self._ours) == 1 and self._foreign.read == 0
        yield from self._of_ours(ours)

    def _of_ours(self, ours: OurArchive | OurLines | OurWhole) -> Iterator[Exported]:
        for each in ours.conversations():
            self._given += 1
            self._foreign.ours = True
            if self._is_wanted(each.conversation.id):
                yield each

    @property
    def done(self) -> int:
        """Bytes that were read."""
        return self._foreign.done + sum(each.done for each in self._ours)

    @property
    def total(self) -> int:
        """Bytes to read."""
        return self._foreign.total + sum(each.total for each in self._archives)

    @property
    def foreign(self) -> bool:
        """Whether the conversation that was given last is another program's."""
        return not self._foreign.ours

    @property
    def clients(self) -> tuple[str, ...]:
        """Which programs wrote what was read."""
        return (*([OURS] if self._ours else []), *self._foreign.clients)

    @property
    def skipped(self) -> list[Skipped]:
        """What was left out so far, and why."""
        return [*(one for each in self._ours for one in each.skipped), *self._foreign.skipped]

    @property
    def skipped_pictures(self) -> int:
        """How many pictures were named that are not there."""
        return self._pictures.missing

    def conversations(self) -> Iterator[Exported]:
        """Each conversation; raises StudioError when none of what was chosen can be read."""
        for archive in self._archives:
            yield from self._of_ours(archive)
        yield from self._foreign.conversations()
        if not self._foreign.said and not self._given:
            self._demand_something()
        self._foreign.settle()
        self._foreign.skipped += self._cut
        for name, error in self._failed:
            if error.values.get("reason") != NOT_OURS:
                self._foreign.skipped.append(skipped_file(name, error))

    def _demand_something(self) -> None:
        """Raise the refusal when nothing could be read: what is wrong with what was chosen."""
        if self._cut:
            raise refused(BROKEN_ZIP)
        failed = [error for _, error in [*self._foreign.failed, *self._failed]]
        telling = [each for each in failed if each.values.get("reason") != NOT_OURS]
        if telling or failed:
            raise (telling or failed)[0]
        empty = self._foreign.read or self._ours
        if self.skipped or not empty:
            deep = any(each.reason == reasons.TOO_DEEP for each in self.skipped)
            raise refused(reasons.TOO_DEEP if deep else WRONG_SHAPE)

    def folders(self) -> list[StoredFolder]:
        """The folders of the conversations."""
        return [folder for each in self._ours for folder in each.folders()]

    def library(self) -> Iterator[ExportedPicture]:
        """Each picture that was made."""
        for each in self._ours:
            yield from each.library()

    def picture(self, sha256: str) -> bytes | None:
        """The picture of a message; None when nothing that was chosen holds it."""
        found = (each.picture(sha256) for each in self._ours)
        ours = next((each for each in found if each is not None), None)
        return ours if ours is not None else self._pictures.content(sha256)

    def has_library_picture(self, sha256: str) -> bool:
        """Whether `library_picture` has one."""
        return any(each.has_library_picture(sha256) for each in self._ours)

    def library_picture(self, sha256: str) -> bytes | None:
        """The picture that was made; None when nothing that was chosen holds it."""
        found = (each.library_picture(sha256) for each in self._ours)
        return next((each for each in found if each is not None), None)
