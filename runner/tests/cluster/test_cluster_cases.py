"""The tests of a lesson on the cluster tier: pytest with --tier cluster, against a stand-in that computes."""

import re
import shutil
import subprocess
import sys

import pytest
from commands import EXAMPLE, compute

from runner.cluster.connection import Cluster
from runner.cluster.register import register
from runner.lesson import Lesson

CASES = """
[[cases]]
name = "a wrong figure"
outputs = { length = 15 }

[[cases]]
name = "an error that is expected"
inputs = { name = "" }
fails = "task greet .*failed in attempt 1, retries=0: .*at least one letter"

[[cases]]
name = "an error that is not"
inputs = { name = "" }
outputs = { length = 0 }

[[cases]]
name = "no case of a cluster"
tiers = ["local", "image"]
outputs = { length = 0 }
"""
TESTS = """
import pytest


def test_case(case, check):
    check(case)


@pytest.mark.every_tier
def test_of_this_machine(execute):
    raise AssertionError("this is not for a cluster")


def test_of_the_local_tier():
    raise AssertionError("this is not for a cluster")
"""


@pytest.fixture
def tested(service, tmp_path, monkeypatch):
    """What pytest says of a lesson's cases on the cluster."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "example")
    with (folder / "lesson.toml").open("a") as file:
        file.write(CASES)
    (folder / "tests").mkdir()
    (folder / "tests" / "conftest.py").write_text('pytest_plugins = ["runner.testing"]\n')
    (folder / "tests" / "test_example.py").write_text(TESTS)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    register(Cluster.in_hand(), Lesson.read(folder), {"default": f"localhost:30000/x@sha256:{64 * 'a'}"}, "v1")
    service.admin.compute = compute
    code = f"import sys; sys.path += {sys.path!r}; import pytest; sys.exit(pytest.main())"
    words = ["--tier", "cluster", "--registered", "v1", "--out", str(tmp_path / "out"), "-s", "-p", "no:cacheprovider"]
    quick = "import runner.cluster.follow as f; f.POLL_SECONDS = 0.05; "
    command = [sys.executable, "-c", quick + code, "-q", "-rA", *words, "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_values_and_expected_errors_are_compared_and_nothing_comes_from_the_cache(tested, service, tmp_path):
    line = r"^(PASSED|FAILED) tests/test_example\.py::test_case\[(.*?)\]"
    told = {name: word for word, name in re.findall(line, tested.stdout, re.MULTILINE)}
    assert told == {
        "by default": "PASSED",
        "a wrong figure": "FAILED",
        "an error that is expected": "PASSED",
        "an error that is not": "FAILED",
    }, tested.stdout + tested.stderr
    assert "not for a cluster" not in tested.stdout
    wrong = r"case 'a wrong figure'\n  expected:  length = 15\n  got:       length = 14\n  execution: http://\S+/executions/\w+"
    assert re.search(wrong, tested.stdout)
    unexpected = (
        r"case 'an error that is not'\n  expected:  length = 0\n  got:       ExecutionFailed: task greet .*letter\n"
    )
    assert re.search(unexpected, tested.stdout)
    assert "Traceback" not in tested.stdout
    assert all(played.request.spec.overwrite_cache for played in service.admin.executions.values())
    assert len(list((tmp_path / "out" / "example").glob("*/record.json"))) == 4
