"""The check of the pages, with a program in the browser's place: what it believes, and what it makes of faults.

With a real one it is part of .ci/run, since no machine of a learner need have any.
"""

import json
import shlex
import sys
from pathlib import Path

import pytest

from tools.upkeep import pages

# A browser of few talents: says on the console what it finds between marks, asks for what src names.
BROWSER = """
import json, pathlib, re, sys, urllib.parse
words = dict(word[2:].partition("=")[::2] for word in sys.argv[1:-1])
text = pathlib.Path(urllib.parse.unquote(sys.argv[-1].removeprefix("file://"))).read_text()
for said in re.findall(r"Error\\('(.*?)'\\)", text):
    print(f'[1:1:1123/1.1:INFO:CONSOLE:1] "Uncaught Error: {said}", source: {sys.argv[-1]} (1)', file=sys.stderr)
requests = [(url, "null") for url in re.findall(r"src='(.*?)'", text)] + [("http://update.example/", "not an origin")]
events = [{"type": 7, "params": {"url": url, "initiator": asker}} for url, asker in requests]
log = {"constants": {"logEventTypes": {"URL_REQUEST_START_JOB": 7}}, "events": [{"type": 7}, *events]}
pathlib.Path(words["log-net-log"]).write_text(json.dumps(log))
"""


@pytest.fixture
def chromium(tmp_path, monkeypatch):
    """Writes a program, and has it taken for the browser."""

    def write(code: str) -> Path:
        script, program = tmp_path / "browser.py", tmp_path / "a browser"
        script.write_text(code)
        program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(script)])} "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("CHROMIUM", str(program))
        return program

    return write


@pytest.fixture
def out(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    (folder / "flyte-basics" / "run 1" / "tasks").mkdir(parents=True)
    monkeypatch.setattr(pages, "OUT", folder)
    monkeypatch.setattr(pages, "STATE", tmp_path)
    return folder


def test_what_a_deck_s_own_policy_refuses_is_no_fault(chromium, out):
    words = "Loading the font violates the following Content Security Policy directive"
    chromium(f"import sys\nprint('[1:1:1/1:INFO:CONSOLE:1] {words}', file=sys.stderr)\n{BROWSER}")
    (out / "flyte-basics/run 1/index.html").write_text("<p>fine</p>")
    assert pages.check_pages() == 0


def test_faults_are_told_by_page_once_and_end_in_status_1(chromium, out, capsys):
    chromium(BROWSER)
    good, bad = out / "flyte-basics/run 1/index.html", out / "flyte-basics/run 1/tasks/deck.html"
    good.write_text("<p>fine</p>")
    bad.write_text(
        "<img src='http://a.example/b'><script>throw Error('x'); throw Error('x')</script>", encoding="utf-8"
    )
    assert pages.check_pages() == 1
    assert capsys.readouterr().out.splitlines() == [
        'flyte-basics/run 1/tasks/deck.html: console: "Uncaught Error: x" (1)',
        "flyte-basics/run 1/tasks/deck.html: asks for http://a.example/b",
        "check-pages: 2 pages and decks opened, without axe (.ci/axe fetches it), 1 with faults",
    ]
    assert {file.name for file in out.rglob("*") if file.is_file()} == {"index.html", "deck.html"}


POLICY = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:\"><p>fine</p>"


def test_axe_runs_on_pages_of_runs_and_what_it_finds_is_told(chromium, out, capsys, tmp_path, monkeypatch, stopped):
    """The browser says what a script would, if the page lets scripts run."""
    (out / "flyte-basics/run 1/index.html").write_text(POLICY)
    (out / "flyte-basics/run 1/tasks/deck.html").write_text("<p>a deck</p>")
    says = """
if "script-src 'unsafe-inline'" in text and "axe.run" in text:
    print("[1:1:1/1:ERROR:CONSOLE:1] axe: image-alt: Images must have text", file=sys.stderr)
"""
    ends = "    print('[1:1:1/1:INFO:CONSOLE:1] axe: done', file=sys.stderr)"
    chromium(BROWSER + says + ends)
    monkeypatch.setenv("AXE", str(tmp_path / "axe.min.js"))
    assert "is not a file; name axe.min.js" in stopped(pages.check_pages)
    (tmp_path / "axe.min.js").write_text("axe = {}")
    assert pages.check_pages() == 1
    assert capsys.readouterr().out.splitlines() == [
        "flyte-basics/run 1/index.html: console: axe: image-alt: Images must have text (light)",
        "flyte-basics/run 1/index.html: console: axe: image-alt: Images must have text (dark)",
        "check-pages: 2 pages and decks opened, 1 with faults",
    ]
    chromium(BROWSER)
    assert pages.check_pages() == 1
    assert "axe did not come to its end (dark)" in capsys.readouterr().out


def test_pages_without_faults_are_counted(chromium, out, capsys, monkeypatch):
    chromium(BROWSER)
    (out / "flyte-basics/run 1/index.html").write_text("<p>fine</p>")
    monkeypatch.setenv("PROJECT", "flyte-basics")
    assert pages.check_pages() == 0
    assert (
        capsys.readouterr().out
        == "check-pages: 1 pages and decks opened, without axe (.ci/axe fetches it), 0 with faults\n"
    )


def test_a_browser_that_tells_no_faults_is_not_believed(chromium, out, stopped):
    (out / "flyte-basics/run 1/index.html").write_text("<p>fine</p>")
    silent = {"constants": {"logEventTypes": {"URL_REQUEST_START_JOB": 7}}, "events": []}
    chromium(BROWSER.replace("json.dumps(log)", repr(json.dumps(silent))))
    assert "does not report a page's faults" in stopped(pages.check_pages)
    chromium(BROWSER.replace("CONSOLE", "OTHER"))
    assert "does not report a page's faults" in stopped(pages.check_pages)
    chromium("")
    assert "no network log that can be read" in stopped(pages.check_pages)


def test_without_a_browser_or_pages_the_next_step_is_told(out, monkeypatch, stopped):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    assert stopped(pages.check_pages) == (
        "CHROMIUM='/nowhere/chromium' is not a program; name the browser's: CHROMIUM=/usr/bin/chromium"
    )
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert "holds no pages; make some: make run" in stopped(pages.check_pages)
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setattr(pages, "BROWSERS", ("no-such-browser",))
    assert "no Chromium or Chrome is on PATH" in stopped(pages.check_pages)
