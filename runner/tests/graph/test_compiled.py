"""The graph of a workflow: images that tasks declare by an ImageSpec, and references to what only a cluster has."""

import sys
from pathlib import Path

import cases
import condition_cases
import pytest

from runner.graph.compiled import compiled
from runner.harness.graph_facts import graph_facts
from runner.harness.origins import Level
from runner.records.graph_facts import Edge

TYPED = Path(__file__).parents[1] / "typed"


@pytest.fixture
def module(monkeypatch):
    """Returns a module of the package `well_typed`."""
    monkeypatch.syspath_prepend(TYPED)
    yield lambda name: __import__(f"well_typed.{name}", fromlist=[name])
    for name in [name for name in sys.modules if name.startswith("well_typed")]:
        del sys.modules[name]


def test_the_image_of_an_image_spec_is_named_and_not_built(module):
    """The builder of these images raises an error when it is asked whether to build."""
    accepted = module("accepted")
    tasks = compiled(accepted.image_specs, {"default": "localhost:30000/example:1"}).tasks
    images = {name.split(".")[-1]: task.container.image for name, task in tasks.items()}
    for name in ("double", "drawn", "raw"):
        found = [image for key, image in images.items() if key.startswith(name) or key.startswith(f"map_{name}")]
        assert found
        assert all(image.startswith(f"localhost:30000/{name}:") for image in found)


def test_references_are_apart_from_tasks_and_launch_plans(module):
    graph = compiled(module("unchecked").references, {"default": "localhost:30000/example:1"})
    assert set(graph.references) == {"elsewhere.double", "elsewhere.plan"}
    assert set(graph.references["elsewhere.plan"].inputs.variables) == {"number", "other"}
    assert (set(graph.tasks), graph.launch_plans) == ({"well_typed.unchecked.one"}, {})


def test_the_record_has_the_nodes_of_branches_apart_from_those_around(tmp_path):
    """flytekit numbers the cases of a branch from n0 on, as it does the nodes around it."""
    graph = compiled(cases.branching, {"default": "localhost/none:0"})
    facts = list(graph_facts(Level(graph, graph.workflow, tmp_path, tmp_path)))
    assert [(fact.id, fact.kind, fact.name, fact.parent, fact.case) for fact in facts] == [
        ("inputs", "inputs", "inputs", "", ""),
        ("outputs", "outputs", "outputs", "", ""),
        ("n0", "task", "plus", "", ""),
        ("n1", "branch", "size", "", ""),
        ("n1/n0", "task", "plus", "n1", "if plus == 2"),
        ("n1/n1", "task", "double", "n1", "if plus < 10 and x > -10"),
    ]
    edges = {fact.id: fact.needs for fact in facts}
    assert edges["n1/n1"] == [Edge("n0", "x", "int")]
    assert edges["outputs"] == [Edge("n1", "o0", "int")]


def test_the_record_has_conditions_on_parts_as_one_would_write_them(tmp_path):
    graph = compiled(condition_cases.on_several_parts, {"default": "localhost/none:0"})
    facts = graph_facts(Level(graph, graph.workflow, tmp_path, tmp_path))
    written = "if (pack.count > 5 or pack.inner.names.a < 0) and pack.inner …"
    assert [fact.case for fact in facts if fact.case] == [written, "else"]
