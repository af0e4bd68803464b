"""The box's JSON answers: any text that a client sent can be repeated in them."""

from __future__ import annotations

import json

from starlette.responses import JSONResponse


class Json(JSONResponse):
    """A JSON answer in UTF-8, with what is not text (half of a surrogate pair) replaced."""

    def render(self, content: object) -> bytes:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")
