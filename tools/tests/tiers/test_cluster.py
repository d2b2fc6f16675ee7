"""Registering from the make targets: the commands, the cluster, and all lessons in a row."""

import json
import os
import sys

import pytest
from pretended_registry import DIGEST, tagged

from runner.command import VERBS
from tools.core.paths import OUT, ROOT
from tools.images import published
from tools.lessons import catalog
from tools.tiers import cluster, local


def test_an_image_that_is_not_there_stops_before_anything_is_done(registry, stopped, monkeypatch):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    monkeypatch.setattr(cluster, "call", lambda command: pytest.fail("something was done"))
    assert stopped(cluster.register) == (
        f"{tagged('flyte-basics')} is not in the registry, from which the cluster pulls it; "
        "push it first: make publish PROJECT=flyte-basics"
    )


@pytest.mark.parametrize(
    ("target", "variables", "verb", "words"),
    [
        (local.run, {"REMOTE": "1", "ARGS": "--test_size 0.3"}, "run", ["--test_size", "0.3"]),
        (local.recover, {"EXECUTION": "abc"}, "recover", ["abc"]),
        (cluster.watch, {"EXECUTION": "abc"}, "watch", ["abc"]),
        (cluster.abort, {"EXECUTION": "abc"}, "abort", ["abc"]),
        (cluster.activate, {}, "activate", []),
        (cluster.deactivate, {}, "deactivate", []),
        (cluster.schedules, {}, "schedules", []),
    ],
)
def test_targets_become_commands(target, variables, verb, words, monkeypatch):
    for name, value in {"PROJECT": "flyte-basics", "VERSION": "v1", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(catalog.Environment, "ensure", lambda environment: environment)
    commands = []
    monkeypatch.setattr(cluster, "call", lambda command: commands.append(command) or 0)
    assert target() == 0
    ((_, *rest),) = commands
    assert rest[:3] == ["-m", "runner", f"cluster-{verb}"]
    assert rest[2] in VERBS
    assert rest[3:] == [str(catalog.find("flyte-basics").folder), str(OUT), json.dumps({"version": "v1"}), *words]


def test_nothing_is_added_to_what_a_command_says_on_ctrl_c(monkeypatch):
    def interrupted(words):
        raise KeyboardInterrupt

    monkeypatch.setenv("PROJECT", "flyte-basics")
    monkeypatch.setattr(cluster, "runner", lambda *_: [])
    monkeypatch.setattr(cluster, "call", interrupted)
    assert cluster.follow("watch", []) == 130


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, str(ROOT / "sandbox" / "config.yaml")),
        ({"FLYTECTL_CONFIG": ""}, str(ROOT / "sandbox" / "config.yaml")),
        ({"FLYTECTL_CONFIG": "/mine.yaml"}, "/mine.yaml"),
        ({"FLYTE_PLATFORM_URL": "flyte.example"}, None),
    ],
)
def test_the_cluster_is_the_one_that_is_named_or_the_sandbox(variables, told, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cluster, "runner", lambda *_: [])
    monkeypatch.setattr(cluster, "call", lambda command: 0)
    assert cluster.do("abort", catalog.find("flyte-basics")) == 0
    assert os.environ.get("FLYTECTL_CONFIG") == told


def test_a_lessons_cases_are_run_in_the_version_that_was_registered(monkeypatch, registry):
    registry[tagged("flyte-basics")] = DIGEST
    for name, value in {"PROJECT": "flyte-basics", "VERSION": "v1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(catalog.Environment, "ensure", lambda environment: environment)
    done = []
    monkeypatch.setattr(cluster, "call", lambda words: done.append(words[3]) or 0)
    monkeypatch.setattr(cluster, "pytest", lambda environment, folder, *words: done.append(words) or 0)
    assert cluster.test_cluster() == 0
    verb, words = done
    assert verb == "cluster-register"
    assert verb in VERBS
    assert words[:7] == ("--tier", "cluster", "--registered", "v1", "--out", str(OUT), "-s")
    assert words[-1] == "tests"


def test_lessons_whose_images_are_not_there_are_named_at_the_end(monkeypatch, registry, stopped):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    assert stopped(cluster.test_cluster) == "cluster tests failed: flyte-basics"


@pytest.mark.parametrize("target", [cluster.watch, cluster.abort])
def test_a_missing_execution_is_one_line(target, monkeypatch, stopped):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    assert stopped(target).startswith("EXECUTION is missing: add EXECUTION=<name>")


def test_all_lessons_are_registered_past_a_failure(monkeypatch, capfd, registry):
    registry[tagged("flyte-basics")] = DIGEST
    chosen = [catalog.find(name) for name in ("map-tasks", "flyte-basics", "flyte-basics")]
    monkeypatch.setattr(catalog, "every", lambda: chosen)
    statuses = iter([2, 0])
    monkeypatch.setattr(cluster, "runner", lambda *_: [sys.executable, "-c", f"raise SystemExit({next(statuses)})"])
    assert cluster.register_all() == 1
    lines = capfd.readouterr().out.splitlines()
    assert any("make publish PROJECT=map-tasks" in line for line in lines)
    assert [" ".join(line.split()) for line in lines[-3:]] == [
        "map-tasks failed, see above",
        "flyte-basics failed, see above",
        "flyte-basics registered",
    ]


def test_code_that_is_in_no_image_is_uploaded(registry, monkeypatch):
    """The lesson's image is a base; an image of its own holds the code of any other lesson."""
    monkeypatch.setenv("FAST", "")
    registry.update({tagged("sklearn"): DIGEST, tagged("flyte-basics"): DIGEST})
    seen = []
    monkeypatch.setattr(cluster, "call", lambda command: seen.append((os.environ["FAST"], command)) or 0)
    for name in ("flyte-basics", "differences"):
        assert cluster.register_one(catalog.find(name)) == 0
    (basics, _), (differences, command) = seen
    assert (basics, differences) == ("", "1")
    facts = json.loads(command[command.index("cluster-register") + 3])
    assert facts["images"] == {"default": f"{published.REGISTRY}/sklearn@{DIGEST}"}
    assert facts["version"].endswith("-fast")
