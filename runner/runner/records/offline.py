"""Decks that need no network: the browser fetches nothing when the page is opened.

Flyte's frame of a deck asks a server for fonts, and some renderers ask for logos, styles and scripts. Such a page
looks different on a train or a year later, and shows that server who reads it.
"""

import re
from pathlib import Path

from runner.records.files import write_atomically

# Inline scripts and styles run. Whatever is not in the page, the browser refuses to fetch; a picture of that kind is
# not shown as a broken one.
POLICY = "default-src 'unsafe-inline' 'unsafe-eval' data: blob:"
RULES = (
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    '<style>img:not([src^="data:"]):not([src^="blob:"]) { display: none }</style>'
)
START = re.compile(r"\s*(<!doctype[^>]*>\s*)?(<html[^>]*>\s*)?(<head[^>]*>)?", re.IGNORECASE)


def offline(html: str) -> str:
    """The page with the rules before anything else in it."""
    end = START.match(html).end()
    return html[:end] + RULES + html[end:]


def keep_offline(deck: Path) -> None:
    """Makes a deck fetch nothing any more."""
    write_atomically(deck, offline(deck.read_text(encoding="utf-8")))
