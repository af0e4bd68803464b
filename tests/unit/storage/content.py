"""All that a database holds for its user, in a form that no schema change may alter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import apsw

from studio.core.errors import StoredError
from studio.storage import key_value, usage_log
from studio.storage.history import conversations, listing, messages, search
from studio.storage.pictures import jobs, library_rows


def plain(value: Any) -> Any:
    """`value` without fields that have their default, so that a new field changes nothing."""
    if is_dataclass(value) and not isinstance(value, type):
        names = {each.name: each.metadata.get("stored_as", each.name) for each in fields(value)}
        given = {names[each.name]: getattr(value, each.name) for each in fields(value)}
        defaults = {names[each.name]: each.default for each in fields(value)}
        return {name: plain(each) for name, each in given.items() if each != defaults[name]}
    if isinstance(value, StoredError):  # was a dataclass when the oldest contents were written
        return plain({k: v for k, v in value._asdict().items() if v or k == "kind"})
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def said(value: Any) -> str:
    """`value` as one line."""
    return json.dumps(plain(value), sort_keys=True)


def content_of(connection: apsw.Connection) -> str:
    """One line of JSON with a count and a hash of each kind of thing."""
    found: dict[str, list[str]] = {"conversations": [], "messages": [], "versions": []}
    listed = listing.list_conversations(connection, limit=10**6)
    for each in [*listed, *conversations.list_trash(connection, limit=10**6)]:
        found["conversations"].append(said(conversations.load_conversation(connection, each.id)))
        found["messages"] += map(said, messages.load_all(connection, each.id))
        found["versions"].append(said(messages.load_versions(connection, each.id)))
    found["pictures"] = [said(each) for each in library_rows.list_pictures(connection, limit=10**6)]
    found["jobs"] = [said(each) for each in jobs.load_jobs(connection)]
    found["ledger"] = [said(each) for each in usage_log.list_days(connection, since="")]
    found["drafts"] = [said(key_value.load_drafts(connection))]
    found["catalogue"] = [said(key_value.load_catalogue(connection, "models"))]
    for word in ("秋天", "fox", "猫", "FÉ 雨"):
        page = search.search_messages(connection, word, limit=10**4)
        found[f"hits of {word}"] = [hit.message_id for hit in page.hits]
    hashes = {
        name: [len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()]
        for name, rows in found.items()
    }
    return json.dumps(hashes, sort_keys=True, indent=1)
