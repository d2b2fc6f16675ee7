"""Tests the lesson's figures on its own SQLite file and what its README says about them."""

import tempfile

import pytest
from running import IMAGES, INJECTION, start
from sklearn.linear_model import LinearRegression
from sql_lesson import database, workflow
from workshop import penguins

from runner.graph.compiled import compiled


def test_case(case, check):
    check(case)


def test_the_line_through_the_groups_is_the_line_through_all_penguins():
    data = penguins.load().query("species == 'Gentoo' and year < 2009").dropna(subset=["body_mass_g"])
    line = LinearRegression().fit(data[["flipper_length_mm"]], data["body_mass_g"])
    growth = workflow.mass_per_length()
    assert growth.penguins == len(data) > growth.rows_read
    assert growth.grams_per_mm == pytest.approx(line.coef_[0], rel=1e-9)


@pytest.mark.parametrize("inputs", [{"species": INJECTION}, {"year": 2007}, {"year": 2010}])
def test_no_penguins_are_refused(inputs):
    with pytest.raises(ValueError, match="no penguins"):
        workflow.mass_per_length(**inputs)


def test_the_sample_is_made_where_the_task_runs_and_goes_with_it(tmp_path):
    graph = compiled(workflow.mass_per_length, IMAGES)
    assert {task.custom["uri"] for task in graph.tasks.values() if task.type == "sqlalchemy"} == {database.SAMPLE}
    assert tempfile.gettempdir() not in str(graph)

    code = "from sql_lesson import database; print(database.sample_file().read_bytes()[:15])"
    done = start("-c", code, TMPDIR=str(tmp_path))
    assert done.stdout == "b'SQLite format 3'\n", done.stderr
    assert not list(tmp_path.rglob("penguins.db"))


def test_every_task_runs_in_the_lessons_image():
    tasks = compiled(workflow.mass_per_length, IMAGES).tasks.values()
    assert {task.container.image for task in tasks} == {"registry.example/sql:1"}
    assert {entry.value for task in tasks for entry in task.container.resources.limits} == {"1", "800Mi"}
