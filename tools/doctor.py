"""`make doctor` and `make list`: what this machine has and lacks, and which lessons there are."""

import os
import platform
import shutil
import subprocess
import sys

from tools import lessons
from tools.environments import PYTHON_VERSION, Environment
from tools.flytectl import Check
from tools.images import BUILD_DISK_MB, docker_problem
from tools.local import DEV, SHARED_TESTS
from tools.paths import ROOT, UV
from tools.preflight import cluster_checks
from tools.reporting import table
from tools.uv import clean_environment


def free_mb() -> int:
    return shutil.disk_usage(ROOT).free // 1_000_000


def memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000


def enough(tier: str, what: str, have: int, needed: int, next_step: str) -> Check:
    found = f"{have} MB, {needed} MB needed"
    return (tier, what, found, "" if have >= needed else next_step)


def python_check() -> Check:
    command = [UV, "python", "find", "--no-project", PYTHON_VERSION]
    answer = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
    found = answer.stdout.strip() or "not on this machine; uv downloads it with the first environment"
    return ("local", f"Python {PYTHON_VERSION}", found, "")


def environment_check(environment: Environment) -> Check:
    found = "ready, works offline" if environment.is_current() else "not made yet; make setup makes it"
    return ("local", f"environment of {environment.name}", found, "")


def local_checks() -> list[Check]:
    projects = lessons.every()
    environments = [*(environment for project in projects for environment in project.environments), SHARED_TESTS, DEV]
    disk = sum(environment.disk_mb for environment in environments if not environment.is_current())
    memory = max(project.lesson.needs.memory_mb for project in projects)
    return [
        ("local", "make's Python", f"{platform.python_version()} ({sys.executable})", ""),
        python_check(),
        ("local", "git", shutil.which("git") or "not on PATH", "" if shutil.which("git") else "install git"),
        enough("local", "disk", free_mb(), disk + 100, "free some"),
        enough("local", "memory", memory_mb(), memory, "run the lessons on a larger machine"),
        *map(environment_check, environments),
    ]


def image_checks() -> list[Check]:
    problem = docker_problem()
    version = ""
    if not problem:
        command = ["docker", "version", "--format", "engine {{.Server.Version}}, client {{.Client.Version}}"]
        version = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return [
        ("image", "Docker with buildx", version or "missing", problem),
        enough("image", "disk", free_mb(), BUILD_DISK_MB, "free some; docker system prune frees what Docker keeps"),
    ]


def doctor() -> int:
    """Prints what each tier needs; exit status 1 when the local tier lacks something."""
    checks = [*local_checks(), *image_checks(), *cluster_checks()]
    print(table(("tier", "needs", "found", "next step"), [(*check[:3], check[3] or "fine") for check in checks]))
    return int(any(tier == "local" and next_step for tier, _, _, next_step in checks))


def list_lessons() -> None:
    """Prints the lessons in the order in which they are taught."""
    facts = [(project.name, project.lesson) for project in lessons.every()]
    rows = [(lesson.order, name, lesson.section, lesson.title, f"{lesson.minutes} min") for name, lesson in facts]
    print(table(("", "PROJECT", "section", "title", "takes"), rows))
