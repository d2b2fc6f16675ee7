"""What Flyte's local executor leaves out, and a run on this machine does as a cluster does."""

import os
from pathlib import Path

import differences
import pytest
from running import IMAGES

from runner.harness import walk
from runner.harness.attempts import TaskFailed


def test_a_failed_task_has_the_deck_that_it_had_made(launcher, tmp_path):
    attempts = []
    with pytest.raises(TaskFailed):
        walk.execute(differences.reported_failure, {}, tmp_path, launcher, IMAGES, attempts.append)
    deck = Path(attempts[0].deck).read_text()
    assert "until here" in deck
    assert "Source Code" not in deck


def test_an_order_without_data_between_the_tasks(outputs, tmp_path):
    outputs(differences.second_line_first, folder=str(tmp_path))
    second, first = (float((tmp_path / f"{name} line").read_text()) for name in ("second", "first"))
    assert second < first


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core runs one task at a time")
def test_independent_tasks_run_side_by_side(outputs, tmp_path):
    assert outputs(differences.meeting, folder=str(tmp_path)) == [True, True]


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core runs one member at a time")
def test_members_of_a_map_task_run_side_by_side(outputs, tmp_path):
    members = [[str(tmp_path), "a", "b"], [str(tmp_path), "b", "a"]]
    assert outputs(differences.mapped_meeting, members=members) == [[True, True]]


def test_a_secret_that_a_task_asks_for_is_a_variable_of_this_machine(outputs, monkeypatch):
    monkeypatch.setenv("PENGUINS_PASSWORD", "in no file")
    assert outputs(differences.knowing_secret) == ["in no file"]
