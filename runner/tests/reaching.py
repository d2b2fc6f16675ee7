"""Reaching for the stand-in of a cluster, with short pauses, over a way that can be cut."""

import pytest
from admin.proxy import Proxy

from runner.cluster import connection, follow, outage
from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError


def line() -> str:
    """What comes of reaching for the cluster in hand, which must fail: one line."""
    with pytest.raises(ClusterError) as error:
        Cluster.in_hand()
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 500
    return text


@pytest.fixture
def quick(monkeypatch):
    """Pauses are short; what bounds a success is not."""
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(outage, "OUTAGE_SECONDS", 60)
    monkeypatch.setattr(outage, "PAUSE_SECONDS", 0.02)


@pytest.fixture
def impatient(quick, monkeypatch):
    """A cluster that does not answer is given up soon: for tests that end without an answer."""
    monkeypatch.setattr(connection, "CALL_SECONDS", 2)
    monkeypatch.setattr(outage, "OUTAGE_SECONDS", 3)


@pytest.fixture
def proxy(service, monkeypatch):
    """The way to the service, which can be cut."""
    proxy = Proxy(service.port)
    monkeypatch.setenv("FLYTE_PLATFORM_URL", f"localhost:{proxy.port}")
    yield proxy
    proxy.stop()
