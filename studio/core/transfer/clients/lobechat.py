"""Reads the topics of a LobeChat export: one list of messages that name their topic or session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.core.transfer.clients.conversation import ForeignConversation
from studio.core.transfer.clients.openai import add_messages, file, message, picture
from studio.core.transfer.clients.values import earliest, first, items, moment, obj, objects, text

_MARKS = ("exportType", "schemaHash", "mode", "version")


def is_lobechat(stored: dict[str, Any]) -> bool:
    """Whether it is an export of LobeChat, of its early or of its later form."""
    state = _state(stored)
    lists = "messages" in state and ("sessions" in state or "topics" in state)
    return any(name in stored for name in _MARKS) and (lists or "exportType" in stored)


def _state(stored: dict[str, Any]) -> dict[str, Any]:
    return obj(stored.get("state")) or obj(stored.get("data"))


def split_lobechat(stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages of each topic, and of each session outside of topics."""
    state = _state(stored)
    topics = {first(each.get("id")): each for each in objects(state.get("topics"))}
    sessions = {first(each.get("id")): each for each in objects(state.get("sessions"))}
    agents = _agents(state)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in objects(state.get("messages")):
        topic = first(each.get("topicId"), each.get("topic_id"))
        session = first(each.get("sessionId"), each.get("session_id"))
        groups.setdefault((topic, "" if topic else session), []).append(each)
    for (topic, outside), messages in groups.items():
        about = topics.get(topic, {})
        session = outside or first(about.get("sessionId"), about.get("session_id"))
        yield {
            "id": topic or session or "inbox",
            "topic": about,
            "session": sessions.get(session, {}),
            "agent": agents.get(session, {}),
            "messages": messages,
        }


def _agents(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The agent of each session, where both are kept apart."""
    agents = {first(each.get("id")): each for each in objects(state.get("agents"))}
    pairs = objects(state.get("agentsToSessions")) or objects(state.get("agents_to_sessions"))
    return {
        first(each.get("sessionId"), each.get("session_id")): agents.get(
            first(each.get("agentId"), each.get("agent_id")), {}
        )
        for each in pairs
    }


def read_lobechat(stored: dict[str, Any]) -> ForeignConversation:
    """One topic, or what was said in a session outside of its topics."""
    topic, session = obj(stored.get("topic")), obj(stored.get("session"))
    agent = obj(stored.get("agent")) or obj(session.get("config"))
    meta = obj(session.get("meta"))
    title = first(topic.get("title"), meta.get("title"), session.get("title"), agent.get("title"))
    foreign = ForeignConversation(
        "lobechat",
        first(stored.get("id")),
        title,
        prompt=text(agent.get("systemRole")) or text(agent.get("system_role")),
        model=first(agent.get("model")),
        begun=earliest(topic.get("createdAt"), topic.get("created_at")),
        changed=earliest(topic.get("updatedAt"), topic.get("updated_at")),
    )
    messages = objects(stored.get("messages"))
    messages.sort(key=lambda each: moment(each.get("createdAt") or each.get("created_at")) or 0.0)
    prompts = [each for each in messages if text(each.get("role")) == "system"]
    add_messages(foreign, prompts)
    for each in messages:
        if each not in prompts:
            said = message(each)
            made = obj(each.get("extra")).get("fromModel") or each.get("fromModel")
            said.model = said.model or first(made)
            for shown in [*items(each.get("imageList")), *items(each.get("files"))]:
                name = first(obj(shown).get("alt"), obj(shown).get("name"))
                address = text(obj(shown).get("url"))
                said.pieces[:0] = picture(address, name) if address else file(name)
            foreign.add(said)
    return foreign
