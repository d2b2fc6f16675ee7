"""Commands on a stand-in for a cluster, for the tests of executions: the example is registered there, and computes."""

import json
import os
import subprocess
import sys

import pytest
from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine
from flytekit.models.literals import LiteralMap as LiteralMapModel
from running import HERE, IMAGES

from runner.cluster.connection import Cluster
from runner.cluster.register import register
from runner.lesson import workflow

EXAMPLE = HERE / "example"
NAME = "example_lesson.workflow.greeting_workflow"
FACTS = {"version": "v1", "images": IMAGES}
FAST = "import runner.cluster.follow as f, runner.cluster.outage as o; f.POLL_SECONDS = 0.05; o.PAUSE_SECONDS = 0.05\n"
START = "import sys; from runner.command import main; sys.exit(main(*sys.argv[1:]))"


class Commands:
    """`python -m runner`, looking at the cluster more often than people have it; of the example, or of a copy of it."""

    def __init__(self, out, lesson=EXAMPLE):
        self.out = out
        self.lesson = lesson

    def start(self, verb, *words, code="", version=FACTS["version"], **variables):
        command = [
            sys.executable,
            "-c",
            FAST + code + START,
            f"cluster-{verb}",
            str(self.lesson),
            str(self.out),
            json.dumps(FACTS | {"version": version}),
            *words,
        ]
        environment = os.environ | variables
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __call__(self, verb, *words, **named):
        process = self.start(verb, *words, **named)
        output, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def records(self):
        files = sorted((self.out / "example").glob("*/record.json"))
        return [json.loads(file.read_text()) for file in files]


def by_name(workflow, result):
    """The outputs of a workflow by name; `result` is what calling it returned."""
    names = list(workflow.python_interface.outputs)
    if not names:
        return {}
    return dict(zip(names, result if isinstance(result, tuple) else [result], strict=True))


def compute(name, inputs):
    """The outputs of the example's workflow for inputs, by the workflow itself."""
    assert name == NAME
    entity, context = workflow("example_lesson.workflow:greeting_workflow"), FlyteContextManager.current_context()
    interface = entity.python_interface
    given = TypeEngine.literal_map_to_kwargs(context, LiteralMapModel.from_flyte_idl(inputs), interface.inputs)
    outputs = by_name(entity, entity(**given))
    return TypeEngine.dict_to_literal_map(context, outputs, dict(interface.outputs)).to_flyte_idl()


@pytest.fixture
def cluster(service, tmp_path, lesson):
    """The commands, with the example registered."""
    service.admin.compute = compute
    register(Cluster.in_hand(), lesson, FACTS["images"], FACTS["version"])
    return Commands(tmp_path / "out")


def only(executions):
    ((key, played),) = executions.items()
    return key[2], played
