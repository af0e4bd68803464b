"""The password within a proxy's address: taken out to be kept as a secret, put in to be used."""

from __future__ import annotations

from urllib.parse import quote


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
    """The address to be used; one without a name takes no password.

    Name and password are taken as they were typed, letter by letter, and coded for an address:
    the proxy is sent just what stands in the field.
    """
    bare, within = split_password(address)
    scheme, mark, rest = bare.partition("://") if "://" in bare else ("", "", bare)
    name, at, place = rest.rpartition("@")
    if not at:
        return bare
    login, word = quote(name, safe=""), quote(within or password, safe="")
    return f"{scheme}{mark}{login}:{word}@{place}" if word else f"{scheme}{mark}{login}@{place}"


def needs_password(address: str) -> bool:
    """Whether a name stands in the address, to which a password may belong."""
    return "@" in address
