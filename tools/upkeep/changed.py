"""`make changed`: the tests and the images that a git diff affects, for people and for a CI matrix.

docker-bake.hcl says what each image is made from; `docker buildx bake --print` reads it without a daemon.
"""

import json
import os
import shutil

from tools.core import git
from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.reporting import table
from tools.images.bake import bake_plan
from tools.images.sources import files_of
from tools.lessons import catalog
from tools.lessons.bases import BASES
from tools.lessons.catalog import Project
from tools.lessons.shared_files import shared_files
from tools.upkeep import since

Found = dict[str, set[str]]

# The suites of tests that belong to no lesson, and what the names of the files begin with that affect them. The tools
# read the runner's records. What else flyte-2 tests, lessons that it moves to Flyte 2, it tests every night.
OF_SUITES = {
    "tools": (
        "tools/",
        "sandbox/",
        ".ci/",
        ".github/",
        ".devcontainer/",
        "Makefile",
        "docker-bake.",
        "pyproject.toml",
        "runner/runner/records/",
    ),
    "runner": ("runner/", "shared/", "images/sklearn/requirements"),
    "shared": ("shared/", "images/sklearn/requirements"),
    "flyte-2": ("docs/flyte-2", "shared/workshop/penguins."),
}
# Of pages, only these count: those that a lesson's tests read, and the one that is a suite of its own.
OF_PAGES = ("projects/", "docs/flyte-2.md")
# What runs a lesson on every tier. The runner's own tests run no lesson.
OF_ALL_LESSONS = ("runner/runner/", "runner/pyproject.toml", "shared/pyproject.toml")
# What tests an image and is not in it.
OF_ALL_IMAGE_TESTS = ("images/tests/", "runner/image_tests/")


def of_images(files: set[str], projects: list[Project], shared: dict[str, set[str]]) -> Found:
    """The images that `files` affect, each with the files that do; those that lessons build on too."""
    if not shutil.which("docker"):
        raise Stop("docker is not on PATH; install Docker with buildx, which reads docker-bake.hcl")
    # Which modules of the shared package count depends on the lesson.
    of_target = files_of(bake_plan([]), {file for file in files if not file.startswith("shared/")})
    found = {name: of_target(name) for name in BASES}
    for project in projects:
        own = {f"projects/{project.name}/lesson.toml"} & files
        for key, image in project.lesson.images.items():
            name = project.image_name(key)
            found[name] = of_target(name) | own | (shared[project.name] if image.lock else set())
    return found


def of_tests(files: set[str], projects: list[Project], shared: dict[str, set[str]]) -> Found:
    """The suites of tests that `files` affect, by the name that `make test PROJECT=…` takes."""
    counting = {file for file in files if not file.endswith(".md") or file.startswith(OF_PAGES)}
    found = {name: {file for file in counting if file.startswith(starts)} for name, starts in OF_SUITES.items()}
    of_all = {file for file in counting if file.startswith(OF_ALL_LESSONS)}
    for project in projects:
        own = {file for file in counting if file.startswith(f"projects/{project.name}/")}
        found[project.name] = of_all | own | shared[project.name]
    return found


def imported(project: Project, files: set[str]) -> set[str]:
    """Those of `files`, all of the shared package, that a lesson imports."""
    return {str(file.relative_to(ROOT)) for file in shared_files(project)} & files if files else set()


def affected(files: set[str]) -> tuple[Found, Found, Found]:
    """The tests, the tests in images, and the images that `files` affect, each by name with the files that do."""
    projects = catalog.every()
    of_shared = {file for file in files if file.startswith("shared/")}
    shared = {project.name: imported(project, of_shared) for project in projects}
    tests, images = of_tests(files, projects, shared), of_images(files, projects, shared)
    of_all = {file for file in files if file.startswith(OF_ALL_IMAGE_TESTS)}
    in_images = {
        project.name: of_all.union(tests[project.name], *(images[name] for name in project.image_names))
        for project in projects
    }
    return without_empty(tests), without_empty(in_images), without_empty(images)


def without_empty(found: Found) -> Found:
    return {name: files for name, files in found.items() if files}


def because(files: set[str]) -> str:
    first, *others = sorted(files)
    return f"{first} and {len(others)} more" if others else first


def removed(files: set[str]) -> list[str]:
    """The lessons whose files are among `files` and whose folders are gone."""
    names = {file.split("/")[1] for file in files if file.startswith("projects/")}
    return sorted(name for name in names if not (ROOT / "projects" / name).exists())


def changed() -> None:
    """Prints which tests and images the changes since SINCE affect, and why; FORMAT=json: one line of JSON."""
    form = os.environ.get("FORMAT") or "text"
    if form not in ("text", "json"):
        raise Stop(f"FORMAT must be text or json, not {form!r}")
    start = since.base()
    files, uncommitted = git.changed_files(start)
    tests, image_tests, images = affected(files)
    if form == "json":
        print(json.dumps({"tests": list(tests), "image_tests": list(image_tests), "images": list(images)}))
        return
    told = f", {len(uncommitted)} of them not committed" if uncommitted else ""
    print(f"files changed since {start[:12]}: {len(files)}{told}")
    for name in removed(files):
        print(f"projects/{name} is gone: nothing of it is left to test")
    kinds = (("test", tests), ("test in images", image_tests), ("image", images))
    rows = [(kind, name, because(why)) for kind, found in kinds for name, why in found.items()]
    print(table(("what", "name", "because of"), rows) if rows else "no test and no image is affected")
