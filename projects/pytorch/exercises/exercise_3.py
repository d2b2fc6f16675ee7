"""Exercise 3: `predict` runs in the light image, which has no PyTorch, and predicts the same species."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytorch_lesson import workflow

from runner.graph.compiled import compiled

ENTRY_POINT = "pytorch_lesson.workflow:train_and_judge"
# A training that is cut short: without the biases or the ReLU between the layers, another accuracy comes out.
INPUTS, ACCURACY = {"hidden": 2, "n_epochs": 20}, 0.377


@pytest.fixture
def module(lesson) -> str:
    """The module that defines `predict`."""
    tasks = compiled(workflow.train_and_judge, {"default": "light:1", "training": "heavy:1"}).tasks
    images = {name.rpartition(".")[2]: (name.rpartition(".")[0], task.container.image) for name, task in tasks.items()}
    assert "predict" in images, f"the workflow has no task predict; its tasks are {', '.join(images)}"
    module, image = images["predict"]
    assert image == "light:1", "predict still runs in the image training"
    return module


def test_begun(module):
    assert module


def test_its_module_imports_no_pytorch(module, lesson):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    loads = subprocess.run([sys.executable, "-c", code], cwd=lesson.folder).returncode
    assert not loads, f"predict runs in the light image, but its module {module} imports PyTorch: move it to data.py"


def test_it_needs_no_pytorch(module):
    source = Path(sys.modules[module].__file__).read_text(encoding="utf-8")
    assert "import torch" not in source and "from torch" not in source, f"the light image has no torch, see {module}"


@pytest.mark.filterwarnings("ignore")
def test_it_predicts_the_same(execute):
    found = execute(ENTRY_POINT, INPUTS)["accuracy"]
    assert found == pytest.approx(ACCURACY, abs=0.02), (
        f"with --hidden 2 --n_epochs 20 the accuracy must be {ACCURACY}, not {found:.3f}: compare Classifier.layers"
    )
