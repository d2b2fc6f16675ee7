"""Tasks that are a container and no Python: their inputs as files, and the files that they write as outputs.

On a cluster two helpers beside the container do this (flytecopilot). Numbers, texts and truth values are
files that hold their text, files and folders are copied as they are; a `{{.inputs.x}}` on the command line
is replaced by the value. support.py refuses tasks with inputs or outputs of other types.
"""

import json
import re
import shutil
from pathlib import Path

from flyteidl.core.interface_pb2 import VariableMap
from flyteidl.core.literals_pb2 import Literal, LiteralMap, Primitive
from flyteidl.core.tasks_pb2 import Container, TaskTemplate
from flyteidl.core.types_pb2 import BlobType, LiteralType, SimpleType

INPUT = re.compile(r"\{\{\s*\.inputs\.(\w+)\s*\}\}")
PARSERS = {
    SimpleType.INTEGER: ("integer", int),
    SimpleType.FLOAT: ("float_value", float),
    SimpleType.STRING: ("string_value", str),
    SimpleType.BOOLEAN: ("boolean", lambda text: text.strip().lower() in ("1", "t", "true")),
}


class BadOutput(Exception):
    """The container did not write an output, or not as its type says."""


def is_raw(task: TaskTemplate) -> bool:
    return task.HasField("container") and task.container.data_config.enabled


def folders(folder: Path) -> tuple[Path, Path]:
    """Where an attempt keeps the files that its container reads, and those that it writes."""
    return folder / "raw" / "inputs", folder / "raw" / "outputs"


def words(container: Container, inputs: LiteralMap) -> list[str]:
    """The command line with the values of the inputs in it."""
    return [
        INPUT.sub(lambda match: text(inputs.literals[match[1]].scalar.primitive), word)
        for word in (*container.command, *container.args)
    ]


def text(primitive: Primitive) -> str:
    value = getattr(primitive, primitive.WhichOneof("value"))
    return json.dumps(value) if isinstance(value, bool) else str(value)


def write_inputs(inputs: LiteralMap, folder: Path) -> None:
    """Writes every input of an attempt as the file that its container reads."""
    files, outputs = folders(folder)
    files.mkdir(parents=True)
    outputs.mkdir()
    outputs.chmod(0o777)  # the user of the image is not known
    for name, literal in inputs.literals.items():
        scalar = literal.scalar
        if scalar.HasField("blob"):
            copy = shutil.copytree if Path(scalar.blob.uri).is_dir() else shutil.copyfile
            copy(scalar.blob.uri, files / name)
        else:
            (files / name).write_text(text(scalar.primitive), encoding="utf-8")


def read_outputs(variables: VariableMap, folder: Path) -> LiteralMap:
    """The outputs of an attempt; raises BadOutput with the first that is missing or not as its type says."""
    _, files = folders(folder)
    return LiteralMap(
        literals={name: literal(name, variable.type, files / name) for name, variable in variables.variables.items()}
    )


def literal(name: str, kind: LiteralType, file: Path) -> Literal:
    if not file.exists():
        raise BadOutput(f"it did not write its output {name}")
    found = Literal()
    if kind.HasField("blob"):
        found.scalar.blob.metadata.type.CopyFrom(kind.blob)
        found.scalar.blob.uri = str(file)
        if file.is_dir() != (kind.blob.dimensionality == BlobType.MULTIPART):
            raise BadOutput(f"its output {name} should be a {'file' if file.is_dir() else 'folder'}")
        return found
    field, parse = PARSERS[kind.simple]
    written = file.read_text(encoding="utf-8")
    try:
        setattr(found.scalar.primitive, field, parse(written))
    except ValueError:
        wanted = SimpleType.Name(kind.simple).lower()
        raise BadOutput(f"its output {name} should be of type {wanted}: {written!r}") from None
    return found
