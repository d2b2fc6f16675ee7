"""How the lineage of a run is printed, written to a file, and sent to a server if that is asked for."""

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
from emitted_run import Json, a_good_record, validate
from marquez import Marquez

from runner.records.record import save
from tools.core.paths import ROOT
from tools.lessons import catalog
from tools.lineage import destination, emit
from tools.tiers import lineage


class Server(ThreadingHTTPServer):
    """A lineage server that keeps what it gets, and answers as a test asks."""

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


def test_what_is_not_as_the_run_left_it_is_status_1(emitted, run_folder):
    (run_folder / "nodes" / "n0" / "data" / "train").mkdir(parents=True)
    assert emitted()[0] == 1


def test_whoever_has_seen_enough_gets_no_traceback(emitted, run_folder):
    command = [
        sys.executable,
        "-m",
        "tools.lineage",
        "flyte-basics",
        str(run_folder.parents[1]),
        "",
        "",
        "write",
    ]
    runner = os.environ | {"PYTHONPATH": str(ROOT / "runner")}
    process = subprocess.Popen(command, cwd=ROOT, env=runner, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 0
    assert (run_folder / emit.FILE).exists()


def test_nothing_is_sent_unless_that_is_asked_for(emitted, server):
    status, errors, events = emitted()
    assert (status, errors, server.got) == (0, "", [])
    assert len(events) == 14


def test_events_go_to_the_server_as_they_are_in_the_file(emitted, server, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "secret-word")
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "false")
    status, errors, events = emitted("send")
    assert (status, errors) == (0, "")
    assert [body for _, _, body in server.got] == events
    assert {(path, key) for path, key, _ in server.got} == {("/api/v1/lineage", "Bearer secret-word")}
    for _, _, body in server.got:
        validate(body)


@pytest.fixture
def older_run(run_folder: Path) -> Path:
    """A run that started before that of `run_folder`."""
    record = a_good_record("20261122-100000-abcd")
    folder = run_folder.parent / record.run
    folder.mkdir()
    save(record, folder)
    return folder


def test_an_old_run_is_sent_only_if_it_is_named(emitted, server, older_run, capsys):
    emitted("send")
    newest = Marquez().take_all(body for _, _, body in server.got)
    assert "not the newest" not in capsys.readouterr().out
    assert emit.main("flyte-basics", str(older_run.parents[1]), "", older_run.name, "write") == 0
    assert Marquez().take_all(body for _, _, body in server.got).current == newest.current
    assert emit.main("flyte-basics", str(older_run.parents[1]), "", older_run.name, "send") == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line == (
        f"run {older_run.name} is not the newest: its data is now the current data on the server; "
        "send the newest again: make lineage PROJECT=flyte-basics EMIT=1"
    )


def test_the_record_of_an_old_execution_that_was_made_today_is_not_the_newest_run(emitted, server, older_run):
    """As `make watch` makes it of an execution that ended long ago."""
    older_run.rename(older_run.with_name("20991231-100000-abcd"))
    emitted("send")
    assert server.got[0][2]["eventTime"].startswith("2026-11-23")


def one_line(errors: str) -> str:
    (line,) = errors.splitlines()
    assert "secret-word" not in line
    return line


@pytest.mark.parametrize(("code", "why"), [(403, "403 Forbidden"), (422, "422 "), (500, "500 ")])
def test_a_server_that_refuses_is_one_line_and_the_file_is_kept(emitted, server, monkeypatch, code, why):
    server.status = code
    monkeypatch.setenv("OPENLINEAGE_URL", server.url.replace("//", "//user:secret-word@"))
    status, errors, events = emitted("send")
    line = one_line(errors)
    assert f"make lineage: {server.url} took 0 of {len(events)} events: " in line
    assert why in line
    assert line.endswith("send them again: make lineage PROJECT=flyte-basics RUN=20261123-100000-abcd EMIT=1")
    assert status == 1
    assert len(events) == 14


def test_a_server_that_is_down_or_slow_is_one_line(emitted, server, monkeypatch):
    monkeypatch.setattr(destination, "EVENT_SECONDS", 0.2)
    server.delay = 1.0
    status, errors, _ = emitted("send")
    assert (status, "timed out" in one_line(errors)) == (1, True)
    server.delay = 0.05
    monkeypatch.setattr(destination, "EVENT_SECONDS", 60)
    monkeypatch.setattr(destination, "ALL_SECONDS", 0.1)
    assert "it is slower than 0.1 s for all" in one_line(emitted("send")[1])
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    assert "connection refused" in one_line(emitted("send")[1])


def test_nothing_to_tell_is_one_line(tmp_path, stopped):
    words = ("flyte-basics", str(tmp_path), "", "", "write")
    assert stopped(emit.main, *words).startswith("flyte-basics has not been run yet; ")


@pytest.fixture
def called(tmp_path, monkeypatch) -> list[list[object]]:
    """What would be started, with the runs in the test's own folder."""
    calls: list[list[object]] = []
    monkeypatch.setattr(lineage, "OUT", tmp_path)
    monkeypatch.setattr(lineage, "call", lambda command: calls.append(command) or 0)
    return calls


def test_a_run_is_found_without_its_lesson(run_folder, called, monkeypatch, stopped):
    monkeypatch.setenv("RUN", run_folder.name)
    assert lineage.lineage() == 0
    assert called[-1][3:] == ["flyte-basics", run_folder.parents[1], called[-1][5], run_folder.name, "write"]
    monkeypatch.setenv("EMIT", "1")
    assert lineage.lineage() == 0
    assert called[-1][-1] == "send"
    monkeypatch.setenv("EMIT", "yes")
    assert stopped(lineage.lineage).startswith("EMIT must be 1 for yes")
    monkeypatch.setenv("EMIT", "")
    monkeypatch.setenv("RUN", "no-such-run")
    assert stopped(lineage.lineage).startswith("PROJECT is missing")


def test_from_runs_to_a_server_with_make(make, clone_with_uv, server):
    """A run sends nothing; what `make lineage EMIT=1` sends of two runs, a server draws right."""
    words = ("PROJECT=flyte-basics", f"OPENLINEAGE_URL={server.url}")
    drawn = Marquez()
    accuracy = catalog.find("flyte-basics").lesson.cases[0].outputs["train_accuracy"]
    for number in (1, 2):
        run = make("run", *words, root=clone_with_uv, NO_PROXY="127.0.0.1", NO_CACHE="1")
        assert run.returncode == 0, run.stderr
        assert len(server.got) == (number - 1) * 12
        told = make("lineage", *words, "EMIT=1", root=clone_with_uv, NO_PROXY="127.0.0.1")
        assert told.returncode == 0, told.stderr
        assert re.search(rf"^train_accuracy = {accuracy}  <- evaluate \(n\d\)", told.stdout, re.MULTILINE)
        assert "all as the run left them" in told.stdout
        assert told.stdout.splitlines()[-1] == f"OpenLineage, 12 events sent: {server.url}"
        sent = [body for _, _, body in server.got[-12:]]
        drawn.take_all(sent)
    for body in sent:
        validate(body)
    newest = max(clone_with_uv.glob("out/flyte-basics/*/openlineage.ndjson"))
    assert [json.loads(line) for line in newest.read_text().splitlines()] == sent
    producers = drawn.producers()
    assert {len(jobs) for jobs in producers.values()} == {1}
    assert {drawn.current[name][1] for name in producers} <= {body["run"]["runId"] for body in sent}
