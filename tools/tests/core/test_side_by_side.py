"""Pieces of work in processes of their own: they overlap, their output does not, and nothing outlives an end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tools.core import side_by_side
from tools.core.errors import Stop

SECONDS = 60


def meet(own: Path, other: Path) -> int:
    """Succeeds if the other piece of work is there at the same time."""
    print(f"first of {own.name}", flush=True)
    own.touch()
    deadline = time.monotonic() + SECONDS
    while not other.exists():
        if time.monotonic() > deadline:
            return 1
        time.sleep(0.01)
    subprocess.run(["echo", f"last of {own.name}"], check=True)
    return 0


def fail() -> int:
    print("this one fails")
    return 3


def stop() -> int:
    raise Stop("this one cannot begin; do something first")


def hang(file: Path) -> int:
    """Starts a process that waits, and says which."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    file.with_suffix(".new").write_text(str(sleeper.pid))
    file.with_suffix(".new").rename(file)
    try:
        return sleeper.wait()
    finally:
        sleeper.kill()
        sleeper.wait()


def test_two_are_done_at_a_time_and_each_is_shown_whole(monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("JOBS", "2")
    a, b = tmp_path / "a", tmp_path / "b"
    assert side_by_side.failed({"a": partial(meet, a, b), "b": partial(meet, b, a)}, "tests of") == []
    lines = capfd.readouterr().out.splitlines()
    assert lines[:2] == ["tests of a: started", "tests of b: started"]
    for name in ("a", "b"):
        begin = next(number for number, line in enumerate(lines) if line.startswith(f"== tests of {name}, "))
        assert lines[begin + 1 : begin + 3] == [f"first of {name}", f"last of {name}"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_it_goes_on_past_a_failure_and_names_them_in_order(jobs, monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("JOBS", jobs)
    there = tmp_path / "there"
    there.touch()
    works = {"b": fail, "a": fail, "c": partial(meet, tmp_path / "c", there)}
    assert side_by_side.failed(works, "tests of") == ["b", "a"]
    told = capfd.readouterr().out
    assert told.count("this one fails") == 2
    assert "last of c" in told


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_cannot_begin_tells_so_in_one_line_and_fails(jobs, monkeypatch, capfd):
    monkeypatch.setenv("JOBS", jobs)
    assert side_by_side.failed({"stop": stop, "fail": fail}, "tests of") == ["stop", "fail"]
    assert "make: this one cannot begin; do something first" in "".join(capfd.readouterr()).splitlines()


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", "9" * 5000])
def test_jobs_that_are_no_number_are_told(jobs, monkeypatch, stopped):
    monkeypatch.setenv("JOBS", jobs)
    assert stopped(side_by_side.jobs).startswith(f"JOBS must be a number above 0, not {jobs!r}")


def test_without_jobs_there_is_one_for_each_processor_up_to_four(monkeypatch):
    monkeypatch.delenv("JOBS", raising=False)
    for processors, jobs in [(1, 1), (2, 2), (64, 4), (None, 1)]:
        monkeypatch.setattr(os, "cpu_count", lambda count=processors: count)
        assert side_by_side.jobs() == jobs


def test_ctrl_c_while_the_python_of_a_piece_starts_is_one_line(monkeypatch, capfd, tmp_path):
    """One of the first modules that Python imports sends the signal."""
    (tmp_path / "sitecustomize.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("JOBS", "2")
    assert side_by_side.failed({"a": stop, "b": stop}, "tests of") == ["a", "b"]
    answer = capfd.readouterr()
    assert answer.out.count("\nmake: interrupted\n") == 2
    assert "Traceback" not in answer.out + answer.err


# `make test` of two suites that hang, as a process that can be ended.
TARGET = """
import sys
from functools import partial
from pathlib import Path
sys.path[:0] = [{tests!r}, {root!r}]
from test_side_by_side import hang
from tools.core import side_by_side
from tools.core.reporting import ends_in_one_line
works = {{name: partial(hang, Path({folder!r}, name)) for name in ("a", "b")}}
if __name__ == "__main__":
    sys.exit(ends_in_one_line("make test", lambda: side_by_side.failed(works, "tests of")))
"""


@pytest.mark.parametrize(
    ("number", "everyone", "status"), [(signal.SIGTERM, False, 143), (signal.SIGINT, True, 130)], ids=["kill", "Ctrl-C"]
)
def test_an_end_of_the_target_ends_its_work(number, everyone, status, tmp_path):
    tests = Path(__file__).parent
    script = tmp_path / "target.py"
    script.write_text(TARGET.format(tests=str(tests), root=str(tests.parents[2]), folder=str(tmp_path)))
    environment = os.environ | {"JOBS": "2"}
    target = subprocess.Popen([sys.executable, script], env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + SECONDS
        files = [tmp_path / "a", tmp_path / "b"]
        while not all(file.exists() for file in files):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        (os.killpg if everyone else os.kill)(target.pid, number)
        assert target.wait(SECONDS) == status
        for file in files:
            with pytest.raises(ProcessLookupError):
                os.kill(int(file.read_text()), 0)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(target.pid, signal.SIGKILL)
        target.wait()
