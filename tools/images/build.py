"""`make build` and `make build-all`: images by docker buildx bake."""

import subprocess

from tools.images.bake import bake
from tools.images.engine import need_docker
from tools.images.jars import lacks_client
from tools.images.naming import references
from tools.images.platforms import of_engine, wanted
from tools.lessons import catalog
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen


def build() -> None:
    """Builds the images of one lesson."""
    project = chosen()
    need_docker()
    bake(project.image_names)
    tell_built([project])


def build_all() -> None:
    """Builds the images of all lessons."""
    projects = catalog.every()
    need_docker()
    bake(["default"])
    tell_built(projects)


def tell_built(projects: list[Project]) -> None:
    """Prints every image with its size, and what all take together; the engine has no images of several platforms."""
    platforms = wanted()
    if len(platforms) > 1:
        for reference in (reference for project in projects for reference in references(project).values()):
            print(f"built {reference} for {' and '.join(platforms)}")
        print(
            "They are in the builder's cache, not in Docker's engine. To run, test or publish images, build them for "
            f"one platform: PLATFORMS={platforms[0]}"
        )
        return
    target = "" if platforms == [of_engine()] else f" for {platforms[0]}"
    together: set[tuple[str, ...]] = set()
    for reference in (reference for project in projects for reference in references(project).values()):
        layers = layers_of(reference)
        together |= layers
        print(f"built {reference}{target}: {megabytes(layers)} MB")
    for project in filter(lacks_client, projects):
        print(f"{project.name}: without a client for S3, which Spark needs on a cluster; make jars, and build it again")
    if together:
        print(f"together: {megabytes(together)} MB, since images share layers")


def layers_of(reference: str) -> set[tuple[str, ...]]:
    """The layers of an image: bytes uncompressed, when and how it was made. Images that share one have it equal."""
    template = "{{.Size}}\t{{.CreatedAt}}\t{{.CreatedBy}}"
    command = ["docker", "history", "--no-trunc", "--human=false", "--format", template, reference]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {tuple(line.split("\t", 2)) for line in lines}


def megabytes(layers: set[tuple[str, ...]]) -> int:
    return sum(int(size) for size, *_ in layers) // 1_000_000
