"""Where results come from: the revision of the code, hashes of code, data and locks, versions, the machine."""

import contextlib
import platform
import subprocess
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from workshop.flow import content_hash
from workshop.locks import lock_fact

# Names of files with data that lies with the code.
DATA = ("*.csv", "*.parquet", "*.json", "*.sql")


def provenance(project: Path) -> dict[str, Any]:
    """Where a result comes from: code revision, lock, versions of the direct dependencies, machine.

    Args:
        project: the lesson's folder, with requirements.in and requirements.txt.
    """
    code = [project, Path(__file__).parent]
    return {
        "revision": git(project, "rev-parse", "HEAD"),
        "uncommitted changes": bool(git(project, "status", "--porcelain")),
        "code sha256": code_hash(*code),
        "data sha256": hash_of_files(code, *DATA),
        **{f"{place(folder, file)} sha256": content_hash(file) for folder in code for file in files_in(folder, *DATA)},
        lock_fact("requirements.txt"): content_hash(project / "requirements.txt"),
        **{lock_fact(lock.name): content_hash(lock) for lock in sorted(project.glob("requirements-*.txt"))},
        "python": platform.python_version(),
        "platform": platform.platform(),
        **versions(direct_dependencies(project / "requirements.in")),
    }


def code_hash(*folders: Path) -> str:
    """The hash of all Python files in the folders but those in hidden ones, an environment's for example."""
    return hash_of_files(folders, "*.py")


def hash_of_files(folders: Iterable[Path], *names: str) -> str:
    """The hash of all files of these names in the folders but those in hidden ones."""
    digest = sha256()
    for folder in folders:
        for file in files_in(folder, *names):
            digest.update(f"{file.relative_to(folder)}\0{content_hash(file)}\n".encode())
    return digest.hexdigest()


def files_in(folder: Path, *names: str) -> list[Path]:
    """All files of these names in a folder but those in hidden ones, in order."""
    return sorted({file for name in names for deep in ("", "[!.]*/**/") for file in folder.glob(deep + name)})


def place(folder: Path, file: Path) -> str:
    """A file in one of the folders with code by its path in the repository: shared/workshop/penguins.csv."""
    return f"{folder.parent.name}/{folder.name}/{file.relative_to(folder).as_posix()}"


def data_with_code(facts: dict[str, Any]) -> dict[str, str]:
    """The files of data that lie with the code, by path, and the hash of each; `facts` are a provenance."""
    hashes = {name.removesuffix(" sha256"): value for name, value in facts.items() if name.endswith(" sha256")}
    return {name: value for name, value in hashes.items() if "/" in name}  # the others are wholes, and locks


def same_code(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two provenances tell of the same code and data, in the same environments."""
    names = {name for name in (*one, *other) if name.endswith(" sha256")}
    return all(one.get(name) == other.get(name) for name in (*names, "python"))


def versions(names: list[str]) -> dict[str, str]:
    """The installed versions; a package that is for other platforms only is left out."""
    found = {}
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def git(folder: Path, *arguments: str) -> str | None:
    """What git prints; None outside a checkout or without git."""
    try:
        answer = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def direct_dependencies(requirements: Path) -> list[str]:
    """The names in a requirements.in whose lines read `name==version`, also in files it includes by `-r file`."""
    names: list[str] = []
    for line in (line.split("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines()):
        if line.startswith("-r "):
            names += direct_dependencies(requirements.with_name(line.removeprefix("-r ").strip()))
        elif "==" in line:
            names.append(line.split("==")[0].split("[")[0])
    return names
