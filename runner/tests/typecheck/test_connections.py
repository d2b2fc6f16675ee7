"""Every connection that a cluster was asked about: typecheck agrees, but for what it is stricter about on purpose."""

from pathlib import Path
from types import ModuleType

import pytest
from connections import data_classes, literal_types
from flyteidl.core.types_pb2 import LiteralType
from flytekit.core.type_engine import TypeEngine

from runner.typecheck.casts import castable


def recorded(module: ModuleType) -> dict[tuple[str, str], bool]:
    """Whether a cluster accepts an output of the first type for an input of the second."""
    names, *rows = (line.split("\t") for line in Path(module.__file__).with_suffix(".tsv").read_text().splitlines())
    return {
        (given, wanted): {"y": True, "n": False}[answer]
        for given, *answers in rows
        for wanted, answer in zip(names[1:], answers, strict=True)
    }


def flyte_types(module: ModuleType) -> dict[str, LiteralType]:
    return {name: TypeEngine.to_literal_type(kind).to_flyte_idl() for name, kind in module.TYPES.items()}


def dimensionality(kind: LiteralType) -> int | None:
    """File or directory, also of what may be absent; None for any other type."""
    found = [variant for variant in (kind, *kind.union_type.variants) if variant.HasField("blob")]
    return found[0].blob.dimensionality if found else None


@pytest.mark.parametrize(("module", "number"), [(literal_types, 2916), (data_classes, 1764)])
def test_agrees_with_a_cluster_but_for_file_and_directory(module, number):
    types, answers = flyte_types(module), recorded(module)
    assert len(answers) == number
    mixed = {
        (given, wanted)
        for given, wanted in answers
        if None not in (ends := [dimensionality(types[given]), dimensionality(types[wanted])]) and len(set(ends)) == 2
    }
    ours = {pair: castable(*(types[name] for name in pair)) for pair in answers}
    assert {pair for pair in answers if ours[pair] != answers[pair]} == {pair for pair in mixed if answers[pair]}
    assert not any(ours[pair] for pair in mixed)
