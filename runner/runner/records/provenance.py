"""Where results come from: the revision of the code, hashes of code, data and locks, versions, the machine."""

import contextlib
import os
import platform
import re
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

import workshop
from packaging.requirements import Requirement

from runner.lesson import Lesson
from runner.records.data import content_hash
from runner.records.record import lock_fact

SHARED = Path(workshop.__file__).parent
RUNNER = Path(__file__).parents[1]
# How a requirements.in includes another file.
INCLUDE = re.compile(r"(?:-r\s*|--requirement[=\s]\s*)(\S.*)")
# Names of files with data that lies with the code.
DATA = ("*.csv", "*.parquet", "*.json", "*.sql")


def provenance(lesson: Lesson) -> dict[str, Any]:
    """Where a result of this machine comes from: its code, and the machine with its versions.

    The runner's own version is recorded separately: another version can resume a run.
    """
    return {
        **code(lesson),
        "runner": hash_of_files(files_in(RUNNER, "*.py"))[:12],
        "python": platform.python_version(),
        "platform": platform.platform(),
        **versions(direct_dependencies(lesson.folder / "requirements.in")),
    }


def code(lesson: Lesson) -> dict[str, Any]:
    """The code, with its data and its locks: the lesson's package and what it imports of the shared package."""
    project, files = lesson.folder, code_of(lesson)
    data = [file for file in files if file.suffix != ".py"]
    revision, dash, _ = os.environ.get("CODE_REVISION", "").partition("-")
    return {
        "revision": revision or None,
        "uncommitted changes": bool(dash) if revision else None,
        "code sha256": hash_of_files(file for file in files if file.suffix == ".py"),
        "data sha256": hash_of_files(data),
        **{f"{place(file)} sha256": content_hash(file) for file in data},
        lock_fact("requirements.txt"): content_hash(project / "requirements.txt"),
        **{lock_fact(lock.name): content_hash(lock) for lock in sorted(project.glob("requirements-*.txt"))},
    }


def code_of(lesson: Lesson) -> list[Path]:
    """The files of the lesson's package, and those of the shared package that it imports, with their data."""
    own = files_in(lesson.folder / lesson.package, "*.py", *DATA)
    finder = ModuleFinder(path=[str(lesson.folder), str(SHARED.parent)])
    for file in (file for file in own if file.suffix == ".py"):
        # One that Python cannot read or import is not a fault of the record: the run says what is wrong with it.
        with contextlib.suppress(SyntaxError, ValueError, ImportError):
            finder.import_hook(
                ".".join(file.relative_to(lesson.folder).with_suffix("").parts).removesuffix(".__init__")
            )
    modules = (Path(module.__file__) for module in finder.modules.values() if module.__file__)
    shared = {
        file for module in modules if module.is_relative_to(SHARED) for file in module.parent.glob(f"{module.stem}.*")
    }
    return [*own, *sorted(shared)]


def hash_of_files(files: Iterable[Path]) -> str:
    """The hash of the names and the contents of files."""
    digest = sha256()
    for file in files:
        digest.update(f"{place(file)}\0{content_hash(file)}\n".encode())
    return digest.hexdigest()


def files_in(folder: Path, *names: str) -> list[Path]:
    """All files of these names in a folder but hidden ones, and those in hidden ones, in order."""
    found = {file for name in names for deep in ("", "[!.]*/**/") for file in folder.glob(f"{deep}[!.]{name}")}
    return sorted(found)


def place(file: Path) -> str:
    """A file by the last three parts of its path, as in shared/workshop/penguins.csv: the same on every machine."""
    return "/".join(file.parts[-3:])


def same_code(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two provenances name the same code and data, in the same environments."""
    names = {name for name in (*one, *other) if name.endswith(" sha256")}
    return all(one.get(name) == other.get(name) for name in (*names, "python"))


def versions(names: list[str]) -> dict[str, str]:
    """The installed versions; a package that is for other platforms only is left out."""
    found = {}
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def direct_dependencies(requirements: Path) -> list[str]:
    """The names of the packages in a requirements.in, and in the files that it includes."""
    names: list[str] = []
    for line in (line.split("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines()):
        if included := INCLUDE.fullmatch(line):
            names += direct_dependencies(requirements.with_name(included[1]))
        elif line and not line.startswith("-"):
            names.append(Requirement(line).name)
    return names
