"""What is taken out of a deck so that it needs no network, and what stays as it was."""

from pathlib import Path

import cases
import pytest
from flytekit.deck.deck import get_deck_template

from runner.local.observe import observed
from runner.records import offline

OUT = "https://example.org/x"
TAKEN_OUT = [
    (f'<link href="{OUT}" rel="stylesheet">', f'<link data-left-out-href="{OUT}" rel="stylesheet">'),
    (f"<LINK REL=icon HREF={OUT}>", f"<LINK REL=icon data-left-out-HREF={OUT}>"),
    (f"<img\n  alt='logo' src = '{OUT}'/>", f"<img\n  alt='logo' data-left-out-src = '{OUT}'/>"),
    (f'<script src="{OUT}"></script>', f'<script data-left-out-src="{OUT}"></script>'),
    ('<img src="logo.png">', '<img data-left-out-src="logo.png">'),
    ('<img src="//example.org/x">', '<img data-left-out-src="//example.org/x">'),
    (f'<svg><image xlink:href="{OUT}"/></svg>', f'<svg><image data-left-out-xlink:href="{OUT}"/></svg>'),
    (f'<object data="{OUT}"></object>', f'<object data-left-out-data="{OUT}"></object>'),
    (f"<style>@import url('{OUT}'); p {{ color: red }}</style>", "<style>@import none; p { color: red }</style>"),
    (f'<style>@import "{OUT}"; p {{ color: red }}</style>', "<style>@import none; p { color: red }</style>"),
    (f'<style>p {{ background: url( "{OUT}" ) }}</style>', "<style>p { background: none }</style>"),
    (f'<p style="background: url({OUT})">x</p>', '<p style="background: none">x</p>'),
    (f'<p style=\'background: url("{OUT}"); color: "red"\'>', '<p style="background: none; color: &quot;red&quot;">'),
    (
        f'<iframe srcdoc="&lt;img src=&quot;{OUT}&quot;&gt; &amp;amp;"></iframe>',
        f'<iframe srcdoc="&lt;img data-left-out-src=&quot;{OUT}&quot;&gt; &amp;amp;"></iframe>',
    ),
]
KEPT = [
    f'<a href="{OUT}?a=1&copy=2">a link to follow</a>',
    '<img src="data:image/png;base64,AAAA">',
    "<style>i { background: url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>\") }</style>",
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="#here"/><rect fill="url(#there)"/></svg>',
    f'<script>const page = \'<img src="{OUT}">\' + "url({OUT})"</script>',
    f'<!-- <img src="{OUT}"> -->',
    f'<p title="src={OUT}">5 < 6 & 7 &lt; 8 &unknown; "src={OUT}"</p></p >',
    '<option selected value="ä">ä</option>\r\n<input disabled>',
]


@pytest.mark.parametrize(("page", "expected"), TAKEN_OUT)
def test_what_would_be_fetched_is_taken_out(page, expected):
    around = "first\n{}\n<p>last</p>"
    assert len(offline.fetched(page)) == 1
    assert offline.offline(around.format(page)) == around.format(expected)
    assert offline.fetched(expected) == []


@pytest.mark.parametrize("page", KEPT)
def test_all_else_stays_as_it_was(page):
    assert offline.fetched(page) == []
    assert offline.offline(page) == page


def test_the_browser_is_told_before_anything_else_to_fetch_nothing():
    page = offline.offline("<!doctype html><head><title>x</title></head><body><p>a <head> in the text</p></body>")
    assert page.startswith(f"<!doctype html><head>{offline.META}<title>")
    assert page.count(offline.META) == 1


def test_flytes_own_frame_fetches_a_font_which_is_taken_out():
    frame = get_deck_template().substitute(NAV_HTML="", BODY_HTML="<p>kept</p>")
    assert [address.split("/")[2] for address in offline.fetched(frame)] == ["fonts.googleapis.com"]
    page = offline.offline(frame)
    assert offline.fetched(page) == []
    assert "<p>kept</p>" in page


def test_html_that_the_parser_does_not_know_is_kept():
    page = f'<head></head><img src="{OUT}"><p>kept</p><![unheard[of]]>'
    assert offline.offline(page) == (
        f'<head>{offline.META}</head><img data-left-out-src="{OUT}"><p>kept</p><![unheard[of]]>'
    )


def test_decks_of_the_local_executor_are_kept_offline(tmp_path):
    runs = []
    with observed(tmp_path, runs, report=lambda run: None):
        cases.reported()
    assert_offline(tmp_path / runs[0].deck)


def test_decks_of_the_harness_are_kept_offline(execute):
    assert_offline(Path(execute(cases.reported).attempts[0].deck))


def assert_offline(deck: Path) -> None:
    page = deck.read_text(encoding="utf-8")
    assert offline.fetched(page) == []
    assert offline.META in page
    assert '<img data-left-out-src="https://example.org/logo.png" alt="Größe">' in page
