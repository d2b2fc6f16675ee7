"""Keeps passwords out of what is printed: those in addresses, wherever the address of a package index comes from."""

import os
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from tools.core.errors import Stop

# Variables that hold addresses of package indexes, of folders of wheels, of proxies and of a lineage server.
ADDRESSES = re.compile(r"(PIP|UV)_\w*(INDEX|LINKS|PROXY|MIRROR|URL)\w*|INDEX|OPENLINEAGE_URL|\w*_PROXY", re.IGNORECASE)
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s,'\"`]+")
USER = re.compile(r"(?<=://)[^\s/'\"`]*@")
# Parts of an index's path that say nothing: a token would stand beside them.
COMMON = {"simple", "pypi", "api", "repository", "artifactory", "legacy", "packages", "wheels", "root", "index", "v1"}


def addresses(environment: Mapping[str, str] = os.environ) -> dict[str, list[str]]:
    """The addresses in the environment, by the variable that holds them."""
    found = {name: ADDRESS.findall(value) for name, value in environment.items() if ADDRESSES.fullmatch(name)}
    return {name: words for name, words in found.items() if words}


def check(environment: Mapping[str, str] = os.environ) -> None:
    """Raises Stop for an address whose password would be read as part of its host or its path."""
    for name, words in addresses(environment).items():
        for word in words:
            rest = word.partition("://")[2]
            host = re.split(r"[/?#]", rest, maxsplit=1)[0]
            if "@" in rest and "@" not in host and is_password(host, rest):
                raise Stop(
                    f"{name} holds an address whose user or password has a character that must be written by its "
                    "code: %2F for /, %23 for #, %3F for ?"
                )


def is_password(host: str, rest: str) -> bool:
    """Whether an @ behind the host ends a password; in a path it may belong to a name, as in /@scope."""
    return ":" in host and not host.rpartition(":")[2].isdecimal() or bool(re.search(r"[^/]@[\w.-]+(:\d+)?(/|$)", rest))


def secrets(environment: Mapping[str, str] = os.environ) -> set[str]:
    """What the addresses in the environment hold beside a host: users' passwords, and the words of paths and queries."""
    found: set[str] = set()
    for word in (word for words in addresses(environment).values() for word in words):
        rest = word.partition("://")[2]
        user, _, place = rest.rpartition("@")
        found |= {user, user.partition(":")[2]}
        path = place.partition("/")[2] if "@" in rest else urlsplit(word)._replace(scheme="", netloc="").geturl()
        found |= set(re.split(r"[/?#&=]", path)) - COMMON
    known = {spelled for text in found for spelled in (text, unquote(text), quote(unquote(text), safe=""))}
    return {text for text in known if len(text) > 3}


def hidden(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text without users and passwords in its addresses, and without what the environment's addresses hold."""
    text = USER.sub("***@", text)
    for secret in sorted(secrets(environment), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
