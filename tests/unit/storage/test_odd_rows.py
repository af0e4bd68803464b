"""What foreign hands put into files and rows costs that value, and never what stands beside it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import apsw
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import ImageJob, ImageRequest, JobStatus
from studio.core.messages import Conversation, Message, Parameters, Role, TextPart
from studio.core.models import Capability
from studio.storage import key_value
from studio.storage.db.database import Database
from studio.storage.history import conversations, folders, messages
from studio.storage.maintenance.salvage import salvage
from studio.storage.pictures import jobs, library_rows
from studio.storage.pictures.file_settings import read_settings
from studio.storage.pictures.library import Library
from studio.storage.transfer.import_pictures import pictures_in_use

DATA = Path(__file__).parents[2] / "data" / "pictures"
REQUEST = ImageRequest("org/model", "a cat", seed=1)
# What `request` of a file or row may hold instead of an object that we wrote.
ODD_REQUESTS: dict[str, Any] = {
    "prompt is a list": {"model": "m", "prompt": ["a", {"b": 1}]},
    "prompt is null": {"model": "m", "prompt": None},
    "prompt is missing": {"model": "m"},
    "model is a number": {"model": 7, "prompt": "p"},
    "size is a text": {"model": "m", "prompt": "p", "size": "64x64"},
    "size has three sides": {"model": "m", "prompt": "p", "size": [1, 2, 3]},
    "size is nothing": {"model": "m", "prompt": "p", "size": [0, 64]},
    "size is endless": {"model": "m", "prompt": "p", "size": [10**12, 64]},
    "seed is a text": {"model": "m", "prompt": "p", "seed": "seven"},
    "seed is true": {"model": "m", "prompt": "p", "seed": True},
    "steps is an object": {"model": "m", "prompt": "p", "steps": {"n": 3}},
    "guidance is a list": {"model": "m", "prompt": "p", "guidance": [1.5]},
    "negative prompt is a number": {"model": "m", "prompt": "p", "negative_prompt": 5},
    "id is a list": {"model": "m", "prompt": "p", "id": ["x"]},
    "id is a path": {"model": "m", "prompt": "p", "id": "../../x"},
    "request is a list": ["m", "p"],
    "request is a text": "m p",
    "request is null": None,
}


def png_with(text: str) -> bytes:
    """A picture that says it is ours, with any text as settings."""
    info = PngInfo()
    info.add_itxt("moda-studio", text)
    target = io.BytesIO()
    Image.new("RGB", (64, 64), "#5B45F0").save(target, "PNG", pnginfo=info)
    return target.getvalue()


def settings_text(request: Any, **others: Any) -> str:
    whole = {"version": 1, "id": "a" * 32, "request": request, "seconds": 1.0, "created_at": 1.7e9}
    return json.dumps({**whole, **others})


def run_sql(database: Database, sql: str, *bindings: Any) -> None:
    database.call_sync(lambda connection: list(connection.execute(sql, bindings)))


@pytest.fixture
def library(database: Database, tmp_path: Path) -> Library:
    made = Library(database, tmp_path / "pictures")
    made.keep(png_with(""), REQUEST)
    return made


@pytest.mark.parametrize("odd", ODD_REQUESTS.values(), ids=list(ODD_REQUESTS))
def test_a_foreign_picture_with_wrong_settings_is_passed_over(
    library: Library, database: Database, odd: Any
) -> None:
    (library.folder / "foreign.png").write_bytes(png_with(settings_text(odd)))
    assert library.reconcile().adopted == ()
    page = database.call_sync(library_rows.list_pictures)
    assert [each.image.request.prompt for each in page] == ["a cat"]
    assert (library.folder / "foreign.png").exists()


def test_the_picture_that_was_reported_is_passed_over(library: Library) -> None:
    content = (DATA / "prompt_is_a_list.png").read_bytes()
    (library.folder / "reported.png").write_bytes(content)
    assert library.reconcile().adopted == ()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "null",
        "7",
        '{"request": NaN}',
        settings_text({"model": "m", "prompt": "p"}, id=["x"]),
        settings_text({"model": "m", "prompt": "p"}, id="../../x"),
    ],
    ids=["nested", "null", "number", "no number", "id a list", "id a path"],
)
def test_settings_that_are_no_settings_keep_no_picture_from_the_gallery(
    library: Library, database: Database, text: str
) -> None:
    (library.folder / "foreign.png").write_bytes(png_with(text))
    library.reconcile()
    assert len(database.call_sync(library_rows.list_pictures)) == 1


@pytest.mark.parametrize("time", ["-5", "1e999", "1e18", "true", '"now"', "null"])
def test_the_time_and_the_prompt_of_an_adopted_picture_can_be_shown_everywhere(
    library: Library, database: Database, time: str
) -> None:
    odd = {"model": "m", "prompt": "half \ud83d and nothing \x00"}
    text = settings_text(odd, seconds="long").replace("1700000000.0", time)
    (library.folder / "foreign.png").write_bytes(png_with(text))
    assert len(library.reconcile().adopted) == 1
    newest = database.call_sync(library_rows.list_pictures)[0].image
    newest.request.prompt.encode()
    assert newest.seconds is None
    assert 0 <= newest.created_at < 4e9


@pytest.mark.parametrize("odd", ODD_REQUESTS.values(), ids=list(ODD_REQUESTS))
def test_a_row_with_wrong_settings_costs_no_other_row(
    library: Library, database: Database, odd: Any
) -> None:
    library.keep(png_with(""), ImageRequest("org/model", "a dog"))
    run_sql(database, "UPDATE pictures SET request = ? WHERE key = 1", json.dumps(odd))
    page = database.call_sync(library_rows.list_pictures)
    assert page[0].image.request.prompt == "a dog"
    request = page[1].image.request
    assert {type(request.prompt), type(request.model)} == {str}
    assert all(type(side) is int for side in request.size or ())
    assert library.read(page[1].image)


def test_numbers_and_paths_of_a_row_stay_within_what_can_be_shown(
    library: Library, database: Database
) -> None:
    run_sql(
        database,
        "UPDATE pictures SET width = ?, height = -3, seconds = 9e999, created_at = 9e999,"
        " sha256 = '../../x', path = '../../x.png', request = 'no JSON'",
        2**62,
    )
    (page,) = database.call_sync(library_rows.list_pictures)
    image = page.image
    assert 0 <= image.width <= 1_000_000 and image.height == 0
    assert (image.seconds, image.created_at) == (None, 0.0)
    assert library.path(image).parent == library.folder
    assert image.sha256 == ""
    run_sql(database, "UPDATE pictures SET arriving = 1")
    library.reconcile()  # the row is given up, and the file that it was about is found again
    (page,) = database.call_sync(library_rows.list_pictures)
    assert page.image.request == REQUEST


@pytest.mark.parametrize("odd", ["no JSON", "[]", '{"model": 1}', '{"model": "m", "prompt": {}}'])
def test_an_order_that_cannot_be_read_costs_no_other_order_and_is_not_sent(
    database: Database, odd: str
) -> None:
    broken, paid, sound = (ImageJob(ImageRequest("m", f"{n}"), "https://h") for n in range(3))
    for each in (broken, paid, sound):
        database.call_sync(jobs.save_job, each)
    run_sql(database, "UPDATE image_jobs SET request = ? WHERE id = ?", odd, broken.id)
    run_sql(
        database,
        "UPDATE image_jobs SET request = ?, status = 'pending', task_id = 't' WHERE id = ?",
        odd,
        paid.id,
    )
    found = database.call_sync(jobs.load_jobs)
    assert [(each.id, each.status) for each in found] == [
        (broken.id, JobStatus.FAILED),
        (paid.id, JobStatus.PENDING),  # the service has it: it is fetched
        (sound.id, JobStatus.QUEUED),
    ]
    assert StoredError.from_json(found[0].error).kind is ErrorKind.STORAGE
    database.call_sync(jobs.forget_job, broken.id)
    assert len(database.call_sync(jobs.load_jobs)) == 2


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "{}", '{"kind": []}', '{"kind": "busy", "values": 3, "detail": 5}']
)
def test_a_stored_error_that_is_none_is_shown_in_general_words(text: str) -> None:
    error = StoredError.from_json(text)
    assert error.kind in (ErrorKind.REFUSED, ErrorKind.BUSY)
    assert error.detail == "" and error.values == {}


@pytest.mark.parametrize(
    "parameters", ["no JSON", "[1]", '{"temperature": "hot", "stop": 5, "new": 1}']
)
def test_a_conversation_with_odd_parameters_still_opens(
    database: Database, parameters: str
) -> None:
    kept = Conversation(kind=Capability.CHAT, title="t", model="m")
    database.call_sync(conversations.save_conversation, kept)
    sql = "UPDATE conversations SET parameters = ?, door = 'gate'"
    run_sql(database, sql, parameters)
    found = database.call_sync(conversations.load_conversation, kept.id)
    assert found is not None
    assert found.parameters == Parameters()


def test_a_message_with_an_odd_part_shows_its_text(database: Database) -> None:
    kept = Conversation(kind=Capability.CHAT, title="t", model="m")
    database.call_sync(conversations.save_conversation, kept)
    message = Message(kept.id, Role.ASSISTANT, tuple(TextPart(f"{n}") for n in range(6)))
    database.call_sync(messages.save_message, message)
    odd = ("reasoning", "image", "tool_call", "tool_result", "from a newer program", "reasoning")
    for position, kind in enumerate(odd):
        run_sql(
            database,
            "UPDATE parts SET kind = ?, rest = ? WHERE position = ?",
            kind,
            "no JSON" if position == 5 else '{"seconds": [], "signature": 1, "url": 2, "more": 3}',
            position,
        )
    (found,) = database.call_sync(messages.load_path, kept.id, message.id)
    shown = [getattr(part, "text", getattr(part, "arguments", "")) for part in found.parts]
    assert shown == ["0", "", "2", "3", "4", "5"]


def test_a_draft_or_a_list_that_is_damaged_costs_no_other(database: Database) -> None:
    for place in ("a", "b"):
        database.call_sync(key_value.save_draft, place, {"text": place, "picture": "ab" * 32})
        database.call_sync(key_value.save_catalogue, place, [place])
    run_sql(database, "UPDATE drafts SET content = content || '}' WHERE place = 'a'")
    run_sql(database, "UPDATE catalogue SET content = '{' WHERE key = 'a'")
    assert set(database.call_sync(key_value.load_drafts)) == {"b"}
    assert database.call_sync(key_value.load_catalogue, "a") is None
    assert database.call_sync(key_value.load_catalogue, "b") is not None
    # Its picture is not swept away, should somebody mend the draft.
    assert database.call_sync(pictures_in_use) == {"ab" * 32}
    run_sql(database, "INSERT OR REPLACE INTO meta VALUES ('history.closed_folders', '{')")
    database.call_sync(folders.list_folders)


def test_what_is_saved_from_a_damaged_file_is_not_lost_for_an_odd_row(
    library: Library, database: Database, tmp_path: Path
) -> None:
    library.keep(png_with(""), ImageRequest("org/model", "a dog"))
    run_sql(database, "UPDATE pictures SET request = '[]' WHERE key = 1")
    damaged = tmp_path / "damaged.db"
    copy = apsw.Connection(str(damaged))
    database.call_sync(
        lambda connection: copy.backup("main", connection, "main").__enter__().step()
    )
    copy.close()
    other = Database.open(tmp_path / "other.db")
    assert salvage(other, damaged).pictures == 2
    other.close()


def test_a_picture_without_settings_is_nobody(library: Library) -> None:
    assert read_settings(png_with("")) is None
