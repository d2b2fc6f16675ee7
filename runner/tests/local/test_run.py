"""`python -m runner run`: what it prints, how it ends, and the record that it keeps."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "example"


def command(out: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "runner", "run", str(EXAMPLE), str(out), "{}", *arguments]


def run(out: Path, *arguments: str, typed: str = "", **variables: str) -> subprocess.CompletedProcess:
    environment = os.environ | variables
    return subprocess.run(command(out, *arguments), input=typed, capture_output=True, text=True, env=environment)


def only_run(out: Path) -> Path:
    (folder,) = (out / "example").iterdir()
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess, Path]:
    out = tmp_path_factory.mktemp("out")
    return run(out, "--name", "Chinstrap"), only_run(out)


def test_prints_the_outputs_and_last_where_the_record_is(finished):
    process, folder = finished
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert "greeting: Hello, Chinstrap!" in lines
    assert "length: 17" in lines
    assert lines[-1] == f"record and decks: {(folder / 'index.html').as_uri()}"


def test_keeps_a_record(finished):
    record = json.loads((finished[1] / "record.json").read_text())
    assert record["status"] == "succeeded"
    assert record["command"] == "make run PROJECT=example ARGS='--name Chinstrap'"
    assert record["inputs"] == {"name": "Chinstrap"}
    assert record["outputs"] == {"greeting": "Hello, Chinstrap!", "length": 17}
    assert [(task["name"], task["status"]) for task in record["tasks"]] == [
        ("greet", "succeeded"),
        ("measure", "succeeded"),
    ]
    assert record["tasks"][1]["inputs"] == {"text": "Hello, Chinstrap!"}
    assert 0 < record["tasks"][0]["seconds"] <= record["seconds"]
    assert {"revision", "uncommitted changes", "lock sha256", "python", "platform", "flytekit"} <= set(
        record["provenance"]
    )


def test_each_task_has_a_deck_with_its_own_tabs_only(finished):
    folder = finished[1]
    decks = [folder / task["deck"] for task in json.loads((folder / "record.json").read_text())["tasks"]]
    greet, measure = (deck.read_text() for deck in decks)
    assert "Greeting" in greet
    assert "Length" in measure
    assert "Greeting" not in measure


def test_the_page_links_to_the_decks(finished):
    folder = finished[1]
    page = (folder / "index.html").read_text()
    for deck in folder.glob("nodes/*/*/deck.html"):
        assert f'href="{deck.relative_to(folder)}"' in page


def test_inputs_come_from_lesson_toml_unless_given(tmp_path):
    assert "greeting: Hello, Adelie!" in run(tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--nmae", "x"], "--nmae"), (["--name"], "requires an argument"), (["stray"], "stray")],
)
def test_a_bad_input_is_flytes_usage_error_and_leaves_nothing(tmp_path, arguments, message):
    process = run(tmp_path, *arguments)
    assert process.returncode == 2
    assert message in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_one_line_with_status_1(tmp_path):
    process = run(tmp_path, "--name", "")
    assert process.returncode == 1
    (line,) = process.stderr.splitlines()
    folder = only_run(tmp_path)
    log = folder / "nodes" / "n0" / "attempt-0" / "log.txt"
    assert line == (
        "make run: task greet (node n0) failed in attempt 1, retries=0: ValueError: a name must have at least one "
        f"letter (log: {log}) (traceback: {folder / 'error.txt'})"
    )
    assert "ValueError" in (folder / "error.txt").read_text()
    assert json.loads((folder / "record.json").read_text())["status"] == "failed"


def test_what_a_failure_says_is_escaped_on_the_page(tmp_path):
    process = run(tmp_path, "--name", "<b>")
    assert process.returncode == 1
    page = (only_run(tmp_path) / "index.html").read_text()
    assert "no &lt;b&gt;markup&lt;/b&gt;, please" in page
    assert "<b>" not in page


def test_an_interrupted_run_says_so_and_its_record_too(tmp_path):
    words = command(tmp_path, "--name", "slow")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("example/*/nodes/*/attempt-0/log.txt")):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")
    assert output.splitlines()[-1].startswith("record: file://")
    assert json.loads((only_run(tmp_path) / "record.json").read_text())["status"] == "interrupted"


def test_a_task_is_debugged_with_the_terminal_of_the_run(tmp_path):
    process = run(tmp_path, "--name", "asks", typed="Gentoo\n", DEBUG="greet")
    assert process.returncode == 0, process.stderr
    assert "greeting: Hello, Gentoo!" in process.stdout.splitlines()


def test_debug_must_name_a_task(tmp_path):
    process = run(tmp_path, DEBUG="x")
    assert process.returncode == 2
    assert process.stderr == "make run: DEBUG must be the name of a task, not 'x'; the tasks are: greet, measure\n"
    assert list(tmp_path.iterdir()) == []


OTHER = 65534  # nobody's number
# root, but subject to permissions as any user is: another user could not reach root's own Python.
AS_A_USER = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"]


def read_only(out: Path) -> None:
    out.mkdir(mode=0o555)


def another_users(out: Path) -> None:
    out.mkdir()
    os.chown(out, OTHER, OTHER)


def with_another_users_lesson(out: Path) -> None:
    (out / "example").mkdir(parents=True)
    os.chown(out / "example", OTHER, OTHER)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can change owners, on Linux")
@pytest.mark.parametrize("made", [read_only, another_users, with_another_users_lesson])
def test_a_folder_of_runs_that_cannot_be_written_is_one_line(tmp_path, made):
    out = tmp_path / "out"
    made(out)
    before = sorted(out.rglob("*"))
    process = subprocess.run([*AS_A_USER, *command(out)], capture_output=True, text=True)
    assert (process.returncode, sorted(out.rglob("*"))) == (2, before)
    (line,) = process.stderr.splitlines()
    assert line.startswith(f"make run: {out}/example")
    assert line.endswith(": permission denied; check the owner, or clone where you may write")
