"""Follows values through Flyte's local executor: which task made each, or which input of the run it is.

The local executor hands a task the very literals that its predecessors gave, one object from task to task: it is
known by its identity, so that two equal values, the number 1 of two tasks, are never mixed up. The literals that
enter the run or that a task gives are copied first, since flytekit may use one for equal values.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from flytekit.core import promise
from flytekit.core.promise import Promise
from flytekit.core.workflow import PythonFunctionWorkflow, WorkflowBase
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap

from runner.records.data import BODY, CONSTANT, INPUT, TASK, Source, step


class Trace:
    """What is known of the literals of one run.

    Attributes:
        outputs: where each output of the run comes from, once it has ended.
    """

    def __init__(self) -> None:
        self.known: dict[int, tuple[Literal, Source]] = {}  # the literal too: an id is that of one living object
        self.running: list[str] = []  # the ids of the tasks around the one that runs
        self.depth = 0  # of workflows, one in another
        self.outputs: dict[str, list[Source]] = {}

    @property
    def parent(self) -> str:
        """The id of the task whose body calls what is called now; empty if it is the workflow."""
        return self.running[-1] if self.running else ""

    def own(self, literal: Literal, source: Source) -> Literal:
        """A copy of a literal, known to come from `source`; the literal itself if it is known already."""
        if id(literal) in self.known:
            return literal
        parts = literal.collection or literal.map
        items = list(enumerate(parts.literals) if literal.collection else parts.literals.items()) if parts else []
        sources = {key: Source(source.kind, source.task, source.name, source.part + step(key)) for key, _ in items}
        owned = {key: self.own(item, sources[key]) for key, item in items}
        copy = Literal(
            scalar=literal.scalar,
            collection=LiteralCollection(list(owned.values())) if literal.collection else None,
            map=LiteralMap(owned) if literal.map else None,
            hash=literal.hash,
            metadata=literal.metadata,
            offloaded_metadata=literal.offloaded_metadata,
        )
        # A list that holds outputs of other tasks comes from those.
        if all(self.of(item) == [sources[key]] for key, item in owned.items()):
            self.known[id(copy)] = (copy, source)
        return copy

    def made(self, outputs: LiteralMap, task: str) -> LiteralMap:
        """The outputs of a task, from now on known as such."""
        return LiteralMap({name: self.own(item, Source(TASK, task, name)) for name, item in outputs.literals.items()})

    def of(self, literal: Literal) -> list[Source]:
        """Where a literal comes from; several sources if it was put together from the values of several."""
        if id(literal) in self.known:
            return [self.known[id(literal)][1]]
        if literal.collection or literal.map:
            parts = (literal.collection or literal.map).literals
            items = parts.values() if literal.map else parts
            found = [source for item in items for source in self.of(item)]
            if found:
                return list(dict.fromkeys(found))
        return [Source(BODY, self.parent) if self.parent else Source(CONSTANT)]

    def sources(self, inputs: LiteralMap) -> dict[str, list[Source]]:
        """Where each input of a task comes from."""
        if self.depth == 0:  # a failure handler: flytekit calls it with the values of the run's inputs
            return {name: [Source(INPUT, "", name)] if name != "err" else [] for name in inputs.literals}
        return {name: self.of(literal) for name, literal in inputs.literals.items()}


@contextlib.contextmanager
def traced() -> Iterator[Trace]:
    """Follows the values of the workflow that is called under `with`."""
    trace = Trace()
    execute, local_execute = PythonFunctionWorkflow.execute, WorkflowBase.local_execute
    resolve = promise.resolve_attr_path_in_promise

    def execute_traced(workflow: PythonFunctionWorkflow, /, **inputs: Any) -> Any:
        # Sub-workflows hand on what is known. In a dynamic workflow the inputs are Python values.
        if trace.depth == 1 and not trace.running:
            inputs = {
                name: Promise(name, trace.own(item.val, Source(INPUT, "", name))) for name, item in inputs.items()
            }
        return execute(workflow, **inputs)

    def local_execute_traced(workflow: WorkflowBase, /, *context: Any, **inputs: Any) -> Any:
        trace.depth += 1
        try:
            result = local_execute(workflow, *context, **inputs)
        finally:
            trace.depth -= 1
        if trace.depth == 0 and not trace.running:
            promises = result if isinstance(result, tuple) else [result]
            trace.outputs = {item.var: trace.of(item.val) for item in promises if isinstance(item, Promise)}
        return result

    async def resolve_traced(item: Promise) -> Promise:
        whole, path = item.val, list(item.attr_path)
        resolved = await resolve(item)
        if path and isinstance(whole, Literal) and id(resolved.val) not in trace.known:
            for source in trace.of(whole)[:1]:
                part = source.part + "".join(map(step, path))
                resolved._val = trace.own(resolved.val, Source(source.kind, source.task, source.name, part))
        return resolved

    PythonFunctionWorkflow.execute, WorkflowBase.local_execute = execute_traced, local_execute_traced
    promise.resolve_attr_path_in_promise = resolve_traced
    try:
        yield trace
    finally:
        PythonFunctionWorkflow.execute, WorkflowBase.local_execute = execute, local_execute
        promise.resolve_attr_path_in_promise = resolve
