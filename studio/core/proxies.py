"""The password within a proxy's address: taken out to be kept as a secret, put in to be used."""

from __future__ import annotations

# They end a login or an address, so within a password they have to be written another way.
_SPECIAL = {ord(letter): f"%{ord(letter):02X}" for letter in "/?#@[] "}


def split_password(address: str) -> tuple[str, str]:
    """`socks5://me:word@host:1` as `socks5://me@host:1` and `word`; "" where there is none."""
    scheme, mark, rest = address.partition("://") if "://" in address else ("", "", address)
    # The last one: everything before it is name and password, whatever letters they have.
    login, at, place = rest.rpartition("@")
    if not at:
        return address, ""
    name, _, password = login.partition(":")
    return f"{scheme}{mark}{name}@{place}" if name else f"{scheme}{mark}{place}", password


def with_password(address: str, password: str) -> str:
    """The address to be used; one without a name takes no password."""
    bare, within = split_password(address)
    scheme, mark, rest = bare.partition("://") if "://" in bare else ("", "", bare)
    name, at, place = rest.rpartition("@")
    word = (within or password).translate(_SPECIAL)
    return f"{scheme}{mark}{name}:{word}@{place}" if at and word else bare


def needs_password(address: str) -> bool:
    """Whether a name stands in the address, to which a password may belong."""
    return "@" in address
