"""Bytecode for the first run in a new environment, compiled by a second process while the run starts.

The first import of a package compiles it, on one core, and takes two thirds of the time to the first
result. A run imports flytekit first, then the lesson's own packages: compiled meanwhile, last first.
"""

import ast
import atexit
import contextlib
import subprocess
from pathlib import Path

from tools.core.variables import clean_environment
from tools.lessons.catalog import Project

# Imported by every run before the lesson's own file.
FIRST = ("flytekit", "workshop")


def imports(file: Path) -> list[str]:
    """The modules that a Python file imports at its top level, in order, without those in FIRST."""
    found: list[str] = []
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Import):
            found += [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found.append(statement.module)
    return [name for name in found if not name.startswith(FIRST)]


def compile_ahead(project: Project) -> None:
    """Starts the compilation and does not wait for it: it ends after a few seconds, or with this process."""
    modules: list[str] = []
    # The run reports what is wrong with a file that Python cannot read.
    with contextlib.suppress(SyntaxError, ValueError):
        modules = imports(project.entry_file)
    process = subprocess.Popen(
        [project.environment.python, "-c", "\n".join(f"import {module}" for module in reversed(modules))],
        cwd=project.folder,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    atexit.register(process.terminate)
