"""The commands on pages and in templates exist; the licence is the one that images name."""

import hashlib
import itertools
import re

import pytest

from tools.__main__ import TARGETS
from tools.core.paths import ROOT
from tools.upkeep.links import files

PAGES = sorted(name for name in files() if name.endswith(".md") or name.startswith(".github/ISSUE_TEMPLATE/"))
# In code: `make lint`, or a line of an indented block; `make lint: …` is what one prints.
COMMAND = re.compile(r"(?:`|^    )make +(?![a-z-]+:)([^`\n]*)", re.MULTILINE)
WORD = re.compile(r"[a-z-]+")


def targets(text: str) -> set[str]:
    """The targets in the commands of a page: the words before the first variable."""
    commands = [itertools.takewhile(WORD.fullmatch, command.split()) for command in COMMAND.findall(text)]
    return set(itertools.chain(*commands))


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_exists(page):
    assert targets((ROOT / page).read_text()) <= {*TARGETS, "help", "clean"}


def test_targets_are_found():
    assert targets("`make format lint`, `make run PROJECT=x`\n\n    make setup\n") == {"format", "lint", "run", "setup"}


def test_the_licence_is_the_apache_licence_to_the_letter():
    """By its digest as apache.org publishes it, with and without the empty line at its beginning."""
    text = (ROOT / "LICENSE").read_text()
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    )
    assert '"org.opencontainers.image.licenses" = "Apache-2.0"' in (ROOT / "docker-bake.hcl").read_text()
