"""Takes marks of chat formats out of an answer that a server let through: boxes, ends of turns."""

from __future__ import annotations

import re

from studio.providers.code_sense import CodeSense

LONGEST_MARK = 40
# GLM's box around a result; ends of text and turns of Qwen, Llama, GLM, DeepSeek, Gemma, gpt-oss.
_MARK = re.compile(
    r"<\|(?:begin_of_box|end_of_box|begin_of_solution|end_of_solution|im_start|im_end|endoftext"
    r"|end_of_text|begin_of_text|eot_id|eom_id|start_header_id|end_header_id|end|return"
    r"|end_of_turn|assistant|observation|begin_of_image|end_of_image)\|>"
    r"|<｜(?:end▁of▁sentence|begin▁of▁sentence|User|Assistant)｜>"
    r"|</?(?:start_of_turn|end_of_turn|eos|bos)>"
)
_START = re.compile(r"<")


class MarkStripper:
    """The text without marks, however it is cut; in code and beside quotation marks they stay."""

    def __init__(self) -> None:
        self._held = ""
        self._sense = CodeSense()

    def feed(self, text: str, *, final: bool = False) -> str:
        """What of the text is certain by now."""
        if not self._held and "<" not in text:
            self._sense.feed(text)
            return text
        self._held += text
        found: list[str] = []
        while self._held:
            start = _START.search(self._held)
            if start is None:
                self._take(found, len(self._held))
                break
            self._take(found, start.start())
            mark = _MARK.match(self._held)
            if mark is None:
                if not final and self._may_become_mark():
                    break
                self._take(found, 1)
            elif not final and mark.end() == len(self._held):
                break  # whether it is quoted shows behind it
            elif self._is_quoted(mark.end()):
                self._take(found, mark.end())
            else:
                self._held = self._held[mark.end() :]
        return "".join(found)

    def flush(self) -> str:
        """What was held back, at the end."""
        return self.feed("", final=True) if self._held else ""

    def _take(self, found: list[str], length: int) -> None:
        words, self._held = self._held[:length], self._held[length:]
        self._sense.feed(words)
        found.append(words)

    def _is_quoted(self, end: int) -> bool:
        after = self._held[end : end + 1]
        spoken = self._sense.last in "`\"'“「" and bool(self._sense.last) and after in "`\"'”」"
        return self._sense.fenced or self._sense.in_span or (spoken and bool(after))

    def _may_become_mark(self) -> bool:
        held = self._held
        begun = held in ("<", "</") or re.match(r"<[|｜]|</?[a-z_]*$", held) is not None
        return begun and len(held) < LONGEST_MARK and ">" not in held and "<" not in held[1:]
