"""`make benchmark` runs the script of a lesson in the lesson's environment, with the options of ARGS."""

import pytest

from tools.lessons import catalog
from tools.tiers.benchmark import benchmark


def test_the_script_gets_the_options(make):
    answer = make("benchmark", "PROJECT=flyte-basics", "ARGS=--help")
    assert (answer.returncode, "Measures the time to the first result" in answer.stdout) == (0, True), answer.stderr
    assert answer.stdout.startswith("usage: start.py")


@pytest.mark.parametrize(
    ("project", "start"),
    [
        ("", "PROJECT is not set; these lessons have a benchmark: "),
        ("sql", "sql has no benchmark; these lessons have one: "),
    ],
)
def test_one_line_names_the_lessons_that_have_a_benchmark(project, start, monkeypatch, stopped):
    monkeypatch.setenv("PROJECT", project)
    names = [project.name for project in catalog.every() if project.lesson.benchmark]
    assert names[0] == "flyte-basics"
    assert stopped(benchmark) == start + ", ".join(names)
