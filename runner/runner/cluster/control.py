"""Watches, recovers and ends an execution that is on the cluster already, by its name."""

import contextlib
import getpass
import importlib
import os
from pathlib import Path
from typing import Any

from flyteidl.admin.execution_pb2 import (
    Execution,
    ExecutionRecoverRequest,
    ExecutionTerminateRequest,
    WorkflowExecutionGetDataRequest,
    WorkflowExecutionGetRequest,
)
from flyteidl.core.execution_pb2 import WorkflowExecution
from flyteidl.core.identifier_pb2 import WorkflowExecutionIdentifier

from runner.cluster.connection import Cluster
from runner.cluster.errors import AlreadyThere, ClusterError, NotFound
from runner.cluster.follow import OVER, follow, minutes
from runner.cluster.origin import origin
from runner.cluster.outputs import whole
from runner.cluster.phases import phase_of
from runner.cluster.start import followed, new_name, started
from runner.lesson import Lesson
from runner.records.find import records
from runner.records.folder_lock import InUse
from runner.records.literals import shown
from runner.records.record import EXECUTION
from runner.records.run_folder import Run


def watch(lesson: Lesson, out: Path, facts: dict[str, Any], name: str) -> int:
    """Follows an execution to its end, whoever started it; its record is that of the run that started it, if any."""
    cluster = Cluster.in_hand().patient()
    found, command = find(cluster, lesson, name), f"make watch PROJECT={lesson.name} EXECUTION={name}"
    return attend(cluster, lesson, out, facts["version"], found, command)


def recover(lesson: Lesson, out: Path, facts: dict[str, Any], name: str) -> int:
    """Starts an execution that takes over what succeeded in one that did not, and follows it."""
    minutes()  # a wrong WAIT is reported before anything is started
    cluster = Cluster.in_hand().patient()
    before = find(cluster, lesson, name)
    if before.closure.phase == WorkflowExecution.SUCCEEDED:
        raise ClusterError(f"execution {name} has succeeded, there is nothing to recover")
    if before.closure.phase not in OVER:
        raise ClusterError(f"execution {name} is still running; make watch PROJECT={lesson.name} EXECUTION={name}")
    request = ExecutionRecoverRequest(id=before.id, name=new_name())
    # There already: a first call was answered, the answer was lost, and flytekit called again.
    with contextlib.suppress(AlreadyThere):
        cluster.call(cluster.client.recover_execution, request)
    again = find(cluster, lesson, request.name)
    command = f"make recover PROJECT={lesson.name} EXECUTION={name}"
    return attend(cluster, lesson, out, facts["version"], again, command)


def abort(lesson: Lesson, out: Path, facts: dict[str, Any], name: str) -> int:
    """Ends an execution."""
    cluster = Cluster.in_hand()
    execution = find(cluster, lesson, name)
    if execution.closure.phase in OVER:
        raise ClusterError(f"execution {name} is over already: {phase_of(execution)}")
    request = ExecutionTerminateRequest(id=execution.id, cause=f"make abort, by {user()}")
    cluster.call(cluster.client.terminate_execution, request)
    print(
        f"execution {name} is being ended; what had succeeded can be used: "
        f"make recover PROJECT={lesson.name} EXECUTION={name}",
        flush=True,
    )
    return 0


def user() -> str:
    """Who runs the command; the number of a user that has no name on this machine, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def find(cluster: Cluster, lesson: Lesson, name: str) -> Execution:
    """An execution of the lesson by its name; raises ClusterError."""
    identifier = WorkflowExecutionIdentifier(project=cluster.project, domain=cluster.domain, name=name)
    try:
        found = cluster.call(cluster.client.get_execution, WorkflowExecutionGetRequest(id=identifier))
    except NotFound:
        raise ClusterError(
            f"there is no execution {name!r} in {cluster.project}/{cluster.domain}; "
            f"Flyte's console lists them: {cluster.remote.generate_console_http_domain()}/console"
        ) from None
    workflow = found.closure.workflow_id.name
    if not workflow.startswith(f"{lesson.package}."):
        raise ClusterError(f"execution {name} is of {workflow}, which is not part of {lesson.name}; name its PROJECT")
    return found


def attend(cluster: Cluster, lesson: Lesson, out: Path, of_tree: str, execution: Execution, command: str) -> int:
    """Follows an execution in a run of its own, or in the run that follows it already.

    `of_tree` is the version of the files on this machine, which need not be the execution's.
    """
    identifier, version = execution.id, execution.closure.workflow_id.version
    module, _, name = execution.closure.workflow_id.name.rpartition(".")
    try:
        run = earlier(lesson, out, identifier.name, command)
    except InUse as busy:
        raise ClusterError(f"execution {identifier.name} is watched already: {busy}") from None
    if run is None:
        request = WorkflowExecutionGetDataRequest(id=identifier)
        data = cluster.call(cluster.client.get_execution_data, request)
        inputs = shown(whole(cluster, data, "inputs"), out)
        known = origin(lesson, version, of_tree)
        run = Run.start(lesson, f"{module}:{name}", out, command, inputs, EXECUTION, known)
    started(cluster, run, identifier)
    print(f"{lesson.name}: {name}, version {version}, execution {identifier.name}")
    target = " ".join(command.split()[:2])
    return followed(target, run, lambda: follow(cluster, run, identifier, output_types(module, name)))


def output_types(module: str, name: str) -> dict[str, type]:
    """The types of a workflow's outputs in the code on this machine; empty if the code has no such workflow now."""
    try:
        return dict(getattr(importlib.import_module(module), name).python_interface.outputs)
    except Exception:  # renamed, removed, or broken since: the execution runs the code of its own version
        return {}


def earlier(lesson: Lesson, out: Path, name: str, command: str) -> Run | None:
    """The run that has the record of an execution, if there is one."""
    found = next((folder for folder, record in records(out, lesson.name) if record.execution == name), None)
    return Run.resume(lesson, found.resolve(), command) if found else None
