"""What the nodes of a workflow take and give, by type, as the serialised graph has it."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from flyteidl.core.interface_pb2 import TypedInterface
from flyteidl.core.literals_pb2 import BindingData, Scalar
from flyteidl.core.types_pb2 import LiteralType, OutputReference, PromiseAttribute, SimpleType
from flyteidl.core.workflow_pb2 import ArrayNode, GateNode, Node, WorkflowTemplate

from runner.graph.bindings import START, cases, key_of
from runner.graph.compiled import Graph
from runner.graph.words import words
from runner.records.compiled_facts import part_of, target
from runner.records.data import step
from runner.records.record import short_name
from runner.typecheck.literals import type_of_scalar

Types = Mapping[str, LiteralType]


class Unknown(Exception):
    """The type is not in the graph: that of a task or a workflow that was fetched from a cluster."""


class Mismatch(Exception):
    """A promise leads nowhere; the message is the text of a finding."""


def types(variables: Mapping) -> dict[str, LiteralType]:
    """The types of an interface's inputs or outputs."""
    return {name: variable.type for name, variable in variables.items()}


def called(node: Node) -> str:
    """The name of the task, workflow or launch plan that a node calls; of a branch or a gate, its own."""
    return target(node) or node.metadata.name


def calls_launch_plan(node: Node) -> bool:
    return node.HasField("workflow_node") and node.workflow_node.HasField("launchplan_ref")


@dataclass(frozen=True)
class Scope:
    """A workflow of a graph: what its promises may refer to."""

    graph: Graph
    template: WorkflowTemplate

    @functools.cached_property
    def nodes(self) -> dict[str, Node]:
        return {node.id: node for node in self.template.nodes}

    def interface(self, node: Node) -> TypedInterface:
        """The inputs and outputs of a node that is no branch; raises Unknown."""
        if node.HasField("array_node"):
            return self.array(node.array_node)
        if node.HasField("gate_node"):
            return self.gate(node.gate_node, node)
        name = called(node)
        if name in self.graph.references:
            return self.graph.references[name]
        if calls_launch_plan(node):
            return self.launch_plan(name)
        known = self.graph.tasks if node.HasField("task_node") else self.graph.workflows
        if name not in known:
            raise Unknown(name)
        return known[name].interface

    def array(self, array: ArrayNode) -> TypedInterface:
        """A map task's template has lists already; a launch plan or a reference that is mapped has not."""
        interface = self.interface(array.node)
        if not array.is_original_sub_node_interface.value:
            return interface
        lists = TypedInterface()
        for taken, made in ((interface.inputs, lists.inputs), (interface.outputs, lists.outputs)):
            for name, found in types(taken.variables).items():
                bound = made is lists.inputs and name in array.bound_inputs
                made.variables[name].type.CopyFrom(found if bound else LiteralType(collection_type=found))
        return lists

    def launch_plan(self, name: str) -> TypedInterface:
        """A launch plan's workflow, less the inputs that the plan has fixed."""
        plan = self.graph.launch_plans.get(name)
        if plan is None or plan.spec.workflow_id.name not in self.graph.workflows:
            raise Unknown(name)
        interface = TypedInterface()
        interface.CopyFrom(self.graph.workflows[plan.spec.workflow_id.name].interface)
        for fixed in plan.spec.fixed_inputs.literals:
            interface.inputs.variables.pop(fixed, None)
        return interface

    def gate(self, gate: GateNode, node: Node) -> TypedInterface:
        """A gate waits: for a time, for a signal, which becomes its output, or for approval of what passes it."""
        interface = TypedInterface()
        if gate.HasField("signal"):
            interface.outputs.variables[gate.signal.output_variable_name].type.CopyFrom(gate.signal.type)
        if gate.HasField("approve"):
            for item in node.inputs:
                for passed in (interface.inputs, interface.outputs):
                    passed.variables[item.var].type.CopyFrom(self.type_of(item.binding))
        return interface

    def has_default(self, node: Node) -> set[str]:
        """The inputs of a node that may be left out because a launch plan has, or may have, a default for them."""
        if not calls_launch_plan(node):
            return set()
        if called(node) in self.graph.references:
            return set(self.interface(node).inputs.variables)
        parameters = self.graph.launch_plans[called(node)].spec.default_inputs.parameters.items()
        return {name for name, parameter in parameters if not parameter.required}

    def outputs(self, node: Node) -> Types:
        """The outputs of a node; of a branch those that all its cases have."""
        if not node.HasField("branch_node"):
            return types(self.interface(node).outputs.variables)
        first, *others = (self.outputs(case) for case in cases(node))
        return {name: found for name, found in first.items() if all(name in other for other in others)}

    def type_of(self, data: BindingData) -> LiteralType:
        """The type of what a binding stands for; of lists and dictionaries by their first element."""
        if data.HasField("scalar"):
            return type_of_scalar(data.scalar)
        if data.HasField("promise"):
            found = self.promised(data.promise)
            for attribute in data.promise.attr_path:
                found = inside(found, attribute)
            return found
        if data.HasField("map"):
            return LiteralType(map_value_type=self.first(data.map.bindings.values()))
        return LiteralType(collection_type=self.first(data.collection.bindings))

    def first(self, items) -> LiteralType:
        return next((self.type_of(item) for item in items), type_of_scalar(Scalar()))

    def promised(self, promise: OutputReference) -> LiteralType:
        """The type of a node's output or of the workflow's input, without the path into it."""
        if promise.node_id in ("", START):
            known: Types = types(self.template.interface.inputs.variables)
        elif promise.node_id in self.nodes:
            known = self.outputs(self.nodes[promise.node_id])
        else:
            raise Mismatch(f"gets the output of {promise.node_id}, a call that is not in the workflow")
        if promise.var not in known:
            raise Mismatch(f"gets {self.source(promise)}, which does not exist")
        return known[promise.var]

    def source(self, promise: OutputReference) -> str:
        """Where a promise comes from, in words."""
        name = promise.var + part_of(promise)
        if promise.node_id in ("", START):
            return f"workflow input {name}"
        return f"output {name} of {promise.node_id} {short_name(called(self.nodes[promise.node_id]))}"


def inside(literal_type: LiteralType, attribute: PromiseAttribute) -> LiteralType:
    """The type one step into a value: an element of a list, a value of a dictionary, a field of a data class."""
    if literal_type.HasField("collection_type"):
        return literal_type.collection_type
    if literal_type.HasField("map_value_type"):
        return literal_type.map_value_type
    fields = literal_type.structure.dataclass_type
    if not fields and literal_type.simple == SimpleType.STRUCT:
        return literal_type  # what a plain dict holds is known when the task runs
    if attribute.string_value not in fields:
        lack = "no such field" if fields else "no parts"
        raise Mismatch(f"gets {step(key_of(attribute))} of {words(literal_type)}, which has {lack}")
    return fields[attribute.string_value]
