"""A conversation as a script: it compiles, asks the same, and holds no token."""

from __future__ import annotations

import ast

import pytest

from studio.core.messages import (
    ChatProtocol,
    Conversation,
    ImagePart,
    Message,
    Parameters,
    Role,
    TextPart,
)
from studio.core.transfer.code_sample import TOKEN_VARIABLE, code_sample

BASES = ("https://api-inference.modelscope.cn/v1", "https://api-inference.modelscope.cn")


def talk(*texts: str) -> list[Message]:
    """Question and answer in turn."""
    roles = (Role.USER, Role.ASSISTANT)
    return [Message("c", roles[n % 2], (TextPart(text),)) for n, text in enumerate(texts)]


def arguments(script: str) -> dict[str, object]:
    """What the one request of a script is given."""
    for node in ast.walk(ast.parse(script)):
        names = {keyword.arg for keyword in getattr(node, "keywords", [])}
        if isinstance(node, ast.Call) and "messages" in names:
            return {str(k.arg): ast.literal_eval(k.value) for k in node.keywords}
    raise AssertionError("no request in the script")


@pytest.mark.parametrize("protocol", list(ChatProtocol))
def test_it_asks_what_was_asked(protocol: ChatProtocol) -> None:
    conversation = Conversation(
        model="Qwen/Qwen3.5-35B-A3B",
        protocol=protocol,
        system_prompt='Be "brief".\n简短',
        parameters=Parameters(temperature=0.5, max_tokens=77, thinking=False, stop=("\n\n",)),
    )
    script = code_sample(
        conversation, talk("用 python\n写快排", 'a "quoted" {brace}', "why?"), *BASES
    )
    given = arguments(script)
    assert given["model"] == "Qwen/Qwen3.5-35B-A3B"
    assert given["max_tokens"] == 77
    contents = [turn["content"] for turn in given["messages"]]  # type: ignore[attr-defined]  # a list
    assert contents[-3:] == ["用 python\n写快排", 'a "quoted" {brace}', "why?"]
    if protocol is ChatProtocol.OPENAI:
        assert contents[0] == conversation.system_prompt
        assert given["temperature"] == 0.5
        assert given["extra_body"] == {"enable_thinking": False}
        assert given["stop"] == ["\n\n"]
    else:
        assert given["system"] == conversation.system_prompt
        assert given["extra_body"] == {"temperature": 0.5}  # no argument of the SDK
        assert given["stop_sequences"] == ["\n\n"]
    assert f'os.environ["{TOKEN_VARIABLE}"]' in script
    assert BASES[protocol is ChatProtocol.ANTHROPIC] in script


def test_only_what_was_set_is_sent() -> None:
    given = arguments(code_sample(Conversation(model="m"), talk("hi"), *BASES))
    assert set(given) == {"model", "messages", "stream"}


def test_pictures_are_named_and_failed_answers_left_out() -> None:
    asked = Message(
        "c", Role.USER, (ImagePart(url="https://x.example/a.png", name="a.png"), TextPart("what?"))
    )
    failed = Message("c", Role.ASSISTANT, ())
    given = arguments(code_sample(Conversation(model="m"), [asked, failed], *BASES))
    assert given["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
                {"type": "text", "text": "what?"},
            ],
        }
    ]
