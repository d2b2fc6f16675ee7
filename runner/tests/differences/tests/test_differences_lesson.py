"""Runs the cases of lesson.toml on the tier in hand; what an error does not say is looked up in the record."""

from differences_lesson import graphs

from runner.harness.calls import NON_RECOVERABLE, SUCCEEDED


def test_case(case, check):
    check(case)


def ends(run) -> dict[str, str]:
    """How each task of a run ended."""
    return {task.name: task.status for task in run.record.tasks}


def test_the_error_that_a_handler_gets_names_its_own_node(recorded):
    assert ends(recorded(graphs.handler)) == {"fails": NON_RECOVERABLE, "needs_fn0": SUCCEEDED}


def test_what_does_not_need_the_failed_task_goes_on(recorded):
    found = ends(recorded(graphs.failure_policy))
    assert found == {"fails": NON_RECOVERABLE, "passes": SUCCEEDED, "fails_later": NON_RECOVERABLE}
