"""The versions in which a lesson is registered, for those who have named a version that does not exist."""

from collections.abc import Iterator
from itertools import islice

from flyteidl.admin.common_pb2 import NamedEntityIdentifier, ResourceListRequest, Sort
from flyteidl.admin.launch_plan_pb2 import LaunchPlan

from runner.cluster.connection import Cluster

# The newest are named; of each there is a launch plan for every workflow, and more.
MOST = 5
NEWEST_FIRST = Sort(key="created_at", direction=Sort.DESCENDING)


def launch_plans(cluster: Cluster, name: str = "", filters: str = "") -> Iterator[LaunchPlan]:
    """The launch plans of a name, or of every name, in all versions that the filters let through; the newest first."""
    identifier = NamedEntityIdentifier(project=cluster.project, domain=cluster.domain, name=name)
    request = ResourceListRequest(id=identifier, filters=filters, sort_by=NEWEST_FIRST)
    return cluster.pages(cluster.client.list_launch_plans_paginated, request, "launch_plans")


def registered(cluster: Cluster, plan: str) -> list[str]:
    """The newest versions of a launch plan."""
    return list(islice(dict.fromkeys(found.id.version for found in launch_plans(cluster, plan)), MOST))


def to_choose(cluster: Cluster, lesson: str, plan: str) -> str:
    """What to do about a version that is not registered: the ones that are, with the way to name them."""
    versions = registered(cluster, plan)
    if not versions:
        return f"no version of it is registered; register it: make register PROJECT={lesson}"
    ways = [f"{version} (FAST=1)" if version.endswith("-fast") else version for version in versions]
    return (
        f"registered are {', '.join(ways)}; name one of them by VERSION=…, or register this tree: "
        f"make register PROJECT={lesson}"
    )
