"""The pages of the site: the Markdown files of the repository, and for each lesson its code, its run, its exercises."""

import posixpath
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from tools.core import git
from tools.core.files import copy
from tools.core.paths import ROOT
from tools.lessons import catalog
from tools.lessons.catalog import Project
from tools.lessons.exercises import Exercise, exercises

# Pages that are about the repository itself stay there.
DOCS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#]+)(#[^)]*)?(?=\))")
TOCTREE = "\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"


def write_pages(folder: Path, repository: str) -> None:
    """Writes the source of the site into a folder: pages, and the files that they show or link to."""
    docs = [*DOCS, *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md"))]
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in docs}
    texts["README.md"] += contents(docs)
    for project in catalog.every():
        # What git has of a lesson, or would have, lies beside its page.
        copy((file for file in git.files(project.folder) if file.suffix != ".md"), folder)
        texts[readme_of(project)] = page_of(project)
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(with_links(text, name, [*texts], repository), encoding="utf-8")


def contents(docs: list[str]) -> str:
    """The order of the pages, which the previous and next links of each page follow."""
    sections: dict[str, list[str]] = {}
    for project in catalog.every():
        sections.setdefault(project.lesson.section, []).append(f"{project.lesson.title} <{readme_of(project)}>")
    sections["About"] = [name for name in docs if name != "README.md"]
    return "".join(TOCTREE.format(caption=name, pages="\n".join(pages)) for name, pages in sections.items())


def readme_of(project: Project) -> str:
    return f"projects/{project.name}/README.md"


def page_of(project: Project) -> str:
    """The README of a lesson with hints and solutions in its exercises; then its code and a run."""
    text = (ROOT / readme_of(project)).read_text(encoding="utf-8")
    for exercise in exercises(project):
        text = text.replace(exercise.item, f"{exercise.item.rstrip()}\n\n{folded(exercise)}\n")
    code = [file for file in sorted((project.folder / project.package).glob("[!.]*.py")) if file.stat().st_size]
    names = [file.relative_to(project.folder) for file in code]
    shown = [f"### {name}\n\n```{{literalinclude}} {name}\n:language: python\n```\n" for name in names]
    run = f"../../{project.name}/index.html"
    frame = f'<iframe class="run" src="{run}" title="A run of this lesson" loading="lazy"></iframe>'
    link = f'<p><a href="{run}">Open the page of a run</a></p>'
    return "\n".join([text, "## A run", "", link, "", frame, "", "## The code", "", *shown])


def folded(exercise: Exercise) -> str:
    """The hint and the solution of an exercise, as parts of its list item that open."""
    why, _, difference = exercise.solution.partition("\ndiff ")
    solution = f"{why.strip()}\n\n```diff\ndiff {difference.rstrip()}\n```"
    parts = (("Hint", exercise.hint), ("Solution", solution))
    text = "\n".join(f"<details><summary>{name}</summary>\n\n{words}\n\n</details>\n" for name, words in parts)
    return textwrap.indent(text, "   ")


def with_links(text: str, name: str, pages: Sequence[str], repository: str) -> str:
    """The text of a page whose links lead to pages of the site, to files of lessons, or else to the repository."""
    at = posixpath.dirname(name)

    def target(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(at, match[1]))
        for page in (path, f"{path}/README.md"):
            if page in pages:
                return posixpath.relpath(page, at or ".") + (match[2] or "")
        if path.startswith("projects/") and (ROOT / path).is_file() and not path.endswith(".md"):
            return match[0]
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return (f"{repository}/{kind}/main/{path}" if repository else (ROOT / path).as_uri()) + (match[2] or "")

    return LINK.sub(target, text)
