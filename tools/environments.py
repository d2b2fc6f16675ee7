"""One environment per lock: made when the lock changes, untouched otherwise."""

import contextlib
import fcntl
import functools
import hashlib
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.errors import Stop
from tools.paths import ROOT, SHARED, STATE
from tools.uv import clean_environment, uv

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;#\\]+)", re.MULTILINE)
PYTHON_VERSION = os.environ.get("PYTHON_VERSION") or "3.11"


@contextlib.contextmanager
def exclusively(name: str) -> Iterator[None]:
    """Holds the lock `name`, so that two targets started at once take turns."""
    folder = STATE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{name}: another target is at work on it; waiting for it", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def need_disk(folder: Path, megabytes: int) -> None:
    """Raises Stop when the disk of `folder` has less than `megabytes` (10^6 bytes) left."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise Stop(f"{megabytes} MB of disk are needed at {folder}, {free} MB are free; free some first")


def pins(requirements: Path) -> frozenset[tuple[str, str]]:
    """Names, without extras and as registries write them, and versions in the `name==version` lines."""
    return pins_in(requirements.read_text(encoding="utf-8"))


# Half of the lessons have the same lock, and most of a lock is hashes.
@functools.cache
def pins_in(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in PIN.findall(text))


def asked_for(source: Path) -> frozenset[tuple[str, str]]:
    """The pins in a .in file, and in those that it includes by `-r file`."""
    included = re.findall(r"^-r (\S+)", source.read_text(encoding="utf-8"), re.MULTILINE)
    return pins(source).union(*(asked_for(source.with_name(name)) for name in included))


def missing_pins(lock: Path) -> list[str]:
    """What the .in file beside a lock asks for and the lock lacks."""
    source = lock.with_suffix(".in")
    return sorted("==".join(pin) for pin in asked_for(source) - pins(lock)) if source.exists() else []


def need_fresh(lock: Path) -> None:
    """Raises Stop when the .in file beside a lock was changed since the lock was made."""
    if missing := missing_pins(lock):
        source = lock.with_suffix(".in").relative_to(ROOT)
        raise Stop(f"{source} asks for {', '.join(missing)}, which its lock lacks; make it again: make lock")


def offline_first(arguments: list[object], doing: str) -> None:
    """Runs uv from its cache, and only if that lacks something with the registry: the network may be down."""
    try:
        uv([*arguments, "--offline"], doing)
    except Stop:
        uv(arguments, doing)


def torch_backend(requirements: Path) -> list[object]:
    """uv's option for a lock, or its .in file, that pins a CPU build of PyTorch, which the usual index does not have.

    uv knows the index that does. Whoever names an index or a folder of wheels of their own is taken at
    their word.
    """
    told = clean_environment().keys() & {"UV_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_TORCH_BACKEND"}
    here = sys.platform == "linux" and platform.machine() == "x86_64"
    pinned = re.search(r"^torch==\S+\+cpu", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    return ["--torch-backend", "cpu"] if here and pinned and not told else []


@dataclass(frozen=True)
class Environment:
    """A virtual environment that holds exactly what its lock says.

    Attributes:
        name: how messages call it.
        folder: where it is.
        lock: a requirements file with every version and hash.
        with_shared: whether the shared package is installed in it too (editable).
        disk_mb: what it needs on disk, in units of 10^6 bytes.
    """

    name: str
    folder: Path
    lock: Path
    with_shared: bool = False
    disk_mb: int = 100

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return next(self.folder.glob("lib/python3*/site-packages"))

    def digest(self) -> str:
        """What the environment is made from; its path too, since scripts in it name it."""
        parts = [PYTHON_VERSION.encode(), os.fsencode(self.folder), self.lock.read_bytes()]
        if self.with_shared:
            parts.append((SHARED / "pyproject.toml").read_bytes())
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def is_current(self) -> bool:
        stamp = self.folder / "made-from"
        # The interpreter goes when the Python that it points to is uninstalled.
        return self.python.exists() and stamp.exists() and stamp.read_text() == self.digest()

    def ensure(self) -> "Environment":
        """Makes the environment if it is not what the lock says; returns itself."""
        need_fresh(self.lock)
        if not self.is_current():
            with exclusively(self.name):
                if not self.is_current():
                    self._make()
        return self

    def _make(self) -> None:
        lines = self.lock.read_text().splitlines()
        count = sum("==" in line and not line.lstrip().startswith("#") for line in lines)
        packages = "1 package" if count == 1 else f"{count} packages"
        print(f"{self.name}: installing {packages} from {self.lock.relative_to(ROOT)}", flush=True)
        need_disk(self.folder.parent, self.disk_mb)
        start = time.monotonic()
        doing = f"{self.name}: its environment could not be made from {self.lock.relative_to(ROOT)}"
        # What is half-removed or half-made must not pass for made, nor keep uv from replacing it (--force).
        (self.folder / "made-from").unlink(missing_ok=True)
        uv(["venv", "--clear", "--force", "--python", PYTHON_VERSION, self.folder], doing)
        sync = ["pip", "sync", "--python", self.python, "--require-hashes", *torch_backend(self.lock), self.lock]
        offline_first(sync, doing)
        if self.with_shared:
            offline_first(["pip", "install", "--python", self.python, "--no-deps", "--editable", SHARED], doing)
        stamp = self.folder / "made-from.new"
        stamp.write_text(self.digest())
        stamp.rename(self.folder / "made-from")
        print(f"{self.name}: environment ready after {time.monotonic() - start:.1f} s", flush=True)
