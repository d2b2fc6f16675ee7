"""lesson.toml, the one place where a fact about a lesson is written, read and checked."""

import difflib
import itertools
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tools.environments import Environment
from tools.errors import Stop
from tools.paths import PROJECTS

Section = Literal["Introduction", "Scalability", "Data quality", "Reproducibility", "Recoverability", "Auditability"]
Text = Annotated[str, Meta(min_length=1)]
Positive = Annotated[int, Meta(ge=1)]
EntryPoint = Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)+:[a-z_][a-z0-9_]*$")]
Stage = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]


# Targets and groups of docker-bake.hcl, which has one target per image beside them.
BAKE_TARGETS = {"base", "uv", "lesson", "default"}


class Image(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One image of a lesson: a stage of its Dockerfile, and how large it may become."""

    stage: Stage
    size_mb: Positive


class Needs(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a run needs beyond git, make and Python, in units of 10^6 bytes."""

    disk_mb: Positive
    memory_mb: Positive


class Case(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Inputs of a lesson's entry point and the outputs that they give, on every tier."""

    name: Text
    outputs: dict[str, Any]
    inputs: dict[str, Any] = {}


class Lesson(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The content of a lesson.toml."""

    title: Text
    section: Section
    order: Positive
    minutes: Positive
    teaches: Text
    entry_point: EntryPoint
    needs: Needs
    images: dict[Stage, Image]
    cases: Annotated[list[Case], Meta(min_length=1)]
    inputs: dict[str, Any] = {}


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
    def entry_file(self) -> Path:
        """The file in which the entry point is defined."""
        return self.folder.joinpath(*self.lesson.entry_point.split(":")[0].split(".")).with_suffix(".py")

    @property
    def environment(self) -> Environment:
        return Environment(
            name=self.name,
            folder=self.folder / ".venv",
            lock=self.folder / "requirements.txt",
            with_shared=True,
            disk_mb=self.lesson.needs.disk_mb,
        )

    def image_name(self, image: str) -> str:
        """The repository of one of the lesson's images, without registry and tag."""
        return self.name if image == "default" else f"{self.name}-{image}"


def read(folder: Path) -> Project:
    """Reads one lesson; raises Stop with the file and what is wrong in it."""
    file = folder / "lesson.toml"
    try:
        lesson = msgspec.toml.decode(file.read_bytes(), type=Lesson)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Stop(f"projects/{folder.name}/lesson.toml: {error}") from None
    project = Project(folder.name, folder, lesson)
    for problem in problems(project):
        raise Stop(f"projects/{folder.name}/lesson.toml: {problem}")
    return project


def problems(project: Project) -> list[str]:
    """What is wrong with a lesson beyond the shape of its file."""
    lesson, found = project.lesson, []
    if not project.entry_file.exists():
        file = project.entry_file.relative_to(project.folder)
        found.append(f"entry_point: there is no file {file} in the project")
    if "default" not in lesson.images:
        found.append("images: [images.default] is missing, the image of tasks that name none")
    for name in BAKE_TARGETS.intersection(project.image_names):
        found.append(f"images: {name} is the name of something else in docker-bake.hcl")
    names = [case.name for case in lesson.cases]
    if len(set(names)) < len(names):
        found.append("cases: two cases have the same name")
    missing = [name for name in ("requirements.txt", "Dockerfile", "README.md") if not (project.folder / name).exists()]
    found += [f"the project has no {name}" for name in missing]
    return found


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
    names = sorted(file.parent.name for file in PROJECTS.glob("*/lesson.toml"))
    valid = f"the lessons are: {', '.join(names)}"
    if not name:
        raise Stop(f"PROJECT is missing: add PROJECT=<lesson>; {valid}")
    if name not in names:
        nearest = difflib.get_close_matches(name, names, n=1)
        meant = f"did you mean {nearest[0]}? " if nearest else ""
        raise Stop(f"there is no lesson {name!r}; {meant}{valid}")
    return read(PROJECTS / name)
