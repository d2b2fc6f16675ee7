"""Which cluster, project and domain, by which login, for how long: a wrong setting is reported in one clear line."""

import webbrowser

import pytest
from reaching import line

from runner.cluster import connection, follow
from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError

pytest_plugins = ["reaching"]
pytestmark = pytest.mark.usefixtures("quick")

# What the cluster takes for a good token.
TODAY = "today's"


@pytest.fixture
def token(service, monkeypatch, tmp_path):
    """Names what the command for tokens in the configuration prints."""
    service.token = TODAY
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
    service.token = TODAY
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
        "or make it, and wait a minute: flytectl create project --id nowhere --name nowhere "
        f"--admin.endpoint dns:///{service.endpoint} --admin.insecure"
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


def test_a_configuration_that_is_not_there(service, monkeypatch, tmp_path):
    monkeypatch.setenv("FLYTECTL_CONFIG", str(tmp_path / "nowhere.yaml"))
    assert line() == f"FLYTECTL_CONFIG names {tmp_path / 'nowhere.yaml'}, and there is no such file"


def test_without_a_configuration_it_is_the_sandbox(service, monkeypatch):
    monkeypatch.delenv("FLYTE_PLATFORM_URL")
    monkeypatch.delenv("FLYTE_PLATFORM_INSECURE")
    assert connection.configuration().platform.endpoint == "localhost:30080"
    assert connection.configuration().platform.insecure


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan"])
def test_a_wait_that_is_no_number_of_minutes(text, monkeypatch):
    monkeypatch.setenv("WAIT", text)
    with pytest.raises(ClusterError, match=rf"^WAIT={text} is not a number of minutes; write WAIT=90$"):
        follow.minutes()
