"""Writes a conversation as a Python script that asks the same: to be run, changed, taken away."""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.messages import ChatProtocol, Conversation, Message, Parameters

TOKEN_VARIABLE = "MODELSCOPE_ACCESS_TOKEN"

_OPENAI = """import os

from openai import OpenAI

client = OpenAI(
    base_url={base},
    api_key=os.environ["{variable}"],
)

stream = client.chat.completions.create(
    model={model},
    messages={messages},{parameters}
    stream=True,
)
for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
print()
"""

_ANTHROPIC = """import os

from anthropic import Anthropic

client = Anthropic(
    base_url={base},
    api_key=os.environ["{variable}"],
)

with client.messages.stream(
    model={model},
    messages={messages},{parameters}
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
print()
"""


def code_sample(
    conversation: Conversation, messages: Sequence[Message], openai_base: str, anthropic_base: str
) -> str:
    """A script for the conversation's protocol; the token is read from an environment variable.

    Pictures kept on this computer are named by a comment, as their bytes would drown the script.
    """
    anthropic = conversation.protocol is ChatProtocol.ANTHROPIC
    turns = [_turn(each, anthropic=anthropic) for each in messages if each.text or each.images]
    if conversation.system_prompt and not anthropic:
        turns.insert(0, {"role": "system", "content": conversation.system_prompt})
    return (_ANTHROPIC if anthropic else _OPENAI).format(
        base=repr(anthropic_base if anthropic else openai_base),
        variable=TOKEN_VARIABLE,
        model=repr(conversation.model),
        messages=_list(turns),
        parameters=_anthropic(conversation) if anthropic else _openai(conversation.parameters),
    )


def _turn(message: Message, *, anthropic: bool) -> dict[str, object]:
    if not message.images:
        return {"role": message.role.value, "content": message.text}
    urls = [image.url or f"(your picture {image.name})" for image in message.images]
    content: list[object] = [
        {"type": "image", "source": {"type": "url", "url": url}}
        if anthropic
        else {"type": "image_url", "image_url": {"url": url}}
        for url in urls
    ]
    content.append({"type": "text", "text": message.text})
    return {"role": message.role.value, "content": content}


def _list(turns: Sequence[dict[str, object]]) -> str:
    rows = "".join(f"        {turn!r},\n" for turn in turns)
    return f"[\n{rows}    ]"


def _lines(values: dict[str, object]) -> str:
    return "".join(f"\n    {name}={value!r}," for name, value in values.items())


def _openai(parameters: Parameters) -> str:
    values = {
        "temperature": parameters.temperature,
        "top_p": parameters.top_p,
        "max_tokens": parameters.max_tokens,
        "stop": list(parameters.stop) or None,
    }
    given: dict[str, object] = {n: value for n, value in values.items() if value is not None}
    if parameters.thinking is not None:
        given["extra_body"] = {"enable_thinking": parameters.thinking}
    return _lines(given)


def _anthropic(conversation: Conversation) -> str:
    parameters = conversation.parameters
    values = {
        "max_tokens": parameters.max_tokens or 4096,
        "system": conversation.system_prompt or None,
        "stop_sequences": list(parameters.stop) or None,
    }
    given: dict[str, object] = {n: value for n, value in values.items() if value is not None}
    # Of the interface, but no arguments of the SDK any more.
    sampling = {"temperature": parameters.temperature, "top_p": parameters.top_p}
    if chosen := {name: value for name, value in sampling.items() if value is not None}:
        given["extra_body"] = chosen
    return _lines(given)
