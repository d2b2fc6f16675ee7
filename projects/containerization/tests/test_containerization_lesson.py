"""Tests the figures of the lesson and of its README."""

import hashlib
import json
import pickle
import re
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from containerization_lesson import workflow
from containerization_lesson.picture import EMPTY_COLOUR, RIGHT_COLOUR, WRONG_COLOUR, side_by_side
from flytekit import workflow as flyte_workflow
from sklearn.linear_model import LogisticRegression
from workshop import penguins

from runner.graph.compiled import compiled
from runner.harness.execution import run_in_processes
from runner.harness.support import Unsupported
from runner.lesson import Lesson
from runner.records.run_folder import Run

PROJECT = Path(__file__).parents[1]
IMAGES = {
    "default": "registry.example/current:1",
    "old": "registry.example/old:1",
    "checksum": f"registry.example/checksum@sha256:{'a' * 64}",
}
# A pin in a lock that applies to Python 3.11, the Python of the environments.
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+) (?!; python_full_version >=)", re.MULTILINE)


def test_case(case, check):
    check(case)


@pytest.fixture
def in_old(request) -> Callable[..., subprocess.CompletedProcess]:
    """Runs code in the environment of the old image's lock, with `words` in sys.argv."""
    python = request.config.getoption("images")["old"].python

    def run(code: str, *words: object) -> subprocess.CompletedProcess:
        return subprocess.run([python, "-c", code, *map(str, words)], cwd=PROJECT, capture_output=True, text=True)

    return run


def test_the_locks_differ_in_scikit_learn_and_what_it_forces():
    current, old = (dict(PIN.findall((PROJECT / f"requirements{which}.txt").read_text())) for which in ("", "-old"))
    differing = {name: (old[name], current[name]) for name in old.keys() & current if old[name] != current[name]}
    assert differing.pop("scikit-learn") == ("1.3.2", "1.9.1")
    assert differing.keys() == {"numpy", "pandas", "pyarrow"}
    # pandas 2 requires pytz; scikit-learn 1.9 requires narwhals.
    assert old.keys() ^ current.keys() == {"pytz", "narwhals"}


def test_the_same_data_trains_longer_by_the_current_release(in_old):
    data = workflow.get_data(random_state=42)
    code = (
        "import json, sys; from dataclasses import asdict; from containerization_lesson.workflow import *;"
        "print(json.dumps(asdict(train_and_judge(sys.argv[1], 0.1))))"
    )
    current, old = workflow.train_and_judge(data, 0.1), json.loads(in_old(code, data.path).stdout)
    assert (old["release"], current.release) == ("1.3.2", "1.9.1")
    # The README has 145 and 3,672. Other processors may round differently and need another number of steps.
    assert 100 < old["iterations"] < 200
    assert 3000 < current.iterations < 4500
    assert old.keys() == asdict(current).keys()


def test_the_bytes_of_the_data_are_those_that_the_container_sees():
    (expected,) = (case.outputs["sha256"] for case in Lesson.read(PROJECT).cases if "sha256" in case.outputs)
    data = Path(workflow.get_data(random_state=42).path)
    assert hashlib.sha256(data.read_bytes()).hexdigest() == expected


def test_a_pickled_model_of_the_current_image_half_works_in_the_old_one(in_old, tmp_path):
    data, file = penguins.load_measured(), tmp_path / "model"
    model = LogisticRegression(max_iter=10_000).fit(data[penguins.FEATURES], data[penguins.TARGET].to_numpy(object))
    file.write_bytes(pickle.dumps(model))
    code = (
        "import pickle, sys; from workshop import penguins; model = pickle.load(open(sys.argv[1], 'rb'));"
        "measures = penguins.load_measured()[penguins.FEATURES];"
        "print(model.predict(measures)[0], flush=True); model.predict_proba(measures)"
    )
    used = in_old(code, file)
    assert "InconsistentVersionWarning" in used.stderr
    assert used.stdout == "Adelie\n"
    assert used.stderr.endswith("AttributeError: 'LogisticRegression' object has no attribute 'multi_class'\n")


def test_each_task_is_registered_with_its_image_and_its_size():
    def entries(resources) -> list[str]:
        return [entry.value for entry in resources]

    graph = compiled(workflow.audited_comparison, IMAGES)
    containers = {name.rpartition(".")[2]: task.container for name, task in graph.tasks.items()}
    small = (["500m", "400Mi"], ["1", "800Mi"])
    found = {
        name: (container.image, entries(container.resources.requests), entries(container.resources.limits))
        for name, container in containers.items()
    }
    wanted = {
        "get_data": (IMAGES["default"], *small),
        "train_old": (IMAGES["old"], *small),
        "train_current": (IMAGES["default"], *small),
        "draw": (IMAGES["default"], *small),
        "checksum": (IMAGES["checksum"], ["100m", "16Mi"], ["500m", "32Mi"]),
    }
    assert {name: found[name] for name in wanted} == wanted


def test_both_tasks_that_train_are_alike_but_for_the_image():
    tasks = compiled(workflow.compare_releases, IMAGES).tasks
    old, current = (tasks[f"containerization_lesson.workflow.train_{which}"].container for which in ("old", "current"))
    assert {entry.key: entry.value for entry in old.env}["OMP_NUM_THREADS"] == "1"
    assert list(old.env) == list(current.env)
    assert old.resources == current.resources


def test_the_name_of_an_image_is_not_filled_in_where_a_call_overrides_it():
    @flyte_workflow
    def overridden():
        workflow.get_data(random_state=1).with_overrides(container_image=workflow.OLD)

    (node,) = compiled(overridden, IMAGES).workflow.nodes
    assert node.task_node.overrides.container_image == workflow.OLD


def test_flytes_local_executor_ignores_images():
    compared = workflow.compare_releases()
    assert (compared.old_release, compared.current_release) == ("1.9.1", "1.9.1")


def test_the_task_without_python_is_refused_outside_of_the_image_tier(request, lesson, tmp_path):
    run = Run.start(lesson, "containerization_lesson.workflow:audited_comparison", tmp_path, "make test", {})
    with pytest.raises(Unsupported, match=r"checksum is a container without Python, .*: make test-image"):
        run_in_processes(run, workflow.audited_comparison, {}, request.config.getoption("images"))


def test_the_picture_shows_every_count_and_what_was_named_wrong():
    counts = [[[number, 0, 0], [0, number + 1, 1], [0, 0, number + 2]] for number in (10, 20, 30, 40)]
    outcomes = [
        workflow.Outcome("1.3.2", 145, 0.5, 0.25, counts[0], counts[1]),
        workflow.Outcome("<1.9>", 3672, 0.75, 1.0, counts[2], counts[3]),
    ]
    svg = ElementTree.fromstring(side_by_side(outcomes).partition("</p>")[2])  # noqa: S314  (a picture of our own)
    texts = ["".join(element.itertext()) for element in svg.findall(".//{*}text")]
    assert {"scikit-learn 1.3.2, 145 iterations", "scikit-learn <1.9>, 3,672 iterations"} <= set(texts)
    assert {"training: 0.5000", "test: 0.2500", "training: 0.7500", "test: 1.0000"} <= set(texts)
    assert [int(words) for words in texts if words.isdigit()] == [
        count for matrix in counts for row in matrix for count in row
    ]
    colours = [element.get("fill") for element in svg.findall(".//{*}rect")]
    assert [colours.count(colour) for colour in (RIGHT_COLOUR, WRONG_COLOUR, EMPTY_COLOUR)] == [12, 4, 20]
    assert not [element for element in svg.iter() if "href" in element.attrib or "src" in element.attrib]
