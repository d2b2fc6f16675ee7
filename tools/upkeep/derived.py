"""What is derived from the lesson.toml files because its reader cannot read them.

`make format` writes these, `make lint` and the tests fail when one is stale.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

from tools.core import files
from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.lessons import catalog

README = ROOT / "README.md"
BAKE = ROOT / "docker-bake.json"
TABLE = re.compile(r"(<!-- lessons: made by `make format` -->\n).*(<!-- end of lessons -->)", re.DOTALL)


def readme(text: str) -> str:
    """The README with the table of lessons as it must be."""
    rows = ["| section | lesson | teaches | minutes |", "|---|---|---|---|"]
    for project in catalog.every():
        lesson = project.lesson
        link = f"[{project.name}](projects/{project.name})"
        teaches = lesson.teaches.replace("|", r"\|")
        rows.append(f"| {lesson.section} | {link} | {teaches} | {lesson.minutes} |")
    if not TABLE.search(text):
        raise Stop("README.md has lost the comments between which its table of lessons stands")
    return TABLE.sub(lambda match: match[1] + "\n".join(rows) + "\n" + match[2], text)


def bake(_: str) -> str:
    """The images of all lessons, as docker-bake.hcl needs them."""
    images = [
        {
            "name": project.image_name(name),
            "lesson": project.name,
            "stage": image.stage,
            "base": image.base,
            "lock": image.lock,
            "cuda_lock": project.lock(image.lock, cuda=True),
            "title": project.lesson.title,
        }
        for project in catalog.every()
        for name, image in project.lesson.images.items()
    ]
    text = json.dumps({"variable": {"LESSON_IMAGES": {"default": images}}}, indent=2, ensure_ascii=False) + "\n"
    # bake would evaluate these.
    return text.replace("${", "$${").replace("%{", "%%{")


DERIVED: dict[Path, Callable[[str], str]] = {README: readme, BAKE: bake}


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def stale() -> list[Path]:
    """The derived files that are not what they should be."""
    return [file for file, make in DERIVED.items() if text(file) != make(text(file))]


def write() -> None:
    for file in stale():
        files.write(file, DERIVED[file](text(file)))
        print(f"{file.relative_to(ROOT)}: written")
