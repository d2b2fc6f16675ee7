"""`make site`: all lessons as a static site that opens from disk, from the same pages, code and runs."""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from tools.core import git, interruptible
from tools.core.errors import Stop
from tools.core.exclusive import exclusively
from tools.core.paths import OUT, ROOT
from tools.core.process import call
from tools.environments.known import SITE
from tools.lessons import catalog
from tools.lessons.catalog import Project
from tools.site.pages import write_pages
from tools.tiers.command import run_lesson

PLACE = OUT / "site"
STYLE = ROOT / "tools" / "site" / "style"


def site() -> int:
    """Builds the site in out/site; a lesson without a run that succeeded is run first."""
    git.ask("rev-parse", "--git-dir")  # which says what belongs to a lesson
    with exclusively("site"), tempfile.TemporaryDirectory(dir=ROOT / ".tools", prefix="site-") as name:
        source, runs, html = (Path(name, part) for part in ("source", "runs", "html"))
        for folder in (source, runs):
            folder.mkdir()
        for project in catalog.every():
            shutil.copytree(run_of(project), runs / project.name)
        write_pages(source, git.source())
        variables = {"SITE_RUNS": str(runs), "SITE_STYLE": str(STYLE), "SITE_REPOSITORY": git.source()}
        os.environ.update(variables)
        words = ["-W", "--keep-going", "-q", "-j", "auto", "-c", STYLE.parent, source, html]
        if status := call(interruptible.command(SITE.ensure().python, "sphinx", *words)):
            return status
        shutil.copyfile(html / "README.html", html / "index.html")  # what a web server shows first
        shutil.rmtree(PLACE, ignore_errors=True)
        html.rename(PLACE)
    print(f"site: {(PLACE / 'index.html').as_uri()}")
    return 0


def run_of(project: Project) -> Path:
    """The folder of the newest run of a lesson that succeeded, of one without inputs if possible; else makes one."""
    if not (found := succeeded(project)):
        print(f"{project.name}: no run yet", flush=True)
        if run_lesson(project, []) or not (found := succeeded(project)):
            raise Stop(f"{project.name} did not run; see above")
    return found


def succeeded(project: Project) -> Path | None:
    others = None
    for file in sorted((OUT / project.name).glob("*/record.json"), reverse=True):
        # Another one that is damaged is no reason to build nothing.
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(file.read_text(encoding="utf-8"))
            if record["status"] == "succeeded" and record["entry_point"] == project.lesson.entry_point:
                if record["command"] == f"make run PROJECT={project.name}":
                    return file.parent
                others = others or file.parent
    return others
