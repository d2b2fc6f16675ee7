"""A lesson's package: its modules, imported one by one with the first cause of each failure, and what they define."""

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flytekit.core.context_manager import FlyteEntities
from flytekit.core.launch_plan import LaunchPlan
from flytekit.core.reference_entity import ReferenceEntity

from runner.errors import Stop
from runner.lesson import Lesson
from runner.records.errors import reason
from runner.terminal import importing
from runner.typecheck.lines import Line


@dataclass(frozen=True)
class Package:
    """A package in a lesson's folder.

    Attributes:
        failed: the modules that could not be imported to their end.
    """

    name: str
    folder: Path
    failed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, lesson: Lesson, name: str = "") -> "Package":
        """A lesson's own package, or the one that PACKAGE names."""
        name = name or lesson.package
        if not (lesson.folder / name).is_dir():
            raise Stop(f"{lesson.folder} has no package {name}; PACKAGE names a folder with Python files in it")
        return cls(name, lesson.folder / name)

    def owns(self, file: str) -> bool:
        """Whether a file of source is the package's; a compiled library names files that are nowhere."""
        return file.startswith(f"{self.folder}/")

    def import_all(self) -> Iterator[tuple[Line, str]]:
        """Imports every module; yields what cannot be imported, once for each cause."""
        yield from self.imported(self.name)
        for module in pkgutil.walk_packages([str(self.folder)], f"{self.name}."):
            yield from self.imported(module.name)

    def imported(self, module: str) -> Iterator[tuple[Line, str]]:
        if self.has_failed(module):
            return
        try:
            with importing():
                importlib.import_module(module)
        except (Exception, SystemExit) as error:
            # What imports a module that has failed before adds nothing: the cause is reported.
            if not self.has_failed(getattr(error, "name", None) or ""):
                yield self.line_of(error) or Line(module, 0), f"cannot be imported: {reason(error)}"
            self.failed.add(module)
            for frame, _ in traceback.walk_tb(error.__traceback__):
                if frame.f_code.co_name == "<module>" and self.owns(frame.f_code.co_filename):
                    self.failed.add(frame.f_globals["__name__"])
            # Run a second time, a module would make its tasks and launch plans twice.
            sys.modules.update(dict.fromkeys(self.failed))

    def has_failed(self, module: str) -> bool:
        """Whether a module, or a package that it is in, could not be imported."""
        return any(f"{module}.".startswith(f"{failed}.") for failed in self.failed)

    def entities(self) -> list[object]:
        """The tasks, workflows and launch plans that the package defines, without references to those of a cluster.

        Their names begin with that of their module; the name of an imperative workflow is free, so it is looked for
        among the variables of the modules, too.
        """
        modules = [module for name, module in sys.modules.items() if module and f"{name}.".startswith(f"{self.name}.")]
        held = {id(value) for module in modules for value in vars(module).values()}
        return [
            entity
            for entity in FlyteEntities.entities
            if not isinstance(entity, ReferenceEntity)
            and (id(entity) in held or name_of(entity).startswith(f"{self.name}."))
            and not self.has_failed(name_of(entity).rpartition(".")[0])
        ]

    def line_of(self, error: BaseException) -> Line | None:
        """The innermost line of the package on the way to an error."""
        if isinstance(error, SyntaxError) and self.owns(error.filename or ""):
            return Line(error.filename, error.lineno or 0)
        frames = traceback.extract_tb(error.__traceback__)
        own = [Line(frame.filename, frame.lineno) for frame in frames if self.owns(frame.filename)]
        return own[-1] if own else None


def name_of(entity: object) -> str:
    """A name that begins with the module; a launch plan's own may be anything."""
    return entity.workflow.name if isinstance(entity, LaunchPlan) else getattr(entity, "name", "")
