"""What several test modules need."""

import pytest
from flytekit.core import local_cache


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache for this test alone."""
    monkeypatch.setattr(local_cache, "CACHE_LOCATION", str(tmp_path / "cache"))
    monkeypatch.setattr(local_cache.LocalTaskCache, "_initialized", False)
    monkeypatch.setattr(local_cache.LocalTaskCache, "_cache", None, raising=False)
