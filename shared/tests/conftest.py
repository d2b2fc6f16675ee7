"""What several test modules need."""

import pytest
from flytekit.core import local_cache
from running import HERE, IMAGES
from workshop.harness import walk
from workshop.harness.launchers import ProcessLauncher


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache for this test alone."""
    monkeypatch.setattr(local_cache, "CACHE_LOCATION", str(tmp_path / "cache"))
    monkeypatch.setattr(local_cache.LocalTaskCache, "_initialized", False)
    monkeypatch.setattr(local_cache.LocalTaskCache, "_cache", None, raising=False)


@pytest.fixture
def execute(tmp_path):
    """Runs a workflow by the harness, each task as a process, in the folder run/ of the test's own."""

    def execute(workflow, **inputs):
        attempts = []
        folder = tmp_path / "run"
        execution = walk.execute(workflow, inputs, folder, ProcessLauncher(HERE), IMAGES, attempts.append)
        assert attempts == execution.attempts
        return execution

    return execute
