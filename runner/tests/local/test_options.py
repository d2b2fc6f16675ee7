# ruff: noqa: UP007, UP045  both spellings of unions are in use
"""Every type that an input may have: by option, by file, from lesson.toml, by default, and what does not fit."""

import shlex
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Optional, Union

import pandas as pd
import pytest
import yaml
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from option_cases import LESSON, TARGET, Plan, Scale, Step, refused, with_inputs, workflow_of

from runner.local.options import inputs_of, typed

# An input's type, how it is written on a command line, in a YAML file, and what it is.
VALUES = [
    (int, "5", 5, 5),
    (int, "-9223372036854775808", -(2**63), -(2**63)),
    (float, "0.5", 0.5, 0.5),
    (float, "5", 5, 5.0),
    (float, "inf", float("inf"), float("inf")),
    (str, "five", "five", "five"),
    (str, "", "", ""),
    (str, "5", "5", "5"),
    (str, "null", "null", "null"),
    (str, "ä\tö", "ä\tö", "ä\tö"),
    (date, "2024-12-31", date(2024, 12, 31), date(2024, 12, 31)),
    (date, "2024-12-31", "2024-12-31", date(2024, 12, 31)),
    (datetime, "2024-12-31T23:59:59", datetime(2024, 12, 31, 23, 59, 59), datetime(2024, 12, 31, 23, 59, 59)),
    (datetime, "2024-12-31 23:59:59.5", "2024-12-31 23:59:59.5", datetime(2024, 12, 31, 23, 59, 59, 500_000)),
    (datetime, "2024-12-31T23:59+00:00", "2024-12-31T23:59+00:00", datetime(2024, 12, 31, 23, 59, tzinfo=UTC)),
    (datetime, "2024-12-31", date(2024, 12, 31), datetime(2024, 12, 31)),
    (timedelta, "1:30:00", "1:30:00", timedelta(minutes=90)),
    (timedelta, "2 days", 172_800, timedelta(days=2)),
    (Scale, "unit variance", "unit variance", Scale.UNIT),
    (Literal["a", "b"], "b", "b", "b"),
    (Literal[1, 2], "2", 2, 2),
    (Optional[int], "5", 5, 5),
    (Optional[int], "null", None, None),
    (Optional[str], "None", "None", "None"),
    (Optional[bool], "false", False, False),
    (float | None, "5", 5, 5.0),
    (Union[int, str], "5", 5, 5),
    (Union[int, str], "five", "five", "five"),
    (Union[str, int], "5", 5, 5),
    (Union[float, int], "5", 5, 5),
    (Union[float, int], "5.5", 5.5, 5.5),
    (Union[bool, int], "1", 1, 1),
    (Union[bool, int], "true", True, True),
    (Union[list[int], str], "[1]", [1], [1]),
    (Optional[Scale], "range", "range", Scale.RANGE),
    (Optional[list[int]], "[]", [], []),
    (list[int], "[1, 2]", [1, 2], [1, 2]),
    (list[float], "[1, 0.5]", [1, 0.5], [1.0, 0.5]),
    (list[str], '["1"]', ["1"], ["1"]),
    (list[bool], "[false]", [False], [False]),
    (list[date], '["2024-12-31"]', [date(2024, 12, 31)], [date(2024, 12, 31)]),
    (list[list[int]], "[[1], []]", [[1], []], [[1], []]),
    (list[Optional[int]], "[1, null]", [1, None], [1, None]),
    (list[Step], '[{"rate": 1}, {}]', [{"rate": 1}, {}], [Step(1.0), Step()]),
    (dict[str, int], '{"a": 1}', {"a": 1}, {"a": 1}),
    (dict[int, str], '{"1": "a"}', {1: "a"}, {1: "a"}),
    (dict[str, list[Step]], '{"a": [{}]}', {"a": [{}]}, {"a": [Step()]}),
    (dict, '{"a": [1, "b"]}', {"a": [1, "b"]}, {"a": [1, "b"]}),
    (Step, '{"rate": 2, "name": "b"}', {"rate": 2, "name": "b"}, Step(2.0, "b")),
    (Annotated[int, "a number"], "5", 5, 5),
    (
        Plan,
        '{"steps": [{}], "scale": "unit variance", "until": "2024-12-31", "sizes": {"a": 1}}',
        {"steps": [{}], "scale": "unit variance", "until": date(2024, 12, 31), "sizes": {"a": 1}},
        Plan([Step()], Scale.UNIT, date(2024, 12, 31), {"a": 1}),
    ),
]


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same type, which 1, 1.0 and True are not."""
    return one == other and type(one) is type(other) and repr(one) == repr(other)


@pytest.mark.parametrize(("kind", "text", "data", "value"), VALUES)
def test_a_value(kind, text, data, value, tmp_path):
    entity, file = workflow_of(kind), tmp_path / "inputs.yaml"
    file.write_text(yaml.safe_dump({"value": data}))
    assert same(inputs_of(entity, LESSON, ["--value", text], TARGET)["value"], value)
    assert same(inputs_of(entity, LESSON, ["--inputs-file", str(file)], TARGET)["value"], value)
    assert same(inputs_of(entity, with_inputs(value=data), [], TARGET)["value"], value)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, _, _, value in VALUES if value is not None])
def test_a_default(kind, value):
    assert same(inputs_of(workflow_of(kind, value), LESSON, [], TARGET)["value"], value)


@pytest.mark.parametrize("kind", {str(kind): kind for kind, *_ in VALUES}.values(), ids=str)
def test_an_input_that_is_not_given(kind):
    if type(None) in getattr(kind, "__args__", ()):
        assert inputs_of(workflow_of(kind), LESSON, [], TARGET) == {"value": None}
    else:
        assert refused(workflow_of(kind)) == "Missing option '--value'"


def test_an_annotated_optional_may_be_left_out():
    assert inputs_of(workflow_of(Annotated[Optional[int], "a number"]), LESSON, [], TARGET) == {"value": None}


UNFIT = [
    (int, "five", "five", "'five' is not a valid integer"),
    (int, "1.0", 1.5, "is not a valid integer"),
    (int, "9223372036854775808", 2**63, "is not a"),
    (int, "9" * 5000, True, "is not a valid integer"),
    (float, "much", "much", "'much' is not a valid float"),
    (str, "\udcff", 5, "is not"),
    (date, "2024-13-01", "31.12.2024", "is not a valid date, as in 2024-12-31"),
    (date, "2024-12-31T01:00", datetime(2024, 12, 31, 1), "is not a valid date"),
    (datetime, "noon", 5, "is not a valid date and time"),
    (timedelta, "long", float("1e18"), "is not"),
    (timedelta, "999999999 days", "", "is not a valid duration"),
    (Scale, "RANGE", "log", "is not one of range, unit variance"),
    (Literal["a", "b"], "c", 1, "is not one of a, b"),
    (Optional[int], "five", "five", "is not a valid integer or null"),
    (Union[int, bool], "five", 0.5, "is not a valid integer or boolean"),
    (list[float], "1", 1, "1 is not a valid JSON list of float"),
    (list[float], "[1,", "[1]", "is not a valid JSON list of float"),
    (list[float], '[1, "a"]', [1, "a"], "item 1: 'a' is not a valid float"),
    (list[int], "[" * 100_000, {}, "is not a valid JSON list of integer"),
    (dict[str, int], "[]", {"a": "b"}, "is not a valid"),
    (dict[int, str], '{"a": "b"}', {"a": "b"}, "'a' is not a valid integer"),
    (Step, '{"rat": 1}', {"rat": 1}, "Step has no field 'rat'; it has rate, name"),
    (Step, '{"rate": "a"}', {"rate": "a"}, "rate: 'a' is not a valid float"),
    (Plan, "{}", {}, "Plan needs a value of steps"),
    (list[Step], '[{"rate": null}]', [{"rate": None}], "item 0: rate: None is not a valid float"),
    (FlyteFile, "/nowhere", "/nowhere", "'/nowhere' is not the name of a file"),
    (FlyteFile, "/", 5, "is not the name of a file"),
    (FlyteDirectory, "/nowhere", ["/"], "is not the name of a folder"),
    (pd.DataFrame, "/nowhere", [[1]], "is not the name of a data frame"),
    (bytes, "abc", "abc", "is not a valid bytes"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "text", "data", "words"), UNFIT)
def test_a_value_that_does_not_fit(kind, text, data, words):
    entity = workflow_of(kind)
    line = refused(entity, "--value", text)
    assert words in line
    line = refused(entity, lesson=with_inputs(value=data))
    assert line.startswith("projects/x/lesson.toml [inputs]: value: ")
    assert words in line


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], "make run"),
        (["--name", "Chinstrap"], "make run ARGS='--name Chinstrap'"),
        (["--failures", "[1, 2]"], """make run ARGS="--failures '[1, 2]'\""""),
        (["--price", "$5"], """make run ARGS='--price '"'"'$5'"'"''"""),
    ],
)
def test_a_command_is_told_in_words_that_a_shell_reads_back(arguments, command):
    assert typed("make run", arguments) == command
    words = shlex.split(command)[2:]
    assert [word for text in words for word in shlex.split(text.removeprefix("ARGS="))] == arguments
