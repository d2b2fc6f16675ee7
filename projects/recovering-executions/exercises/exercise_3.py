"""Exercise 3: an outage of the service costs no training."""

import json
import subprocess
import sys

import pytest
from recovering_executions import workflow

NAMES = ["run_trial", "report"]


@pytest.fixture
def make(lesson, tmp_path):
    """Runs or recovers a search with one trial; returns the name and the status of its attempts so far."""

    def make(verb: str, *words: str) -> list[tuple[str, str]]:
        images = json.dumps({"default": {"reference": "localhost:30000/recovering-executions:1"}})
        command = [sys.executable, "-m", "runner", verb, str(lesson.folder), str(tmp_path / "out"), images, *words]
        subprocess.run(command, capture_output=True, text=True)
        (file,) = tmp_path.glob("out/*/*/record.json")
        tasks = json.loads(file.read_text())["tasks"]
        return [(task["name"], task["status"]) for task in tasks if task["name"] in NAMES]

    return make


def test_begun():
    assert hasattr(workflow, "report"), "workflow.py has no task report"


def test_an_outage(make, tmp_path):
    service = tmp_path / "service"
    service.mkdir()
    (service / "refused").write_text("0\n")
    words = ("--failures", "[]", "--regularizations", "[1.0]", "--service", str(service))
    before = make("run", *words)
    statuses = [status for name, status in before if name == "run_trial"]
    assert statuses == ["succeeded"], (
        f"the service refuses the trial, and the attempts of run_trial are {', '.join(statuses) or 'none'}; "
        "it must train without the service"
    )
    statuses = [status for name, status in before if name == "report"]
    assert statuses == ["recoverable"] * 3, (
        f"the service refuses the trial, and the attempts of report are {', '.join(statuses) or 'none'}; "
        "with retries=2 it must make three"
    )
    (service / "refused").unlink()
    again = make("recover")[len(before) :]
    assert again == [("report", "succeeded")], (
        f"after the outage, make recover must run report alone of the two; it ran {again}"
    )
    left = sorted(file.name for file in service.iterdir())
    assert not left, f"report must begin and end the trial; the service still has {', '.join(left)}"


def test_the_accuracy_stays(execute):
    found = execute("recovering_executions.workflow:search", {"failures": []})["validation_accuracy"]
    assert found == pytest.approx(0.9855072463768116), f"the best accuracy must stay, not {found}"
