"""Answers as models write them, as they are drawn, selected and copied."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QGuiApplication, QTextLayout

from studio.core.messages import MessageStatus, TextPart
from studio.ui.transcript.input.word_breaks import word_at
from studio.ui.transcript.layout.message import ANSWER
from studio.ui.transcript.layout.note import NoteBox
from studio.ui.transcript.layout.prose import ProseBox
from studio.ui.transcript.layout.section import Placed
from studio.ui.transcript.layout.table import TableBox
from studio.ui.transcript.view import TranscriptView
from tests.markdown_parts import DATA
from tests.transcript_parts import (
    answer,
    buttons,
    clipboard,
    double_click,
    mouse,
    on_screen,
    paint,
    painted_anew,
    point_of,
    press,
    same_pixels,
    settle,
)

TABLE = "| 名 | 值 |\n|---|--:|\n| `a|b` | 1. 一<br>2. 二 |\n| **粗** | =1+1 |\n"


def _placed(view: TranscriptView, message: int = 0) -> list[Placed]:
    flow = view.stage.box(message).flows[ANSWER]
    return [placed for i in range(len(flow.heights)) for placed in flow.ensure(i).placed]


def _show(view: TranscriptView, text: str) -> None:
    view.set_messages([answer(text)])
    paint(view)
    settle(lambda: view._workshop.is_idle)
    paint(view)


def _units(text: str) -> list[int]:
    """Where letters begin, as Qt counts."""
    starts, at = [0], 0
    for character in text:
        at += 2 if character > "\uffff" else 1
        starts.append(at)
    return starts


@pytest.mark.parametrize(
    "text",
    [
        (DATA / "written" / "emoji_ends_code.md").read_text(encoding="utf-8").strip(),
        "😀`x` 和 **𠮷**`y`，`👩‍👩‍👧‍👦`，`é`，`❤️`，<kbd>🎉</kbd>",
        "`👍🏽`",
    ],
)
def test_emoji_beside_and_within_code_are_whole(view: TranscriptView, text: str) -> None:
    """No stretch of one look begins or ends within a letter."""
    _show(view, text)
    box = _placed(view)[0].box
    assert isinstance(box, ProseBox)
    for strip in box._strips:
        starts = _units(strip.text)
        ranges: list[QTextLayout.FormatRange] = strip.layout.formats()
        assert ranges
        for made in ranges:
            assert {made.start, made.start + made.length} <= set(starts)
            end = starts.index(made.start + made.length)
            assert strip.text[end : end + 1] not in ("\u200d", "\ufe0f", "\u0301", "🏽")


def test_a_formula_of_wide_letters_leaves_the_words_behind_it_in_place(
    view: TranscriptView,
) -> None:
    """Its stand-in is as long as Qt takes its letters to be."""
    _show(view, "当 $𝑥+𝑦=1$ 时 `code` 完")
    box = _placed(view)[0].box
    assert isinstance(box, ProseBox)
    layout = box._strips[0].layout
    assert len(layout.text()) == _units(box.text)[-1]
    assert layout.text().endswith("时 code 完")


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [
        ("粗体文字", "粗", "粗体"),
        ("这是粗体文字，请双击", "文", "文字"),
        ("请在设置里打开令牌页面", "页", "页面"),
        ("人工智能正在改变世界", "改", "改变"),
        ("中文 and words", "words", "words"),
        ("今日は天気がいい", "天", "天気"),
    ],
)
def test_a_double_click_on_chinese_selects_a_word(
    view: TranscriptView, text: str, at: str, word: str
) -> None:
    """Not one character."""
    _show(view, text)
    double_click(view, point_of(view, 0, at))
    view.copy()
    assert clipboard() == word


def test_words_are_found_in_long_text_and_beside_rare_letters() -> None:
    """What is looked at is a piece of it, and counts as Python does."""
    text = "𠮷" * 3 + "我们喜欢处理" * 400
    start, end = word_at(text, 1_500)
    assert text[start:end] in ("我们", "喜欢", "处理")
    assert word_at("", 3) == (0, 0) and word_at("好", 7) == (0, 1)


def test_a_note_has_a_head_in_the_language_of_the_window(view: TranscriptView) -> None:
    """And its mark is not seen."""
    _show(view, "> [!WARNING]\n> 小心\n")
    head, words = _placed(view)
    assert isinstance(head.box, NoteBox)
    assert words.box.text == "小心"
    assert words.leaf.containers[0].note == "warning"
    assert view.stage.box(0).plain_text() == "Warning\n\n小心"


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("1. 甲\n2. 乙：\n\n   | a | b |\n   |---|---|\n   | 1 | 2 |\n", ""),
        ("> 好\n>\n> | a | b |\n> |:--|--:|\n> | 1 | 2 |\n", ""),
        ("- | a | b |\n  |---|---|\n  | 1 | 2 |\n", ""),
        ("好：\n|  |  |\n|--|--|\n| 1 | 2 |\n", ""),
        # Without a bar at its beginning a head is one as soon as the line below it has begun.
        ("a | b\n:-- | --:\n1 | 2\n", "a | b\n:-- |"),
    ],
)
def test_a_table_shows_no_bars_wherever_it_is_written(
    view: TranscriptView, text: str, known: str
) -> None:
    """In a list, in a quote, right below words, without a head, and without bars around it."""
    message = answer(text)
    view.set_messages([replace(message, parts=(), status=MessageStatus.STREAMING)])
    for end in range(1, len(text) + 1):
        part = replace(message, parts=(TextPart(text[:end]),), status=MessageStatus.STREAMING)
        view.update_message(part)
        view.flush()
        if end >= len(known):
            shown = [each.box.text for each in _placed(view)]
            assert not any("|" in each for each in shown), text[:end]


def test_a_table_never_shows_its_bars_while_it_is_written(view: TranscriptView) -> None:
    """Its head is one from the first bar on; an answer that ends there shows what was written."""
    text = f"好：\n\n{TABLE}"
    message = answer(text)
    view.set_messages([replace(message, parts=(), status=MessageStatus.STREAMING)])
    for end in range(1, len(text)):
        part = replace(message, parts=(TextPart(text[:end]),), status=MessageStatus.STREAMING)
        view.update_message(part)
        view.flush()
        paint(view)
        assert all("|" not in each.box.text.replace("a|b", "") for each in _placed(view)), text[
            :end
        ]
        assert len(_placed(view)) <= 2
    assert same_pixels(on_screen(view), painted_anew(view))
    cut = text[: text.index("|---")]
    view.update_message(answer(cut, id=message.id))
    view.flush()
    paint(view)
    assert _placed(view)[-1].box.text == "| 名 | 值 |"


def test_a_formula_keeps_its_backslashes_while_it_is_written(view: TranscriptView) -> None:
    """It is shown as it is written until its end has come."""
    text = "于是：\n\n$$\na &= b \\\\\nc &= d"
    message = answer(text)
    view.set_messages([replace(message, parts=(), status=MessageStatus.STREAMING)])
    view.update_message(replace(message, status=MessageStatus.STREAMING))
    view.flush()
    view.update_message(
        replace(message, parts=(TextPart(text + "\n"),), status=MessageStatus.STREAMING)
    )
    view.flush()
    paint(view)
    assert "b \\\\\n" in _placed(view)[-1].box.text


def test_a_table_without_a_head_has_no_empty_row(view: TranscriptView) -> None:
    """Nor has one that has just got a bar."""
    _show(view, "| | |\n|---|---|\n| 甲 | 乙 |\n|")
    (placed,) = _placed(view)
    assert isinstance(placed.box, TableBox)
    assert placed.box.text == "甲\t乙"


def test_a_long_table_is_laid_out_where_it_is_seen(view: TranscriptView) -> None:
    """Its columns go on where they were, and all of it is copied."""
    rows = "".join(f"| 行{number} | 值 |\n" for number in range(400))
    text = f"| 名 | 值 |\n|---|---|\n{rows}"
    view.set_messages([answer(text)])
    settle(lambda: view.stage.box(0).is_read)
    flow = view.stage.box(0).flows[ANSWER]
    assert sum(1 for _ in flow.laid()) < 9
    first, second = (flow.ensure(index).placed[0].box for index in (0, 1))
    assert isinstance(first, TableBox) and isinstance(second, TableBox)
    assert first._widths == second._widths
    assert len({type(each.box) for each in _placed(view)}) == 1
    plain = view.stage.box(0).plain_text()
    assert plain.count("\n") == 400 and plain.endswith("行399\t值")
    view.select_all()
    view.copy()
    assert clipboard().split("\n") == plain.split("\n")


def _png(width: int, height: int) -> str:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (250, 20, 30)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_a_small_picture_in_the_text_is_drawn(view: TranscriptView) -> None:
    """A broken one, and one that is none, are a line with their size."""
    _show(view, f"图：![红]({_png(60, 40)}) 完\n\n![坏](data:image/png;base64,{'iVBOR' * 400})")
    picture = painted_anew(view)
    reds = sum(
        picture.pixelColor(x, y).red() > 240 and picture.pixelColor(x, y).green() < 40
        for x in range(0, picture.width(), 4)
        for y in range(0, picture.height(), 4)
    )
    assert 100 < reds < 220
    assert [each.box.text for each in _placed(view)][1] == "坏 (PNG, 2 KB)"


def test_a_picture_of_too_many_pixels_is_not_decoded(view: TranscriptView) -> None:
    """Its head says so, before anything of it is read."""
    _show(view, f"![大]({_png(5_000, 4_000)})")
    box = _placed(view)[0].box
    assert isinstance(box, ProseBox)
    assert not box._formulas and box.height < 60


# -- copying ---------------------------------------------------------------


def _html() -> str:
    return QGuiApplication.clipboard().mimeData().html()


def test_a_copied_answer_carries_its_looks(view: TranscriptView) -> None:
    """Headings, bold, lists, tables and code for programs that take them."""
    text = (
        "# 标题\n\n**粗** `c` H<sub>2</sub>O [链接](https://a.com/)\n\n1. 一\n   - 二\n2. 三\n\n"
        f"> 引\n\n{TABLE}\n```py\nx < 1\n```\n"
    )
    _show(view, text)
    view.select_all()
    view.copy()
    assert clipboard().startswith("标题\n\n粗 c H2O 链接\n\n1. 一\n")
    html = _html()
    for part in (
        *("<h1>标题</h1>", "<strong>粗</strong>", "<code>c</code>", "H<sub>2</sub>O"),
        *('<a href="https://a.com/">链接</a>', "<ol><li><p>一</p><ul><li><p>二</p></li></ul>"),
        *("</li><li><p>三</p></li></ol>", "<blockquote><p>引</p></blockquote>", "<table"),
        *("1. 一<br>2. 二", '<pre><code class="language-py">x &lt; 1</code></pre>'),
    ):
        assert part in html
    press(view, 0, "copy")
    assert clipboard() == text and "<h1>标题</h1>" in _html()


def test_a_part_that_is_copied_carries_the_looks_of_the_part(view: TranscriptView) -> None:
    """And foreign tags are words."""
    _show(view, "前面**粗体字**后面 <script>x</script>")
    start, end = point_of(view, 0, "体字"), point_of(view, 0, "后面", end=True)
    mouse(view, QEvent.Type.MouseButtonPress, start)
    mouse(view, QEvent.Type.MouseMove, end)
    mouse(view, QEvent.Type.MouseButtonRelease, end)
    view.copy()
    assert clipboard() == "体字后面"
    assert _html().endswith("<p><strong>体字</strong>后面</p>")
    view.select_all()
    view.copy()
    assert "<script" not in _html() and "&lt;script&gt;" in _html()


def test_a_table_is_copied_as_a_spreadsheet_takes_it_and_as_markdown(view: TranscriptView) -> None:
    """By two buttons, which are there while it is pointed at."""
    _show(view, f"表：\n\n{TABLE}\n完")
    box = _placed(view)[1].box
    assert isinstance(box, TableBox)
    table = box

    def pointed() -> bool:
        return table.pointed

    assert not pointed()
    mouse(view, QEvent.Type.MouseMove, point_of(view, 0, "粗"))
    assert pointed()
    press(view, 0, "copy_table")
    assert clipboard() == '名\t值\na|b\t"1. 一\n2. 二"\n粗\t=1+1'
    assert _html().count("<tr>") == 3 and "<td" in _html()
    assert "mso-number-format:'\\@'\">=1+1" in _html()
    press(view, 0, "copy_table_source")
    assert clipboard() == TABLE.strip("\n") and not _html()
    mouse(view, QEvent.Type.MouseMove, QPoint(5, 5))
    assert not pointed()


def test_a_table_within_a_list_is_copied_as_markdown(view: TranscriptView) -> None:
    """Without the indents of the list."""
    _show(view, "- 项\n\n  | a | b |\n  |:-:|---|\n  | 1 | 2 |\n")
    assert "copy_table" in buttons(view, 0)
    press(view, 0, "copy_table_source")
    assert clipboard() == "| a | b |\n| :-: | --- |\n| 1 | 2 |"
