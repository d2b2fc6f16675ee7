"""How each kind of node is run: task, map task, dynamic workflow, branch, sub-workflow, launch plan.

A function per kind, all with the same signature: the walker, the node, the values that its bindings
may refer to, its folder, and whether it has been aborted; they return the node's outputs.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from threading import Event

from flyteidl.core.dynamic_job_pb2 import DynamicJobSpec
from flyteidl.core.literals_pb2 import Literal, LiteralMap, Void
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import ArrayNode, Node

from runner.graph.bindings import FAILURE_NODE, inputs_of
from runner.harness.attempts import TaskAborted, TaskFailed, keep_inputs, run_task
from runner.harness.cache import through
from runner.harness.calls import Call, read_message, write_message
from runner.harness.conditions import chosen
from runner.harness.support import Unsupported
from runner.harness.walker import Aborted, Kinds, Values, Walker
from runner.typecheck.checker import check_workflow


def call_of(walker: Walker, node: Node, folder: Path) -> Call:
    """The task of a node, with the retries and the timeout that hold there."""
    task = overridden(walker.graph.tasks[node.task_node.reference_id.name], node)
    timeout = node.metadata.timeout.ToTimedelta() or task.metadata.timeout.ToTimedelta()
    return Call(
        node=folder.relative_to(walker.root).as_posix(),
        task=task,
        folder=folder,
        retries=node.metadata.retries.retries or task.metadata.retries.retries,
        seconds=timeout.total_seconds() or None,
    )


def overridden(task: TaskTemplate, node: Node) -> TaskTemplate:
    """The task with what `with_overrides` set at the node: its image, and each resource that it names."""
    overrides, own = node.task_node.overrides, TaskTemplate()
    own.CopyFrom(task)
    if overrides.container_image:
        own.container.image = overrides.container_image
    for kind in ("requests", "limits"):
        entries, set_here = getattr(own.container.resources, kind), getattr(overrides.resources, kind)
        names = {entry.name for entry in set_here}
        kept = [entry for entry in entries if entry.name not in names]
        del entries[:]
        entries.extend([*kept, *set_here])
    return own


def run_task_node(walker: Walker, node: Node, values: Values, folder: Path, aborted: Aborted) -> LiteralMap:
    """Runs a task, unless its result is cached."""
    inputs, call = inputs_of(node.inputs, values), call_of(walker, node, folder)

    def compute() -> LiteralMap:
        return run_computed(walker, call, inputs, aborted)

    return through(walker.cache, call, inputs, aborted, walker.report, compute)


def run_computed(walker: Walker, call: Call, inputs: LiteralMap, aborted: Aborted) -> LiteralMap:
    """Runs a task; a dynamic workflow's task writes a graph instead of outputs, which is run in turn."""
    attempt = run_task(call, inputs, walker.launcher, aborted, walker.report)
    drawn = read_message(DynamicJobSpec, attempt / "futures.pb")
    if drawn is None:
        return outputs_in(attempt)
    try:
        inner = walker.within(drawn, call.task)
    except Unsupported as problem:
        raise TaskFailed(f"{call.name} drew a graph that is not run here: {problem}") from None
    for finding in check_workflow(inner.graph):
        # A cluster compiles this graph as it does one that is registered.
        raise TaskFailed(f"{call.name} drew a graph whose types do not fit: {finding.text}")
    return inner.workflow(inner.graph.workflow, inputs, call.folder, aborted)


def outputs_in(folder: Path) -> LiteralMap:
    return LiteralMap.FromString((folder / "outputs.pb").read_bytes())


def run_workflow_node(walker: Walker, node: Node, values: Values, folder: Path, aborted: Aborted) -> LiteralMap:
    """Runs a sub-workflow, or the workflow of a launch plan with its default and fixed inputs."""
    inputs, target = inputs_of(node.inputs, values), node.workflow_node
    if target.WhichOneof("reference") == "sub_workflow_ref":
        return walker.workflow(walker.graph.workflows[target.sub_workflow_ref.name], inputs, folder, aborted)
    plan = walker.graph.launch_plans[target.launchplan_ref.name].spec
    parameters = plan.default_inputs.parameters.items()
    defaults = {name: item.default for name, item in parameters if item.HasField("default")}
    merged = LiteralMap(literals={**defaults, **inputs.literals, **plan.fixed_inputs.literals})
    return walker.workflow(walker.graph.workflows[plan.workflow_id.name], merged, folder, aborted)


def run_branch_node(walker: Walker, node: Node, values: Values, folder: Path, aborted: Aborted) -> LiteralMap:
    """Runs the node of the first case whose condition holds; it may refer to the same values."""
    taken = chosen(node.branch_node.if_else, inputs_of(node.inputs, values))
    return walker.node(taken, values, folder / taken.id, aborted)


def run_array_node(walker: Walker, node: Node, values: Values, folder: Path, aborted: Aborted) -> LiteralMap:
    """Runs a map task: its members side by side, up to its concurrency and the launcher's slots.

    A member that fails leaves None in the outputs while the minimum of successes can still be reached;
    past that the others are ended. What it gave is kept: a map task that succeeded is not run again for
    the sake of the members that failed.
    """
    array, inputs = node.array_node, inputs_of(node.inputs, values)
    handler = FAILURE_NODE in folder.relative_to(walker.root).parts
    done = read_message(LiteralMap, folder / "outputs.pb")
    if done and handler:
        return done  # in the execution that is recovered, after another error, which its inputs hold
    keep_inputs(folder / "inputs.pb", inputs, kept=not handler)
    if done:
        return done
    mapped = [name for name in inputs.literals if name not in array.bound_inputs]
    count = members_of(inputs, mapped)
    needed = successes_needed(array, count)
    hopeless = Event()

    def member_aborted() -> bool:
        return hopeless.is_set() or aborted()

    def member(index: int) -> LiteralMap:
        call = replace(call_of(walker, array.node, folder / str(index)), index=index, mapped=mapped)

        def compute() -> LiteralMap:
            return outputs_in(run_task(call, inputs, walker.launcher, member_aborted, walker.report))

        return through(walker.cache, call, inputs, member_aborted, walker.report, compute)

    outputs: dict[int, LiteralMap] = {}
    failures: list[TaskFailed] = []
    with ThreadPoolExecutor(max_workers=array.parallelism or max(count, 1)) as pool:
        members = {pool.submit(member, index): index for index in range(count)}
        for future in as_completed(members):
            try:
                outputs[members[future]] = future.result()
            except TaskFailed as failure:
                failures.append(failure)
                if count - len(failures) < needed:
                    hopeless.set()
    if count - len(failures) < needed:
        first = next((failure for failure in failures if not isinstance(failure, TaskAborted)), failures[0])
        raise type(first)(f"{len(outputs)} of {count} members succeeded, {needed} are needed: {first}")
    together = collected(walker.graph.tasks[array.node.task_node.reference_id.name], outputs, count)
    write_message(folder / "outputs.pb", together)
    return together


def members_of(inputs: LiteralMap, mapped: Sequence[str]) -> int:
    """How many members a map task has; raises TaskFailed unless its lists are of one length."""
    kinds = {name: inputs.literals[name].WhichOneof("value") for name in mapped}
    if wrong := [name for name, kind in kinds.items() if kind != "collection"]:
        raise TaskFailed(f"a map task is called over lists; its input {wrong[0]} got none")
    lengths = {name: len(inputs.literals[name].collection.literals) for name in mapped}
    if len(set(lengths.values())) != 1:
        told = ", ".join(f"{name} has {length}" for name, length in sorted(lengths.items()))
        raise TaskFailed(f"the lists of a map task must have the same number of elements: {told or 'it has no list'}")
    return lengths[mapped[0]]


def successes_needed(array: ArrayNode, count: int) -> int:
    """How many of a map task's members must succeed: all, unless it says otherwise.

    Flyte keeps the ratio in 32 bits: 0.8 of 5 is a little more than 4, so that 5 are needed, as on a cluster.
    """
    kind = array.WhichOneof("success_criteria")
    if kind == "min_successes":
        return array.min_successes
    return math.ceil(count * array.min_success_ratio) if kind else count


def collected(task: TaskTemplate, outputs: Mapping[int, LiteralMap], count: int) -> LiteralMap:
    """The outputs of a map task's members as lists, with nothing where a member failed."""
    nothing = Literal()
    nothing.scalar.none_type.CopyFrom(Void())
    together = LiteralMap()
    for name in task.interface.outputs.variables:
        found = [outputs[index].literals[name] if index in outputs else nothing for index in range(count)]
        together.literals[name].collection.literals.extend(found)
        together.literals[name].collection.SetInParent()
    return together


KINDS: Kinds = {
    "task_node": run_task_node,
    "workflow_node": run_workflow_node,
    "branch_node": run_branch_node,
    "array_node": run_array_node,
}
