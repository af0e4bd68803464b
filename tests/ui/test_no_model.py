"""Conversations that came without a model's name: they take the user's, and "" is never sent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from studio.core.capabilities import Capability
from studio.core.errors import ErrorKind
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart
from studio.sessions.models.catalogue import Catalogue
from studio.storage.history import conversations, messages
from studio.ui.transfer.import_sheet import ImportSheet
from tests.scripted import said, until
from tests.window_parts import Run, click, visible

MINE = "Qwen/Qwen3-32B"


def keep(run: Run, model: str) -> str:
    """A stored conversation of two messages with this model's name; returns its id."""
    presenter = Conversation(kind=Capability.CHAT, model=model, title="Elsewhere")
    question = Message(presenter.id, Role.USER, (TextPart("What is a sonnet?"),))
    answer = Message(presenter.id, Role.ASSISTANT, (TextPart("A poem."),), question.id)
    run.database.call_sync(conversations.save_turn, presenter, question)
    run.database.call_sync(messages.save_message, answer)
    run.database.call_sync(conversations.save_conversation, replace(presenter, head_id=answer.id))
    return presenter.id


async def show(run: Run, conversation_id: str) -> None:
    run.tab.open_conversation(conversation_id)
    await until(lambda: run.session.conversation.id == conversation_id and bool(run.shown))


async def test_after_an_import_without_model_names_one_can_go_on_with_ones_own_model(
    run: Run, tmp_path: Path
) -> None:
    run.studio.preferences.change(chat_model=MINE)
    node: dict[str, object] = {
        "id": "a",
        "parent": None,
        "children": [],
        "message": {
            "author": {"role": "user"},
            "content": {"content_type": "text", "parts": ["Hello from elsewhere"]},
        },
    }
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([{"title": "Elsewhere", "mapping": {"a": node}}]), "utf-8")
    run.window.dialogs.import_paths([path])
    await until(lambda: bool(visible(run.window, ImportSheet)))
    click(visible(run.window, ImportSheet)[0].go_on)
    rows = run.studio.histories[Capability.CHAT]
    await until(lambda: bool(rows.titles))
    await show(run, rows.titles[0][0])
    assert run.tab.head.picker.model == MINE

    run.chat.scripts += [said("Welcome."), said("A new one.")]
    await run.asked("Go on")
    assert run.last.text == "Welcome."
    run.ctrl(Qt.Key.Key_N)  # what comes after it has a model too
    await run.asked("And now?")
    assert [each.model for each in run.chat.requests] == [MINE, MINE]


@pytest.mark.parametrize("model", ["", "  "])
async def test_each_way_to_ask_takes_the_users_model_where_there_is_none(
    run: Run, model: str
) -> None:
    run.studio.preferences.change(chat_model=MINE)
    imported = keep(run, model)
    await show(run, imported)
    run.chat.scripts += [said("Another."), said("Changed."), said("In a fork.")]
    run.press("retry")
    await run.idle()
    run.press("edit", 0)
    await run.asked("What is an ode?")
    run.press("fork")
    await until(lambda: run.session.conversation.id != imported)
    await run.asked("And here?")
    assert [each.model for each in run.chat.requests] == [MINE, MINE, MINE]
    found = await run.database.call(conversations.open_conversation, imported)
    assert found is not None
    assert found[0].model == MINE  # stored with what was asked


async def test_where_no_model_is_known_nothing_is_sent_and_the_words_stay(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Catalogue, "default", lambda *_: "")
    await show(run, keep(run, ""))
    assert run.tab.head.picker.accessibleName() == "Choose a model"
    run.ask("Is anybody there?")
    assert run.said.startswith("No model is chosen.")
    assert run.field.toPlainText() == "Is anybody there?"
    run.press("retry")  # a way past the field
    await run.idle()
    assert run.last.status is MessageStatus.FAILED
    assert run.last.error is not None
    assert run.last.error.kind is ErrorKind.NO_MODEL
    assert run.chat.requests == []
    run.tab.use_model(MINE)
    run.chat.scripts.append(said("Yes."))
    await run.asked("Is anybody there?")
    assert run.chat.requests[0].model == MINE
