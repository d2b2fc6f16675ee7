"""`make lint` and `make format`: style, Dockerfiles, and what is derived from lesson.toml."""

import subprocess
from collections.abc import Sequence

from tools import derived
from tools.environments import missing_pins
from tools.errors import Stop
from tools.local import DEV
from tools.paths import ROOT
from tools.uv import clean_environment


def tool(name: str, *arguments: object) -> bool:
    """Runs one of the dev tools; whether it was content."""
    command = [DEV.ensure().folder / "bin" / name, *arguments]
    return subprocess.run(command, cwd=ROOT, env=clean_environment()).returncode == 0


def dockerfiles() -> Sequence[str]:
    found = (*ROOT.glob("images/*/Dockerfile"), *ROOT.glob("projects/*/Dockerfile"))
    return [str(file.relative_to(ROOT)) for file in sorted(found)]


def stale_locks() -> list[str]:
    """Prints and returns what the .in files ask for and their locks lack."""
    found = [
        f"{lock.relative_to(ROOT)} lacks {pin}; make lock"
        for folder in ("tools", "shared", "images/*", "projects/*")
        for lock in sorted(ROOT.glob(f"{folder}/*.txt"))
        for pin in missing_pins(lock)
    ]
    print("\n".join(found), end="\n" if found else "")
    return found


def lint() -> None:
    """Checks without changing anything; names what was not content."""
    content = {
        "ruff check": tool("ruff", "check", "--quiet"),
        "ruff format": tool("ruff", "format", "--check", "--quiet"),
        "hadolint": tool("hadolint", "--config", "images/hadolint.yaml", *dockerfiles()),
        "locks": not stale_locks(),
        "derived files": not derived.stale(),
    }
    unhappy = [name for name, ok in content.items() if not ok]
    if unhappy:
        raise Stop(f"{', '.join(unhappy)}: see above; make format mends style and derived files")
    print(f"lint: {', '.join(content)}: all content")


def format_all() -> None:
    """Puts the Python code into shape and writes the derived files."""
    derived.write()
    tool("ruff", "check", "--fix-only", "--quiet")
    tool("ruff", "format", "--quiet")
