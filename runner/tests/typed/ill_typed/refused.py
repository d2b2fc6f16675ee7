"""What a cluster refuses for more than a type that does not fit; each line ends in `# wrong`."""

from flytekit import LaunchPlan, Workflow, conditional, map_task, reference_task, task, workflow


@task
def text() -> str:
    return ""


@task
def double(number: int) -> int:
    return 2 * number


@task
def numbers() -> list[int]:
    return [1]


@workflow
def without_a_node(number: int = 1) -> int:  # wrong
    return number


@workflow
def inner(number: int = 1) -> int:
    return double(number=number)


plan = LaunchPlan.get_or_create(inner, "mapped_plan")


@workflow
def mapped_plan() -> list[int]:
    return map_task(plan)(number=[1, 2])  # wrong


@reference_task(project="elsewhere", domain="development", name="elsewhere.double", version="1")
def elsewhere(number: int) -> int: ...


@workflow
def reference() -> int:
    return elsewhere(number=text())  # wrong


@workflow
def named_alike(number: int = 1) -> int:
    first = double(number=number).with_overrides(node_name="same")
    return double(number=first).with_overrides(node_name="same")  # wrong


@task
def length(of: str) -> int:
    return len(of)


@workflow
def value_in_a_text() -> int:
    return length(of=f"hello {text()}")  # wrong


@workflow
def lost_in_the_last_case(number: int = 1) -> int:
    return (
        conditional("last")
        .if_(number > 1)
        .then(double(number=number))
        .else_()
        .then(double(number=double(number=number)))  # wrong
    )


@workflow
def lost_in_a_map(number: int = 1) -> list[int]:
    return (
        conditional("map")
        .if_(number > 1)
        .then(map_task(double)(number=[number]))
        .else_()
        .then(map_task(double)(number=numbers()))  # wrong
    )


@workflow
def lost_in_the_first_condition(number: int = 1) -> int:
    return (
        conditional("first")
        .if_(double(number=number) > 1)  # wrong
        .then(double(number=number))
        .else_()
        .then(inner(number=number))
    )


@workflow
def lost_in_another_condition(number: int = 1) -> int:
    return (
        conditional("another")
        .if_(number > 1)
        .then(double(number=number))
        .elif_(double(number=number) > 1)  # wrong
        .then(inner(number=number))
        .else_()
        .fail("no")
    )


# Its name is free: not that of a function in this module.
free = Workflow(name="doubling")
free.add_workflow_input("number", str)
step = free.add_entity(double, number=free.inputs["number"])  # wrong
free.add_workflow_output("number", step.outputs["o0"])
