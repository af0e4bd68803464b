"""Markdown as models write it: what a person sees of it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from studio.core.markdown.inline import plain, runs
from studio.core.markdown.leaves import LeafKind
from studio.core.markdown.links import safe_link
from studio.core.markdown.runs import Face, Run
from tests.markdown_parts import DATA, Shown, fed, leaves, shown


def written(name: str) -> str:
    """One of the answers that were written."""
    return (DATA / "written" / f"{name}.md").read_text(encoding="utf-8")


def lines(name: str) -> list[str]:
    """Its lines, each of them a paragraph."""
    return written(name).strip("\n").split("\n")


def faced(content: str, face: int) -> list[str]:
    """The words of a face."""
    return [run.text for run in runs(content) if run.face & face]


def seen(text: str) -> list[Shown]:
    """What is shown, the same in one piece and in any others."""
    whole = shown(fed(text), text)
    for seed in range(3):
        dice = random.Random(seed)
        ends = sorted(dice.sample(range(len(text)), min(len(text), 40)))
        assert shown(fed(text, ends), text) == whole
    assert shown(fed(text, range(len(text))), text) == whole
    return whole


def kinds(text: str) -> list[str]:
    return [str(leaf.kind) for leaf in seen(text)]


# -- emphasis --------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "bold"),
    [
        *zip(
            lines("bold_beside_chinese_signs"),
            [
                ["“小步快跑”", "「敏捷」", "（迭代）"],
                ["结论："],
                ["试一试。"],
                ["概念（concept）", "抽象（abstraction）"],
            ],
            strict=True,
        ),
        ("これは**「強調」**です", ["「強調」"]),
        ("이것은 **강조(emphasis)**입니다", ["강조(emphasis)"]),
        ("调用**`print()`**即可", ["print()"]),
        ("涨了**50%**以上", ["50%"]),
        ("共**3**项，**第1步：**3个", ["3", "第1步："]),
        ("**注意:**API 不变", ["注意:"]),
        ("版本2**“稳定”**3", ["“稳定”"]),
        ("**《书名》**和**【要点】**与**——破折号**", ["《书名》", "【要点】", "——破折号"]),
        ("他说：**“好。”**然后走了", ["“好。”"]),
        ("__（下划）__不变", []),
        ("a**b c**d", ["b c"]),
        ("5 ** 3 = 125 和 2 ** 2", []),
    ],
)
def test_bold_begins_and_ends_beside_chinese_signs(content: str, bold: list[str]) -> None:
    """No star stays, and not the words between are bold."""
    assert faced(content, Face.BOLD) == bold
    if bold:
        assert "*" not in plain(runs(content))


@pytest.mark.parametrize(
    ("content", "struck"),
    [
        *zip(lines("single_tildes"), [[], [], ["作废"]], strict=True),
        ("价格~~（旧）~~现在", ["（旧）"]),
        ("~~“作废”~~保留", ["“作废”"]),
        ("3~~删除。~~4", ["删除。"]),
    ],
)
def test_only_two_tildes_strike_words_out(content: str, struck: list[str]) -> None:
    """Beside Chinese signs too; one tilde is a range."""
    assert faced(content, Face.STRIKE) == struck


# -- formulas --------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "formulas"),
    [
        *zip(
            lines("formulas_after_han"),
            [["$n$", "$a_n$", "$S_n$"], ["$x=1$", "$f(x)=x^2$", "$[a,b]$"]],
            strict=True,
        ),
        ("设$ x $为实数，$ a + b = c $。", ["$ x $", "$ a + b = c $"]),
        ("（$x>0$）、“$y$”：$z$；$\\alpha$，", ["$x>0$", "$y$", "$z$", "$\\alpha$"]),
        ("面积$S=底×高$，四边形$ABCD$", ["$S=底×高$", "$ABCD$"]),
        ("the $n$th and $k$-means, $2$D", ["$n$", "$k$", "$2$"]),
        ("有$5$个，概率$\\frac{1}{2}$", ["$5$", "$\\frac{1}{2}$"]),
        ("当\\(x=1\\)时，\\(2+3\\)", ["\\(x=1\\)", "\\(2+3\\)"]),
        ("于是 \\begin{cases}a\\\\b\\end{cases} 成立", ["\\begin{cases}a\\\\b\\end{cases}"]),
    ],
)
def test_formulas_stand_beside_chinese(content: str, formulas: list[str]) -> None:
    """After Han, beside Chinese signs, with blanks inside."""
    assert faced(content, Face.FORMULA) == formulas


@pytest.mark.parametrize(
    "content",
    [
        *[line for line in lines("amounts_of_money") if "x + y" not in line and "*" not in line],
        *("$5/月，$10/年", "从$3.5亿到$4.2亿", "约¥7=$1，也就是$1=¥7", "US$5 = A$8"),
        *("$HOME/bin:$PATH", "echo ${a}/${b}", "$(pwd)/$(ls)", "$user:$group", "$FOO$BAR"),
        *(
            "/home/$USER/$DIR",
            "使用$PATH、$HOME",
            "$i++ 和 $j++",
            "$a=$b",
            "$_POST['a'].$_GET['b']",
        ),
        *("$AAPL/$TSLA 和 $BTC-$ETH", "$ ls -l\n$ cd /tmp", "变量$name和$value", "only $ here"),
    ],
)
def test_money_variables_and_paths_stay_as_they_are_written(content: str) -> None:
    """Dollars and all."""
    assert faced(content, Face.FORMULA) == []
    assert plain(runs(content)) == content


def test_a_formula_stands_beside_money() -> None:
    """And money in bold is money."""
    assert faced(lines("amounts_of_money")[1], Face.FORMULA) == ["$x + y$"]
    assert faced("**$1.50** 与 **$2**", Face.BOLD) == ["$1.50", "$2"]
    assert faced("**$5** or **$x**", Face.BOLD) == ["$5", "$x"]


@pytest.mark.parametrize(
    "text",
    [
        written("formula_with_an_empty_line"),
        written("formula_without_dollars"),
        "于是：\n\n$$\nx^2 \\\\\n\ny\n$$。\n\n完。\n",
        "- 公式\n  $$\n  a \\\\\n\n  b\n  $$\n- 完\n",
        "> $$\n> a \\\\\n> b\n> $$\n",
        "\\[\na \\\\\n\nb\n\\]，\n",
        "1. 题\n\n   \\begin{pmatrix}\n   1 & 2 \\\\\n   3 & 4\n   \\end{pmatrix}.\n",
        "\\begin{tikzpicture}\n\\draw (0,0) -- (1,1); \\\\\n\\end{tikzpicture}\n",
        "```math\na \\\\\nb\n```\n",
    ],
)
def test_a_block_is_one_formula_with_its_backslashes(text: str) -> None:
    """With an empty line inside, in a list or a quotation, with a sign of the sentence behind."""
    found = [leaf for leaf in seen(text) if leaf.kind == LeafKind.FORMULA]
    assert len(found) == 1
    assert "\\\\" in found[0].text


@pytest.mark.parametrize("text", ["$$\n\nplain words\n\n# Head\n\n$$\n", "价格 $$ 很高\n\n又 $$\n"])
def test_stray_dollars_swallow_no_page(text: str) -> None:
    """A heading between them shows that they are none."""
    assert "formula" not in kinds(text)


# -- tables ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (written("bars_in_formulas"), "秩\t$r(A)=r([A|b])$\t有解"),
        (written("bars_in_formulas"), "绝对值\t$|x|<1$ 与 $|y|$\t收敛"),
        ("| a | b |\n|-|-|\n| `x|y` | ``p|`q`` |\n", "x|y\tp|`q"),
        ("| $|x|$ | b |\n|-|-|\n| \\(|a|\\) | $\\|v\\|$ |\n", "\\(|a|\\)\t$\\|v\\|$"),
        ("| a | b |\n|-|-|\n| 1 | 2 | 3 | 4 |\n", "1\t2 | 3 | 4"),
        ("| a | b |\n|-|-|\n| `\\|` | $5 |\n| $5 | $6 |\n", "$5\t$6"),
        (written("breaks_in_cells"), "安装\t1. 下载\n2. 解压\n3. 运行"),
    ],
)
def test_every_cell_is_there(text: str, row: str) -> None:
    """Bars within formulas and code part nothing, and what is too much is in the last cell."""
    assert [leaf.kind for leaf in seen(text)] == ["table"]
    assert row in seen(text)[0].text


def test_a_table_of_hundreds_of_rows_is_a_table() -> None:
    """It comes in pieces, whose columns are as wide as those of the first."""
    rows = "".join(f"| 行{number} | {number} |\n" for number in range(300))
    text = f"| 名 | 值 |\n|---|--:|\n{rows}\n完。\n"
    for ends in ((), range(0, len(text), 9)):
        outline = fed(text, ends)
        found = list(leaves(outline, text))
        assert {leaf.kind for leaf in found[1:-1]} == {LeafKind.ROWS}
        assert [cell for leaf in found[:-1] for cell, _ in leaf.rows] == [
            "名",
            *(f"行{number}" for number in range(300)),
        ]
        assert {leaf.shape for leaf in found[:-1]} == {("行10", "值")}
        assert found[-1].content == "完。"
        assert outline.reads < len(text) / 4


def test_a_fence_is_no_head_of_a_table() -> None:
    """However it comes in."""
    assert kinds("```|b\n-|-") == ["code"]
    assert kinds("\x0b\n#u") == ["paragraph"]


# -- tags ------------------------------------------------------------------


def test_simple_tags_are_drawn() -> None:
    """In pairs only."""
    content = "H<sub>2</sub>O x<sup>2</sup> <kbd>Ctrl</kbd> <u>下</u> <MARK>亮</MARK> <u>开"
    drawn = {run.text: run.face for run in runs(content) if run.face}
    assert drawn == {
        "Ctrl": Face.KEY,
        "下": Face.UNDERLINE,
        "亮": Face.MARKED,
        "2": Face.SUP,
    }
    assert Run("2", Face.SUB) in runs(content)
    assert plain(runs(content)) == "H2O x2 Ctrl 下 亮 <u>开"


@pytest.mark.parametrize(
    "content",
    [
        *lines("tags_that_are_text"),
        *("</u> 和 <sub>", '<u class="x">a</u>', "<b>粗</b><br >?", "用“<br>”换行", "or <br> and"),
    ],
)
def test_all_other_tags_are_text(content: str) -> None:
    """They are what is spoken of."""
    if "<br >" in content:
        assert plain(runs(content)) == "<b>粗</b>\n?"
    else:
        assert plain(runs(content)) == content


# -- lists, fences, notes --------------------------------------------------


def _outline(text: str) -> list[tuple[str, str, str]]:
    return [("".join(leaf.markers), leaf.around, leaf.text) for leaf in seen(text)]


def test_bullets_below_a_number_are_its_children() -> None:
    """Indented by two as models do, and the numbers go on."""
    assert _outline(written("children_by_two_blanks")) == [
        ("1.", "i", "准备"),
        ("•", "ii", "锅"),
        ("•", "ii", "油"),
        ("2.", "i", "开火"),
        ("•", "ii", "大火"),
    ]
    assert _outline("9. 九\n   - 甲\n10. 十\n   - 乙\n     细\n") == [
        ("9.", "i", "九"),
        ("•", "ii", "甲"),
        ("10.", "i", "十"),
        ("•", "ii", "乙\n细"),
    ]
    assert _outline("1. a\n  1. b\n  2. c\n2. d\n") == [
        ("1.", "i", "a"),
        ("1.", "ii", "b"),
        ("2.", "ii", "c"),
        ("2.", "i", "d"),
    ]
    assert _outline("> 1. a\n>   - b\n> 2. c\n") == [
        ("1.", "qi", "a"),
        ("•", "qii", "b"),
        ("2.", "qi", "c"),
    ]


def test_code_below_a_number_keeps_its_indents() -> None:
    """Also where it is indented by too little."""
    text = "1. 运行\n  ```py\n  def f():\n      return 1\n  ```\n2. 完\n"
    assert _outline(text) == [
        ("1.", "i", "运行"),
        ("", "i", "def f():\n    return 1"),
        ("2.", "i", "完"),
    ]
    assert seen(written("code_in_a_list"))[1].text == '\tfirst = "tab"\ndef f():\n    return 1'


def test_a_number_keeps_its_bracket() -> None:
    """`1)` is no `1.`."""
    text = "1) 一\n2) 二\n\n> 3) 三\n"
    outline = fed(text, range(len(text)))
    assert [leaf.markers[0][1] for leaf in leaves(outline, text)] == ["1)", "2)", "3)"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (written("long_fences"), ["```py\nfoo = 1\n```\n第二段", "```\nx\n```"]),
        ("```markdown\n# a\n```python\nx\n```\nb\n```\n\nend\n", ["# a\n```python\nx\n```\nb"]),
        ("~~~md\n~~~js\n1\n~~~\n~~~\n", ["~~~js\n1\n~~~"]),
        ("```md\n```a\n```\n```b\n```\n```\n", ["```a\n```\n```b\n```"]),
        ("- 例\n\n  ```markdown\n  ```sh\n  ls\n  ```\n  ```\n", ["```sh\nls\n```"]),
        ("```python\n```\n```\n", ["", ""]),
    ],
)
def test_a_block_of_markdown_holds_blocks(text: str, codes: list[str]) -> None:
    """Fences of the same length inside: it ends with its own."""
    assert [leaf.text for leaf in seen(text) if leaf.kind == "code"] == codes


def test_a_quotation_may_be_a_note() -> None:
    """Its mark is not shown as words."""
    found = seen("> [!NOTE]\n> 内容\n\n> [!warning] 小心\n\n> [!OTHER]\n> x\n\n> 又 [!TIP]\n")
    assert [(leaf.kind, leaf.text) for leaf in found] == [
        ("note", "Note"),
        ("paragraph", "内容"),
        ("note", "Warning"),
        ("paragraph", "小心"),
        ("paragraph", "[!OTHER]\nx"),
        ("paragraph", "又 [!TIP]"),
    ]
    assert kinds("- > [!TIP]\n  > 甲\n") == ["note", "paragraph"]


# -- text ------------------------------------------------------------------


def test_full_width_indents_stay() -> None:
    """On both paragraphs, on both lines, and in what is asked."""
    found = [leaf.text for leaf in seen(written("full_width_indents"))]
    assert found[0].startswith("　　春天来了") and "\n　　第二行" in found[0]
    assert found[1] == "　　另起一段。"
    asked = "　　问题\n\n　　又问\n"
    assert [leaf.text for leaf in shown(fed(asked, literal=True), asked)] == [
        "　　问题",
        "　　又问",
    ]
    assert seen("> 　　引\n\n- 　项\n")[0].text == "　　引"


@pytest.mark.parametrize(
    ("content", "href"),
    [
        *zip(
            lines("addresses_in_chinese_text"),
            [
                *("https://example.com/a?b=1", "https://example.com/a", "https://example.com/"),
                *("https://example.com/docs", "https://example.com/a", "https://example.com/a_(b)"),
            ],
            strict=True,
        ),
        ("见 https://zh.wikipedia.org/wiki/中文，好", "https://zh.wikipedia.org/wiki/中文"),
        ("https://a.com/s?q=中文&p=2。", "https://a.com/s?q=中文&p=2"),
        ("https://a.com/s?q=python教程 好", "https://a.com/s?q=python教程"),
        ("https://a.com/文档/安装_(一)/x", "https://a.com/文档/安装_(一)/x"),
        ("https://a.com/docs了解更多", "https://a.com/docs"),
        ("https://a.com/b——说明", "https://a.com/b"),
        ("“https://a.com/b”", "https://a.com/b"),
        ("https://a.com/b、https", "https://a.com/b"),
    ],
)
def test_an_address_ends_where_chinese_goes_on(content: str, href: str) -> None:
    """But keeps the Chinese of its path and of its query."""
    assert [run.href for run in runs(content) if run.href] == [href]
    assert safe_link(href) == href


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda data: f"![图]({data})完。",
        lambda data: f"![图]({data} '题')完。",
        lambda data: f'<img alt="图" src="{data}">完。',
        lambda data: f"看：{data} 完。",
        lambda data: f"**![图](<{data}>)**完。",
    ],
)
def test_a_picture_in_the_text_is_never_shown_as_letters(wrapped: Callable[[str], str]) -> None:
    """Its size is named, in whole and while it comes in."""
    data = "data:image/png;base64," + "iVBORw0KGgo" * 1_200
    text = wrapped(data)
    found = runs(text)
    assert [run.href for run in found if run.face & Face.EMBEDDED] == [data]
    assert "(PNG, 10 KB)" in plain(found) and "完。" in plain(found)
    for end in range(200, len(text), 500):
        outline = fed(text, range(100, end, 300))
        assert all("iVBORw0KGgoiVBORw0KGgo" not in leaf.text for leaf in shown(outline, text))


def test_the_picture_of_the_report_stays_a_line() -> None:
    """Whatever its letters are, and words follow it."""
    text = written("picture_in_the_text")
    found = shown(fed(text), text)
    assert shown(fed(text, range(0, len(text), 90)), text) == found
    assert found[1].text.startswith("图 (PNG, ") and found[-1].text == "完。"
