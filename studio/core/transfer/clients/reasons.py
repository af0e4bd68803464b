"""Why something is left out or refused, and what other files are: sentences that say what to do."""

from __future__ import annotations

import re
from typing import Any

from studio.core.errors import StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.core.transfer.clients.values import items, obj
from studio.core.transfer.common import NOT_OURS, refused

NO_MESSAGES = QT_TRANSLATE_NOOP("transfer", "It holds no messages, only its title.")
UNREADABLE = QT_TRANSLATE_NOOP("transfer", "Its messages are in a form that is not understood.")
TOO_DEEP = QT_TRANSLATE_NOOP("transfer", "Its parts are nested too deeply.")
CUT_SHORT = QT_TRANSLATE_NOOP(
    "transfer", "The file is damaged from here on; what comes before is whole."
)
DAMAGED = QT_TRANSLATE_NOOP(
    "transfer", "It is damaged or cut short; what could still be read of it is there."
)
EMPTY = QT_TRANSLATE_NOOP(
    "transfer", "The file is from {client}, but no conversation in it has a message."
)
SHARED = QT_TRANSLATE_NOOP(
    "transfer",
    "This is the list of shared links of a ChatGPT export. Choose conversations.json or the whole "
    "zip file.",
)
ACCOUNT = QT_TRANSLATE_NOOP(
    "transfer",
    "This is the account part of an export. Choose conversations.json or the whole zip file.",
)
FEEDBACK = QT_TRANSLATE_NOOP(
    "transfer",
    "This is the ratings part of an export. Choose conversations.json or the whole zip file.",
)
OTHER_PART = QT_TRANSLATE_NOOP(
    "transfer",
    "This part of an export holds no conversations. Choose conversations.json or the whole zip "
    "file.",
)
WEB_PAGE = QT_TRANSLATE_NOOP(
    "transfer",
    "This is a web page, which is only for reading. Choose conversations.json or the zip file that "
    "it came with.",
)
NOT_READ = QT_TRANSLATE_NOOP(
    "transfer",
    "This is a conversation of {client}, whose form cannot be read here. "
    "Convert it to the form of ChatGPT "
    "or OpenAI first, or copy the words you need.",
)
RAW_CHERRY = QT_TRANSLATE_NOOP(
    "transfer",
    "This backup of Cherry Studio holds its raw database. Make a backup with data.json, or export "
    "the topics.",
)
OTHER_MARKDOWN = QT_TRANSLATE_NOOP(
    "transfer",
    "This text was not written by Moda Studio. Export the conversations as JSON or zip instead.",
)
TABLE = QT_TRANSLATE_NOOP(
    "transfer",
    "This is a database. Use the export of the program that it belongs to; for one of Moda Studio, "
    "the export of all data.",
)
DOCUMENT = QT_TRANSLATE_NOOP(
    "transfer",
    "This is a {kind} file, not an export of conversations. Choose the zip or JSON file.",
)
PACKED = QT_TRANSLATE_NOOP(
    "transfer", "{kind} files cannot be opened here. Unpack it, then choose the folder."
)
EMPTY_FILE = QT_TRANSLATE_NOOP("transfer", "The file is empty. Download or export it again.")

# What a file begins with -> what it is.
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"SQLite format 3\0", TABLE, ""),
    (b"%PDF-", DOCUMENT, "PDF"),
    (b"\x89PNG", DOCUMENT, "PNG"),
    (b"\xff\xd8\xff", DOCUMENT, "JPEG"),
    (b"GIF8", DOCUMENT, "GIF"),
    (b"RIFF", DOCUMENT, "RIFF"),
    (b"7z\xbc\xaf\x27\x1c", PACKED, "7z"),
    (b"Rar!", PACKED, "RAR"),
    (b"\x1f\x8b", PACKED, "gzip"),
    (b"BZh", PACKED, "bzip2"),
    (b"\xfd7zXZ", PACKED, "xz"),
    (b"\x28\xb5\x2f\xfd", PACKED, "zstd"),
)
_WEB_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
# Keys that only such a part has -> what it is.
_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("is_anonymous",), SHARED),
    (("share_id", "conversation_id"), SHARED),
    (("chatgpt_plus_user",), ACCOUNT),
    (("phone_number",), ACCOUNT),
    (("email_address",), ACCOUNT),
    (("verified_phone_number",), ACCOUNT),
    (("email",), ACCOUNT),
    (("mobile",), ACCOUNT),
    (("rating",), FEEDBACK),
    (("evaluation_treatment",), FEEDBACK),
    (("prompt_template",), OTHER_PART),
    (("is_starter_project",), OTHER_PART),
    (("conversations_memory",), OTHER_PART),
)
_NAMES: tuple[tuple[str, str], ...] = (
    ("shared_conversations", SHARED),
    ("users", ACCOUNT),
    ("user", ACCOUNT),
    ("message_feedback", FEEDBACK),
    ("model_comparisons", FEEDBACK),
    ("projects", OTHER_PART),
    ("memories", OTHER_PART),
    ("group_chats", OTHER_PART),
    ("export_manifest", OTHER_PART),
    ("shopping", OTHER_PART),
    ("sora", OTHER_PART),
)
_CLIENTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("conversation", "responses"), "Grok"),
    (("user_name", "character_name"), "SillyTavern"),
    (("chat_metadata",), "SillyTavern"),
    (("is_user", "mes"), "SillyTavern"),
    (("chunkedPrompt",), "Google AI Studio"),
    (("header", "titleUrl", "time"), "Gemini"),
    (("sessionId", "parentUuid", "cwd"), "Claude Code"),
)
_LISTS = ("conversations", "chats", "sessions")


def named_client(stored: Any) -> str:
    """The program whose chat this is, among those that are told apart and not read."""
    inside = [each for name in _LISTS for each in items(obj(stored).get(name))[:1]]
    for each in [stored, *inside]:
        for keys, client in _CLIENTS:
            if all(key in obj(each) for key in keys):
                return client
    return ""


def refusal_of(stored: Any, name: str) -> StudioError:
    """The refusal of something that was read as JSON and is no conversation: it says what it is."""
    if client := named_client(stored):
        return refused(NOT_READ, client=client)
    known = obj(stored)
    for keys, reason in _PARTS:
        if all(key in known for key in keys):
            return refused(reason)
    return refusal_by_name(name) or refused(NOT_OURS)


def refusal_by_name(name: str) -> StudioError | None:
    """The refusal of a part of an export that is known by its name."""
    stem = re.sub(r"[-_ ]?\(?\d*\)?$", "", name.rpartition("/")[2].rpartition(".")[0].lower())
    reason = next((reason for known, reason in _NAMES if stem == known), None)
    return refused(reason) if reason else None


def refusal_of_bytes(start: bytes) -> StudioError:
    """The refusal of a file that is no JSON, by what it begins with."""
    if not start.strip(b"\0\r\n\t "):
        return refused(EMPTY_FILE)
    if _WEB_PAGE.match(start.removeprefix(b"\xef\xbb\xbf")):
        return refused(WEB_PAGE)
    for beginning, reason, kind in _BEGINNINGS:
        if start.startswith(beginning):
            return refused(reason, kind=kind) if kind else refused(reason)
    return refused(NOT_OURS)
