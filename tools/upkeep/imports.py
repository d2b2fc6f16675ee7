"""Which room of the repository may import which: the contract of `make lint`, kept by import-linter.

The contract is written here and not in a file of settings: it holds for every lesson, and a new lesson changes
nothing.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from tools.core.paths import ROOT, RUNNER, SHARED
from tools.core.variables import clean_environment
from tools.environments.known import DEV
from tools.lessons import catalog

# Within a room, a folder imports only from those after it.
RUNNER_LAYERS = """
    __main__
    exercises
    testing
    postgres
    cluster
    local
    harness
    typecheck
    records
    graph
    command
    lesson
    entry_point
    terminal
    traces
    errors
"""
TOOLS_LAYERS = """
    __main__ | bootstrap
    upkeep
    site
    lineage
    sandbox
    tiers
    images
    lessons
    environments
    core
"""


def contracts(lessons: list[str]) -> dict[str, str]:
    """The contracts by name, as import-linter reads them; `lessons` are the packages of the lessons."""
    names = " ".join(lessons).replace(" ", "\n    ")
    of_tools = [line.split()[0] for line in TOOLS_LAYERS.strip().splitlines() if line.strip() != "lineage"]
    without_lineage = "\n    ".join(f"tools.{name}" for name in [*of_tools, "bootstrap"])
    of_records = ("records", "lesson", "entry_point", "terminal", "traces", "errors")
    of_runner = [name for name in RUNNER_LAYERS.split() if name not in of_records]
    not_records = "\n    ".join(f"runner.{name}" for name in of_runner)
    layers = "type = layers\nexhaustive = true\ncontainers = {}\nlayers ={}"
    forbidden = "type = forbidden\nsource_modules =\n    {}\nforbidden_modules =\n    {}"
    return {
        "runner: a folder imports only from those after it": layers.format("runner", RUNNER_LAYERS),
        "tools: a folder imports only from those after it": layers.format("tools", TOOLS_LAYERS)
        + "exhaustive_ignores =\n    registry_tests",
        "tools start processes and import neither runner nor shared package": forbidden.format(
            without_lineage, "runner\n    workshop"
        ),
        "lineage reads records and nothing else of the runner": forbidden.format(
            "tools.lineage", f"{not_records}\n    workshop"
        ),
        "the shared package imports nothing of this repository": forbidden.format(
            "workshop", f"runner\n    tools\n    {names}"
        ),
        "the runner imports no tool and no lesson": forbidden.format("runner", f"tools\n    {names}"),
        "a lesson imports the shared package only": forbidden.format(names, "runner\n    tools"),
        "no lesson imports another lesson": f"type = independence\nmodules =\n    {names}",
        "there is no circle": f"type = acyclic_siblings\nancestors =\n    runner\n    tools\n    workshop\n    {names}",
    }


def settings(lessons: list[str]) -> str:
    """The contracts as a file that import-linter reads."""
    packages = "\n    ".join(["runner", "tools", "workshop", *lessons])
    parts = [f"[importlinter]\nroot_packages =\n    {packages}\n"]
    for number, (name, text) in enumerate(contracts(lessons).items()):
        parts.append(f"[importlinter:contract:{number}]\nname = {name}\n{text}\n")
    return "\n".join(parts)


def follow_contract() -> bool:
    """Whether every import keeps the contract; prints the imports that break it."""
    projects = catalog.every()
    folders = [ROOT, RUNNER, SHARED, *(project.folder for project in projects)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "importlinter.ini"
        file.write_text(settings([project.package for project in projects]), encoding="utf-8")
        command = [DEV.ensure().folder / "bin" / "lint-imports", file, "--no-cache"]
        path = {"PYTHONPATH": os.pathsep.join(map(str, folders))}
        answer = subprocess.run(command, cwd=ROOT, env=clean_environment() | path, capture_output=True, text=True)
    if answer.returncode:
        print((answer.stdout + answer.stderr).strip(), flush=True)
    return answer.returncode == 0
