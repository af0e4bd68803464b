"""Tokens as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import ErrorKind, StudioError
from studio.core.tokens import clean_token

TOKEN = "ms-0f3b7a52-61c4-4f0e-9c1d-5a7be2d94c11"


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        f"  {TOKEN}\n",
        f"Bearer {TOKEN}",
        f"bearer\t{TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f'"{TOKEN}"',
        f"'Bearer {TOKEN}',",
        f"“{TOKEN}”",
        f"`{TOKEN}`;",
        f"\ufeff{TOKEN}\u200b",
        f"{TOKEN[:10]}\u200b{TOKEN[10:]}",
        f"{TOKEN[:20]}\r\n{TOKEN[20:]}",
        f"\u00a0{TOKEN}\u2003",
        f"{TOKEN}\0",
    ],
)
def test_what_surrounds_a_token_goes(pasted: str) -> None:
    assert clean_token(pasted) == TOKEN


@pytest.mark.parametrize("form", [TOKEN[3:], "ms_oauth-Ab.c_~+/=", "sk-x", "bearerless-1", "x"])
def test_no_form_is_demanded(form: str) -> None:
    assert clean_token(form) == form


@pytest.mark.parametrize("nothing", ["", "  ", "\n", "Bearer", "Bearer  ", '""', "\u200b\ufeff"])
def test_nothing_is_no_token(nothing: str) -> None:
    with pytest.raises(StudioError) as caught:
        clean_token(nothing)
    assert caught.value.kind is ErrorKind.NO_TOKEN


@pytest.mark.parametrize(
    "other", ["访问令牌", "ms-токен", "ms-ab😀", "x" * 5000, "x" * 20_000, "ms-\ud800"]
)
def test_other_things_are_refused_without_being_said_back(other: str) -> None:
    with pytest.raises(StudioError) as caught:
        clean_token(other)
    assert caught.value.kind is ErrorKind.BAD_TOKEN_TEXT
    assert other not in f"{caught.value!r}{caught.value.detail}{caught.value.__dict__}"


@given(st.text())
def test_what_comes_out_can_be_a_header(text: str) -> None:
    try:
        token = clean_token(text)
    except StudioError:
        return
    assert token
    assert all("!" <= character <= "~" for character in token)
    assert clean_token(token) == token
