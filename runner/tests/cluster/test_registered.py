"""A lesson, registered on a stand-in for a cluster: what arrives there is what its code says.

make test PROJECT=x runs this in the lesson's environment, with --lesson; else it is about the example.
"""

import sys
from pathlib import Path

import pytest
from flyteidl.core.tasks_pb2 import Resources
from flytekit.core.base_task import PythonTask
from flytekit.core.context_manager import FlyteEntities
from flytekit.core.launch_plan import LaunchPlan
from flytekit.core.python_auto_container import PythonAutoContainerTask

from runner.cluster.connection import Cluster
from runner.cluster.register import register
from runner.graph.compiled import every_node
from runner.lesson import Lesson

DIGEST = "sha256:" + 64 * "a"
VERSION = "0123456789ab"
RESOURCES = {"cpu": Resources.CPU, "mem": Resources.MEMORY, "gpu": Resources.GPU}
# Written down by hand from the lessons' files: requests, limits, retries and cache version of a task.
TASKS = {
    "flyte_basics.workflow.train_model": (("500m", "400Mi"), ("1", "800Mi"), 0, ""),
    "spark_lesson.workflow.resample": (("2", "2Gi"), ("2", "4Gi"), 0, ""),
    "ray_lesson.workflow.score_with_ray": (("1", "800Mi"), ("2", "2Gi"), 0, ""),
    "recovering_executions.workflow.run_trial": (("500m", "400Mi"), ("1", "800Mi"), 2, ""),
    "caching_lesson.workflow.train": (("500m", "400Mi"), ("1", "800Mi"), 0, "1"),
}
SCHEDULES = {"nightly_training": "0 2 * * *"}


@pytest.fixture
def lesson(request, monkeypatch):
    folder = request.config.getoption("--lesson")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return Lesson.read(folder)


@pytest.fixture
def images(lesson):
    return {name: f"localhost:30000/{lesson.name}-{name}@{DIGEST}" for name in lesson.images}


@pytest.fixture
def admin(service, lesson, images):
    """What has arrived when the lesson was registered, and registered again."""
    cluster = Cluster.in_hand()
    first, again = (register(cluster, lesson, images, VERSION) for _ in range(2))
    assert first.new
    assert not first.unchanged
    assert again.unchanged == first.new
    assert not again.new
    assert not service.files.content, "something was uploaded"
    return service.admin


def test_what_arrives_is_what_the_code_says(admin, lesson, images):
    """All in one, since a lesson's environment is started for it alone."""
    everything = [*admin.tasks.values(), *admin.workflows.values(), *admin.launch_plans.values()]
    check_versions(everything)
    check_entry_points(admin, lesson)
    check_images(admin, images)
    check_tasks(admin)
    check_launch_plans(admin)
    text = "".join(map(str, everything))
    for path in (str(Path(sys.prefix)), str(lesson.folder.parent), str(Path.home())):
        assert path not in text, "a path of this machine"


def check_versions(requests):
    for request in requests:
        assert (request.id.project, request.id.domain, request.id.version) == ("flytesnacks", "development", VERSION)


def check_entry_points(admin, lesson):
    for entry_point in {lesson.entry_point, *(case.entry_point for case in lesson.cases)}:
        name = entry_point.replace(":", ".")
        key = ("flytesnacks", "development", name, VERSION)
        assert key in admin.workflows
        assert key in admin.launch_plans
    for request in admin.workflows.values():
        for node in every_node(request.spec.template):
            assert list(node.upstream_node_ids) == sorted(node.upstream_node_ids)


def check_images(admin, images):
    containers = [request.spec.template.container for request in admin.tasks.values()]
    used = {container.image for container in containers if container.image}
    assert used == set(images.values()), "every image of lesson.toml is that of some task"


def check_tasks(admin):
    """Resources, retries and the cache, as the task objects have them, and for some as they are written down here."""
    defined = {entity.name: entity for entity in FlyteEntities.entities if isinstance(entity, PythonTask)}
    for key, request in admin.tasks.items():
        template = request.spec.template
        if not (entity := defined.get(key[2])):
            continue  # of a map task, which flytekit makes when it draws the graph
        if isinstance(entity, PythonAutoContainerTask):
            for kind in ("requests", "limits"):
                asked, found = getattr(entity.resources, kind), getattr(template.container.resources, kind)
                wanted = {RESOURCES[name]: str(value) for name in RESOURCES if (value := getattr(asked, name, None))}
                assert {entry.name: entry.value for entry in found} == wanted, (key, kind)
        metadata = entity.metadata
        assert template.metadata.retries.retries == (metadata.retries or 0), key
        assert template.metadata.discoverable == bool(metadata.cache), key
        assert template.metadata.discovery_version == (metadata.cache_version or ""), key
        assert template.metadata.cache_serializable == bool(metadata.cache_serialize), key
        assert template.metadata.interruptible == bool(metadata.interruptible), key
        if key[2] in TASKS:
            requests, limits, retries, cache = TASKS[key[2]]
            container = template.container.resources
            by_name = [{entry.name: entry.value for entry in part} for part in (container.requests, container.limits)]
            assert [(part[Resources.CPU], part[Resources.MEMORY]) for part in by_name] == [requests, limits]
            assert (template.metadata.retries.retries, template.metadata.discovery_version) == (retries, cache)


def check_launch_plans(admin):
    defined = {entity.name: entity for entity in FlyteEntities.entities if isinstance(entity, LaunchPlan)}
    for key, request in admin.launch_plans.items():
        found = request.spec.entity_metadata.schedule.cron_schedule.schedule
        plan = defined.get(key[2])
        schedule = plan.schedule.cron_schedule.schedule if plan and plan.schedule else ""
        assert found == SCHEDULES.get(key[2], schedule) == schedule
        assert admin.launch_plan(key).closure.state == 0, "a schedule starts by itself"
