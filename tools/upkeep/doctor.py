"""`make doctor`: what this machine has and lacks, for each tier."""

import os
import platform
import shutil
import subprocess
import sys

from tools.core.commands import output_of
from tools.core.paths import ROOT, UV
from tools.core.reporting import table
from tools.core.requirement import Check, enough
from tools.core.variables import clean_environment
from tools.environments.environment import PYTHON_VERSION, Environment
from tools.environments.known import DEV, RUNNER_TESTS
from tools.images.bake import BUILD_DISK_MB
from tools.images.engine import docker_problem
from tools.lessons import catalog
from tools.sandbox.preflight import cluster_checks


def free_mb() -> int:
    return shutil.disk_usage(ROOT).free // 1_000_000


def memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000


def python_check() -> Check:
    command = [UV, "python", "find", "--no-project", PYTHON_VERSION]
    answer = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
    found = answer.stdout.strip() or "not on this machine; uv downloads it with the first environment"
    return Check("local", f"Python {PYTHON_VERSION}", found)


def environment_check(environment: Environment) -> Check:
    found = "ready, works offline" if environment.is_made() else "not made yet; make setup makes it"
    return Check("local", f"environment of {environment.name}", found)


def local_checks() -> list[Check]:
    projects = catalog.every()
    environments = [*(environment for project in projects for environment in project.environments), RUNNER_TESTS, DEV]
    # As if they shared nothing: what uv links from its cache takes no room twice, where that is on the same disk.
    disk = sum(environment.disk_mb for environment in environments if not environment.is_made())
    one = max(environment.disk_mb for environment in environments)
    memory = max(project.lesson.needs.memory_mb for project in projects)
    return [
        Check("local", "make's Python", f"{platform.python_version()} ({sys.executable})"),
        python_check(),
        Check("local", "git", shutil.which("git") or "not on PATH", "" if shutil.which("git") else "install git"),
        enough("local", "disk for all lessons", free_mb(), disk + 100, f"free some; one lesson alone needs {one} MB"),
        enough("local", "memory", memory_mb(), memory, "run the lessons on a larger machine"),
        *map(environment_check, environments),
    ]


def image_checks() -> list[Check]:
    problem, versions = docker_problem(), "engine {{.Server.Version}}, client {{.Client.Version}}"
    found = "missing" if problem else output_of("docker", "version", "--format", versions)
    return [
        Check("image", "Docker with buildx", found, problem),
        enough("image", "disk", free_mb(), BUILD_DISK_MB, "free some; docker system prune frees what Docker keeps"),
    ]


def doctor() -> int:
    """Prints what each tier needs; exit status 1 when the local tier lacks something."""
    checks = [*local_checks(), *image_checks(), *cluster_checks()]
    rows = [check._replace(next_step=check.next_step or "fine") for check in checks]
    print(table(("tier", "needs", "found", "next step"), rows))
    return int(any(check.tier == "local" and check.next_step for check in checks))
