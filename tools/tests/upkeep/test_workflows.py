"""GitHub's files: what their checks refuse, and what no check of them knows."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tools.__main__ import TARGETS
from tools.core.paths import ROOT
from tools.sandbox import flytectl, preflight
from tools.upkeep import lint

GITHUB = ROOT / ".github"
WORKFLOWS = {file.name: file.read_text() for file in sorted((GITHUB / "workflows").iterdir())}
JOBS = {
    f"{file}: {name}": job for file, text in WORKFLOWS.items() for name, job in yaml.safe_load(text)["jobs"].items()
}
ACTION = re.compile(r"uses: (\S+)@([0-9a-f]{40})  # (v[0-9.]+)$", re.MULTILINE)


@pytest.fixture(params=JOBS)
def job(request):
    return JOBS[request.param]


def scripts(job: dict) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def targets(text: str) -> set[str]:
    return set(re.findall(r"\bmake ([a-z-]+)", text))


def test_a_job_has_no_more_than_it_asks_for(job):
    assert "permissions" in job


def test_a_job_says_which_release_of_a_system_it_runs_on(job):
    systems = [job["runs-on"], *job.get("strategy", {}).get("matrix", {}).get("runner", [])]
    assert not [system for system in systems if "latest" in system]


def test_every_make_target_exists(job):
    assert targets(scripts(job)) <= TARGETS.keys()


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=WORKFLOWS)
def test_there_are_no_secrets_but_githubs_own(text):
    assert set(re.findall(r"secrets\.(\w+)", text)) <= {"GITHUB_TOKEN"}


def test_an_action_has_one_pin_and_one_version_everywhere():
    pins = {match.groups() for text in WORKFLOWS.values() for match in ACTION.finditer(text)}
    assert len(pins) == len({action for action, *_ in pins})
    assert sum(text.count("uses: ") for text in WORKFLOWS.values()) == sum(
        len(ACTION.findall(text)) for text in WORKFLOWS.values()
    )


def test_flytectl_is_the_release_that_the_sandbox_asks_for(monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert flytectl.installation().partition(": ")[2] in scripts(JOBS["nightly.yml: cluster"])


def test_the_sandbox_fits_into_the_machine_of_the_nightly_run(monkeypatch):
    """A hosted runner of a public repository has 4 CPUs and 16 GB."""
    (line,) = re.findall(r"make sandbox-up(.*)", scripts(JOBS["nightly.yml: cluster"]))
    for word in line.split():
        monkeypatch.setenv(*word.split("="))
    cpus, memory = preflight.needed()
    assert (cpus <= 4, memory <= 16_000) == (True, True)


def test_the_readme_tells_of_each_workflow_and_each_target_that_they_call():
    section = (ROOT / "README.md").read_text().partition("\n## CI\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"workflows/([a-z]+\.yml)\)", section)) == WORKFLOWS.keys()
    told = targets("\n".join(re.findall(r"`make [^`]+", section)))
    assert told == set().union(*map(targets, map(scripts, JOBS.values())))


@pytest.fixture
def github(tmp_path, monkeypatch):
    """A copy of .github/ that the checks read in place of the real one."""
    monkeypatch.setattr(lint, "ROOT", tmp_path)
    return shutil.copytree(GITHUB, tmp_path / ".github")


def test_these_files_pass(github):
    assert lint.schemas()
    assert lint.zizmor()


STEP = "run: make lint"
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1"
BAD = {
    "an action by its tag": (CHECKOUT, "actions/checkout@v7", "unpinned-uses"),
    "permissions of every kind": ("permissions: {}\n", "permissions: write-all\n", "excessive-permissions"),
    "permissions by default": ("permissions: {}\n", "", "excessive-permissions"),
    "credentials left": ("persist-credentials: false", "persist-credentials: true", "artipacked"),
    "an expression in a shell": (STEP, "run: make lint ${{ github.head_ref }}", "template-injection"),
    "a secret in plain sight": (STEP, "run: make lint\n        env: {A: '${{ secrets.A }}'}", "secrets-outside-env"),
    "a trigger with the target's rights": ("  pull_request:\n", "  pull_request_target:\n", "dangerous-triggers"),
    "no limit to runs at once": ("concurrency:\n", "concurrent:\n", "concurrency-limits"),
    "half a file": ("jobs:\n", "jobs: {\n", "invalid YAML syntax"),
}


@pytest.mark.parametrize(("good", "bad", "told"), BAD.values(), ids=BAD)
def test_a_bad_workflow_is_refused(good, bad, told, github, capsys):
    edit(github / "workflows" / "ci.yml", good, bad)
    assert not lint.zizmor()
    assert told in capsys.readouterr().out


NOT_READ = [
    ("workflows/ci.yml", "  fail-fast:", "  fast-fail:", "('fast-fail' was unexpected)"),
    ("workflows/ci.yml", "    runs-on: ubuntu-24.04\n", "", "'runs-on' is a required property"),
    ("workflows/release.yml", "    timeout-minutes: 15\n", "", "'timeout-minutes' is a required property"),
    ("workflows/nightly.yml", "  schedule:", "  scheduled:", "nightly.yml::$.on: "),
    ("dependabot.yml", "directory: /\n", "directorys: /\n", "('directorys' was unexpected)"),
    ("dependabot.yml", "interval: weekly", "interval: often", "'often' is not one of"),
    ("ISSUE_TEMPLATE/lesson.yml", "  - type: dropdown", "  - type: dropdowns", "lesson.yml::$.body[1]"),
    ("registry/compose.yaml", "    ports:", "    port:", "('port' was unexpected)"),
]


def test_what_github_does_not_read_is_refused(github, capsys):
    for file, good, bad, _ in NOT_READ:
        edit(github / file, good, bad)
    assert not lint.schemas()
    said = capsys.readouterr().out
    assert [told for *_, told in NOT_READ if told not in said] == []


def test_a_key_that_stands_twice_is_refused(github, capsys):
    edit(github / "workflows" / "ci.yml", "name: CI\n", "name: a\nname: CI\n")
    assert not lint.schemas()
    assert "Failed to parse" in capsys.readouterr().out


def edit(file: Path, good: str, bad: str) -> None:
    text = file.read_text()
    assert good in text
    file.write_text(text.replace(good, bad, 1))


def dependabot(ecosystem: str) -> dict:
    settings = yaml.safe_load((GITHUB / "dependabot.yml").read_text())
    return next(update for update in settings["updates"] if update["package-ecosystem"] == ecosystem)


def test_every_lock_is_kept_up_to_date():
    """But for those that it must leave alone, each of which is there."""
    uv = dependabot("uv")
    found = {file for folder in uv["directories"] for file in ROOT.glob(f"{folder.strip('/')}/*.in")}
    assert found == {*ROOT.glob("*/*.in"), *ROOT.glob("*/*/*.in")}
    assert all(list(ROOT.glob(pattern)) for pattern in uv["exclude-paths"])
