"""Reasoning in every spelling and place: told apart the same way however the stream is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.providers.model_marks import MarkStripper
from studio.providers.thinking import ChannelTags, Kind, ThinkSplitter


def told(*parts: str) -> tuple[str, str]:
    """(reasoning, text) of a content that comes in these parts."""
    splitter = ThinkSplitter()
    pieces = [each for part in parts for each in splitter.feed(part)] + splitter.flush()
    thought = text = ""
    for kind, words in pieces:
        if kind is Kind.WAS_THOUGHT:
            thought, text = f"{thought}{text}".strip(), ""
        elif kind is Kind.THOUGHT:
            thought += words
        else:
            text += words
    return thought, text


def letters(text: str) -> list[str]:
    """One character at a time."""
    return list(text)


EXAMPLES: list[tuple[str, str, str]] = [
    # The head, in every spelling.
    ("<think>想一想</think>\n\n答案", "想一想", "答案"),
    ("<thinking>\n想一想\n</thinking>\n\n答案", "想一想", "答案"),
    ("<thought>Hm</thought>Yes", "Hm", "Yes"),
    ("<thoughts>Hm</thoughts>Yes", "Hm", "Yes"),
    ("<reasoning>\nHm\n</reasoning>\nYes", "Hm", "Yes"),
    ("<THINK>Hm</THINK>Yes", "Hm", "Yes"),
    ("<Think>Hm</tHiNk>Yes", "Hm", "Yes"),
    ('<think time="3.5" id=\'a\'>Hm</think>Yes', "Hm", "Yes"),
    ("< think >Hm</ think >Yes", "Hm", "Yes"),
    ("<think>Hm</thinking>Yes", "Hm", "Yes"),
    ("◁think▷Hm◁/think▷Yes", "Hm", "Yes"),
    ("[THINK]Hm[/THINK]Yes", "Hm", "Yes"),
    ("<|begin_of_thought|>Hm<|end_of_thought|>Yes", "Hm", "Yes"),
    ("<seed:think>Hm</seed:think>Yes", "Hm", "Yes"),
    ("<|think|>Hm<|/think|>Yes", "Hm", "Yes"),
    ("\n \t<think>\n\n</think>\n\nYes", "", "Yes"),
    ("<think></think><think>Hm</think>Yes", "Hm", "Yes"),
    ("<think/>Yes", "", "Yes"),
    # Without an end, without a beginning, one too many.
    ("<think>On and on </th", "On and on </th", ""),
    ("<think>On and on\n", "On and on", ""),
    ("用户在问好，应当回应。\n</think>\n\n你好！", "用户在问好，应当回应。", "你好！"),
    ("应当回应。</think>你好！", "应当回应。", "你好！"),
    ("I should greet.\n</thinking>\nHello", "I should greet.", "Hello"),
    ("Only thought.\n</think>", "Only thought.", ""),
    ("</think>\n\nYes", "", "Yes"),
    ("<think>Hm</think>\n</think>\nYes", "Hm", "Yes"),
    ("One.\n</think>\n<think>Two.</think>Yes", "One.\n\nTwo.", "Yes"),
    # Later on: a thought that stands on lines of its own.
    ("First.\n<think>\nHm\n</think>\nThen.", "Hm", "First.\nThen."),
    # Quoted, a tag is a word.
    ("`<think>` 标签用来包住思考，写法是 `<think>…</think>`。", "",
     "`<think>` 标签用来包住思考，写法是 `<think>…</think>`。"),
    ("Yes, </think> and <think> are words.", "", "Yes, </think> and <think> are words."),
    ("Write “</think>” at the end.", "", "Write “</think>” at the end."),
    ("```\n<think>\nHm\n</think>\nYes\n```\nOk.", "", "```\n<think>\nHm\n</think>\nYes\n```\nOk."),
    ("~~~html\n</think>x\n~~~\n", "", "~~~html\n</think>x\n~~~\n"),
    ("<think>They ask about `</think>` here.</think>It closes.",
     "They ask about `</think>` here.", "It closes."),
    ("<think>As in `a </think> b`, so.\n</think>Yes", "As in `a </think> b`, so.", "Yes"),
    ("<think>See:\n```\n<think>\na\n</think>\nb\n```\nso.\n</think>\nYes",
     "See:\n```\n<think>\na\n</think>\nb\n```\nso.", "Yes"),
    ("<think>Half a fence:\n```python\nx = 1\n</think>\nYes",
     "Half a fence:\n```python\nx = 1", "Yes"),
    ("<think>Half a `span\n</think>\n\nYes", "Half a `span", "Yes"),
    ("<think>2 < 3, <b> and </thin>k\n</think>\n\nYes, </think> and <think> are words.",
     "2 < 3, <b> and </thin>k", "Yes, </think> and <think> are words."),
    # No tags at all.
    (" <thing> ok", "", " <thing> ok"),
    ("<thinker>a</thinker>", "", "<thinker>a</thinker>"),
    ("<thin", "", "<thin"),
    ("a < b and c > d", "", "a < b and c > d"),
    ("  两个空格", "", "  两个空格"),
    ("x[0] = [think", "", "x[0] = [think"),
    ("<tool_call>\n{}\n</tool_call>", "", "<tool_call>\n{}\n</tool_call>"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "thought", "text"), EXAMPLES)
def test_thought_and_answer(content: str, thought: str, text: str) -> None:
    assert told(content) == (thought, text)
    assert told(*letters(content)) == (thought, text)


@pytest.mark.parametrize(("content", "thought", "text"), EXAMPLES)
def test_cut_in_two_at_every_place(content: str, thought: str, text: str) -> None:
    for at in range(len(content) + 1):
        assert told(content[:at], content[at:]) == (thought, text)


PIECES = [
    "<think>",
    "</think>",
    "<thinking>",
    "</thinking>",
    "<THOUGHT>",
    "</thought>",
    "<reasoning x='1'>",
    "</reasoning>",
    "<think/>",
    "< think >",
    "</ think >",
    "◁think▷",
    "◁/think▷",
    "[THINK]",
    "[/THINK]",
    "<|begin_of_thought|>",
    "<|end_of_thought|>",
    "<seed:think>",
    "</seed:think>",
    "`",
    "```",
    "```\n",
    "\n",
    "\n\n",
    " ",
    "a",
    "想",
    "。",
    "<",
    ">",
    "/",
    "<b>",
    "think",
    '"',
    "“",
    "”",
    "~~~\n",
    "*",
    "x y",
    "<thin",
    "</thi",
    "nk>",
    "<think a=",
    "'1'>",
    "\t",
    "<|",
    "[",
    "◁",
    ":",
    "<seed",
    "<think #1>",
]


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.lists(st.integers(0, 80), max_size=10))
def test_the_same_in_any_pieces(parts: list[str], cuts: list[int]) -> None:
    content = "".join(parts)
    places = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]
    pieces = [content[a:b] for a, b in itertools.pairwise(places)]
    assert told(*pieces) == told(content)
    assert told(*letters(content)) == told(content)


def test_a_long_answer_full_of_quoted_tags_is_read_in_no_time() -> None:
    splitter = ThinkSplitter()
    for _ in range(20_000):
        splitter.feed("`</think>` and more words. ")
    assert splitter._quoted <= 201


# The channel of its own.


def channel(*parts: str) -> str:
    """What becomes of reasoning that came in a channel of its own."""
    tags = ChannelTags()
    return "".join(tags.feed(part) for part in parts) + tags.flush()


@pytest.mark.parametrize(
    ("reasoning", "kept"),
    [
        ("Hm", "Hm"),
        ("<think>\nHm", "Hm"),
        ("Hm\n</think>", "Hm\n"),
        ("<think>Hm</think>\n", "Hm"),
        ("They ask about </think> here.", "They ask about </think> here."),
        ("2 < 3", "2 < 3"),
        ("a <b", "a <b"),
        ("<b>Hm", "<b>Hm"),
    ],
)
def test_tags_at_the_ends_of_a_channel_are_none_of_the_thought(reasoning: str, kept: str) -> None:
    assert channel(reasoning) == kept
    assert channel(*letters(reasoning)) == kept


# Marks of chat formats.


def stripped(*parts: str) -> str:
    """The text without marks."""
    marks = MarkStripper()
    return "".join(marks.feed(part) for part in parts) + marks.flush()


MARKED: list[tuple[str, str]] = [
    ("所以答案是 <|begin_of_box|>42<|end_of_box|>。", "所以答案是 42。"),
    ("<|begin_of_box|>B<|end_of_box|>", "B"),
    ("Done.<|im_end|>", "Done."),
    ("Done.<｜end▁of▁sentence｜>", "Done."),
    ("Done.<|endoftext|>\n", "Done.\n"),
    ("Done.<end_of_turn>", "Done."),
    ("GLM writes `<|begin_of_box|>` before it.", "GLM writes `<|begin_of_box|>` before it."),
    ("```\n<|im_start|>user\n```\n", "```\n<|im_start|>user\n```\n"),
    ("The mark “<|im_end|>” ends it.", "The mark “<|im_end|>” ends it."),
    ("a < b, a <| b |> c, <|nothing|>", "a < b, a <| b |> c, <|nothing|>"),
    ("<p>1</p> </s> <<<", "<p>1</p> </s> <<<"),
    ("<|begin_of_bo", "<|begin_of_bo"),
]


@pytest.mark.parametrize(("text", "kept"), MARKED)
def test_marks_of_formats_are_taken_out_and_quoted_ones_stay(text: str, kept: str) -> None:
    assert stripped(text) == kept
    assert stripped(*letters(text)) == kept


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            [
                "<|begin_of_box|>",
                "<|end_of_box|>",
                "<|im_end|>",
                "<|im",
                "_end|>",
                "`",
                "```\n",
                "\n",
                "<",
                "|",
                ">",
                "a",
                "42",
                "“",
                "”",
                "<end_of",
                "_turn>",
                "</",
                "<｜",
            ]
        ),
        max_size=12,
    ),
    st.lists(st.integers(0, 60), max_size=8),
)
def test_marks_are_found_however_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(places)]
    assert stripped(*pieces) == stripped(text)
