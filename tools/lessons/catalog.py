"""The lessons: each lesson.toml, the one place where a fact about a lesson is written, read and checked."""

import difflib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tools.core.errors import Stop
from tools.core.paths import BENCHMARKS, PROJECTS, RUNNER
from tools.core.reporting import both_ends
from tools.environments.environment import LESSON_PACKAGES, Environment
from tools.environments.pins import pins
from tools.lessons.bases import BASES
from tools.lessons.schema import Image, Lesson

CUDA_LOCK = "requirements-cuda.txt"

# Targets and groups of docker-bake.hcl, which has one target per image beside them.
BAKE_TARGETS = {*BASES, "uv", "wheels", "environment", "lesson", "default"}
# The suites of tests that belong to no lesson: `make test PROJECT=tools` runs one of them.
SUITES = ("tools", "runner", "shared")
# Run by their name only, and every night: they test no code of the lessons.
ALONE = ("flyte-2",)
# Lessons that are not taught: PROJECT finds them, and no list of lessons or images has them. Their tasks run in base
# images, which hold no lesson's code.
FIXTURES = {"differences": RUNNER / "tests" / "differences"}


def torch_is_cuda() -> bool:
    """Whether TORCH asks for the CUDA build of PyTorch."""
    build = os.environ.get("TORCH") or "cpu"
    if build not in ("cpu", "cuda"):
        raise Stop(f"TORCH must be cpu or cuda, the build of PyTorch, not {build!r}")
    return build == "cuda"


class Project(msgspec.Struct, frozen=True):
    """A lesson and the folder that holds it."""

    name: str
    folder: Path
    lesson: Lesson

    @property
    def package(self) -> str:
        """The importable package of the lesson."""
        return self.lesson.entry_point.split(".")[0]

    @property
    def image_names(self) -> list[str]:
        """The repositories of the lesson's images."""
        return [self.image_name(image) for image in self.lesson.images]

    @property
    def entry_module(self) -> str:
        """The module in which the entry point is defined."""
        return self.lesson.entry_point.split(":")[0]

    @property
    def entry_file(self) -> Path:
        """The file of that module."""
        return self.folder.joinpath(*self.entry_module.split(".")).with_suffix(".py")

    @property
    def environment(self) -> Environment:
        """The environment in which the lesson is run and tested."""
        return self.environment_of("requirements.txt")

    def lock(self, name: str, cuda: bool) -> str:
        """The lock that stands for `name`: with CUDA, the lesson's own for that, if it has one."""
        has_cuda = name == "requirements.txt" and (self.folder / CUDA_LOCK).exists()
        return CUDA_LOCK if cuda and has_cuda else name

    def environment_of(self, lock: str) -> Environment:
        """The environment of one of the lesson's locks.

        TORCH=cuda puts the lesson's CUDA lock, if it has one, in the place of requirements.txt.
        """
        lock = self.lock(lock, cuda=torch_is_cuda())
        variant = lock.removeprefix("requirements").removesuffix(".txt")
        return Environment(
            name=f"{self.name}{variant}",
            lock=self.folder / lock,
            packages=LESSON_PACKAGES,
            disk_mb=self.lesson.needs.disk_mb,
        )

    def environment_of_image(self, image: Image) -> Environment:
        """The environment that stands for an image on the local tier; the image must have a lock.

        It is the lesson's own if that has every package of the image in the same version, else one of its own.
        """
        own, other = self.environment, self.environment_of(image.lock)
        return own if pins(other.lock) <= pins(own.lock) else other

    @property
    def environments(self) -> list[Environment]:
        """What the local tier needs: the lesson's environment, and those of its images that differ."""
        images = [self.environment_of_image(image) for image in self.lesson.images.values() if image.lock]
        return list(dict.fromkeys([self.environment, *images]))

    @property
    def is_fixture(self) -> bool:
        """Whether the lesson is one of FIXTURES."""
        return self.folder in FIXTURES.values()

    def image_name(self, image: str) -> str:
        """The repository of one of the lesson's images, without registry and tag."""
        if self.is_fixture:
            return self.lesson.images[image].base
        return self.name if image == "default" else f"{self.name}-{image}"


def read(folder: Path) -> Project:
    """Reads one lesson; raises Stop with the file and what is wrong in it."""
    file = folder / "lesson.toml"
    shown = f"{'runner/tests' if folder in FIXTURES.values() else 'projects'}/{folder.name}/lesson.toml"
    try:
        lesson = msgspec.toml.decode(file.read_bytes(), type=Lesson)
    except OSError as error:
        raise Stop(f"{shown} cannot be read: {error.strerror}") from None
    except RecursionError:
        raise Stop(f"{shown}: lists or tables are nested too deeply") from None
    except (msgspec.DecodeError, ValueError) as error:  # also bytes that are no text, and numbers of 4,300 digits
        raise Stop(f"{shown}: {both_ends(str(error))}") from None
    project = Project(folder.name, folder, lesson)
    for problem in problems(project):
        raise Stop(f"{shown}: {both_ends(problem)}")
    return project


def problems(project: Project) -> Iterator[str]:
    """What is wrong with a lesson beyond the shape of its file."""
    lesson = project.lesson
    if not project.entry_file.is_file():
        file = project.entry_file.relative_to(project.folder)
        yield f"entry_point: there is no file {file} in the project"
    if lesson.benchmark and not (BENCHMARKS / lesson.benchmark).is_file():
        yield f"benchmark: there is no file benchmarks/{lesson.benchmark}"
    if "default" not in lesson.images:
        yield "images: [images.default] is missing, the image of tasks that name none"
    for name in () if project.is_fixture else BAKE_TARGETS.intersection(project.image_names):
        yield f"images: {name} is the name of something else in docker-bake.hcl"
    for name, image in lesson.images.items():
        installed, lock = BASES[image.base].lock, project.folder / image.lock
        if image.lock and installed and lock.exists():
            yield from (f"images.{name}: {difference}" for difference in differences(image.base, installed, lock))
    names = [case.name for case in lesson.cases]
    if len(set(names)) < len(names):
        yield "cases: two cases have the same name"
    for case in lesson.cases:
        if bool(case.outputs) == bool(case.fails):
            yield f"cases: {case.name!r} must have either outputs or fails"
        for key, pattern in (("fails", case.fails), ("warns", case.warns)):
            if not is_pattern(pattern):
                yield f"cases: {case.name!r}: {key} is not a regular expression: {pattern}"
    locks = {image.lock for image in lesson.images.values() if image.lock}
    own = () if project.is_fixture else ("Dockerfile", "README.md")
    files = (*own, "requirements.in", *sorted(locks | {"requirements.txt"}))
    missing = [name for name in files if not (project.folder / name).exists()]
    yield from (f"the project has no {name}" for name in missing)


def differences(base: str, installed: Path, lock: Path) -> Iterator[str]:
    """What a lesson's lock has in another version than the base image of its image, or not at all."""
    own, source = dict(pins(lock)), lock.with_suffix(".in").name
    for name, version in sorted(pins(installed) - pins(lock)):
        has = f"{name}=={own[name]}" if name in own else f"no {name}"
        yield (
            f"its base {base} has {name}=={version}, {lock.name} has {has}; pin {name}=={version} in {source} and run "
            f"make lock PROJECT={lock.parent.name}, or choose another base"
        )


def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression."""
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def every() -> list[Project]:
    """All lessons in the order in which they are taught."""
    projects = sorted((read(file.parent) for file in PROJECTS.glob("*/lesson.toml")), key=lambda p: p.lesson.order)
    for first, second in itertools.combinations(projects, 2):
        if first.lesson.order == second.lesson.order:
            raise Stop(f"projects/{first.name} and projects/{second.name} both say order = {first.lesson.order}")
        if first.package == second.package:
            raise Stop(f"projects/{first.name} and projects/{second.name} both have a package {first.package}")
        for image in set(first.image_names) & set(second.image_names):
            raise Stop(f"projects/{first.name} and projects/{second.name} both have an image {image}")
    return projects


def find(name: str) -> Project:
    """The lesson called `name`; raises Stop with the valid names otherwise."""
    return read(find_folder(name))


def find_folder(name: str) -> Path:
    """The folder of the lesson called `name`, whatever is in it; raises Stop as `find` does."""
    names = sorted(file.parent.name for file in PROJECTS.glob("*/lesson.toml"))
    valid = f"the lessons are: {', '.join(names)}"
    if name in FIXTURES:
        return FIXTURES[name]
    if not name:
        raise Stop(f"PROJECT is missing: add PROJECT=<lesson>; {valid}")
    if name not in names:
        nearest = difflib.get_close_matches(name, names, n=1)
        meant = f"did you mean {nearest[0]}? " if nearest else ""
        raise Stop(f"there is no lesson {name!r}; {meant}{valid}")
    return PROJECTS / name
