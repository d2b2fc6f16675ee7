"""A deck lets the browser fetch nothing; `make check-pages` shows with a real browser that it does not."""

from pathlib import Path

import cases
import pytest
from flytekit.deck.deck import get_deck_template

from runner.records.offline import RULES, offline


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<!doctype html><head>", "<title>x</title></head><body><p>a <head> in the text</p></body>"),
        ('\n<!DOCTYPE html>\n<html lang="en">\n  <HEAD profile="x">', "<link href=https://example.org/x>"),
        ("<!doctype html>\n<html>", "<body>without a head</body></html>"),
        ("", "<p>without anything</p>"),
    ],
)
def test_the_browser_is_told_before_anything_else(before, after):
    assert offline(before + after) == before + RULES + after


def test_the_frame_of_flyte_s_decks_is_told_before_its_fonts():
    page = offline(get_deck_template().substitute(NAV_HTML="", BODY_HTML="<p>kept</p>"))
    assert page.index(RULES) < page.index("fonts.googleapis.com")
    assert page.index("<head") < page.index(RULES) < page.index("<p>kept</p>")


def test_decks_of_a_run_are_kept_offline(execute):
    assert RULES in Path(execute(cases.reported).attempts[0].deck).read_text(encoding="utf-8")
