"""Where tests keep tokens when the keyring itself is not what they are about."""

from __future__ import annotations

from studio.storage.secrets import SecretPlace


class MemorySecrets:
    """Tokens in memory, gone with the program."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    def read(self, origin: str) -> str | None:
        """The token of an origin; None when there is none."""
        return self._tokens.get(origin)

    def write(self, origin: str, token: str) -> None:
        """Keep a token until the program ends."""
        self._tokens[origin] = token

    def forget(self, origin: str) -> None:
        """Remove a token."""
        self._tokens.pop(origin, None)

    def describe(self) -> SecretPlace:
        """In memory."""
        return SecretPlace()
