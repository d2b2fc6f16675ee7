"""A lesson's images as a cluster gets them: from the registry, by their digests."""

import shutil

from tools.core.errors import Stop
from tools.core.variables import switch
from tools.images import registry
from tools.images.engine import docker_problem
from tools.images.naming import REGISTRY, tag
from tools.lessons.catalog import Project


def references(project: Project) -> dict[str, str]:
    """The lesson's images of this tree by name, each with its digest; raises Stop if the registry lacks one."""
    if not shutil.which("docker"):
        raise Stop(docker_problem())
    return {name: reference(project, project.image_name(name)) for name in project.lesson.images}


def reference(project: Project, image: str) -> str:
    """An image of this tree by its digest; with FAST, for which its code does not matter, that of the last commit."""
    tags = [tag(), *([tag().replace("-dirty", "")] if switch("FAST") else [])]
    for candidate in dict.fromkeys(tags):
        if digest := registry.digest(f"{REGISTRY}/{image}:{candidate}"):
            return f"{REGISTRY}/{image}@{digest}"
    raise Stop(
        f"{REGISTRY}/{image}:{tags[0]} is not in the registry, from which the cluster pulls it; "
        f"push it first: make publish PROJECT={project.name}"
    )
