"""`make graph`: the graph of a lesson's workflow before any run, as text and as an SVG file in the lesson's folder."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flytekit.core.context_manager import FlyteEntities
from flytekit.core.python_function_task import PythonFunctionTask

from runner.graph.compiled import compiled
from runner.harness.graph_facts import graph_facts
from runner.harness.origins import Level
from runner.lesson import Lesson, images, workflow
from runner.records.files import write_atomically
from runner.records.graph_facts import TASK, NodeFact
from runner.records.picture.graph_svg import svg
from runner.records.picture.model import DYNAMIC, Model
from runner.records.picture.terminal import lines
from runner.records.record import Record, short_name

FILE = "graph.svg"


def model(lesson: Lesson, references: Mapping[str, str]) -> Model:
    """The graph of a lesson's workflow; `references` are its images by name."""
    graph = compiled(workflow(lesson.entry_point), references)
    none = Path("/nowhere")  # no attempt has drawn anything yet
    facts = list(map(with_kind, graph_facts(Level(graph, graph.workflow, none, none))))
    return Model(Record(lesson.name, lesson.title, lesson.entry_point, "", "", {}, "", {}, graph=facts))


def with_kind(fact: NodeFact) -> NodeFact:
    """A task that will draw a graph, as the code says it; the compiled graph does not distinguish it from others."""
    drawing = {
        short_name(entity.name)
        for entity in FlyteEntities.entities
        if isinstance(entity, PythonFunctionTask)
        and entity.execution_mode == PythonFunctionTask.ExecutionBehavior.DYNAMIC
    }
    return replace(fact, kind=DYNAMIC) if fact.kind == TASK and fact.name in drawing else fact


def picture(drawn: Model) -> str:
    """The graph as the content of an SVG file."""
    return svg(drawn, f"The graph of {drawn.record.entry_point.rpartition(':')[2]}", is_page=False) + "\n"


def main(lesson: Lesson, out: Path, facts: dict[str, Any]) -> int:
    drawn = model(lesson, {name: image.reference for name, image in images(facts).items()})
    print(f"{lesson.name}: {lesson.entry_point.rpartition(':')[2]}", *(f"  {line}" for line in lines(drawn)), sep="\n")
    file = lesson.folder / FILE
    write_atomically(file, picture(drawn))
    print(f"graph: {file.as_uri()}", flush=True)
    return 0
