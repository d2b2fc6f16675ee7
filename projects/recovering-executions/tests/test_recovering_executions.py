"""Tests the figures of the lesson and of its README."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from flytekit import FlyteContextManager
from flytekit.configuration import DataConfig
from flytekit.core.data_persistence import FileAccessProvider
from flytekit.exceptions.user import FlyteRecoverableException
from recovering_executions.service import Service

PROJECT = Path(__file__).parents[1]
IMAGES = json.dumps({"default": {"reference": "localhost:30000/recovering-executions:1"}})


def test_case(case, check):
    check(case)


def call(verb: str, out: Path, *words: str) -> subprocess.CompletedProcess:
    """Runs the command behind `make run` or `make recover`."""
    command = [sys.executable, "-m", "runner", verb, str(PROJECT), str(out), IMAGES, *words]
    return subprocess.run(command, capture_output=True, text=True)


def attempts(out: Path) -> list[tuple[str, str]]:
    """Returns the node and the outcome of all attempts in the record of the only run."""
    (file,) = out.glob("recovering-executions/*/record.json")
    return [(f"{task['name']} ({task['id']})", task["status"]) for task in json.loads(file.read_text())["tasks"]]


def test_recovering_runs_exactly_what_had_failed_or_not_started(tmp_path, lesson):
    service, out = tmp_path / "service", tmp_path / "out"
    service.mkdir()
    (service / "refused").write_text("1 3")
    failed = call("run", out, "--failures", "[]", "--service", str(service))
    assert failed.returncode == 1
    assert "the service refuses trial" in failed.stderr
    before = attempts(out)
    handled = [outcome for name, outcome in before if name == "clean_up (fn0)"]
    assert handled == ["succeeded"]
    assert Service(str(service)).unfinished() == []
    succeeded = {name for name, outcome in before if outcome == "succeeded"} - {"clean_up (fn0)"}
    assert {"split_data (n0)", "run_trials (n1)"} <= succeeded
    assert "pick_best (n2)" not in succeeded

    (service / "refused").unlink()
    recovered = call("recover", out)
    assert (recovered.returncode, recovered.stderr) == (0, "")
    assert f"validation_accuracy: {lesson.cases[0].outputs['validation_accuracy']}" in recovered.stdout
    again = attempts(out)[len(before) :]
    failed_or_aborted = {name for name, _ in before} - succeeded - {"clean_up (fn0)"}
    assert {name for name, _ in again} >= failed_or_aborted | {"pick_best (n2)"}
    assert len({name for name, _ in again} | succeeded) == len(again) + len(succeeded), "a task ran twice"
    assert {outcome for _, outcome in again} == {"succeeded"}


def test_a_service_in_an_object_store_is_reached_as_flyte_reaches_it(monkeypatch):
    """A cluster sets these variables for every task; without them, S3 would ask for the machine's own credentials."""
    monkeypatch.setenv("FLYTE_AWS_ENDPOINT", "http://store.example:9000")
    monkeypatch.setenv("FLYTE_AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("FLYTE_AWS_SECRET_ACCESS_KEY", "b")
    context = FlyteContextManager.current_context()
    own = FileAccessProvider("/tmp/own", "s3://bucket/data", DataConfig.auto())
    with FlyteContextManager.with_context(context.with_file_access(own)):
        service = Service("s3://bucket/service")
    assert service.folder == "bucket/service"
    assert service.files.storage_options["client_kwargs"] == {"endpoint_url": "http://store.example:9000"}
    assert (service.files.key, service.files.secret) == ("a", "b")


def test_the_service_keeps_what_has_begun_and_not_ended(tmp_path):
    service = Service(str(tmp_path))
    (tmp_path / "refused").write_text("1 13")
    service.begin(3)
    service.begin(2)
    with pytest.raises(FlyteRecoverableException, match="refuses trial 13"):
        service.begin(13)
    assert service.unfinished() == [2, 3, 13]
    service.end(2)
    assert Service(str(tmp_path)).unfinished() == [3, 13]


def test_without_an_address_there_is_no_service_to_fail():
    Service("").begin(1)
    Service("").end(1)
