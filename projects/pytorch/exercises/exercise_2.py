"""Exercise 2: with TORCH=cuda, `train` requests a GPU and the other tasks do not."""

import json
import os
import subprocess
import sys

import pytest

# Prints the resources of each task. TORCH is read when the lesson is imported.
PRINT = """
import json
from pytorch_lesson import workflow
from runner.graph.compiled import compiled

tasks = compiled(workflow.train_and_judge, {"default": "light:1", "training": "heavy:1"}).tasks
sizes = {name.rpartition(".")[2]: task.container.resources for name, task in tasks.items()}
GPU = next(iter(sizes.values())).GPU
gpus = lambda entries: sum(int(entry.value) for entry in entries if entry.name == GPU)
print(json.dumps({name: [gpus(size.requests), gpus(size.limits)] for name, size in sizes.items()}))
"""


def gpus(lesson, torch: str) -> dict[str, list[int]]:
    """The GPUs of each task, [request, limit], when TORCH has a value."""
    command, environment = [sys.executable, "-c", PRINT], os.environ | {"TORCH": torch}
    done = subprocess.run(command, cwd=lesson.folder, env=environment, capture_output=True, text=True)
    assert not done.returncode, f"with TORCH={torch} the lesson cannot be compiled: {done.stderr.splitlines()[-1]}"
    return json.loads(done.stdout)


@pytest.fixture
def with_cuda(lesson):
    return gpus(lesson, "cuda")


def test_begun(with_cuda):
    asking = [name for name, (request, _) in with_cuda.items() if request]
    assert len(asking) < 3, f"with TORCH=cuda these tasks request a GPU: {', '.join(asking)}"


def test_train_has_one(with_cuda):
    request, limit = with_cuda["train"]
    assert (request, limit) == (1, 1), (
        f"with TORCH=cuda train requests {request} and is limited to {limit} GPUs; Kubernetes needs 1 for both"
    )


def test_no_other_task_has_one(with_cuda):
    others = [name for name, gpus in with_cuda.items() if any(gpus) and name != "train"]
    assert not others, f"with TORCH=cuda {', '.join(others)} still requests a GPU"


def test_without_the_variable(lesson):
    asking = [name for name, found in gpus(lesson, "").items() if any(found)]
    assert not asking, f"without TORCH=cuda {', '.join(asking)} requests a GPU: a cluster without GPUs cannot run it"
