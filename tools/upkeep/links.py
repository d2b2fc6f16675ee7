"""Whether the relative links in all Markdown files lead somewhere: to a file of the repository, to one of its headings;
and whether the make targets that these pages name exist.

`make lint` runs this module with the dev tools, which have the parser. Links to other hosts are not followed.
"""

import contextlib
import fnmatch
import itertools
import os
import posixpath
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.core import git
from tools.core.paths import ROOT
from tools.core.reporting import reported

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What make and git leave in a folder; without git nothing else says so.
MADE = (".git", ".tools", ".venv*", "out", "*_cache", "__pycache__")
LINE = re.compile(r"L\d+(C\d+)?(-L\d+(C\d+)?)?")
# A command in code: `make lint`, or a line of an indented block; `make lint: …` is what one prints.
COMMAND = re.compile(r"(?:`|^    )make +(?![a-z-]+:)([^`\n]*)", re.MULTILINE)
WORD = re.compile(r"[a-z-]+")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)


class Html(HTMLParser):
    """The addresses and the anchors in a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value}
        self.links += [values[name] for name in ("href", "src") if name in values]
        self.anchors |= {values[name] for name in ("id", "name") if name in values}


class Page:
    """A Markdown file: its links, each with its line, and the anchors that GitHub gives it."""

    def __init__(self, text: str) -> None:
        tokens = PARSER.parse(text)
        self.links = [(link, line) for token, line in flat(tokens) for link in links_of(token)]
        headings = [inline for start, inline in itertools.pairwise(tokens) if start.type == "heading_open"]
        self.anchors = {*slugs(map(text_of, headings))}
        for token, _ in flat(tokens):
            if token.type.startswith("html_"):
                self.anchors |= Html(token.content).anchors


def flat(tokens: Iterable[Token], line: int = 1) -> Iterator[tuple[Token, int]]:
    """All tokens, those within others too, each with the line where its block begins."""
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        yield token, line
        yield from flat(token.children or [], line)


def links_of(token: Token) -> list[str]:
    if token.type.startswith("html_"):
        return Html(token.content).links
    address = {"link_open": "href", "image": "src"}.get(token.type)
    return [str(token.attrs[address])] if address else []


def text_of(heading: Token) -> str:
    """A heading as it is read: without marks, links and pictures."""
    parts = [
        token.content if token.type in ("text", "code_inline") else " " * token.type.endswith("break")
        for token in heading.children or []
    ]
    return "".join(parts)


def slugs(headings: Iterable[str]) -> Iterator[str]:
    """The anchors of headings, by GitHub's rule; what is there already gets a number."""
    seen: Counter[str] = Counter()
    for heading in headings:
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        yield f"{slug}-{seen[slug]}" if seen[slug] else slug
        seen[slug] += 1


def problems(root: Path, names: set[str]) -> Iterator[str]:
    """A line for each link that leads nowhere.

    Args:
        root: the folder of the repository.
        names: the files in it, which links may lead to; those that end in .md are checked.
    """
    folders = {str(folder) for name in names for folder in Path(name).parents}
    pages = {name: Page((root / name).read_text(encoding="utf-8")) for name in sorted(names) if name.endswith(".md")}
    for name, page in pages.items():
        for link, line in page.links:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            path = unquote(address.path)
            # A path that begins with a slash is, on GitHub, one from the repository's root.
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path) if path[:1] != "/" else path[1:])
            target = target if path else name
            if target not in names | folders:
                yield f"{name}:{line}: {link}: no such file in the repository"
            elif address.fragment and not has_anchor(pages, target, unquote(address.fragment)):
                yield f"{name}:{line}: {link}: no such heading in {target}"


def has_anchor(pages: dict[str, Page], target: str, fragment: str) -> bool:
    """Whether a file has an anchor; of a folder, GitHub shows its README, of other files lines have anchors."""
    page = pages.get(target) or pages.get(posixpath.join(target, "README.md").removeprefix("./"))
    return fragment in page.anchors if page else bool(LINE.fullmatch(fragment))


def targets(text: str) -> set[str]:
    """The make targets in the commands of a page: the words before the first variable."""
    commands = [itertools.takewhile(WORD.fullmatch, command.split()) for command in COMMAND.findall(text)]
    return set(itertools.chain(*commands))


def missing_targets(root: Path, names: Iterable[str]) -> Iterator[str]:
    """The make targets that pages and GitHub's forms name, and that the Makefile lacks."""
    known = set(TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))
    for name in sorted(names):
        if name.endswith(".md") or name.startswith(".github/ISSUE_TEMPLATE/"):
            text = (root / name).read_text(encoding="utf-8")
            yield from (f"{name}: make {target}: no such target" for target in sorted(targets(text) - known))


def files() -> set[str]:
    """The files of this checkout that git does not ignore; outside of git, those that make has not made."""
    with contextlib.suppress(git.GitRefused):
        return {file.relative_to(ROOT).as_posix() for file in git.files()}
    found = set()
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if not any(fnmatch.fnmatch(name, made) for made in MADE)]
        found |= {(Path(folder) / name).relative_to(ROOT).as_posix() for name in names}
    return found


if __name__ == "__main__":
    names = files()
    sys.exit(reported([*problems(ROOT, names), *missing_targets(ROOT, names)]))
