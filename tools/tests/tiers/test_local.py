"""Running lessons on this machine: the words of ARGS, the child process, and all lessons in a row."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.core.process import call
from tools.lessons import catalog, chosen
from tools.tiers import command, local

# `make run-all` of two lessons that take their time, as a process that can be interrupted.
RUN_ALL = '''
import sys
from tools.core import reporting
from tools.lessons import catalog
from tools.tiers import command, local

slow = """
import os, signal, time
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
print('started', os.getpid(), os.environ['TMPDIR'], flush=True)
time.sleep(600)
"""
command.runner = lambda *_: [sys.executable, "-c", slow]
catalog.every = lambda: [catalog.find("flyte-basics")] * 2
sys.exit(reporting.ends_in_one_line("make run-all", local.run_all))
'''


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("--n 5", ["--n", "5"]),
        ("--name 'a b' --empty ''", ["--name", "a b", "--empty", ""]),
        ('--x "$HOME" `id` ; # *', ["--x", "$HOME", "`id`", ";", "#", "*"]),
    ],
)
def test_args_are_words_as_a_shell_splits_them(line, words, monkeypatch):
    monkeypatch.setenv("ARGS", line)
    assert chosen.arguments() == words


def test_no_project_is_all_lessons():
    assert chosen.chosen_or_all() == catalog.every()


def test_a_project_is_that_lesson_only(monkeypatch):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    assert [project.name for project in chosen.chosen_or_all()] == ["flyte-basics"]


@pytest.mark.parametrize(("name", "words"), [("", []), ("20260101-000000-abcd", ["20260101-000000-abcd"])])
def test_the_run_to_recover_is_the_last_word_of_its_command(name, words, monkeypatch):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    monkeypatch.setenv("RUN", name)
    calls = []
    monkeypatch.setattr(local, "run_lesson", lambda *arguments: calls.append(arguments) or 0)
    assert local.recover() == 0
    assert calls == [(catalog.find("flyte-basics"), words, "recover")]


def test_the_status_of_a_command_is_handed_on():
    assert call([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_a_commands_temporary_files_go_with_it(tmp_path):
    code = "import sys, tempfile; open(sys.argv[1], 'w').write(tempfile.mkdtemp())"
    call([sys.executable, "-c", code, tmp_path / "told"])
    assert not Path((tmp_path / "told").read_text()).exists()


def test_a_command_keeps_its_bytecode(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; sys.exit(sys.dont_write_bytecode)"
    assert call([sys.executable, "-c", code], tmp_path) == 0


def test_only_the_named_lesson_s_cache_is_cleared_by_the_runner_itself(monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    monkeypatch.setattr(local, "OUT", tmp_path)
    others = tmp_path / "map-tasks" / ".cache"
    others.mkdir(parents=True)
    (others / "kept").touch()
    assert local.clear_cache() == 0
    assert capfd.readouterr().out == "the cache of flyte-basics is empty\n"
    (tmp_path / "flyte-basics" / ".cache").mkdir(parents=True)
    assert local.clear_cache() == 0
    assert capfd.readouterr().out == "0 cached results forgotten\n"
    assert (others / "kept").exists()


def test_there_is_nothing_to_recover_of_a_lesson_without_runs(monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("PROJECT", "recovering-executions")
    monkeypatch.setattr(command, "OUT", tmp_path)
    assert local.recover() == 2
    line = capfd.readouterr().err
    assert line.startswith("make recover: no run of recovering-executions has failed")
    assert line.count("\n") == 1


@pytest.fixture
def two_lessons(monkeypatch):
    """Makes `make run-all` run two commands in place of lessons."""

    def two_lessons(first: str, second: str) -> None:
        commands = iter([first, second])
        monkeypatch.setattr(catalog, "every", lambda: [catalog.find("flyte-basics")] * 2)
        monkeypatch.setattr(command, "runner", lambda *_: [sys.executable, "-c", next(commands)])

    return two_lessons


def test_all_lessons_succeed(two_lessons, capfd):
    two_lessons("print(1)", "print(2)")
    assert local.run_all() == 0
    assert capfd.readouterr().out.splitlines()[-2:] == 2 * ["flyte-basics  succeeded"]


def test_a_lesson_that_fails_does_not_keep_others_from_running(two_lessons, capfd):
    two_lessons("raise SystemExit(5)", "print('second')")
    assert local.run_all() == 1
    lines = capfd.readouterr().out.splitlines()
    assert "second" in lines
    assert lines[-2:] == ["flyte-basics  failed (exit status 5)", "flyte-basics  succeeded"]


def lesson_of(process: subprocess.Popen) -> tuple[int, Path]:
    """The process of the lesson that has started, and its temporary folder."""
    line = next(line for line in iter(process.stdout.readline, "") if line.startswith("started "))
    _, pid, folder = line.rstrip("\n").split(" ", 2)
    return int(pid), Path(folder)


def test_ctrl_c_ends_the_row(start):
    process = start(sys.executable, "-c", RUN_ALL, stderr=subprocess.STDOUT)
    lesson_of(process)
    os.killpg(process.pid, signal.SIGINT)
    told = process.communicate(timeout=60)[0]
    assert "started" not in told
    assert "make run-all: interrupted" in told
    assert process.returncode == 130


def test_a_terminated_run_takes_the_lesson_and_its_temporary_files_with_it(start):
    process = start(sys.executable, "-c", RUN_ALL, stderr=subprocess.STDOUT)
    lesson, temporary = lesson_of(process)
    process.terminate()
    process.wait(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.kill(lesson, 0)
    assert not temporary.exists()
    assert "tools/" not in process.communicate(timeout=60)[0]  # no traceback of the tools themselves


@pytest.mark.parametrize(
    ("number", "told"),
    [(signal.SIGKILL, "killed by SIGKILL, most often for want of memory\n"), (signal.SIGSEGV, "killed by SIGSEGV\n")],
)
def test_a_killed_lesson_is_told(number, told, capfd):
    status = call([sys.executable, "-c", f"import os; os.kill(os.getpid(), {number:d})"])
    assert status == 128 + number
    assert capfd.readouterr().err == told
