"""pytest plugin that checks the exercises of a lesson: projects/<lesson>/exercises/exercise_<n>.py, one file each.

A check asserts, in order, what a right solution does; each `assert` carries the line that the learner reads. Its first
test, test_begun, asserts that the learner began. After a test that fails, the others of the file do not run. Beside
the fixtures of runner.testing, a check may use `findings`, `answer` and `lesson_tests`.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.entry_point import workflow
from runner.errors import Stop, both_ends
from runner.lesson import Lesson

NUMBER = re.compile(r"exercise_(\d+)\.py")
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) \S+?::(\S+)", re.MULTILINE)
# Where the harness keeps the log of a task; the folder of a check's runs is removed with the check.
LOG = re.compile(r" \(log: [^()]*\)")
LONGEST = 600  # characters of a line
DONE, BEGUN, UNTRIED, BROKEN = "done", "not yet", "not tried", "broken"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("exercises").addoption("--results", type=Path, help="the JSON file to write: results by number")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("results"):
        config.pluginmanager.unregister(name="terminalreporter")  # the learner reads the results only
        config.pluginmanager.register(Results(config.getoption("results")))


class Results:
    """How each exercise stands: {"1": {"state": "not yet", "missing": "the first thing that is missing"}}."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.found: dict[int, dict[str, str]] = {}

    def pytest_collection(self, session: pytest.Session) -> None:
        """Imports the lesson: if it cannot be imported, that is what is missing in every exercise."""
        folder = session.config.invocation_params.dir
        sys.path.insert(0, str(folder))
        try:
            workflow(Lesson.read(folder).entry_point)
        except Stop as stop:
            numbers = filter(None, (number_of(Path(word)) for word in session.config.args))
            self.found = {number: result(BEGUN, stop) for number in numbers}
            pytest.exit(str(stop), returncode=0)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        number = number_of(Path(report.nodeid))
        if report.failed and number:
            self.found[number] = result(BROKEN, report.longreprtext.splitlines()[-1].removeprefix("E").strip())

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self.found.get(number_of(item.path), {}).get("state", DONE) != DONE:
            pytest.skip("an earlier test of this exercise failed")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        report = yield
        number = number_of(item.path)
        if report.passed and report.when == "call":
            self.found.setdefault(number, result(DONE, ""))
        elif report.failed:
            is_untried = item.name == "test_begun" and call.excinfo.errisinstance(AssertionError)
            self.found[number] = result(UNTRIED if is_untried else BEGUN, call.excinfo.value)
        return report

    def pytest_sessionfinish(self) -> None:
        self.file.write_text(json.dumps(self.found), encoding="utf-8")


def number_of(file: Path) -> int:
    """The number of an exercise, from the file of its check; 0 for another file."""
    found = NUMBER.fullmatch(file.name)
    return int(found[1]) if found else 0


def result(state: str, reason: object) -> dict[str, str]:
    """A state and what is missing, in at most two lines; an error that is no assertion is named by its kind."""
    text = LOG.sub("", str(reason).strip())
    if isinstance(reason, BaseException) and not isinstance(reason, (AssertionError, Stop)):
        return {"state": state, "missing": both_ends(f"{type(reason).__name__}: {text}", LONGEST)}
    return {"state": state, "missing": "\n".join(both_ends(line, LONGEST) for line in text.splitlines()[:2])}


@pytest.fixture
def findings(lesson: Lesson) -> list[str]:
    """The lines that `make typecheck` prints for the lesson."""
    command = [sys.executable, "-m", "runner", "typecheck", str(lesson.folder), "out", "{}"]
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


@pytest.fixture
def answer(request: pytest.FixtureRequest, lesson: Lesson) -> dict[str, Any]:
    """What the learner wrote for this exercise in exercises/answers.toml."""
    return answer_in(lesson.folder / "exercises" / "answers.toml", f"exercise_{number_of(request.path)}")


def answer_in(file: Path, name: str) -> dict[str, Any]:
    """A table of answers; raises Stop if the learner has made the file unreadable, or removed the table."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))[name]
    except (OSError, ValueError) as error:
        raise Stop(f"exercises/answers.toml cannot be read: {error}; correct it") from None
    except KeyError:
        raise Stop(f"exercises/answers.toml has no line [{name}]; add it, and your answer below it") from None


@pytest.fixture
def lesson_tests(lesson: Lesson) -> Callable[..., dict[str, bool]]:
    """Runs those tests of the lesson whose names hold a word; returns by name whether each one passed.

    `first` is Python code that runs before: it may break the lesson, and a test that checks something then fails.
    """

    def run(word: str, first: str = "") -> dict[str, bool]:
        start = f"import sys; sys.path[:] = {['', *sys.path]!r}\n{first}\nimport pytest; sys.exit(pytest.main())"
        options = ["-p", "no:cacheprovider", "-q", "-rA", "--color=no", "--confcutdir=.", "-k", word, "tests"]
        answer = subprocess.run(
            [sys.executable, "-c", start, *options], cwd=lesson.folder, capture_output=True, text=True
        )
        return {name: outcome == "PASSED" for outcome, name in OUTCOME.findall(answer.stdout)}

    return run
