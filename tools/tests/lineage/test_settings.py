"""The variables of OpenLineage: no key and no password is printed, and OPENLINEAGE_DISABLED keeps events here."""

import os
import subprocess
import sys

import pytest

from tools.core.paths import ROOT
from tools.lessons import catalog
from tools.lineage import emit
from tools.tiers import command

WORD = "hidden-word"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    """A server that does not answer."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENLINEAGE_URL", NOBODY)


@pytest.mark.parametrize("key", [f"{WORD}\r\nX-Other: 1", f"{WORD}\nx", f"{WORD}\0", f"{WORD}ä", f"{WORD}\x1b[31m"])
def test_a_key_that_no_header_may_hold_is_refused_without_it(key, monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ | {"OPENLINEAGE_API_KEY": key})  # a real one has no NUL
    with pytest.raises(emit.Refused, match=r"^OPENLINEAGE_API_KEY has a character") as refused:
        emit.server(NOBODY)
    assert WORD not in str(refused.value)


@pytest.mark.parametrize("key", [f"{WORD}\n", f" {WORD}\r\n"])
def test_a_key_that_was_read_from_a_file_is_taken_without_its_line_end(key, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_API_KEY", key)
    assert emit.server(NOBODY).config.auth.api_key == WORD


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{WORD}@127.0.0.1:9",
        f"http://user:{WORD}/x@127.0.0.1:9",
        f"http://user:x#{WORD}@127.0.0.1:9",
        f"http://127.0.0.1:9/{WORD}",
        f"http://127.0.0.1:9/?key={WORD}",
        f"http://user:{WORD}@[::1",
        f"nowhere://{WORD}@127.0.0.1",
        f"user:{WORD}@127.0.0.1",
    ],
)
def test_an_address_is_told_without_its_password(url, emitted, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    status, errors, events = emitted()
    (line,) = errors.splitlines()
    assert (status, len(events)) == (1, 14)
    assert WORD not in line
    assert line.startswith("make lineage: ")


@pytest.mark.parametrize("value", ["true", "True", "1"])
def test_disabled_the_events_stay_here(value, emitted, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_DISABLED", value)
    status, errors, events = emitted()
    assert (status, errors, len(events)) == (0, "", 14)


def test_disabled_a_run_emits_nothing(monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    monkeypatch.setattr(command, "run_command", lambda *_: [])
    monkeypatch.setattr(command, "call", lambda _: 0)
    monkeypatch.setattr(command.lineage, "emitted", lambda _: pytest.fail("a run was emitted"))
    assert command.run_lesson(catalog.find("flyte-basics"), []) == 0


@pytest.mark.parametrize("words", [[], ["flyte-basics"], ["flyte-basics", "/nowhere", "", "", "told"]])
def test_whatever_goes_wrong_is_one_line(words, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "runner"), "TMPDIR": str(tmp_path)}
    process = subprocess.run(
        [sys.executable, "-m", "tools.lineage", *words], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert process.returncode in (1, 2)
    (line,) = process.stderr.splitlines()
    assert line.startswith("make lineage: ")
