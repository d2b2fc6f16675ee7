"""Exercise 2: a third case of the branch holds a candidate that is better and not calibrated."""

import sys
from pathlib import Path

import pytest
from penguin_pipeline import workflow
from penguin_pipeline.events import Survey

from runner.graph.compiled import compiled

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from nights import decisions, names, outcomes

IMAGES = {name: f"registry.example/{name}:1" for name in ("default", "quality", "training")}
FILE = "held/2026-11-02.npz"


@pytest.fixture
def run(recorded, tmp_path):
    """Runs a night that is quick."""

    def run(**inputs):
        return recorded(workflow.nightly, n_epochs=20, store=str(tmp_path), **inputs)

    return run


def test_begun():
    tasks = {name.rpartition(".")[2] for name in compiled(workflow.nightly, IMAGES).tasks}
    assert "hold" in tasks, "no task of the workflow is called hold"


def test_better_and_not_calibrated(run, tmp_path):
    night = run(rates=[0.003])
    assert night.record.status == "succeeded", f"the night fails: {night.record.error}"
    assert "hold" in outcomes(night), f"the verdict is {night.record.outputs['verdict']!r}, and hold does not run"
    assert night.record.outputs["promoted"] is False, "a candidate that is held is not promoted"
    assert FILE in names(tmp_path), f"the store has no {FILE}, only {', '.join(sorted(names(tmp_path)))}"
    assert "in_use.json" not in names(tmp_path), "a candidate that is held must not be in use"
    (found,) = decisions(tmp_path) or [{}]
    assert found.get("decision") == "held", f"the decision in the store is {found.get('decision')!r}, not 'held'"


def test_the_other_cases(run, tmp_path):
    first = run(rates=[0.3])
    found = [name for name in ("promote", "hold", "keep") if name in outcomes(first)]
    assert found == ["promote"], f"a better and calibrated candidate leads to {', '.join(found)}, not to promote"
    worse = run(rates=[0.3], survey=Survey.mislabelled)
    found = [name for name in ("promote", "hold", "keep") if name in outcomes(worse)]
    verdict = worse.record.outputs["verdict"]
    assert found == ["keep"], f"a candidate that is {verdict} leads to {', '.join(found)}, not to keep"
