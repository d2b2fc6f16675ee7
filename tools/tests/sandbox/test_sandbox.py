"""`make sandbox-up` and `make sandbox-down` as they should go; sandboxes.py says on what machine."""

import json

from sandboxes import OWN, docker, is_there, ours, within

from tools.sandbox import flytectl, operators, preflight, sandbox, settings

pytest_plugins = ["sandboxes"]


def test_it_starts_with_the_connector_off_and_the_lessons_settings(machine, capsys):
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert "the sandbox is ready: http://localhost:30080/console" in out
    assert within("sh", "-c", "ls /connector") == ""
    written = (machine / "home/.flyte/sandbox/config.yaml").read_text()
    assert written.startswith(settings.OURS)
    cpus, memory = preflight.quota()
    assert f'value: "{cpus}"' in written
    assert f'value: "{memory}M"' in written
    assert f"together CPU {cpus}, memory {memory} MB" in out
    assert set(within("ls", "/templates").split()) == {path.name for path in settings.TEMPLATES.glob("*.yaml")}


def test_your_own_kubectl_keeps_its_context(machine, monkeypatch):
    mine = machine / "mine"
    mine.write_text("current-context: production\n")
    monkeypatch.setenv("KUBECONFIG", str(mine))
    sandbox.sandbox_up()
    assert mine.read_text() == "current-context: production\n"


def test_a_second_one_says_so_and_changes_nothing(machine, capsys):
    sandbox.sandbox_up()
    before = docker("container", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", OWN).stdout
    capsys.readouterr()
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert out.startswith("the sandbox is already running\n")
    assert "giving Flyte its configuration" not in out
    assert docker("container", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", OWN).stdout == before


def test_one_that_had_ended_goes_on(machine, capsys):
    sandbox.sandbox_up()
    docker("stop", "--time", "1", OWN)
    capsys.readouterr()
    sandbox.sandbox_up()
    assert capsys.readouterr().out.startswith("the sandbox is there but exited; starting it again\n")
    assert docker("container", "inspect", "--format", "{{.State.Status}}", OWN).stdout == "running\n"


def test_one_that_flytectl_started_gets_the_settings(machine, capsys):
    (machine / "home/.flyte/sandbox").mkdir(parents=True)
    (machine / "state").mkdir()
    assert flytectl.start(preflight.KUBERNETES_PORT).wait() == 0
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert "giving Flyte its configuration" in out
    assert settings.is_applied()


def test_an_older_one_is_told(machine, monkeypatch, capsys):
    sandbox.sandbox_up()
    monkeypatch.setattr(flytectl, "IMAGE", "registry.example/flyte:next")
    sandbox.sandbox_up()
    assert f"made from {OWN}:latest; for registry.example/flyte:next: make sandbox-down" in capsys.readouterr().out


def test_operators_are_installed_before_flyte_is_told_of_them(machine, monkeypatch, capsys):
    monkeypatch.setenv("SPARK", "1")
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert out.index("installing spark-operator") < out.index("giving Flyte its configuration")
    assert "operators  spark\n" in out
    assert within("cat", "/charts/spark-operator") == (operators.ROOT / "sandbox/operators/spark.yaml").read_text()
    assert settings.is_applied()
    monkeypatch.setenv("RAY", "1")
    monkeypatch.delenv("SPARK")
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert "installing kuberay-operator" in out
    assert "installing spark-operator" not in out
    assert "operators  ray, spark\n" in out
    enabled = (machine / "home/.flyte/sandbox/config.yaml").read_text()
    assert "- spark\n" in enabled
    assert "- ray\n" in enabled


def test_the_password_of_the_sql_lesson_becomes_a_secret(machine, monkeypatch, capsys):
    monkeypatch.setenv("PENGUINS_DB_PASSWORD", "pass'word\"")
    sandbox.sandbox_up()
    assert "pass" not in capsys.readouterr().out.replace("password", "")
    secret = json.loads(within("cat", "/objects/penguins"))
    assert secret["metadata"]["namespace"] == "flytesnacks-development"
    assert secret["stringData"] == {"db_password": "pass'word\""}
    lesson = (operators.ROOT / "projects/sql/sql_lesson/database.py").read_text()
    name, key = sandbox.SECRET
    assert f'Secret(group="{name}", key="{key}"' in lesson


def test_down_removes_all_but_the_data(machine, monkeypatch, capsys):
    sandbox.sandbox_up()
    named = docker("container", "inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", OWN).stdout.split()
    unnamed = [name for name in named if name != OWN]
    assert unnamed
    capsys.readouterr()
    sandbox.sandbox_down()
    out = capsys.readouterr().out
    assert out.startswith("the sandbox is removed\n")
    assert "VOLUME=1 removes them too" in out
    assert not is_there()
    assert ours(machine) == []
    assert docker("volume", "inspect", OWN).returncode == 0
    assert all(docker("volume", "inspect", name).returncode for name in unnamed)
    monkeypatch.setenv("VOLUME", "1")
    sandbox.sandbox_down()
    assert capsys.readouterr().out == "there is no sandbox\nits executions and their data are removed\n"
    assert docker("volume", "inspect", OWN).returncode
    sandbox.sandbox_down()
    assert capsys.readouterr().out == "there is no sandbox\n"
