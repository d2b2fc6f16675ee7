"""`make build` and `make build-all`: images by docker buildx bake."""

from tools.core.commands import output_of
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
    """Prints every image that was built, and where it is."""
    images = [reference for project in projects for reference in references(project).values()]
    platforms = wanted()
    if len(platforms) == 1:
        tell_in_engine(images, platforms[0])
    else:
        tell_in_cache(images, platforms)
    for project in filter(lacks_client, projects):
        print(f"{project.name}: without a client for S3, which Spark needs on a cluster; make jars, and build it again")


def tell_in_engine(images: list[str], platform: str) -> None:
    """Prints images of one platform with their sizes, and what they take together."""
    target = "" if platform == of_engine() else f" for {platform}"
    together: set[tuple[str, ...]] = set()
    for image in images:
        layers = layers_of(image)
        together |= layers
        print(f"built {image}{target}: {megabytes(layers)} MB")
    print(f"together: {megabytes(together)} MB, since images share layers")


def tell_in_cache(images: list[str], platforms: list[str]) -> None:
    """Prints images of several platforms. The engine may have older images with the same names."""
    for image in images:
        print(f"built {image} for {' and '.join(platforms)}")
    print(
        "The images are in the cache of the builder, not in Docker's engine. To run, test or publish images, build "
        f"them for one platform: PLATFORMS={platforms[0]}"
    )


def layers_of(reference: str) -> set[tuple[str, ...]]:
    """The layers of an image: bytes uncompressed, when and how it was made. Images that share one have it equal."""
    template = "{{.Size}}\t{{.CreatedAt}}\t{{.CreatedBy}}"
    history = output_of("docker", "history", "--no-trunc", "--human=false", "--format", template, reference)
    return {tuple(line.split("\t", 2)) for line in history.splitlines()}


def megabytes(layers: set[tuple[str, ...]]) -> int:
    return sum(int(size) for size, *_ in layers) // 1_000_000
