"""An entry point names a workflow, whatever that is called; anything else is refused in one line."""

import sys

import pytest
from lessons import call, lesson_in, records

from runner.entry_point import workflow
from runner.errors import Stop

DOUBLE = """from flytekit import LaunchPlan, Workflow, eager, reference_workflow, task, workflow

@task
def double(number: int) -> int:
    return 2 * number

@workflow
def TrainModel(number: int = 1) -> int:
    return double(number=number)

free = Workflow(name="a free name")
free.add_workflow_input("X", int)
free.add_workflow_output("result", free.add_entity(double, number=free.inputs["X"]).outputs["o0"])

@eager
async def hasty(number: int = 1) -> int:
    return double(number=number)

@reference_workflow(project="p", domain="development", name="elsewhere.wf", version="1")
def elsewhere(number: int) -> int:
    return number

plan = LaunchPlan.get_or_create(TrainModel, f"plan of {__file__}", fixed_inputs={"number": 3})
value = 5
"""


@pytest.fixture
def importable(tmp_path, monkeypatch):
    """Makes a lesson of one file importable."""

    def importable(code):
        lesson = lesson_in(tmp_path, code)
        monkeypatch.setenv("MACHINE_TMPDIR", str(tmp_path))
        monkeypatch.setattr(sys, "path", [str(lesson), *sys.path])
        for name in [name for name in sys.modules if name.startswith("made_lesson")]:
            monkeypatch.delitem(sys.modules, name)
        return lesson

    return importable


def refused(entry_point):
    with pytest.raises(Stop) as stop:
        workflow(entry_point)
    line = str(stop.value)
    assert line.startswith(f"entry_point {entry_point}")
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def broken(:\n", "workflow.py:1: invalid syntax"),
        ("x = 1\n  y = 2\n", "workflow.py:2: unexpected indent"),
        (b"\xff\xfe", "workflow.py:1: (unicode error)"),
        (b"x = 1\0", "null bytes"),
        (
            "import no_such_module\n",
            "No module named 'no_such_module' (made_lesson/workflow.py:1); the traceback is in ",
        ),
        ("\n1 / 0\n", "ZeroDivisionError: division by zero (made_lesson/workflow.py:2)"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3 (made_lesson/workflow.py:2)"),
        ("raise ValueError('two\\nlines ' + 'x' * 5000)\n", "ValueError: two lines xxx"),
        ("", "has no 'wf'; its workflows are: none"),
        (DOUBLE.replace("TrainModel", "wfs"), "has no 'wf'; did you mean wfs? its workflows are: wfs, free"),
    ],
)
def test_a_module_that_gives_no_workflow_is_one_line(importable, code, words):
    importable(code)
    line = refused("made_lesson.workflow:wf")
    assert words in line
    assert len(line) < 600


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("double", "is a task, not a workflow; the workflows are: TrainModel, free"),
        ("hasty", "is an eager workflow, not"),
        ("plan", "is a launch plan, not a workflow; run its workflow, TrainModel, with number=3"),
        ("elsewhere", "is a reference to what only a cluster has, not a workflow; the workflows are"),
        ("value", "is a int, not"),
    ],
)
def test_what_is_no_workflow_is_named(importable, name, words):
    importable(DOUBLE)
    assert words in refused(f"made_lesson.workflow:{name}")


def test_a_module_that_is_not_there(importable):
    importable(DOUBLE)
    assert "No module named 'made_lesson.other'" in refused("made_lesson.other:wf")


@pytest.mark.parametrize(("name", "words", "output"), [("TrainModel", ["--number", "4"], 8), ("free", ["--X", "4"], 8)])
def test_a_workflow_of_any_name_is_run(tmp_path, name, words, output):
    lesson = lesson_in(tmp_path, DOUBLE, f"made_lesson.workflow:{name}")
    ended = call("run", lesson, *words)
    assert (ended.returncode, ended.stderr) == (0, "")
    (record,) = records(lesson)
    assert list(record["outputs"].values()) == [output]


def test_workflow_names_another_workflow_to_run(tmp_path):
    lesson = lesson_in(tmp_path, DOUBLE, "made_lesson.workflow:TrainModel", inputs="[inputs]\nnumber = 5")
    ended = call("run", lesson, "--X", "4", WORKFLOW="free")
    assert (ended.returncode, ended.stderr) == (0, "")
    (record,) = records(lesson)
    assert record["entry_point"] == "made_lesson.workflow:free"
    assert record["command"] == "make run PROJECT=made WORKFLOW=free ARGS='--X 4'"
    assert (record["inputs"], record["outputs"]) == ({"X": 4}, {"result": 8})


def test_workflow_keeps_the_inputs_of_the_lesson_for_its_own_entry_point(tmp_path):
    lesson = lesson_in(tmp_path, DOUBLE, "made_lesson.workflow:TrainModel", inputs="[inputs]\nnumber = 5")
    assert call("run", lesson, WORKFLOW="TrainModel").returncode == 0
    assert records(lesson)[0]["inputs"] == {"number": 5}


@pytest.mark.parametrize("verb", ["run", "cluster-run"])
def test_workflow_that_is_unknown_or_asked_for_help(tmp_path, verb):
    lesson = lesson_in(tmp_path, DOUBLE, "made_lesson.workflow:TrainModel")
    ended = call(verb, lesson, WORKFLOW="freed")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.endswith("has no 'freed'; did you mean free? its workflows are: TrainModel, free\n")
    ended = call(verb, lesson, "--help", WORKFLOW="free")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "make run PROJECT=made WORKFLOW=free" in ended.stdout
    assert "--X" in ended.stdout


def test_a_module_that_cannot_be_imported_is_reported_with_the_first_cause(tmp_path):
    code = "try:\n    open('gone.txt')\nexcept OSError as error:\n    raise ValueError('choose a version') from error\n"
    ended = call("run", lesson_in(tmp_path, code))
    assert ended.returncode == 2
    assert "FileNotFoundError" in ended.stderr
    assert "gone.txt" in ended.stderr
    assert "choose a version" not in ended.stderr


@pytest.mark.parametrize(("verb", "most"), [("run", 1), ("typecheck", 2)])
@pytest.mark.parametrize("code", ["def broken(:\n", "import nowhere\n", "import sys\nsys.exit(0)\n"])
def test_no_command_fails_without_a_line_or_with_many(tmp_path, verb, most, code):
    lesson = lesson_in(tmp_path, code)
    ended = call(verb, lesson)
    assert ended.returncode in (1, 2)
    assert 1 <= len((ended.stdout + ended.stderr).splitlines()) <= most
    assert "Traceback" not in ended.stdout + ended.stderr
    assert records(lesson) == []
