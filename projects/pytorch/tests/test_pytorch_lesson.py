"""Tests the figures of the lesson and of its README."""

import importlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from flytekit import FlyteContextManager, task
from flytekit.core.type_engine import TypeEngine
from pytorch_lesson import classifier, data, workflow

from runner.graph.compiled import compiled

PROJECT = Path(__file__).parents[1]
IMAGES = {"default": "registry.example/light:1", "training": f"registry.example/heavy@sha256:{'a' * 64}"}


def trained(seed: int) -> classifier.Classifier:
    examples = workflow.to_tensors(data=data.split_data(seed=1).train)
    found = workflow.train(measures=examples.measures, species=examples.species, hidden=8, n_epochs=20, seed=seed)
    outputs = found if isinstance(found, tuple) else (found,)  # exercise 1 adds one
    return next(value for value in outputs if isinstance(value, classifier.Classifier))


def bits(network: classifier.Classifier) -> list[bytes]:
    return [weights.numpy().tobytes() for weights in network.state_dict().values()]


def tasks() -> dict:
    """Returns the serialised tasks by their short names."""
    graph = compiled(workflow.train_and_judge, IMAGES)
    return {name.rpartition(".")[2]: task for name, task in graph.tasks.items()}


def stored(file: Path):
    """Reads a file as a task does that takes a Classifier."""
    context = FlyteContextManager.current_context()
    literal = TypeEngine.to_literal(context, classifier.Classifier(4, 2, 3), classifier.Classifier, None)
    literal.scalar.blob._uri = str(file)
    return TypeEngine.to_python_value(context, literal, classifier.Classifier)


def test_case(case, check):
    check(case)


def test_the_same_seed_gives_the_same_weights_to_the_bit():
    assert bits(trained(seed=1)) == bits(trained(seed=1))
    assert bits(trained(seed=1)) != bits(trained(seed=2))


def test_a_network_arrives_with_its_sizes_and_weights():
    network = classifier.Classifier(4, 5, 3)

    @task
    def same(network: classifier.Classifier) -> classifier.Classifier:
        return network

    arrived = same(network=network)
    assert arrived is not network
    assert arrived.sizes == (4, 5, 3)
    assert bits(arrived) == bits(network)


class Code:
    """An object whose pickle runs code when PyTorch loads it."""

    def __init__(self, file: Path):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def test_a_file_with_code_in_it_is_refused_and_the_code_not_run(tmp_path):
    torch.save({"sizes": Code(tmp_path / "ran"), "weights": {}}, tmp_path / "network")
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        stored(tmp_path / "network")
    assert not (tmp_path / "ran").exists()


def test_flytekits_own_transformer_cannot_hand_a_module_on():
    @task
    def make() -> torch.nn.Linear:
        return torch.nn.Linear(2, 2)

    with pytest.raises(Exception, match="Failed to convert output"):
        make()


def test_the_light_tasks_import_no_pytorch():
    code = "import sys, pytorch_lesson.data; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_each_task_is_registered_with_its_image_and_its_size():
    images = {name: task.container.image for name, task in tasks().items()}
    assert {images["split_data"], images["judge"]} == {IMAGES["default"]}
    assert {images["to_tensors"], images["train"]} == {IMAGES["training"]}
    resources, size = tasks()["train"].container.resources, workflow.train.resources
    assert [entry.value for entry in resources.requests] == [str(size.requests.cpu), size.requests.mem]
    assert [entry.value for entry in resources.limits] == [str(size.limits.cpu), size.limits.mem]


@pytest.fixture
def with_cuda(monkeypatch):
    """The lesson, imported with TORCH=cuda."""
    monkeypatch.setenv("TORCH", "cuda")
    importlib.reload(workflow)
    yield
    monkeypatch.delenv("TORCH")
    importlib.reload(workflow)


def test_a_gpu_is_asked_for_by_one_variable(with_cuda):
    resources = tasks()["train"].container.resources
    asked = [[(entry.name, entry.value) for entry in sizes] for sizes in (resources.requests, resources.limits)]
    gpu = (resources.GPU, "1")
    assert all(gpu in sizes for sizes in asked)
    assert not any(entry.name == resources.GPU for entry in tasks()["judge"].container.resources.requests)
