"""Exercise 2: a trial that the service bans fails at once."""

import pytest
from flytekit.exceptions.user import FlyteRecoverableException
from recovering_executions import workflow
from recovering_executions.service import Service


def error(service: Service, trial: int) -> Exception | None:
    """What begin raises for a trial."""
    try:
        service.begin(trial)
    except Exception as error:
        return error


@pytest.fixture
def folder(tmp_path):
    """A service that bans the trials 0 and 13, and refuses trial 2."""
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "banned").write_text("0 13\n")
    (folder / "refused").write_text("2\n")
    return folder


def test_begun(folder):
    assert error(Service(str(folder)), 13), "the file banned has 13, and begin(13) raises nothing"


def test_which_trials(folder):
    service = Service(str(folder))
    for trial in (1, 3):
        found = error(service, trial)
        assert not found, f"the file banned has 0 and 13, and begin({trial}) raises: {found}"
    found = error(service, 2)
    assert isinstance(found, FlyteRecoverableException), f"a refused trial must stay recoverable, not raise {found!r}"


def test_it_fails_at_once(folder, recorded):
    run = recorded(workflow.search, regularizations=[1.0], failures=[], service=str(folder))
    # After exercise 3, the task report asks the service.
    tried = [task.status for task in run.record.tasks if task.name in ("run_trial", "report")]
    found = [status for status in tried if status != "succeeded"]
    assert run.record.status == "failed", "the run of a banned trial must fail"
    assert len(found) == 1, f"Flyte made {len(found)} attempts of a banned trial: raise a fatal error"
    expected, found = "the service bans trial 0", run.record.error
    assert expected in found, f"the error must say {expected!r}; it is: {found}"


def test_without_files(tmp_path):
    found = error(Service(str(tmp_path)), 1)
    assert not found, f"without a file banned, no trial is banned; begin(1) raises: {found}"
