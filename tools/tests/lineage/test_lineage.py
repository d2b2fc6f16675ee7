"""How the lineage of a run is told and emitted: to a file, to a server, after a run."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from emitted_run import Json, validate

from tools.core.paths import ROOT
from tools.lessons import catalog
from tools.lineage import emit
from tools.tiers import command, lineage


class Server(ThreadingHTTPServer):
    """A lineage server that keeps what it gets, and answers as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, str, Json]] = []
        self.status = 201
        self.delay = 0.0
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.server.delay)
        self.server.got.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("OPENLINEAGE_URL", server.url)
        yield server
        server.shutdown()


def test_the_lineage_is_told_too_and_a_difference_is_status_1(emitted, run_folder):
    (run_folder / "nodes" / "n0" / "data" / "train").mkdir(parents=True)
    assert emitted(what="told")[0] == 1


def test_whoever_has_seen_enough_gets_no_traceback(emitted, run_folder):
    command = [
        sys.executable,
        "-m",
        "tools.lineage",
        "flyte-basics",
        str(run_folder.parents[1]),
        "",
        "",
        "told",
    ]
    runner = os.environ | {"PYTHONPATH": str(ROOT / "runner")}
    process = subprocess.Popen(command, cwd=ROOT, env=runner, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 0
    assert (run_folder / emit.FILE).exists()


def test_events_go_to_the_server_as_they_are_in_the_file(emitted, server, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "secret-word")
    status, errors, events = emitted()
    assert (status, errors) == (0, "")
    assert [body for _, _, body in server.got] == events
    assert {(path, key) for path, key, _ in server.got} == {("/api/v1/lineage", "Bearer secret-word")}
    for _, _, body in server.got:
        validate(body)


def one_line(errors: str) -> str:
    (line,) = errors.splitlines()
    assert "secret-word" not in line
    return line


@pytest.mark.parametrize(("code", "why"), [(403, "403 Forbidden"), (422, "422 "), (500, "500 ")])
def test_a_server_that_refuses_is_one_line_and_the_file_is_kept(emitted, server, monkeypatch, code, why):
    server.status = code
    monkeypatch.setenv("OPENLINEAGE_URL", server.url.replace("//", "//user:secret-word@"))
    status, errors, events = emitted()
    line = one_line(errors)
    assert f"make lineage: {server.url} took 0 of {len(events)} events: " in line
    assert why in line
    assert status == 1
    assert len(events) == 14


def test_a_server_that_is_down_or_slow_is_one_line(emitted, server, monkeypatch):
    monkeypatch.setattr(emit, "EVENT_SECONDS", 0.2)
    server.delay = 1.0
    status, errors, _ = emitted()
    assert (status, "timed out" in one_line(errors)) == (1, True)
    server.delay = 0.05
    monkeypatch.setattr(emit, "ALL_SECONDS", 0.1)
    assert "it is slower than 0.1 s for all" in one_line(emitted()[1])
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    assert "connection refused" in one_line(emitted()[1])
    monkeypatch.setenv("OPENLINEAGE_URL", "127.0.0.1")
    assert "OPENLINEAGE_URL is no address" in one_line(emitted()[1])


def test_nothing_to_tell_is_status_2(tmp_path, capsys):
    assert emit.main("flyte-basics", str(tmp_path), "", "", "told") == 2
    assert one_line(capsys.readouterr().err).startswith("make lineage: flyte-basics has not been run yet; ")


@pytest.fixture
def told(tmp_path, monkeypatch) -> list[tuple[str, ...]]:
    """What is emitted, with the runs in the test's own folder; nothing is in fact."""
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(lineage, "OUT", tmp_path)
    monkeypatch.setattr(lineage, "emit", lambda project, *words: calls.append((project.name, *words)))
    return calls


def test_after_a_run_the_server_is_told_of_what_was_recorded(run_folder, told, monkeypatch):
    monkeypatch.setattr(command, "run_command", lambda *_: [])
    monkeypatch.setattr(command, "call", lambda _: save_again(run_folder))
    project = catalog.find("flyte-basics")
    assert command.run_lesson(project, []) == 0
    assert told == []
    monkeypatch.setenv("OPENLINEAGE_URL", "http://lineage.example")
    assert command.run_lesson(project, []) == 0
    assert told == [("flyte-basics", run_folder.name, "quiet")]
    monkeypatch.setattr(command, "call", lambda _: 1)
    assert command.run_lesson(project, []) == 1
    assert len(told) == 1


def save_again(folder: Path) -> int:
    file = folder / "record.json"
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))
    return 0


def test_a_run_that_was_interrupted_is_told_too(run_folder, told):
    with pytest.raises(KeyboardInterrupt), lineage.emitted(catalog.find("flyte-basics")):
        save_again(run_folder)
        raise KeyboardInterrupt
    assert told == [("flyte-basics", run_folder.name, "quiet")]


@pytest.mark.parametrize("content", ['{"status": "running"}', "{", "[]"])
def test_a_run_that_is_still_at_work_or_has_a_damaged_record_is_not_told(run_folder, told, content):
    with lineage.emitted(catalog.find("flyte-basics")):
        (run_folder / "record.json").write_text(content)
    assert told == []


def test_a_run_is_found_without_its_lesson(run_folder, told, monkeypatch, stopped):
    monkeypatch.setenv("RUN", run_folder.name)
    lineage.lineage()
    assert told == [("flyte-basics", run_folder.name, "told")]
    monkeypatch.setenv("RUN", "no-such-run")
    assert stopped(lineage.lineage).startswith("PROJECT is missing")


def test_from_a_run_to_a_server_with_make(make, clone_with_uv, server):
    words = ("PROJECT=flyte-basics", f"OPENLINEAGE_URL={server.url}")
    run = make("run", *words, root=clone_with_uv, NO_PROXY="127.0.0.1")
    assert run.returncode == 0, run.stderr
    sent = [body for _, _, body in server.got]
    assert len(sent) == 2 * (1 + 5)
    assert run.stdout.splitlines()[-1] == f"OpenLineage, {len(sent)} events sent: {server.url}"
    for body in sent:
        validate(body)
    told = make("lineage", "PROJECT=flyte-basics", root=clone_with_uv)
    assert told.returncode == 0, told.stderr
    assert re.search(r"^train_accuracy = 0.989010989010989  <- evaluate \(n\d\)", told.stdout, re.MULTILINE)
    assert "all as the run left them" in told.stdout
    (file,) = clone_with_uv.glob("out/flyte-basics/*/openlineage.ndjson")
    assert [json.loads(line) for line in file.read_text().splitlines()] == sent
