"""A token is found by its value in whatever encoding it comes back."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from studio.core.redaction import MASK, redact, secrets_of

TOKEN = "ms-0f3b7a52-61c4-4f0e-9c1d-5a7be2d94c11"
ODD = "a+b/c=d%e\"f'g&h?i"


@given(before=st.binary(max_size=8), after=st.binary(max_size=8))
def test_in_base64_at_any_offset(before: bytes, after: bytes) -> None:
    for token in (TOKEN, ODD):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            said = encode(before + token.encode() + after).decode()
            left = redact(said, token)
            assert MASK in left
            # At most the letters that also depend on what stands around it are left.
            padded = left.replace(MASK, "")
            assert len(padded) <= len(said) - len(token) * 4 // 3 + 4


def test_in_other_encodings() -> None:
    for token in (TOKEN, ODD):
        octets = "".join(f"%{byte:02X}" for byte in token.encode())
        for form in (token, quote(token, safe=""), json.dumps(token)[1:-1], token.upper(), octets):
            assert redact(f"<{form}>", token) == f"<{MASK}>"


def test_the_uuid_within_is_a_secret_too() -> None:
    assert redact(f"id {TOKEN[3:]}", TOKEN) == f"id {MASK}"
    assert secrets_of(TOKEN) == (TOKEN, TOKEN[3:])


def test_by_form_where_no_token_is_known() -> None:
    assert redact(f"Bearer {TOKEN}") == f"Bearer {MASK}"
    assert redact(f"got {TOKEN}.") == f"got {MASK}."
    assert redact("got ms_oauth-abcdef123") == f"got {MASK}"
    number = "0f3b7a52-61c4-4f0e-9c1d-5a7be2d94c11"
    assert redact(f"request {number}") == f"request {number}"


def test_short_secrets_would_mask_words() -> None:
    assert redact("there is none", "none") == "there is none"
    assert redact("nothing", "") == "nothing"
