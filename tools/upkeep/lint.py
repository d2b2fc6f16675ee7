"""`make lint` and `make format`: style, Dockerfiles, GitHub's files, and what is derived from lesson.toml."""

import subprocess
from collections.abc import Sequence

from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.reporting import reported
from tools.core.variables import clean_environment
from tools.environments.known import DEV
from tools.environments.pins import missing_pins
from tools.upkeep import derived
from tools.upkeep.imports import follow_contract
from tools.upkeep.lock import sources


def tool(name: str, *arguments: object) -> bool:
    """Runs one of the dev tools; whether it passed. Prints what it says if it did not."""
    folder = DEV.ensure().folder
    command = [folder / "bin" / name, *arguments]
    try:
        answer = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True)
    except OSError as error:
        raise Stop(f"{name} does not start ({error.strerror}); remove {folder}, which is then made again") from None
    if answer.returncode:
        print((answer.stdout + answer.stderr).strip(), flush=True)
    return answer.returncode == 0


def dockerfiles() -> Sequence[str]:
    found = (*ROOT.glob("images/*/Dockerfile"), *ROOT.glob("projects/*/Dockerfile"))
    return [str(file.relative_to(ROOT)) for file in sorted(found)]


def of_github() -> dict[str, list[str]]:
    """GitHub's files by what check-jsonschema calls their schemas."""
    workflows = [str(file.relative_to(ROOT)) for file in sorted(ROOT.glob(".github/workflows/*.yml"))]
    forms = [str(file.relative_to(ROOT)) for file in sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.yml"))]
    return {
        "vendor.github-issue-forms": forms,
        "vendor.github-workflows": workflows,
        "custom.github-workflows-require-timeout": workflows,
        "vendor.dependabot": [".github/dependabot.yml"],
        "vendor.compose-spec": [".github/registry/compose.yaml"],
    }


def schemas() -> bool:
    """Whether its files are what GitHub reads; it ignores a key that it does not know."""
    command = ("check-jsonschema", "--builtin-schema")
    return not [schema for schema, files in of_github().items() if not tool(*command, schema, *files)]


def zizmor() -> bool:
    """Whether the strictest persona finds nothing unsafe in them."""
    # Offline, so that what passes today passes tomorrow.
    options = ("--offline", "--persona", "auditor", "--strict-collection", "--no-progress", "--quiet")
    return tool("zizmor", *options, ".github")


def stale_locks() -> list[str]:
    """What the .in files ask for and their locks lack."""
    return [
        f"{lock.relative_to(ROOT)} lacks {pin}; make lock"
        for lock in (source.with_suffix(".txt") for source in sources())
        for pin in missing_pins(lock)
    ]


def lint() -> None:
    """Checks without changing anything; names what failed."""
    passed = {
        "ruff check": tool("ruff", "check", "--quiet"),
        "ruff format": tool("ruff", "format", "--check", "--quiet"),
        "imports": follow_contract(),
        "hadolint": tool("hadolint", "--config", "images/hadolint.yaml", *dockerfiles()),
        "schemas": schemas(),
        "zizmor": zizmor(),
        "spelling": tool("typos", "--format", "brief"),
        "links": tool("python", "-m", "tools.upkeep.links"),
        "locks": not reported(stale_locks()),
        "derived files": not reported(f"{file.relative_to(ROOT)} is stale; make format" for file in derived.stale()),
    }
    failed = [name for name, ok in passed.items() if not ok]
    if failed:
        raise Stop(f"{', '.join(failed)}: see above; make format mends style and derived files")
    print(f"lint: all passed ({', '.join(passed)})")


def format_all() -> None:
    """Puts the Python code into shape and writes the derived files."""
    derived.write()
    tool("ruff", "check", "--fix-only", "--quiet")
    tool("ruff", "format", "--quiet")
