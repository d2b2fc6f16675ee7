"""Where events are sent by the settings of OpenLineage; no key and no password is printed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.core.paths import ROOT
from tools.lineage import destination, emit

WORD = "hidden-word"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    """A server that does not answer."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENLINEAGE_URL", NOBODY)


@pytest.mark.parametrize("key", [f"{WORD}\r\nX-Other: 1", f"{WORD}\nx", f"{WORD}\0", f"{WORD}ä", f"{WORD}\x1b[31m"])
def test_a_key_that_no_header_may_hold_is_refused_without_it(key, monkeypatch, stopped):
    monkeypatch.setattr(os, "environ", os.environ | {"OPENLINEAGE_API_KEY": key})  # a real one has no NUL
    refused = stopped(destination.server, NOBODY)
    assert refused.startswith("OPENLINEAGE_API_KEY has a character")
    assert WORD not in refused


@pytest.mark.parametrize("key", [f"{WORD}\n", f" {WORD}\r\n"])
def test_a_key_that_was_read_from_a_file_is_taken_without_its_line_end(key, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_API_KEY", key)
    assert destination.server(NOBODY).config.auth.api_key == WORD


@pytest.mark.parametrize(
    "url",
    [f"http://user:{WORD}@127.0.0.1:9", f"http://127.0.0.1:9/{WORD}", f"http://127.0.0.1:9/?key={WORD}"],
)
def test_an_address_is_told_without_its_password(url, emitted, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    status, errors, events = emitted("send")
    (line,) = errors.splitlines()
    assert (status, len(events)) == (1, 14)
    assert WORD not in line
    assert line.startswith("make lineage: ")


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{WORD}/x@127.0.0.1:9",
        f"http://user:x#{WORD}@127.0.0.1:9",
        f"http://user:{WORD}@[::1",
        f"nowhere://{WORD}@127.0.0.1",
        f"user:{WORD}@127.0.0.1",
        "127.0.0.1",
        "",
    ],
)
def test_without_an_address_nothing_is_done(url, run_folder, emitted, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    status, errors, events = emitted("send")
    (line,) = errors.splitlines()
    assert (status, events) == (2, [])
    assert WORD not in line
    assert line.startswith("make lineage: ")
    assert "OPENLINEAGE_URL" in line


@pytest.mark.parametrize("value", ["true", "True", "1"])
def test_disabled_the_events_stay_here(value, run_folder, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("OPENLINEAGE_DISABLED", value)
    assert emit.main("flyte-basics", str(tmp_path), "", "", "send") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "OpenLineage, no events sent: OPENLINEAGE_DISABLED is set"
    assert (run_folder / emit.FILE).exists()


@pytest.fixture
def configured(tmp_path, monkeypatch) -> Path:
    """The file of configuration of the OpenLineage client."""
    file = tmp_path / "openlineage.yml"
    monkeypatch.setenv("OPENLINEAGE_CONFIG", str(file))
    return file


def test_the_configuration_of_the_client_says_where_events_go(configured, emitted, tmp_path):
    target = tmp_path / "sent.ndjson"
    transport = {"type": "file", "log_file_path": str(target), "append": True}
    configured.write_text(json.dumps({"transport": transport}))
    status, errors, events = emitted("send")
    assert (status, errors) == (0, "")
    assert [json.loads(line) for line in target.read_text().splitlines()] == events


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"transport": {"type": "http"}}', "the configuration of the OpenLineage client is not valid: "),
        ('{"transport": {"type": "no.such.Transport"}}', "the configuration of the OpenLineage client is not valid: "),
        ("{", "the configuration of the OpenLineage client is not valid: Couldn't read content of"),
        ('{"facets": {}}', "EMIT=1 needs an address"),
    ],
)
def test_a_configuration_that_names_no_destination_is_one_line(configured, emitted, monkeypatch, text, words):
    monkeypatch.delenv("OPENLINEAGE_URL")
    configured.write_text(text)
    status, errors, _ = emitted("send")
    (line,) = errors.splitlines()
    assert status == 2
    assert line.startswith(f"make lineage: {words}")


@pytest.mark.parametrize("words", [[], ["flyte-basics"], ["flyte-basics", "/nowhere", "", "", "write"]])
def test_whatever_goes_wrong_is_one_line(words, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "runner"), "TMPDIR": str(tmp_path)}
    process = subprocess.run(
        [sys.executable, "-m", "tools.lineage", *words], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert process.returncode in (1, 2)
    (line,) = process.stderr.splitlines()
    assert line.startswith("make lineage: ")
