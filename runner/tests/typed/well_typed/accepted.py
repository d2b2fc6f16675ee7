"""What a cluster accepts although it looks wrong, and what must not be built or looked up to know so."""

from dataclasses import dataclass
from typing import NamedTuple

from flytekit import ContainerTask, ImageSpec, LaunchPlan, conditional, dynamic, kwtypes, map_task, task, workflow
from flytekit.image_spec.image_spec import ImageBuildEngine, ImageSpecBuilder


class NoBuilder(ImageSpecBuilder):
    """A builder that must be left alone."""

    def should_build(self, image_spec: ImageSpec) -> bool:
        raise RuntimeError("the image's registry was asked")

    def build_image(self, image_spec: ImageSpec) -> None:
        raise RuntimeError("the image was built")


ImageBuildEngine.register("none", NoBuilder())


def spec(name: str) -> ImageSpec:
    return ImageSpec(name=name, builder="none", registry="localhost:30000")


@task(container_image=spec("double"))
def double(number: int) -> int:
    return 2 * number


@dynamic(container_image=spec("drawn"))
def drawn(number: int) -> int:
    return double(number=number)


raw = ContainerTask(name="raw", image=spec("raw"), inputs=kwtypes(number=int), outputs=kwtypes(o0=int), command=["x"])


@workflow
def image_specs(number: int = 1) -> list[int]:
    raw(number=drawn(number=number))
    return map_task(double)(number=[1, 2])


image_plan = LaunchPlan.get_or_create(image_specs, "image_plan", fixed_inputs={"number": 2})


@task
def count(groups: dict[str, list[int]]) -> int:
    return sum(map(len, groups.values()))


@task
def cells(table: list[list[int | str]], holes: list[list[int | None]]) -> int:
    return len(table) + len(holes)


@workflow
def defaults(
    groups: dict[str, list[int]] = {"a": [1, 2], "b": []},
    table: list[list[int | str]] = [[1], ["a"], []],
    holes: list[list[int | None]] = [[1, None], [2]],
) -> int:
    cells(table=table, holes=holes)
    return count(groups=groups)


groups_plan = LaunchPlan.get_or_create(defaults, "groups_plan", default_inputs={"groups": {"a": [1], "b": []}})


@dataclass
class Parts:
    content: dict


@task
def parts() -> Parts:
    return Parts({"a": {}})


@task
def open_part(content: dict) -> None:
    pass


@workflow
def part_of_a_dict() -> None:
    """Only the task knows what is inside of a plain dict."""
    open_part(content=parts().content["a"])


class Number(NamedTuple):
    number: int


class Word(NamedTuple):
    word: str


class NumberAsText(NamedTuple):
    number: str


@task
def number(value: int) -> Number:
    return Number(value)


@task
def word(value: int) -> Word:
    return Word(str(value))


@task
def number_as_text(value: int) -> NumberAsText:
    return NumberAsText(str(value))


@workflow
def cases_that_share_no_output(value: int = 1) -> None:
    """The first and the last case have an output of the same name, which the branch has not."""
    (
        conditional("shares_nothing")
        .if_(value > 2)
        .then(number(value=value))
        .elif_(value > 1)
        .then(word(value=value))
        .else_()
        .then(number_as_text(value=value))
    )
