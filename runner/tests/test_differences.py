"""The rows of docs/local-and-cluster.md, each with a test of its name."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import attempt_cases
import cases
import differences
import hard_cases
import pytest
from flyteidl.core.tasks_pb2 import TaskTemplate
from flytekit import CronSchedule, LaunchPlan
from running import HERE, IMAGES, outcomes

from runner.graph.compiled import compiled
from runner.harness import walk
from runner.harness.attempts import TaskFailed, give_up
from runner.harness.calls import read_message
from runner.harness.forks import ForkLauncher
from runner.lesson import Lesson

PAGE = HERE.parents[1] / "docs" / "local-and-cluster.md"


def test_resources(execute):
    execution = execute(differences.beyond_its_limit)
    assert list(execution.outputs.values()) == [2**20]
    (attempt,) = execution.attempts
    assert attempt.requests["memory"] == attempt.limits["memory"] == "1Ki"
    assert attempt.peak_mb > 1


def test_images(launcher, tmp_path):
    images = {**IMAGES, "other": "localhost:30000/other:1"}
    (attempt,) = walk.execute(differences.in_two_images, {}, tmp_path, launcher, images).attempts
    file = tmp_path / attempt.node / "attempt-0" / "task.pb"
    assert read_message(TaskTemplate, file).container.image == images["other"]
    assert attempt.image == ""


def test_slots():
    assert ForkLauncher(HERE).slots._value == os.cpu_count()


def test_module(outputs, launcher):
    assert outputs(differences.importing) == [launcher.server is None]


def test_folder(outputs, tmp_path):
    (path,) = outputs(differences.writing_here)
    assert Path(path).is_relative_to(tmp_path)


def test_variables(monkeypatch, outputs):
    monkeypatch.setenv("OF_THIS_MACHINE", "seen")
    assert outputs(differences.reading_variable) == ["seen"]


def test_python(outputs):
    assert outputs(differences.telling_prefix) == [sys.prefix]


def test_self_kill(outputs):
    assert outputs(differences.killing_itself) == ["1"]


def test_schedule():
    plan = LaunchPlan.get_or_create(
        differences.importing, name="every_minute", schedule=CronSchedule(schedule="* * * * *")
    )
    # It is data that a cluster acts on; nothing here does.
    assert plan.schedule.cron_schedule.schedule == "* * * * *"


def test_types(execute):
    assert compiled(differences.mistyped, IMAGES).workflow.id.name.endswith("mistyped")
    with pytest.raises(TaskFailed, match="bad input x: "):
        execute(differences.mistyped)


def alone(code: str) -> subprocess.CompletedProcess:
    """Runs Python alone, in a process of its own."""
    return subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True)


def test_system_retries(execute, tmp_path):
    execution = execute(attempt_cases.dying, times=3)
    assert outcomes(execution) == [("dies", "system failure")] * 3 + [("dies", "succeeded")]
    assert [attempt.title for attempt in execution.attempts[1:]] == [
        "attempt 2: 1 system retry",
        "attempt 3: 2 system retries",
        "attempt 4: 3 system retries",
    ]
    assert alone("import attempt_cases; attempt_cases.dying(times=1)").returncode == 137
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(TaskFailed, match=r"failed in attempt 4 of 4: 3 system retries, retries=0: .* 137 \(killed\)"):
        execute(attempt_cases.dying, times=4)


def test_key_order(outputs):
    kept = " ".join(map(str, range(40)))
    assert alone("import hard_cases; print(hard_cases.in_order())").stdout.strip().endswith(kept)
    (found,) = outputs(hard_cases.in_order)
    assert sorted(found.split(), key=int) == kept.split()
    assert found != kept, "one order of 40! by chance"


def test_recovered_handler(execute, tmp_path):
    for _ in range(2):
        with pytest.raises(TaskFailed, match="on purpose"):
            execute(cases.handled_with_its_error, folder=str(tmp_path))
        give_up(tmp_path / "run")
    (by_harness,) = (tmp_path / "report").read_text().splitlines()
    with pytest.raises(ValueError, match="on purpose"):
        cases.handled_with_its_error(folder=str(tmp_path))
    by_executor = (tmp_path / "report").read_text().splitlines()[1]
    assert by_harness.partition(":")[0] == by_executor.partition(":")[0] == "fn0"


def rows_of_the_page() -> list[tuple[str, str]]:
    """The test that each row of the page's tables names, and its evidence."""
    return re.findall(r"\| `(\w+)` \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_row_of_the_page_has_its_test():
    rows = [row for row, _ in rows_of_the_page()]
    tests = [name.removeprefix("test_") for name in globals() if name.startswith("test_")]
    assert rows
    of_the_page = ["every_row_of_the_page_has_its_test", "every_row_of_the_page_has_evidence_that_is_there"]
    assert sorted([*rows, *of_the_page]) == sorted(tests)


def test_every_row_of_the_page_has_evidence_that_is_there():
    there = {
        "recording": {file.stem for file in (HERE / "cluster" / "executions").glob("*.json")},
        "case": {case.name for case in Lesson.read(HERE / "differences").cases if "cluster" in case.tiers},
        "table": {file.stem for file in (HERE / "typecheck" / "connections").glob("*.tsv")},
    }
    rows = rows_of_the_page()
    assert {row for row, evidence in rows if "tried by hand" in evidence} == {"schedule", "self_kill"}
    for row, evidence in rows:
        named = re.findall(r"(\w+) `(\w+)`(?=[,;]|$)", evidence)
        assert named or evidence == "tried by hand", row
        assert [name for kind, name in named if name not in there[kind]] == [], row
