"""Why a task waits, in words of our own: what the cluster says of its pods is for those who run it."""

import re

from runner.cluster.errors import one_line

STARTING = "starting"
# What a cluster says while it gets a task going: pods, Spark, Ray.
GOING = re.compile(
    r"task submitted|Demistify Pending|ContainersNotReady|ContainerCreating|PodInitializing"
    r"|job queued|job submitted|cluster is creating|Scheduling$"
)
PULL = re.compile(r"Back-off pulling image|ErrImagePull|ImagePullBackOff|InvalidImageName")
IMAGE = re.compile(r'image "([^"]+)"')
GPU = re.compile(r"Insufficient \S*gpu", re.IGNORECASE)
LACKS = re.compile(r"Insufficient ([\w.-]+?)\.?(?:\s|,|$)")
NAMES = {"cpu": "CPU", "memory": "memory", "ephemeral-storage": "disk"}


def pull(text: str) -> str:
    """An image that the cluster cannot pull: which one, and why, as far as a message says so; empty if it can."""
    if not PULL.search(text):
        return ""
    image = IMAGE.search(text)
    cause = text.rpartition(": ")[2].strip() if image and ": " in text[image.end() :] else ""
    return f"cannot pull {image[1] if image else 'the image'}" + (f": {cause}" if cause else "")


def waits(reason: str) -> str:
    """What to say of a task that has not begun, by what the cluster says of it."""
    text = " ".join(reason.split())
    if told := pull(text):
        return told
    if GPU.search(text):
        return "waits for a GPU: no node has one"
    if "exceeded quota" in text:
        return "waits for room: the quota of the project is used up"
    if lacking := LACKS.findall(text):
        return f"waits for room: not enough {' and '.join(dict.fromkeys(NAMES.get(name, name) for name in lacking))}"
    if text.startswith("Unschedulable"):
        return one_line(f"waits for room: {text.removeprefix('Unschedulable:')}")
    return STARTING if not text or GOING.search(text) else one_line(f"{STARTING}: {text}")
