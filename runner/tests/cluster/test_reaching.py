"""A cluster that is not reached, or not the one that was meant: one clear line, in time, with the next step."""

import socket

import grpc
import pytest
from admin.refusals import refusing
from admin.service import Service
from admin.trust import certificate
from reaching import line

from runner.cluster.connection import Cluster

pytest_plugins = ["reaching"]
pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def secure(monkeypatch, tmp_path):
    """A service that speaks TLS, and the file with its certificate."""
    key, chain = certificate()
    file = tmp_path / "authority.pem"
    file.write_bytes(chain)
    service = Service((key, chain))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FLYTE_PLATFORM_URL", service.endpoint)
    yield service, file
    service.stop()


def test_nobody_listens(service, monkeypatch):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # nobody else gets the port
        port = held.getsockname()[1]
        monkeypatch.setenv("FLYTE_PLATFORM_URL", f"localhost:{port}")
        assert line().startswith(
            f"the cluster at localhost:{port} was not reached: nothing listens there; start a sandbox "
            "(make sandbox-up), or name your cluster by FLYTECTL_CONFIG"
        )


def test_no_such_host(service, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_URL", "cluster.invalid:443")
    assert "there is no such host" in line()


def test_another_service_on_the_port(service, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_URL", f"localhost:{service.files.server.server_port}")
    assert "it is something else than Flyte's admin service; check the port" in line()


@pytest.mark.parametrize(
    "details",
    [
        "unexpected error type for: dial tcp 10.0.0.7:5432: connect: connection refused",
        "failed to head object before signing url. Error: dial tcp: lookup minio: no such host",
    ],
)
def test_one_whose_database_or_store_does_not_answer(service, details):
    service.fault = refusing(grpc.StatusCode.INTERNAL, details)
    told = "reported an internal error; retry, or contact its operator"
    assert line() == f"the cluster at {service.endpoint} {told} ({details})"


@pytest.mark.usefixtures("impatient")
def test_a_slow_one(service):
    service.slow = 5
    assert line() == (f"the cluster at {service.endpoint} did not answer within 2 s; try again, or check its health")


@pytest.mark.usefixtures("impatient")
def test_one_that_takes_the_connection_and_says_nothing(proxy):
    proxy.silent = True
    assert "did not answer within 2 s" in line()


def test_tls_where_there_is_none(service, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_INSECURE", "false")
    assert "it does not speak TLS; for a cluster without: admin.insecure: true" in line()


def test_no_tls_where_there_is(secure, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_INSECURE", "true")
    assert "a cluster that speaks TLS needs admin.insecure: false" in line()


def test_a_certificate_that_is_not_trusted(secure, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_INSECURE", "false")
    assert "its certificate is not trusted here; name the authority's file" in line()


def test_a_certificate_that_is_trusted(secure, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_INSECURE", "false")
    monkeypatch.setenv("FLYTE_PLATFORM_CA_CERT_FILE_PATH", str(secure[1]))
    assert Cluster.in_hand().endpoint == secure[0].endpoint


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "does not let you: sorry; ask who runs it"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "refuses: sorry"),
        (grpc.StatusCode.INTERNAL, "refuses: sorry"),
        (grpc.StatusCode.UNAVAILABLE, "is not available; try again (sorry)"),
        (grpc.StatusCode.UNIMPLEMENTED, "it is something else than Flyte's admin service"),
    ],
)
def test_other_refusals_keep_the_clusters_words(service, code, words):
    service.fault = refusing(code, "sorry")
    assert words in line()


def test_a_long_refusal_keeps_the_next_step(service):
    service.fault = refusing(grpc.StatusCode.PERMISSION_DENIED, "sorry " * 1000)
    assert line().endswith("; ask who runs it")
