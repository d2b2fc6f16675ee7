"""Virtual environments, one for each content of a lock.

An environment is found by the digest of what it was made from, and is never changed: a lock that changes has
another environment, while what runs in the old one goes on. Lessons with equal locks share one.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tools.core.disk import need_disk
from tools.core.errors import Stop
from tools.core.exclusive import exclusively
from tools.core.files import shown, text_of
from tools.core.paths import ROOT, RUNNER, SHARED, STATE
from tools.core.variables import clean_environment, python_version
from tools.environments.platforms import LINUX_X86_64, here
from tools.environments.uv import uv

PYTHON_VERSION = python_version()
FOLDER = STATE / "environments"
# What a lesson's environment holds of this repository, as editable packages.
LESSON_PACKAGES = (SHARED, RUNNER)

in_use: list[IO[str]] = []  # open files whose locks say that this process uses an environment


def offline_first(arguments: list[object], doing: str) -> None:
    """Runs uv from its cache, and only if that lacks something with the registry: the network may be down."""
    try:
        uv([*arguments, "--offline"], doing)
    except Stop:
        uv(arguments, doing)


def torch_backend(requirements: str, on_linux_x86_64: bool) -> list[object]:
    """uv's option for a lock, or its .in file, that pins a CPU build of PyTorch, which the usual index does not have.

    uv knows the index that does. Whoever names an index or a folder of wheels of their own is taken at
    their word.

    Args:
        requirements: the text of the lock or the .in file.
        on_linux_x86_64: whether the packages are for Linux on x86-64, the only platform with such a pin.
    """
    told = clean_environment().keys() & {"UV_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_TORCH_BACKEND"}
    pinned = re.search(r"^torch==\S+\+cpu", requirements, re.MULTILINE)
    return ["--torch-backend", "cpu"] if on_linux_x86_64 and pinned and not told else []


@functools.cache
def content(lock: Path) -> str:
    """The content of a lock, read once: one that changes while a target runs counts from the next target on.

    Raises:
        Stop: it is missing, no file, or no UTF-8 text.
    """
    return text_of(lock)


@dataclass(frozen=True)
class Environment:
    """A virtual environment that holds exactly what its lock says.

    Attributes:
        name: how messages call it.
        lock: a requirements file with every version and hash.
        packages: folders of packages of this repository that are installed too, editable.
        disk_mb: what it needs on disk, in units of 10^6 bytes.
    """

    name: str
    lock: Path
    packages: tuple[Path, ...] = ()
    disk_mb: int = 100

    @property
    def digest(self) -> str:
        """What the environment is made from; the repository's path too, since scripts in it name it."""
        parts = [PYTHON_VERSION, str(ROOT), content(self.lock)]
        parts += [str(folder) + content(folder / "pyproject.toml") for folder in self.packages]
        parts += [content(lock) for lock in self.added]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def added(self) -> list[Path]:
        """The locks of packages of this repository that need more than the environment's own lock has."""
        return [lock for folder in self.packages if (lock := folder / "requirements.txt").exists()]

    @property
    def folder(self) -> Path:
        return FOLDER / self.digest[:16]

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return next(self.folder.glob("lib/python3*/site-packages"))

    def is_made(self) -> bool:
        """Whether the environment is there, whole; its interpreter goes when the Python behind it is uninstalled."""
        return self.python.exists() and (self.folder / "made").exists()

    def make(self) -> "Environment":
        """Makes the environment unless it is there; returns itself. It is kept while this process lives."""
        if not self.is_made():
            with exclusively(f"environment-{self.digest[:16]}"):
                if not self.is_made():
                    self._make()
        if not any(file.name == str(self.folder / "in-use") for file in in_use):
            in_use.append(open(self.folder / "in-use", "w"))  # noqa: SIM115  (its lock holds while it is open)
            fcntl.flock(in_use[-1], fcntl.LOCK_SH)
        return self

    def ensure(self) -> "Environment":
        """The same, after a look whether the lock has all that its .in file asks for; raises Stop if not."""
        from tools.environments.pins import need_fresh  # needs a package, which set-up itself does not have

        need_fresh(self.lock)
        return self.make()

    def link(self, place: Path) -> None:
        """Makes `place` stand for the environment, wherever its digest puts it: for make, and for editors.

        A folder that is there is somebody's own environment, and stays.
        """
        if place.is_dir() and not place.is_symlink():
            print(f"{shown(place)} is a folder, so that it does not lead to the environment; to change that, move it")
            return
        new = place.with_name(f"{place.name}.{os.getpid()}")
        new.symlink_to(os.path.relpath(self.folder, place.parent))
        new.replace(place)

    def _make(self) -> None:
        named = self.lock.relative_to(ROOT)
        count = len(re.findall(r"^[^\s#][^#\s]*==", content(self.lock), re.MULTILINE))
        print(f"{self.name}: installing {count} package{'s' * (count != 1)} from {named}", flush=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        need_disk(FOLDER, self.disk_mb)
        start = time.monotonic()
        doing = f"{self.name}: its environment could not be made from {named}"
        # --clear removes what is half-made, which must not pass for made; --force: also if it is no environment.
        uv(["venv", "--clear", "--force", "--python", PYTHON_VERSION, self.folder], doing)
        # What is installed is the content that the digest is of, whatever the file says by now.
        lock = self.folder / "requirements.txt"
        lock.write_text(content(self.lock), encoding="utf-8")
        backend = torch_backend(content(self.lock), here() == LINUX_X86_64.python)
        sync = ["pip", "sync", "--python", self.python, "--require-hashes", *backend, lock]
        offline_first(sync, doing)
        for more in self.added:
            add = ["pip", "install", "--python", self.python, "--no-deps", "--require-hashes", "-r", more]
            offline_first(add, doing)
        if self.packages:
            editable = [word for folder in self.packages for word in ("--editable", folder)]
            offline_first(["pip", "install", "--python", self.python, "--no-deps", *editable], doing)
        (self.folder / "made").touch()
        print(f"{self.name}: environment ready after {time.monotonic() - start:.1f} s", flush=True)


def remove_others(wanted: Iterable[Environment]) -> None:
    """Removes every environment but these, that of the tools themselves, and those that a process uses."""
    kept = {environment.folder for environment in wanted} | {(STATE / "venv").resolve()}
    for folder in set(FOLDER.glob("*")) - kept if FOLDER.exists() else ():
        with contextlib.suppress(OSError), open(folder / "in-use", "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
