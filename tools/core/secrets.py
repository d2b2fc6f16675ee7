"""Keeps passwords out of what is printed: those of addresses, which is where package indexes keep them."""

import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

from tools.core.errors import Stop

# Variables that hold addresses: of package indexes, folders of wheels, proxies, a lineage server.
NAMES = re.compile(r"(PIP|UV)_\w*(INDEX|LINKS|PROXY|MIRROR|URL)\w*|INDEX|OPENLINEAGE_\w*URL|\w+_PROXY", re.IGNORECASE)
ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s'\"`<>)]+)")
# Words of a path that are no token.
COMMON = {"", "simple", "pypi", "legacy", "whl", "cpu", "api", "repository", "artifactory", "root", "index", "v1"}
SHORTEST = 4  # characters of a password; a shorter one would be hidden in every second word


def addresses(environment: Mapping[str, str] = os.environ) -> Iterator[tuple[str, str]]:
    """Each address in the environment: the name of its variable, and what follows its scheme."""
    for name, value in environment.items():
        if NAMES.fullmatch(name):
            words = value.replace(",", " ").split() if name == "UV_FIND_LINKS" else value.split()
            yield from ((name, word.partition("://")[2]) for word in words if "://" in word)


def check(environment: Mapping[str, str] = os.environ) -> None:
    """Raises Stop for an address whose password programs would take for a part of its host or its path."""
    for name, rest in addresses(environment):
        if "@" in rest[len(authority(rest)) :]:
            raise Stop(
                f"{name} is not a valid address: in the user and the password, and for an @ after the host, write the "
                "code of a character: %2F for /, %23 for #, %3F for ?, %40 for @"
            )


def authority(rest: str) -> str:
    """User, password, host and port of an address, as programs read them."""
    return re.split(r"[/?#\\]", rest, maxsplit=1)[0]


def hidden(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text without the users and passwords of addresses, and without the tokens in the paths of known ones."""
    known, hosts = set(), set()
    for _, rest in addresses(environment):
        user, _, place = rest.rpartition("@")
        password = user.partition(":")[2] or user
        known |= {password, *re.split(r"[/?#\\]", unquote(password))}
        if set(re.split(r"[/?#]", place)[1:]) - COMMON:
            hosts.add(authority(place))

    def masked(address: re.Match[str]) -> str:
        _, at, place = address[2].rpartition("@")
        host = authority(place)
        return f"{address[1]}{'***@' if at else ''}{f'{host}/…' if host in hosts else place}"

    text = ADDRESS.sub(masked, text)
    spelled = {word for text in known for word in (text, unquote(text), quote(unquote(text), safe=""))}
    for secret in sorted((word for word in spelled if len(word) >= SHORTEST), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
