"""Which files an image is made from: docker-bake.hcl names the folders and the images that it is made from."""

import fnmatch
from collections.abc import Callable
from typing import Any

from tools.core.errors import Stop
from tools.core.paths import ROOT


def within(folder: str, files: set[str]) -> set[str]:
    """The files of a build's folder that reach the build: those that its .dockerignore names after a `!`."""
    ignored = ROOT / folder / ".dockerignore"
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else ["!*"]
    allowed = [line[1:] for line in lines if line.startswith("!")] + ["Dockerfile", ".dockerignore"]
    inner = {file: file.removeprefix(f"{folder}/").split("/")[0] for file in files if file.startswith(f"{folder}/")}
    return {file for file, name in inner.items() if any(fnmatch.fnmatch(name, pattern) for pattern in allowed)}


def files_of(plan: dict[str, dict[str, Any]], files: set[str]) -> Callable[[str], set[str]]:
    """A function from a target of a plan to those of `files` that it is made from, itself or through other targets.

    docker-bake.hcl says how every image is built, and always counts; pages never do.
    """
    files = {file for file in files if not file.endswith(".md")}
    of_all = files & {"docker-bake.hcl"}
    known: dict[str, set[str]] = {}

    def of(name: str) -> set[str]:
        if name not in plan:
            raise Stop(f"docker-bake.json lacks the image {name}; run: make format")
        if name not in known:
            made_from = [plan[name]["context"], *plan[name].get("contexts", {}).values()]
            targets = [other.removeprefix("target:") for other in made_from if other.startswith("target:")]
            folders = [folder for folder in made_from if not folder.startswith("target:")]
            known[name] = of_all.union(*(within(folder, files) for folder in folders), *map(of, targets))
        return known[name]

    return of
