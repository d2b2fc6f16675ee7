"""Decks that need no network: nothing in the page is fetched from anywhere when it is opened.

Flyte's frame of a deck asks a server for fonts, and some renderers ask for logos, styles and scripts. Such a page
looks different on a train or a year later, and tells that server who reads it.
"""

import contextlib
import re
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

from runner.records.record import write_atomically

# The browser keeps the promise for what a script would fetch; inline scripts and styles run.
POLICY = "default-src 'unsafe-inline' 'unsafe-eval' data: blob:"
META = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'

ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
FETCHING = {"src", "srcset", "imagesrcset", "poster", "background"}
# Elsewhere these attributes are links for the reader to follow.
FETCHING_IN = {"href": {"link", "image", "use", "script"}, "xlink:href": {"image", "use", "script"}, "data": {"object"}}
WITHIN = ("data:", "#", "about:", "blob:")
IN_STYLE = re.compile(
    r"""url\(\s*(["']?)(?!data:|\#|["'])(?P<url>[^)]*?)\1\s*\)"""
    r"""|(?P<rule>@import\s*)(["'])(?!data:)(?P<imported>[^"']*)\4""",
    re.IGNORECASE,
)


class Fetches(HTMLParser):
    """The addresses that a page fetches when it is opened, and the edits that take them out of it."""

    def __init__(self, html: str):
        super().__init__()
        self.html = html
        self.addresses: list[str] = []
        self.edits: list[tuple[int, int, str]] = []
        self.lines = [0, *(match.end() for match in re.finditer("\n", html))]
        self.style: int | None = None  # where the open style element's text starts
        with contextlib.suppress(AssertionError):  # of a declaration that the parser does not know
            self.feed(html)
            self.close()

    @property
    def position(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start, text = self.position, self.get_starttag_text() or ""
        end = start + len(text)
        self.edits.append((start, end, ATTRIBUTE.sub(lambda found: self.attribute(tag, found), text)))
        if tag == "style":
            self.style = end

    def handle_endtag(self, tag: str) -> None:
        if tag == "style" and self.style is not None:
            self.edits.append((self.style, self.position, self.css(self.html[self.style : self.position])))
            self.style = None

    def attribute(self, tag: str, found: re.Match[str]) -> str:
        """An attribute as it may stay; one that fetches is renamed, so that no address is lost."""
        name, quoted = found[1].lower(), found[2][0] in "\"'"
        value = unescape(found[2][1:-1] if quoted else found[2])
        if name == "style" and (css := self.css(value)) != value:
            return f'style="{escape(css)}"'
        if name == "srcdoc":
            inner = Fetches(value)
            self.addresses += inner.addresses
            return f'srcdoc="{escape(inner.edited)}"'
        fetches = name in FETCHING or tag in FETCHING_IN.get(name, ())
        if not fetches or value.strip().lower().startswith(WITHIN):
            return found[0]
        self.addresses.append(value)
        return f"data-left-out-{found[0]}"

    def css(self, text: str) -> str:
        self.addresses += [found["url"] or found["imported"] for found in IN_STYLE.finditer(text)]
        return IN_STYLE.sub(r"\g<rule>none", text)  # which makes a browser ignore the rule

    @property
    def edited(self) -> str:
        """The page without what it would fetch."""
        parts, end = [], 0
        for start, after, text in self.edits:
            parts += [self.html[end:start], text]
            end = after
        return "".join([*parts, self.html[end:]])


def fetched(html: str) -> list[str]:
    """The addresses that a page fetches when it is opened; links that a reader may follow are none of them."""
    return Fetches(html).addresses


def offline(html: str) -> str:
    """The page, which fetches nothing any more."""
    return Fetches(html).edited.replace("<head>", f"<head>{META}", 1)


def keep_offline(deck: Path) -> None:
    """Makes a deck fetch nothing any more."""
    write_atomically(deck, offline(deck.read_text(encoding="utf-8")))
