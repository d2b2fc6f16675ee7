"""Requests and limits as Kubernetes writes them."""

from collections.abc import Iterable

from flyteidl.core.tasks_pb2 import Container, Resources

UNITS = {"": 1, "m": 1e-3, **{unit: 1000**power for power, unit in enumerate("kMGTPE", 1)}}
UNITS |= {f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)}


def quantity(text: str) -> float:
    """A number as Kubernetes writes it: 500m is half of one, 800Mi is 800 * 2**20."""
    digits = text.rstrip("mkKMGTPEi")
    return float(digits) * UNITS[text[len(digits) :]]


def quantities(entries: Iterable[Resources.ResourceEntry]) -> dict[str, str]:
    """Requests or limits by the name of the resource."""
    return {Resources.ResourceName.Name(entry.name).lower(): entry.value for entry in entries}


def memory_limit(container: Container) -> str:
    """The memory that a task may use, as Kubernetes writes it; empty if it has no limit."""
    return next((entry.value for entry in container.resources.limits if entry.name == Resources.MEMORY), "")
