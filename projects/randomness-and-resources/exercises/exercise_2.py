"""Exercise 2: the importance of a feature, with a stream of its own for each feature."""

import os
import subprocess
import sys

import pytest
from randomness_and_resources import workflow
from workshop import penguins

# Prints the importance of each feature with three seeds. A process of its own runs it.
PRINT = """
from randomness_and_resources import workflow
from workshop import penguins

parts = workflow.split_data.task_function(seed=42)
inputs = {"forest": workflow.grow_trees.task_function(parts.train, seed=42, part=0, n_trees=20), "test": parts.test}
pairs = [(seed, feature) for seed in range(3) for feature in penguins.FEATURES]
print([workflow.importance.task_function(**inputs, seed=seed, feature=feature) for seed, feature in pairs])
"""


@pytest.fixture(scope="module")
def grown():
    """A forest and the test part."""
    parts = workflow.split_data.task_function(seed=42)
    trees = [workflow.grow_trees.task_function(parts.train, seed=42, part=part, n_trees=20) for part in range(3)]
    return workflow.join.task_function(trees).forest, parts.test


@pytest.fixture
def importance(grown):
    def importance(feature: str, seed: int = 42) -> float:
        return workflow.importance.task_function(forest=grown[0], test=grown[1], seed=seed, feature=feature)

    return importance


def test_begun():
    assert hasattr(workflow, "importance"), "workflow.py has no task importance"


def test_the_old_streams():
    found = [workflow.SPLIT, workflow.GROW, workflow.JUDGE]
    assert found == [0, 1, 2], (
        f"SPLIT, GROW and JUDGE are {found} now, not [0, 1, 2]: the forest is grown from other random numbers"
    )


def test_the_streams(importance, monkeypatch):
    drawn, generator = [], workflow.generator

    def noted(seed, *stream):
        drawn.append((feature, stream))
        return generator(seed, *stream)

    monkeypatch.setattr(workflow, "generator", noted)
    for feature in penguins.FEATURES:
        importance(feature)
    streams = dict(drawn)
    assert len(streams) == len(penguins.FEATURES), "importance must draw its random numbers from generator(seed, …)"
    old = [feature for feature, stream in drawn if stream[:1] in [(), (0,), (1,), (2,)]]
    assert not old, f"for {old[0]} importance draws from the stream {streams[old[0]]}, which another purpose has"
    assert len(set(streams.values())) == len(streams), f"features share a stream: {streams}"


def test_the_values(importance, grown):
    before = grown[1].copy()
    found = {name: sum(importance(name, seed) for seed in range(10)) / 10 for name in penguins.FEATURES}
    assert grown[1].equals(before), "importance changes the test part that it gets: shuffle a copy"
    shown = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    assert 0.2 < found["bill_length_mm"] < 0.5 and -0.05 < found["body_mass_g"] < 0.1, (
        f"on average over ten seeds the features have the importance {shown}; expected is about 0.34 for "
        "bill_length_mm and 0.02 for body_mass_g: the accuracy before minus the accuracy after"
    )


def test_repeatable(importance):
    first, second = importance("bill_length_mm"), importance("bill_length_mm")
    assert first == second, f"two calls with the same seed return {first} and {second}"


def test_repeatable_in_another_process(lesson):
    found = set()
    for salt in "12":  # Python mixes it into the hash of a text; by default, each process has another one
        environment = os.environ | {"PYTHONHASHSEED": salt}
        command = [sys.executable, "-c", PRINT]
        done = subprocess.run(command, cwd=lesson.folder, env=environment, capture_output=True, text=True)
        assert not done.returncode, f"in another process importance fails: {done.stderr.splitlines()[-1]}"
        found.add(done.stdout)
    assert len(found) == 1, (
        "with the same inputs, importance returns other values in another process; does it use hash(feature), "
        "which has another value in each process?"
    )
