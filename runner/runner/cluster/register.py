"""Registers a lesson: every task, workflow and launch plan of its package, in one version."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.launch_plan import LaunchPlan, LaunchPlanState
from flytekit.models.task import TaskSpec

from runner.cluster.connection import Cluster
from runner.cluster.entities import KINDS, Entity, entities_of, identifier
from runner.cluster.errors import AlreadyThere, ClusterError, NoAnswer, OtherContent
from runner.cluster.fast import shipped
from runner.cluster.versions import launch_plans
from runner.graph.compiled import settings
from runner.lesson import Lesson, workflow
from runner.typecheck.package import Package

# What differs, in the words of Flyte's admin service: a path in the protobuf, and below it both values.
DIFFERENCE = re.compile(r"^(/\S+):$", re.MULTILINE)


@dataclass
class Registered:
    """What came of a registration: how many of each kind are new, and how many were there already."""

    new: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)


def register(
    cluster: Cluster, lesson: Lesson, images: Mapping[str, str], version: str, fast: bool = False
) -> Registered:
    """Registers a lesson in `version`; what is there already with the same content is left as it is.

    Args:
        cluster: where.
        lesson: its folder must be importable.
        images: the images by name; see `runner.graph.compiled.settings`.
        version: of all that is registered.
        fast: whether the code of the lesson's package is uploaded, instead of taken from its images.

    Raises:
        ClusterError: the cluster is not reached, or refuses something; a launch plan has the name of another lesson's.
    """
    how = settings(images, cluster.project, cluster.domain, version)
    # Serialised before anything is uploaded: a lesson that flytekit refuses leaves no trace.
    package = Package.of(lesson)
    entities = entities_of(package, how)
    for plan in [entity for entity in entities if isinstance(entity, LaunchPlan)]:
        check_owner(cluster, lesson, plan)
    if fast:
        entities = entities_of(package, shipped(cluster, lesson.folder / lesson.package, how))
    done = Registered()
    for entity in entities:
        kind = KINDS[type(entity)]
        (done.new if create(cluster, entity, version) else done.unchanged)[kind] += 1
    return done


def check_owner(cluster: Cluster, lesson: Lesson, plan: LaunchPlan) -> None:
    """Raises ClusterError if another lesson has a launch plan of this name: each would replace the other's schedule."""
    if plan.id.name.startswith(f"{lesson.package}."):
        return  # the default launch plan of a workflow, named after it
    found = next(launch_plans(cluster, plan.id.name), None)
    if found and not found.spec.workflow_id.name.startswith(f"{lesson.package}."):
        raise ClusterError(
            f"launch plan {plan.id.name} already exists in {cluster.project}/{cluster.domain}, and starts "
            f"{found.spec.workflow_id.name}, which is not part of {lesson.name}; nothing was registered; "
            f"give the launch plan of {lesson.name} another name"
        )


def create(cluster: Cluster, entity: Entity, version: str) -> bool:
    """Registers one entity; whether it is new."""
    client, kind, name = cluster.remote.client, KINDS[type(entity)], identifier(entity)
    makers = {
        TaskSpec: client.create_task,
        WorkflowSpec: client.create_workflow,
        LaunchPlan: client.create_launch_plan,
    }
    spec = entity.spec if isinstance(entity, LaunchPlan) else entity
    is_new = True
    try:
        cluster.call(makers[type(entity)], name, spec)
    except AlreadyThere:
        is_new = False
    except OtherContent as error:
        raise ClusterError(
            f"{kind} {name.name} is registered in version {version} with other content{differences(str(error))}; "
            f"commit what has changed, or name another version: VERSION={version}-2"
        ) from None
    except NoAnswer:
        raise
    except ClusterError as error:
        raise ClusterError(f"{kind} {name.name}: {error}") from error
    if isinstance(entity, LaunchPlan) and entity.should_auto_activate:
        cluster.call(client.update_launch_plan, name, LaunchPlanState.ACTIVE)
    return is_new


def differences(words: str) -> str:
    """Where the contents differ, as far as the cluster says so."""
    paths = DIFFERENCE.findall(words)
    return f" (at {', '.join(paths[:3])}{' …' if len(paths) > 3 else ''})" if paths else ""


def summary(done: Registered) -> str:
    """What came of a registration, in words."""

    def counted(counts: Counter[str]) -> str:
        return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items())

    if not done.new:
        return f"already registered, unchanged ({counted(done.unchanged)})"
    before = f"; {counted(done.unchanged)} were there already, unchanged" if done.unchanged else ""
    return f"registered {counted(done.new)}{before}"


def main(lesson: Lesson, out: Path, facts: dict[str, Any]) -> int:
    cluster, version = Cluster.in_hand().patient(), facts["version"]
    done = register(cluster, lesson, facts["images"], version, fast=os.environ.get("FAST") == "1")
    print(f"{lesson.name}: {summary(done)} as version {version} in {cluster.project}/{cluster.domain}")
    for name, reference in facts["images"].items():
        print(f"  image {name}: {reference}")
    print(f"  {cluster.console(workflow(lesson.entry_point).name)}", flush=True)
    return 0
