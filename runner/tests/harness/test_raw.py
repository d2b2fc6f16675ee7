"""Inputs and outputs of a task that is a container without Python."""

import pytest
from flyteidl.core.interface_pb2 import Variable, VariableMap
from flyteidl.core.tasks_pb2 import Container
from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile

from runner.harness import raw


def literals(**values):
    context = FlyteContextManager.current_context()
    return TypeEngine.dict_to_literal_map(context, values).to_flyte_idl()


def variables(**types) -> VariableMap:
    kinds = {name: TypeEngine.to_literal_type(kind).to_flyte_idl() for name, kind in types.items()}
    return VariableMap(variables={name: Variable(type=kind) for name, kind in kinds.items()})


@pytest.fixture
def attempt(tmp_path):
    raw.write_inputs(literals(), tmp_path)
    return tmp_path


def test_inputs_stand_on_the_command_line():
    container = Container(command=["sh", "-c"], args=["echo {{.inputs.text}} {{ .inputs.flag }}", "{{.inputs.n}}"])
    assert raw.words(container, literals(text="a b", flag=True, n=3)) == ["sh", "-c", "echo a b true", "3"]


def test_inputs_are_files(tmp_path):
    file, folder = tmp_path / "data.csv", tmp_path / "many"
    file.write_text("a,b\n")
    folder.mkdir()
    (folder / "one").write_text("1")
    inputs = literals(n=3, x=0.5, flag=False, text="ä", file=FlyteFile(str(file)), folder=FlyteDirectory(str(folder)))
    raw.write_inputs(inputs, tmp_path)
    read, _ = raw.folders(tmp_path)
    texts = {name: (read / name).read_text() for name in ("n", "x", "flag", "text", "file")}
    assert texts == {"n": "3", "x": "0.5", "flag": "false", "text": "ä", "file": "a,b\n"}
    assert (read / "folder" / "one").read_text() == "1"


def test_outputs_are_read_by_their_types(attempt):
    _, written = raw.folders(attempt)
    texts = {"n": "3\n", "x": "0.5", "flag": "true\n", "text": "ä\n", "file": "content"}
    for name, text in texts.items():
        (written / name).write_text(text)
    found = raw.read_outputs(variables(n=int, x=float, flag=bool, text=str, file=FlyteFile), attempt).literals
    primitives = {name: found[name].scalar.primitive for name in texts}
    assert (primitives["n"].integer, primitives["x"].float_value) == (3, 0.5)
    assert (primitives["flag"].boolean, primitives["text"].string_value) == (True, "ä\n")
    assert found["file"].scalar.blob.uri == str(written / "file")


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        (int, None, "did not write its output x"),
        (int, "three", "its output x should be of type integer: 'three'"),
        (FlyteDirectory, "a file", "its output x should be a folder"),
    ],
)
def test_a_bad_output_is_named(kind, content, words, attempt):
    if content is not None:
        (raw.folders(attempt)[1] / "x").write_text(content)
    with pytest.raises(raw.BadOutput, match=words):
        raw.read_outputs(variables(x=kind), attempt)
