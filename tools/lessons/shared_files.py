"""Which files of the shared package a lesson imports."""

from modulefinder import ModuleFinder
from pathlib import Path

from tools.core.paths import SHARED
from tools.lessons.catalog import Project


def shared_files(project: Project) -> set[Path]:
    """The modules of shared/workshop that the lesson's package imports, and the data files that are named after them.

    A lesson with a file that Python cannot read or import counts as if it imported all of them.
    """
    finder = ModuleFinder(path=[str(project.folder), str(SHARED)])
    try:
        for file in sorted((project.folder / project.package).rglob("[!.]*.py")):
            finder.import_hook(
                ".".join(file.relative_to(project.folder).with_suffix("").parts).removesuffix(".__init__")
            )
    except (SyntaxError, ValueError, ImportError):
        return {file for file in (SHARED / "workshop").rglob("*") if file.is_file()}
    modules = {Path(module.__file__) for module in finder.modules.values() if module.__file__}
    found = {module for module in modules if module.is_relative_to(SHARED)}
    return {file for module in found for file in module.parent.glob(f"{module.stem}.*")}
