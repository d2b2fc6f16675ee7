"""`make new-project NAME=x`: a new lesson from tools/template, with the pins and the image of the first lesson."""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from tools.core.errors import Stop
from tools.core.exclusive import exclusively
from tools.core.files import write
from tools.core.paths import PROJECTS, ROOT
from tools.environments.pins import pins
from tools.lessons import catalog
from tools.upkeep import derived

TEMPLATE = ROOT / "tools" / "template"
MODEL = "flyte-basics"
FROM_MODEL = ("Dockerfile", ".dockerignore", "requirements.in", "requirements.txt")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 63  # characters of a name that Kubernetes and image registries take


def new_project() -> None:
    """Makes projects/NAME, complete in itself: it runs, tests and builds at once."""
    with exclusively("new-project"):  # two at once would have the same order, or the same name
        name = os.environ.get("NAME", "")
        need_free(name)
        package = package_name(name)
        need_unknown(package, name)
        derived.stale()  # raises Stop where the README cannot take one more lesson
        order = max(project.lesson.order for project in catalog.every()) + 1
        with tempfile.TemporaryDirectory(dir=PROJECTS, prefix=".new-") as folder:
            fill(Path(folder) / name, name, package, order)
            appear(Path(folder) / name, PROJECTS / name)
    print(f"projects/{name} is ready: make run PROJECT={name}; the code is in projects/{name}/{package}/workflow.py")


def need_free(name: str) -> None:
    """Raises Stop where a name is none for a lesson, or is taken."""
    if not NAME.fullmatch(name):
        raise Stop(f"NAME={name!r} cannot name a lesson: lower-case words joined by hyphens, as in NAME=my-lesson")
    if len(name) > LONGEST:
        raise Stop(f"NAME={name!r} has {len(name)} characters; a lesson's name has at most {LONGEST}")
    if name in {*catalog.BAKE_TARGETS, *catalog.SUITES, *catalog.ALONE}:
        raise Stop(f"NAME={name!r} already names a target of docker-bake.hcl or a suite of tests; choose another NAME")
    if (PROJECTS / name).exists():
        raise Stop(f"projects/{name} is there already; choose another NAME")
    for project in catalog.every():
        if name in project.image_names:
            raise Stop(f"NAME={name!r} is what projects/{project.name} calls an image; choose another NAME")


def appear(made: Path, place: Path) -> None:
    """Moves a lesson that is made to its place, with all that is derived from it; all or nothing."""
    before = {file: derived.text(file) for file in derived.DERIVED}
    try:
        made.rename(place)
        derived.write()
    except BaseException:
        # What is left of a lesson would stop every other target.
        shutil.rmtree(place, ignore_errors=True)
        for file, text in before.items():
            write(file, text)
        raise


def package_name(name: str) -> str:
    """An importable name that is unique in the repository; ray or sql alone would hide another package."""
    package = name.replace("-", "_")
    taken = {project.package for project in catalog.every()}
    return f"{package}_lesson" if "_" not in package or package in taken else package


def need_unknown(package: str, name: str) -> None:
    """Raises Stop where a lesson's package would hide another package, of Python or of a lock, from its importers."""
    pinned = {pin.replace("-", "_") for file in PROJECTS.glob("*/requirements*.txt") for pin, _ in pins(file)}
    installed = {
        path.name.partition(".")[0]
        for environment in catalog.find(MODEL).environments
        if environment.is_made()
        for path in environment.site_packages.iterdir()
    }
    if package in pinned | installed | sys.stdlib_module_names | {"runner", "workshop", "tools"}:
        raise Stop(f"NAME={name!r} would hide the package {package} from the lessons; choose another NAME")


def fill(folder: Path, name: str, package: str, order: int) -> None:
    """Writes the lesson's files into `folder`."""
    title = name.replace("-", " ").capitalize()
    model = catalog.find(MODEL)
    words = {
        "New lesson": title,
        "new-lesson": name,
        "new_lesson": package,
        model.package: package,
        model.name: name,
        "order = 1\n": f"order = {order}\n",
    }
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FROM_MODEL:
        shutil.copy(model.folder / file, folder / file)
    (folder / "new_lesson").rename(folder / package)
    (folder / "tests" / "test_new_lesson.py").rename(folder / "tests" / f"test_{package}.py")
    # In one pass, so that no replacement is replaced again.
    any_word = re.compile("|".join(map(re.escape, words)))
    for file in (path for path in folder.rglob("*") if path.is_file()):
        text = any_word.sub(lambda match: words[match[0]], file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
