"""Starts an execution of a lesson's registered workflow, with typed inputs, and follows it to its end."""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flyteidl.core.identifier_pb2 import WorkflowExecutionIdentifier
from flytekit.core.workflow import PythonFunctionWorkflow

from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError, NotFound
from runner.cluster.follow import ExecutionFailed, again, follow, minutes
from runner.cluster.origin import origin
from runner.cluster.versions import to_choose
from runner.lesson import Lesson, to_run, workflow
from runner.local.options import inputs_of, typed
from runner.records.record import EXECUTION
from runner.records.run_folder import Run


def new_name() -> str:
    """A name for an execution, given here: a call that is tried again must not start a second one."""
    return f"r{secrets.token_hex(9)}"


def start(
    cluster: Cluster,
    lesson: Lesson,
    entity: PythonFunctionWorkflow,
    inputs: dict[str, Any],
    version: str,
    anew: bool = False,
) -> WorkflowExecutionIdentifier:
    """Starts the workflow as it is registered in `version`; `anew` computes what the cluster's cache has, too.

    Raises:
        ClusterError: it is not registered in that version, or the cluster refuses an input.
    """
    remote = cluster.remote
    minutes()  # a wrong WAIT is reported before anything is started
    try:
        plan = cluster.call(remote.fetch_launch_plan, name=entity.name, version=version)
    except NotFound:
        raise ClusterError(
            f"{entity.short_name} is not registered in version {version} in {cluster.project}/{cluster.domain}; "
            f"{to_choose(cluster, lesson.name, entity.name)}"
        ) from None
    execution = cluster.call(
        remote.execute,
        plan,
        inputs=inputs,
        execution_name=new_name(),
        type_hints=dict(entity.python_interface.inputs),
        overwrite_cache=anew or None,
    )
    return execution.id.to_flyte_idl()


def started(cluster: Cluster, run: Run, identifier: WorkflowExecutionIdentifier) -> None:
    """Says where an execution is to be seen, and keeps it in the run's record."""
    run.record.execution, run.record.console = identifier.name, cluster.console_of(identifier)
    run.save()
    print(run.record.console, flush=True)


def followed(target: str, run: Run, wait: Callable[[], object]) -> int:
    """Follows an execution by `wait`, prints its result, and returns the exit status."""
    try:
        wait()
    except ExecutionFailed:
        run.tell(target)
        return 1
    except KeyboardInterrupt:
        print(f"\n{target}: no longer watching; the execution keeps running; {again(run)}", file=sys.stderr)
        return 130
    run.tell(target)
    return 0


def main(lesson: Lesson, out: Path, facts: dict[str, Any], *arguments: str) -> int:
    lesson, target = to_run(lesson)
    entity, target = workflow(lesson.entry_point), f"{target} REMOTE=1"
    inputs, cluster = inputs_of(entity, lesson, arguments, target, remote=True), Cluster.in_hand().patient()
    identifier = start(cluster, lesson, entity, inputs, facts["version"], anew=os.environ.get("NO_CACHE") == "1")
    known = origin(lesson, facts["version"], facts["version"])
    run = Run.start(lesson, lesson.entry_point, out, typed(target, arguments), inputs, EXECUTION, known)
    started(cluster, run, identifier)
    print(f"{lesson.name}: {entity.short_name}, version {facts['version']}, execution {identifier.name}")
    types = dict(entity.python_interface.outputs)
    return followed("make run", run, lambda: follow(cluster, run, identifier, types))
