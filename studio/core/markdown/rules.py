"""The Markdown dialect: CommonMark with tables, strikethrough, footnotes and formulas.

Formulas are `$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]` and environments, see formulas.py; what
else is read otherwise than CommonMark does stands in dialect.py.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from studio.core.markdown import dialect

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Deeper containers are shown as they were written: each level costs every line below it again.
MAX_NESTING = 40


@cache
def answer_parser() -> MarkdownIt:
    """The parser for what a model writes."""
    # Imported on first use: the parser costs 40 ms, the first paint does not wait for it.
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote.index import footnote_def

    parser = MarkdownIt("zero")
    parser.inline = dialect.answer_inlines()
    parser.configure("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["strikethrough"])
    parser.disable(["table"])
    blocks, inlines = parser.block.ruler, parser.inline.ruler
    over = ["paragraph", "reference", "blockquote"]
    blocks.before("reference", "footnote_def", footnote_def, {"alt": over[:2]})
    blocks.before("fence", "formula", dialect.formula_block, {"alt": over})
    blocks.before("lheading", "rows", dialect.table, {"alt": over[:2]})
    blocks.at("fence", dialect.fence, {"alt": [*over, "list"]})
    blocks.at("list", dialect.ordered_list, {"alt": over})
    blocks.at("paragraph", dialect.paragraph)
    inlines.before("escape", "formula", dialect.formula)
    inlines.before("link", "footnote_ref", dialect.footnote_ref)
    return parser


@cache
def question_parser() -> MarkdownIt:
    """The parser for what the user writes: quotes and fences only, everything else literally."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero", {"maxNesting": MAX_NESTING})
    parser.enable(["fence", "blockquote"])
    parser.block.ruler.at("fence", dialect.fence, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.at("paragraph", dialect.paragraph)
    return parser


def unescaped(info: str) -> str:
    """The words behind a fence without backslashes and entities."""
    if "\\" not in info and "&" not in info:
        return info
    from markdown_it.common.utils import unescapeAll

    return unescapeAll(info)
