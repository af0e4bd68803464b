"""Writes a conversation as one HTML page that holds all it shows, loads nothing and runs nothing.

Every character of the conversation is escaped; only the tags that our Markdown dialect makes are
tags. The page's own policy forbids scripts and every address but pictures inside of it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from studio.core.markdown.inline import plain, runs
from studio.core.markdown.leaves import note_at
from studio.core.markdown.rules import answer_parser, question_parser
from studio.core.markdown.tags import drawn_tags
from studio.core.messages import (
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from studio.core.transfer.page import (
    PICTURE,
    PICTURE_GONE,
    REASONING,
    SYSTEM_PROMPT,
    TOOL_RESULT,
    Page,
    moment,
)

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_OPEN_LINKS = ("http://", "https://", "mailto:")
_PICTURES = ("data:image/png;base64,", "data:image/jpeg;base64,")

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.6;
  font-family: system-ui, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
    sans-serif; }
header p, .end, figcaption { color: GrayText; }
article { margin: 1.5rem 0; overflow-wrap: break-word; }
article > h2 { font-size: 1rem; margin: 0 0 .25rem; }
.user > div { background: color-mix(in srgb, CanvasText 7%, Canvas); border-radius: .6rem;
  padding: .1rem 1rem; }
.asked > p { white-space: pre-wrap; }
pre { background: color-mix(in srgb, CanvasText 7%, Canvas); border-radius: .4rem;
  padding: .8rem; overflow-x: auto; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid color-mix(in srgb, CanvasText 25%, Canvas); padding: .3rem .6rem; }
blockquote, details { border-left: 3px solid color-mix(in srgb, CanvasText 25%, Canvas);
  margin-left: 0; padding-left: 1rem; }
img { max-width: 100%; height: auto; }
figure { margin: 1rem 0; }
"""


def html_of(page: Page) -> str:
    """The shown branch of a conversation as a whole document, in UTF-8."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; form-action 'none'"
    title = escape(page.title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            "<html>",
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}; base-uri \'none\'">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            *_header(page, title),
            *(_article(page, message) for message in page.messages),
            "</body>",
            "</html>",
            "",
        ]
    )


def _header(page: Page, title: str) -> Iterator[str]:
    known = (moment(page.conversation.created_at), page.conversation.model)
    yield f"<header><h1>{title}</h1>"
    yield f"<p>{escape(' · '.join(each for each in known if each))}</p>"
    if page.conversation.system_prompt:
        prompt = escape(page.conversation.system_prompt)
        yield f"<details><summary>{escape(page.words(SYSTEM_PROMPT))}</summary>"
        yield f'<div class="asked"><p>{prompt}</p></div></details>'
    yield "</header>"


def _article(page: Page, message: Message) -> str:
    role = "user" if message.role is Role.USER else "model"
    lines = [f'<article class="{role}"><h2>{escape(page.speaker(message))}</h2><div>']
    lines += [_part(page, message, part) for part in message.parts]
    end = page.end(message)
    if end:
        lines.append(f'<p class="end">{escape(end)}</p>')
    lines.append("</div></article>")
    return "\n".join(lines)


def _part(page: Page, message: Message, part: Part) -> str:
    match part:
        case TextPart(text) if message.role is Role.USER:
            return _rendered(text, asked=True)
        case TextPart(text):
            return _rendered(text, asked=False)
        case ReasoningPart(text):
            body = _rendered(text, asked=False)
            summary = escape(page.words(REASONING))
            return f"<details><summary>{summary}</summary>\n{body}</details>"
        case ImagePart():
            return _picture(page, part)
        case ToolCallPart(_, name, arguments):
            return f"<p>{escape(page.call(name))}</p><pre>{escape(arguments)}</pre>"
        case ToolResultPart(_, text):
            return f"<p>{escape(page.words(TOOL_RESULT))}</p><pre>{escape(text)}</pre>"


def _picture(page: Page, part: ImagePart) -> str:
    name = escape(part.name or page.words(PICTURE))
    if part.url:
        return f"<p>{name}: <code>{escape(part.url)}</code></p>"
    where = page.picture(part)
    if not where.startswith(_PICTURES):
        return f"<p>{name}: {escape(page.words(PICTURE_GONE))}</p>"
    size = f' width="{part.width}" height="{part.height}"' if part.width and part.height else ""
    image = f'<img src="{escape(where)}" alt="{name}"{size}>'
    return f"<figure>{image}<figcaption>{name}</figcaption></figure>"


def _rendered(text: str, *, asked: bool) -> str:
    """Markdown as HTML; a question keeps its line breaks and has quotes and code only."""
    parser = _question() if asked else _answer()
    environment: dict[str, Any] = {}
    tokens = parser.parse(text, environment)
    for index, token in enumerate(() if asked else tokens):
        if token.type == "inline" and index > 1 and tokens[index - 2].type == "blockquote_open":
            _head_note(parser, tokens[index - 2], token, environment)
    made: str = parser.renderer.render(tokens, parser.options, environment)
    return f'<div class="asked">{made}</div>' if asked else made


@cache
def _answer() -> MarkdownIt:
    return _safe(answer_parser.__wrapped__())


@cache
def _question() -> MarkdownIt:
    return _safe(question_parser.__wrapped__())


def _safe(parser: MarkdownIt) -> MarkdownIt:
    """A parser of our own (the shared ones are used by others) that trusts nothing it reads."""
    # Tags are told apart as on the screen; the rules below write the few that are drawn.
    parser.add_render_rule("html_inline", _tag)
    parser.add_render_rule("html_block", _html)
    parser.add_render_rule("blockquote_open", _quotation)
    parser.options["xhtmlOut"] = False
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("formula", _formula)
    parser.add_render_rule("formula_block", _formula_block)
    parser.add_render_rule("footnote_ref", _footnote)
    parser.add_render_rule("table", _table_of(parser))
    for name in ("footnote_reference_open", "footnote_reference_close"):
        parser.add_render_rule(name, _nothing)
    return parser


def _table_of(parser: MarkdownIt) -> Callable[..., str]:
    """What renders tables, whose cells are inline Markdown."""

    def table(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
        meta = tokens[index].meta

        def row(tag: str, cells: Sequence[str]) -> str:
            made = []
            for align, cell in zip(meta["aligns"], cells, strict=True):
                look = f' style="text-align:{align}"' if align else ""
                made.append(f"<{tag}{look}>{parser.renderInline(_with_breaks(cell))}</{tag}>")
            return f"<tr>{''.join(made)}</tr>\n"

        head = f"<thead>\n{row('th', meta['head'])}</thead>\n"
        body = "".join(row("td", cells) for cells in meta["rows"])
        return f"<table>\n{head}<tbody>\n{body}</tbody>\n</table>\n"

    return table


def _with_breaks(cell: str) -> str:
    """A cell whose `<br>` are hard breaks."""
    return _BREAK.sub("\\\n", cell)


def _image(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    """A picture of the text is a link that says where it leads: nothing loads by itself."""
    token = tokens[index]
    source = str(token.attrGet("src") or "")
    if source.startswith("data:"):
        return escape(plain(runs(f"![{token.content}]({source})")))
    words = escape(token.content or source)
    if source.startswith(_OPEN_LINKS):
        return f'<a href="{escape(source)}" rel="noreferrer noopener">{words}</a>'
    return f"{words} <code>{escape(source)}</code>" if source != token.content else words


def _link(renderer: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    token = tokens[index]
    target = str(token.attrGet("href") or "")
    if target.startswith(_OPEN_LINKS):
        return f'<a href="{escape(target)}" rel="noreferrer noopener" title="{escape(target)}">'
    return "<a>"


def _tag(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    content = tokens[index].content
    known = rest[-1].setdefault("drawn tags", {})  # by paragraph, for as long as a text is written
    if id(tokens) not in known:
        known[id(tokens)] = (drawn_tags(tokens, cell=False), tokens)
    tag = known[id(tokens)][0].get(index)
    if tag is None:
        return escape(content)
    if not (tag.face or tag.ended):
        return "<br>\n" if tag.text else ""
    return content.lower().replace(" ", "")


def _html(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


def _head_note(
    parser: MarkdownIt, quotation: Token, words: Token, environment: dict[str, Any]
) -> None:
    """Take the mark of a note out of its words: it becomes the head of the quotation."""
    found = note_at(words.content)
    if found is not None:
        quotation.meta["note"], rest = found
        words.children = parser.parseInline(rest, environment)[0].children


def _quotation(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    kind = str(tokens[index].meta.get("note", ""))
    head = f"<p><strong>{escape(kind.capitalize())}</strong></p>\n" if kind else ""
    return f"<blockquote>\n{head}"


def _formula(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    return f"<code>{escape(tokens[index].content)}</code>"


def _formula_block(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


def _footnote(_: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    return f"<sup>{escape(tokens[index].content)}</sup>"


def _nothing(*rest: Any) -> str:
    return ""
