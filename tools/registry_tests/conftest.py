"""Real registries, each on a free port and with a folder of its own, and a small copy of the repository.

The copy is a commit with one lesson, so that all its images are built, tested and published here by `make` as its
users call it. Variables such as BASE_IMAGE and SBOM_GENERATOR are the caller's.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.images.engine import keeps_attestations
from tools.tests.identity import IDENTITY
from tools.tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
LESSON = "checkpointing"  # whose images are small
IMAGES = ["base", "checkpointing"]
# What `make test-publish` itself leaves in the environment, and what these tests say themselves.
OF_MAKE = (
    "MAKEFLAGS",
    "MFLAGS",
    "MAKELEVEL",
    "PROJECT",
    "ARGS",
    "NAME",
    "RUN",
    "NEW",
    "DIRTY",
    "REGISTRY",
    "PLATFORMS",
)
# A key and its certificate, made by openssl.
TLS = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]


def own_address() -> str:
    """An address of this machine that docker does not take for itself; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


@dataclass
class Registry:
    """A registry and how it is started; `wrapper` are words before its command."""

    folder: Path
    options: dict = field(default_factory=dict)
    wrapper: tuple[str, ...] = ()
    address: str = "localhost"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def name(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    def start(self) -> None:
        self.storage.mkdir(parents=True, exist_ok=True)
        config = {
            "version": "0.1",
            "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(self.storage)}},
            "http": {"addr": f":{self.port}"},
        } | self.options
        # YAML, of which JSON is a part.
        (self.folder / "config.yml").write_text(json.dumps(config))
        command = [*self.wrapper, "docker-registry", "serve", str(self.folder / "config.yml")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.wait()

    def wait(self) -> None:
        while self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def get(self, path: str) -> bytes:
        """What the distribution API answers, with no client between."""
        accept = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"
        accept += ", application/vnd.docker.distribution.manifest.v2+json"
        address = f"http://127.0.0.1:{self.port}/v2/{path}"
        request = urllib.request.Request(address, headers={"Accept": accept})
        with urllib.request.urlopen(request) as answer:  # noqa: S310  (http, as the line above says)
            return answer.read()

    def tags(self, image: str) -> list[str]:
        """The tags of an image; a repository that the registry does not know has none."""
        try:
            return json.loads(self.get(f"{image}/tags/list"))["tags"] or []
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return []


@contextlib.contextmanager
def running(folder: Path, **options: object) -> Iterator[Registry]:
    """A registry that is stopped, and loses what it holds, at the end."""
    registry = Registry(folder / "registry", **options)
    registry.start()
    try:
        yield registry
    finally:
        registry.stop()
        shutil.rmtree(registry.folder, ignore_errors=True)


@dataclass(frozen=True)
class Checkout:
    """A checkout, and make in it."""

    folder: Path

    def git(self, *words: str) -> str:
        command = ["git", "-C", self.folder, *IDENTITY, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    @property
    def tag(self) -> str:
        return self.git("rev-parse", "--short=12", "HEAD")

    def environment(self, **variables: str) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in OF_MAKE} | variables

    def make(self, *words: str, **variables: str) -> subprocess.CompletedProcess:
        """Runs make with variables in its environment."""
        environment = self.environment(**variables)
        return subprocess.run(["make", *words], cwd=self.folder, env=environment, capture_output=True, text=True)

    def stopped(self, *words: str, **variables: str) -> str:
        """Runs make, which must stop in one line, and returns the line."""
        answer = self.make(*words, **variables)
        line, of_make = answer.stderr.splitlines()
        assert (answer.returncode, of_make.startswith("make: *** ")) == (2, True)
        return line


@pytest.fixture(scope="session")
def attests() -> bool:
    """Whether the engine keeps SBOM and provenance with an image."""
    return keeps_attestations()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """The registry into which everything is published."""
    with running(tmp_path_factory.mktemp("published")) as registry:
        yield registry


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory, registry: Registry, attests: bool) -> Iterator[Checkout]:
    """A clean checkout with one lesson, whose images are built and tested as those of the registry."""
    folder = tmp_path_factory.mktemp("clone") / "lessons"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True, capture_output=True)
    here = Checkout(folder)
    (folder / ".tools").mkdir()
    (folder / ".tools" / "uv").symlink_to(ROOT / ".tools" / "uv")
    here.git("remote", "set-url", "origin", "https://user:secret-word@git.example/team/lessons.git")
    for project in (folder / "projects").iterdir():
        if project.name != LESSON:
            here.git("rm", "-r", "--quiet", f"projects/{project.name}")
    assert here.make("format").returncode == 0
    here.git("commit", "--quiet", "--all", "--message", "One lesson")
    made = here.make("test-image", REGISTRY=registry.name, ATTEST="1" if attests else "")
    assert made.returncode == 0, made.stdout + made.stderr
    yield here
    # The engine is the user's: no image of these tests stays in it.
    filters = [f"--filter=reference=*/{image}:{here.tag}*" for image in IMAGES]
    names = subprocess.run(
        ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", *filters], capture_output=True, text=True
    )
    subprocess.run(["docker", "image", "rm", *names.stdout.split()], capture_output=True)


@pytest.fixture(scope="session")
def published(checkout: Checkout, registry: Registry) -> str:
    """What `make publish` says when everything is published for the first time."""
    answer = checkout.make("publish", REGISTRY=registry.name)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


@pytest.fixture
def other(tmp_path: Path, checkout: Checkout, registry: Registry) -> Iterator[Callable[..., Registry]]:
    """Starts another registry, and names the tested image of the lesson for it, too."""
    with contextlib.ExitStack() as until_the_end:

        def other(**options: object) -> Registry:
            started = until_the_end.enter_context(running(tmp_path, **options))
            names = [f"{place.name}/{LESSON}:{checkout.tag}" for place in (registry, started)]
            subprocess.run(["docker", "tag", *names], check=True)
            return started

        yield other
