"""What goes wrong on the way to a cluster: one clear line each, in time, with the next step."""

import socket
import sys
import webbrowser

import grpc
import pytest
from admin import plays
from admin.proxy import Proxy
from admin.refusals import Refusal
from admin.service import Service
from admin.trust import certificate
from running import HERE
from workshop.cluster import connection, follow
from workshop.cluster.connection import Cluster
from workshop.cluster.errors import ClusterError, NoAnswer
from workshop.cluster.register import register
from workshop.cluster.start import start
from workshop.lesson import Lesson, workflow
from workshop.runs import Run

IMAGES = {"default": f"localhost:30000/example@sha256:{64 * 'a'}"}


def line() -> str:
    """What comes of reaching for the cluster in hand, which must fail: one line."""
    with pytest.raises(ClusterError) as error:
        Cluster.in_hand()
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 500
    return text


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(connection, "CALL_SECONDS", 2)
    monkeypatch.setattr(connection, "WHOLE_SECONDS", 10)
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(follow, "OUTAGE_SECONDS", 0.5)


@pytest.fixture
def proxy(service, monkeypatch):
    """The way to the service, which can be cut."""
    proxy = Proxy(service.port)
    monkeypatch.setenv("FLYTE_PLATFORM_URL", f"localhost:{proxy.port}")
    yield proxy
    proxy.stop()


@pytest.fixture
def lesson(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(HERE / "example"), *sys.path])
    return Lesson.read(HERE / "example")


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
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("FLYTE_PLATFORM_URL", f"localhost:{port}")
    assert line().startswith(
        f"the cluster at localhost:{port} was not reached: nothing listens there; start a sandbox (make sandbox-up), "
        "or name your cluster by FLYTECTL_CONFIG"
    )


def test_no_such_host(service, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_URL", "cluster.invalid:443")
    assert "there is no such host" in line()


def test_another_service_on_the_port(service, monkeypatch):
    monkeypatch.setenv("FLYTE_PLATFORM_URL", f"localhost:{service.files.server.server_port}")
    assert "it is something else than Flyte's admin service; check the port" in line()


def test_a_slow_one(service):
    service.slow = 5
    assert line() == (f"the cluster at {service.endpoint} did not answer within 2 s; try again, or check its health")


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


@pytest.fixture
def token(service, monkeypatch, tmp_path):
    """Names what the command for tokens in the configuration prints."""
    service.token = "today's"  # noqa: S105
    monkeypatch.delenv("FLYTE_PLATFORM_URL")
    monkeypatch.delenv("FLYTE_PLATFORM_INSECURE")
    file = tmp_path / "config.yaml"
    monkeypatch.setenv("FLYTECTL_CONFIG", str(file))

    def token(command: str) -> None:
        admin = f"endpoint: dns:///{service.endpoint}\n  insecure: true\n  authType: ExternalCommand"
        file.write_text(f"admin:\n  {admin}\n  command: {command}\n")

    return token


def test_a_token_that_is_good(token):
    token("""[echo, "today's"]""")
    assert Cluster.in_hand().project == "flytesnacks"


def test_a_token_that_has_expired(token, service):
    token("""[echo, "yesterday's"]""")
    assert line() == (
        f"the cluster at {service.endpoint}: it refuses your credentials, or they have expired; log in again, and "
        "check admin.authType in the configuration (token parse error [JWT_VERIFICATION_FAILED] token is expired)"
    )


def test_a_command_for_tokens_that_fails(token):
    token("[sh, -c, 'echo no network >&2; exit 3']")
    found = line()
    assert "it refuses your credentials" in found
    assert "no network" in found


def test_a_login_that_nobody_completes_ends(service, monkeypatch, capsys):
    service.token = "today's"  # noqa: S105
    monkeypatch.setattr(webbrowser, "open_new_tab", lambda address: True)
    monkeypatch.setattr(connection, "WHOLE_SECONDS", 2)
    monkeypatch.setattr(connection, "PATIENCE_SECONDS", 1)
    assert (
        line() == f"the cluster at {service.endpoint}: a login, an upload or a call did not end within 2 s; try again"
    )
    assert capsys.readouterr().out.startswith(f"waiting for the cluster at {service.endpoint}, 2 s at most: for ")


def test_an_unknown_project(service, monkeypatch):
    monkeypatch.setenv("FLYTE_PROJECT", "nowhere")
    assert line() == (
        f"the cluster at {service.endpoint} has no project 'nowhere', only flytesnacks; name one by FLYTE_PROJECT, "
        "or: flytectl create project --id nowhere --name nowhere"
    )


def test_an_unknown_domain(service, monkeypatch):
    monkeypatch.setenv("DOMAIN", "nowhere")
    assert line() == (
        f"the cluster at {service.endpoint} has no domain 'nowhere', only development, staging, production; "
        "name one by DOMAIN"
    )


def test_projects_come_in_pages(service, monkeypatch):
    service.admin.largest_page = 2
    service.admin.projects |= {f"project-{number}": ("development",) for number in range(5)}
    monkeypatch.setenv("FLYTE_PROJECT", "project-4")
    assert Cluster.in_hand().project == "project-4"


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
    def fault(name):
        raise Refusal(code, "sorry")

    service.fault = fault
    assert words in line()


def test_a_configuration_that_is_not_there(service, monkeypatch, tmp_path):
    monkeypatch.setenv("FLYTECTL_CONFIG", str(tmp_path / "nowhere.yaml"))
    assert line() == f"FLYTECTL_CONFIG names {tmp_path / 'nowhere.yaml'}, and there is no such file"


@pytest.mark.parametrize("text", ["admin: [", "just words", "- a\n- b\n"])
def test_a_configuration_that_is_none(service, monkeypatch, tmp_path, text):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    monkeypatch.delenv("FLYTE_PLATFORM_URL")
    monkeypatch.setenv("FLYTECTL_CONFIG", str(file))
    assert line().startswith(f"the configuration {file} names no cluster: ")


def test_without_a_configuration_it_is_the_sandbox(service, monkeypatch):
    monkeypatch.delenv("FLYTE_PLATFORM_URL")
    monkeypatch.delenv("FLYTE_PLATFORM_INSECURE")
    assert connection.configuration().platform.endpoint == "localhost:30080"
    assert connection.configuration().platform.insecure


def test_a_connection_that_is_cut_while_registering_is_made_again(service, proxy, lesson):
    once = iter([True])

    def fault(name):
        if name == "CreateWorkflow" and next(once, False):
            proxy.cut(for_good=False)

    service.fault = fault
    done = register(Cluster.in_hand(), lesson, IMAGES, "v1")
    assert (done.new + done.unchanged) == {"task": 2, "workflow": 1, "launch plan": 1}
    assert service.calls.count("CreateWorkflow") > 1


def test_a_connection_that_is_cut_for_good_while_registering_is_one_line(service, proxy, lesson):
    service.fault = lambda name: proxy.cut() if name == "CreateWorkflow" else None
    with pytest.raises(NoAnswer) as error:
        register(Cluster.in_hand(), lesson, IMAGES, "v1")
    assert f"the cluster at localhost:{proxy.port} was not reached: the connection was closed; try again" in str(
        error.value
    )


@pytest.fixture
def running(service, proxy, lesson, tmp_path):
    """An execution of the example that has been started, and its run."""
    cluster = Cluster.in_hand()
    register(cluster, lesson, IMAGES, "v1")

    def running(play):
        service.admin.plays = lambda nodes: play
        identifier = start(cluster, lesson, workflow(lesson.entry_point), {"name": "Gentoo"}, "v1")
        run = Run.start(lesson, lesson.entry_point, tmp_path, "make run PROJECT=example REMOTE=1", {})
        run.record.execution = identifier.name
        return lambda: follow.follow(cluster, run, identifier, {})

    return running


def test_an_execution_is_started_once_though_the_connection_is_cut(service, proxy, running):
    once = iter([True])

    def fault(name):
        # After the execution was made, before the client hears of it.
        if name == "GetExecution" and next(once, False):
            proxy.cut(for_good=False)

    service.fault = fault
    running(plays.succeeding(["n0"]))
    assert len(service.admin.executions) == 1


def test_a_cut_while_watching_is_waited_out(service, proxy, running):
    cuts = iter([False, True, False, True])
    service.fault = lambda name: proxy.cut(for_good=False) if name == "GetExecution" and next(cuts, False) else None
    assert running(plays.succeeding(["n0", "n1"]))() == {}


def test_an_outage_while_watching_ends_with_how_to_come_back(service, proxy, running):
    wait = running(plays.hanging("n0"))
    proxy.cut()
    with pytest.raises(ClusterError) as error:
        wait()
    (key,) = service.admin.executions
    assert str(error.value).endswith(
        f"; the execution may go on: watch it again: make watch PROJECT=example EXECUTION={key[2]}; "
        f"end it: make abort PROJECT=example EXECUTION={key[2]}"
    )


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan"])
def test_a_wait_that_is_no_number_of_minutes(text, monkeypatch):
    monkeypatch.setenv("WAIT", text)
    with pytest.raises(ClusterError, match=rf"^WAIT={text} is not a number of minutes; write WAIT=90$"):
        follow.minutes()
